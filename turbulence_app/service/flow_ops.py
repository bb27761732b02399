"""Operations on a workflow's flow: an edit of the graph, made in the text, with what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from turbulence_app.domain.base import IDENTIFIER, Identifier, Noun
from turbulence_app.domain.errors import InputError
from turbulence_app.formats.check import check_workflow
from turbulence_app.formats.flow_edit import (
    Change,
    Delete,
    Duplicate,
    FlowEdit,
    Insert,
    Move,
    Rename,
    RenameOption,
    edit_flow,
    inner_names,
)
from turbulence_app.formats.flow_mentions import in_project, in_workflow
from turbulence_app.formats.flow_places import Spot, placed
from turbulence_app.formats.line_changes import stretches
from turbulence_app.formats.loader import parse_workflow
from turbulence_app.formats.tree import read_tree
from turbulence_app.service import files, params, plain

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

Text = Annotated[str, Field(max_length=4_000_000)]


class At(Noun):
    """A place between steps: before the step at ``index`` of the flow (owner "") or of a side of ``owner``."""

    owner: str = ""
    side: Literal["flow", "if_true", "if_false", "steps"] = "flow"
    index: Annotated[int, Field(ge=0, le=100_000)] = 0

    def spot(self) -> Spot:
        """As the formats know it."""
        return Spot(self.owner, self.side, self.index)


class Edit(Noun):
    """One edit. Which of the other fields it needs depends on ``do``.

    ``insert``: at, data · ``delete``, ``duplicate``: step · ``move``: step, at · ``rename``: step, name · ``change``:
    step, data (null takes a key out) · ``rename_option``: step, option, name.
    """

    do: Literal["insert", "delete", "duplicate", "move", "rename", "change", "rename_option"]
    step: str = ""
    name: Annotated[str, Field(pattern=IDENTIFIER)] | None = None
    option: Identifier | None = None
    at: At | None = None
    data: dict[str, Any] = {}


class EditWorkflow(params.InProject):
    """``edit_workflow``: edits of a workflow's text, one after another; nothing is written.

    Answers with the text, the stretches that changed, the step that it is about, what is wrong then, and ``told``: who
    else speaks of a step that was renamed or deleted.
    """

    text: Text
    file: str = "workflow.yaml"
    edits: Annotated[tuple[Edit, ...], Field(min_length=1, max_length=20)]


class ReadWorkflow(Noun):
    """``read_workflow``: a text that may not be saved yet, as a workflow (None where it is none) with its problems."""

    text: Text
    file: str = "workflow.yaml"


class Mentions(params.InProject):
    """``mentions``: who speaks of a step, in words."""

    text: Text
    file: str = "workflow.yaml"
    step: str


def edit_workflow(ops: Operations, given: EditWorkflow, _: Job) -> Any:
    """Make the edits. Raises ``InputError`` for one that cannot be made in place."""
    text, step = given.text, ""
    told: list[str] = []
    for edit in given.edits:
        told += _told(ops, given, text, edit)
        text, step = edit_flow(text, given.file, _noun(edit, step))
    workflow = parse_workflow(text, given.file)
    problems = check_workflow(workflow, text, given.file)
    return {
        "text": text,
        "changes": [list(one) for one in stretches(given.text, text)],
        "step": step,
        "workflow": plain.noun(workflow),
        "problems": [plain.problem(found) for found in problems],
        "told": list(dict.fromkeys(told)),
    }


def read_workflow(_: Operations, given: ReadWorkflow, __: Job) -> Any:
    """The workflow and everything wrong with it, in one answer."""
    try:
        workflow = parse_workflow(given.text, given.file)
    except InputError as error:
        return {"workflow": None, "problems": [plain.problem(found) for found in error.problems]}
    problems = check_workflow(workflow, given.text, given.file)
    return {"workflow": plain.noun(workflow), "problems": [plain.problem(found) for found in problems]}


def mentions(ops: Operations, given: Mentions, _: Job) -> Any:
    """Who speaks of a step."""
    return {"told": _mentions(ops, given.project, given.text, given.file, given.step, inside=True)}


def _noun(edit: Edit, last: str) -> FlowEdit:
    """The edit; a step of '' is the one that the edit before it was about."""
    step = edit.step or last
    match edit.do:
        case "insert":
            return Insert(_needed(edit.at, "at").spot(), edit.data)
        case "delete":
            return Delete(step)
        case "duplicate":
            return Duplicate(step)
        case "move":
            return Move(step, _needed(edit.at, "at").spot())
        case "rename":
            return Rename(step, _name(edit.name))
        case "change":
            return Change(step, edit.data)
        case "rename_option":
            return RenameOption(step, edit.option or "", _name(edit.name))


def _needed(at: At | None, key: str) -> At:
    if at is None:
        raise InputError(f"the edit lacks {key!r}", "say where")
    return at


def _name(name: str | None) -> str:
    if name is None:
        raise InputError("the edit lacks a name", "say which")
    return name


def _told(ops: Operations, given: EditWorkflow, text: str, edit: Edit) -> list[str]:
    if edit.do == "rename":
        return _mentions(ops, given.project, text, given.file, edit.step, inside=False)
    if edit.do == "delete":
        return _mentions(ops, given.project, text, given.file, edit.step, inside=True)
    return []


def _mentions(ops: Operations, project: str | None, text: str, file: str, step: str, *, inside: bool) -> list[str]:
    root = read_tree(text, file)
    one = placed(root).get(step)
    names = inner_names(one.node.value) if one is not None else [step]
    found = in_workflow(text, file, names) if inside else []
    workflow = root.entries["id"].value if "id" in root.entries else ""
    folder = ops.folder(project)
    for name in names if inside else [step]:
        found += in_project(folder, str(workflow), name)
    return list(dict.fromkeys(found))


def save_workflow(ops: Operations, given: params.SaveWorkflow, _: Job) -> Any:
    """Write a text that has no errors."""
    path, workflow = files.save_workflow(ops.folder(given.project), given.text, given.file)
    return {"file": str(path), "workflow": plain.noun(workflow)}


def parse_text(_: Operations, given: params.ParseWorkflow, __: Job) -> Any:
    """The workflow alone."""
    return plain.noun(parse_workflow(given.text, given.file))
