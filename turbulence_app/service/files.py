"""A project's text files: checking what is being written, and writing it."""

from __future__ import annotations

from pathlib import Path

from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats import loader, writer
from turbulence_app.formats.check import check_folder as check_project
from turbulence_app.formats.check import check_workflow
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.loader import parse_workflow as parse_workflow_text
from turbulence_app.formats.source import read_text
from turbulence_app.formats.tree import read_tree

SINGULAR = {"personas": "persona", "policies": "policy"}


def parse_workflow(text: str, file: str) -> Workflow:
    """A workflow out of text; ``InputError`` with the line where it is none."""
    return parse_workflow_text(text, file)


def check_text(kind: str, text: str, file: str) -> list[Problem]:
    """Everything wrong with a text of a kind; an empty list means that it can run."""
    name = file or f"{kind}.yaml"
    try:
        parsed = loader.PARSERS[SINGULAR.get(kind, kind)](text, name)
    except InputError as error:
        return list(error.problems)
    return check_workflow(parsed, text, name) if kind == "workflow" else []


def check_file(path: Path) -> list[Problem]:
    """Read one file, whatever kind it is, and check it by itself."""
    try:
        text = read_text(path)
        kind = loader.kind_of(read_tree(text, str(path)))
    except InputError as error:
        return list(error.problems)
    except OSError as error:
        return [Problem(f"cannot be read: {error.strerror}", "name a file", Location(str(path)))]
    if not kind:
        return [Problem("this is no Turbulence file", "see the manual for the formats", Location(str(path)))]
    return check_text(kind, text, str(path))


def check_folder(folder: Folder) -> list[Problem]:
    """Every problem of a project: its files by themselves, and what they say about each other."""
    return list(dict.fromkeys(check_project(folder)))


def save_persona(folder: Folder, persona: Persona) -> Path:
    """Write a persona into the file that holds it, or into one of its own; other entries and comments stay."""
    path = _path(folder, "persona", persona.id) or folder.root / "personas" / f"{persona.id}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.save_persona(path, persona)
    return path


def delete_persona(folder: Folder, persona_id: str) -> Path:
    """Take a persona out of its file; a file that holds nobody else goes."""
    path = _path(folder, "persona", persona_id)
    if path is None:
        raise InputError(f"no persona {persona_id!r}", f"this project has: {', '.join(sorted(folder.personas))}")
    text = read_text(path)
    present = loader.parse_personas(text, str(path))
    kept = tuple(persona for persona in present if persona.id != persona_id)
    rest = read_tree(text, str(path)).entries.keys() - {"personas", "persona"}
    if not kept and not ("policies" in rest or "policy" in rest):
        path.unlink()
    else:
        index = next(i for i, persona in enumerate(present) if persona.id == persona_id)
        edited = _without_entry(text, str(path), index)
        if loader.parse_personas(edited, str(path)) != kept:
            edited = writer.dump(kept)
        writer.write_atomic(path, edited)
    return path


def _without_entry(text: str, file: str, index: int) -> str:
    """The file's text without one entry of its list of personas; the other entries keep their comments."""
    root = read_tree(text, file)
    items = (root.entries.get("personas") or root).items
    if not items:
        return text
    start = text.rfind("\n", 0, items[index].start) + 1
    newline = text.find("\n", items[index].end - 1)
    return text[:start] + ("" if newline < 0 else text[newline + 1 :])


def save_workflow(folder: Folder, text: str, file: str | None) -> tuple[Path, Workflow]:
    """Write a workflow's text as it is; refused while it has errors. ``file`` stays inside the project."""
    path, workflow = workflow_of(folder, text, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write_atomic(path, text)
    return path, workflow


def workflow_of(folder: Folder, text: str, file: str | None) -> tuple[Path, Workflow]:
    """Where a workflow's text belongs, and what it says. Raises ``InputError`` while it has errors."""
    name = file or "workflow.yaml"
    workflow = parse_workflow(text, name)
    errors = [problem for problem in check_workflow(workflow, text, name) if problem.severity == "error"]
    if errors:
        raise InputError.of(errors)
    path = folder.root / file if file else _path(folder, "workflow", workflow.id)
    path = path or folder.root / "workflows" / f"{workflow.id}.yaml"
    if not path.resolve().is_relative_to(folder.root.resolve()):
        raise InputError("a workflow is saved inside its project", "name a file under the folder", Location(str(path)))
    return path, workflow


def _path(folder: Folder, kind: str, name: str) -> Path | None:
    known = folder.files.get((kind, name))
    return None if known is None else folder.root / known
