"""What a file or folder is that somebody drops on the window or names at its start, and what would be done. Qt-free."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from turbulence_app.gui.importing import HEAD, NAMES, Kind, kind_of
from turbulence_app.service.projects import is_project

Does = Literal["project", "file", "import", "model", "capsule", "refused"]
PROJECT_FILES = ("turbulence.yaml", "turbulence.yml")
PLACES = {"workflow": "workflow", "persona": "personas", "policy": "personas", "scenario": "run"}
SIGNS: tuple[tuple[str, str], ...] = (
    ("workflow", "flow"),
    ("policy", "policies|persona_id"),
    ("persona", "personas|persona"),
    ("scenario", "faults|target|users|arrivals|stop"),
    ("persona", "description|weight|hints"),
)
"""Kind of a YAML file by a key at its left edge; the first that is there counts."""
IMPORTS = (".har", ".log", ".csv", ".jsonl", ".txt")


@dataclass(frozen=True, slots=True)
class Arrival:
    """``does`` it, said in ``says``; ``root`` is the project that it belongs to; ``kind`` of file or import."""

    does: Does
    path: Path
    says: str
    root: Path | None = None
    kind: str = ""


def arrival_of(path: Path) -> Arrival:
    """What would be done with a path. Reads the beginning of a file; never raises."""
    try:
        if path.is_dir():
            return _folder(path)
        if not path.is_file():
            return _refused(path, f"{path.name} is not there, or it is no file")
        with path.open("rb") as file:
            head = file.read(HEAD).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return _refused(path, f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}")
    return _file(path, head)


def _folder(path: Path) -> Arrival:
    if is_project(path):
        return Arrival("project", path, f"Open the project {path.name}", path)
    return _refused(
        path,
        f"there is no Turbulence project in {path.name or path}: a project has a turbulence.yaml or a folder workflows",
    )


def _file(path: Path, head: str) -> Arrival:
    ending = path.suffix.lower()
    if path.name in PROJECT_FILES:
        return Arrival("project", path, f"Open the project {path.absolute().parent.name}", path.absolute().parent)
    if ending == ".gguf":
        return Arrival("model", path, f"Add the model {path.name}")
    if ending == ".json" and re.match(r'\s*\{\s*"capsule"\s*:', head):
        return Arrival("capsule", path, f"Check the capsule {path.name}", _project_of(path))
    if ending in (".yaml", ".yml", ".json") and not re.search(r'^[\s"{]*(openapi|swagger)\b', head, re.MULTILINE):
        kind = next((kind for kind, key in SIGNS if re.search(rf"^(?:- )?(?:{key})\s*:", head, re.MULTILINE)), "")
        if kind:
            return _own(path, kind)
    if ending in (".har", ".yaml", ".yml", ".json") or ending in IMPORTS:
        what: Kind = kind_of(path.name, head)
        if what != "turbulence" or "scenario" in head or "persona" in head:
            return Arrival("import", path, f"Import {path.name}: {_article(NAMES[what])}", kind=what)
    return _refused(path, f"{path.name} is nothing that Turbulence opens")


def _own(path: Path, kind: str) -> Arrival:
    root = _project_of(path)
    if root is None:
        return _refused(path, f"{path.name} is a {kind} outside of a project: put it into the folder of one")
    return Arrival("file", path, f"Open the {kind} {path.name} of {root.name}", root, kind)


def _project_of(path: Path) -> Path | None:
    """The project whose folder holds a file: two levels up at most, as projects are laid out."""
    above = path.absolute().parents
    named = next(
        (folder for folder in list(above)[:3] if any((folder / name).is_file() for name in PROJECT_FILES)), None
    )
    if named is not None:
        return named
    return above[1] if len(above) > 1 and is_project(above[1]) and above[0].name in _FOLDERS else None


_FOLDERS = ("workflows", "personas", "policies", "scenarios", "capsules")


def _refused(path: Path, why: str) -> Arrival:
    return Arrival("refused", path, why)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"
