"""A step's other name in all files of a project at once, and the way back: texts are exchanged, or none of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.domain.base import Identifier, Noun
from turbulence_app.domain.errors import InputError, Location
from turbulence_app.formats.flow_elsewhere import renamed_in_policies, renamed_in_scenario
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.source import MAX_BYTES, decode
from turbulence_app.formats.writer import write_atomic
from turbulence_app.service import files, params

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

Text = Annotated[str, Field(max_length=4_000_000)]


class RenameStepThere(params.InProject):
    """``rename_step_there``: a step that was renamed in ``text`` gets the name in policies and scenarios, too.

    The text is written with them, so that the files of the project agree at any time. Answers with each file as it
    was and as it is: :class:`ExchangeTexts` takes it back.
    """

    text: Text
    file: str
    step: Identifier
    name: Identifier


class Exchange(Noun):
    """A file of the project, what it must say now, and what it shall say."""

    path: str
    before: Text
    after: Text


class ExchangeTexts(params.InProject):
    """``exchange_texts``: other texts for files of the project; refused where one of them was changed meanwhile."""

    files: Annotated[tuple[Exchange, ...], Field(min_length=1, max_length=4000)]


def rename_step_there(ops: Operations, given: RenameStepThere, _: Job) -> Any:
    """Rename, with the workflow's own text. Raises ``InputError`` where one of the files cannot be changed in place."""
    folder = ops.folder(given.project)
    path, workflow = files.workflow_of(folder, given.text, given.file)
    found = [(file, _read(file), edit) for file, edit in _others(folder, workflow.id, given)]
    wanted = [(file, text, edit(text)) for file, text, edit in found]
    wanted.append((path, _read(path) if path.exists() else "", given.text))
    changed = [one for one in wanted if one[1] != one[2]]
    _write(changed)
    return {"files": [{"path": str(file), "before": old, "after": new} for file, old, new in changed]}


def exchange_texts(ops: Operations, given: ExchangeTexts, _: Job) -> Any:
    """Write other texts into files that still say what is expected of them."""
    folder = ops.folder(given.project)
    known = {str(folder.root / path) for path in folder.files.values()} | {str(one) for one in folder.texts}
    for one in given.files:
        if one.path not in known:
            raise InputError("this is no file of the project", "look at its name", Location(one.path))
        if _read(Path(one.path)) != one.before:
            raise InputError(
                "the file was changed meanwhile", "nothing was written; change it by hand", Location(one.path)
            )
    _write([(Path(one.path), one.before, one.after) for one in given.files])
    return {"files": [one.path for one in given.files]}


def _others(folder: Folder, workflow: str, given: RenameStepThere) -> Iterator[tuple[Path, Callable[[str], str]]]:
    """Every other file that may speak of the step, and what makes its new text."""
    old, new = given.step, given.name
    policies = dict.fromkeys(folder.root / path for (kind, _), path in folder.files.items() if kind == "policy")
    for path in policies:
        yield path, lambda text, path=path: renamed_in_policies(text, str(path), workflow, old, new)  # type: ignore[misc]
    for name, scenario in folder.scenarios.items():
        if scenario.workflow == workflow:
            path = folder.root / folder.files["scenario", name]
            yield path, lambda text, path=path: renamed_in_scenario(text, str(path), old, new)  # type: ignore[misc]


def _read(path: Path) -> str:
    """The text with the line ends that it has: what goes back must be what was there."""
    return decode(path.read_bytes(), str(path), MAX_BYTES)


def _write(texts: Sequence[tuple[Path, str, str]]) -> None:
    """All of them; where one cannot be written, those before it get their old text back."""
    done: list[tuple[Path, str]] = []
    try:
        for path, before, after in texts:
            write_atomic(path, after)
            done.append((path, before))
    except BaseException:
        for path, before in done:
            write_atomic(path, before)
        raise
