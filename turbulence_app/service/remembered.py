"""What the window remembers of each project: a small private file each, which is also the list of recent projects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turbulence_app.home import private_folder
from turbulence_app.service.home import data_home

FORMAT = 1
FOLDER = "windows"
MOST = 12
"""Projects in a list of recent ones."""
MOST_BYTES = 200_000
MOST_FILES = 400


@dataclass(frozen=True, slots=True)
class Recent:
    """A project that was open; ``there`` is whether its folder still is; ``at`` a UTC time in ISO form."""

    root: Path
    name: str
    at: str
    there: bool = True


def remember(root: Path, name: str, at: str, state: Mapping[str, Any], home: Path | None = None) -> None:
    """Keep how the window stands on a project. Raises ``MachineError``, ``OSError``."""
    from turbulence_app.formats.writer import write_atomic  # with all readers: not while a window starts

    path = _file(root, home)
    private_folder(path.parent)
    document = {"turbulence_window": FORMAT, "root": str(root), "name": name, "at": at, "state": dict(state)}
    write_atomic(path, json.dumps(document), private=True)


def recall(root: Path, home: Path | None = None) -> dict[str, Any]:
    """How the window stood on a project; empty where nothing readable is known."""
    state = (_read(_file(root, home)) or {}).get("state")
    return state if isinstance(state, dict) else {}


def forget(root: Path, home: Path | None = None) -> None:
    """Remember nothing of a project; the project itself is not touched."""
    _file(root, home).unlink(missing_ok=True)


def recent(home: Path | None = None) -> list[Recent]:
    """The newest first, samples left out: menus have lines of their own for them. Looks at disks: may take long."""
    base = home or data_home()
    found = []
    for path in sorted((base / FOLDER).glob("*.json"))[:MOST_FILES]:
        document = _read(path)
        if document is None:
            continue
        root = Path(str(document.get("root", "")))
        if root.is_absolute() and not root.is_relative_to(base / "samples"):
            found.append(
                Recent(root, str(document.get("name") or root.name), str(document.get("at", "")), _there(root))
            )
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _there(root: Path) -> bool:
    try:
        return root.is_dir()
    except OSError:
        return False


def _file(root: Path, home: Path | None) -> Path:
    name = hashlib.sha256(str(root).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return (home or data_home()) / FOLDER / f"{name}.json"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and document.get("turbulence_window") == FORMAT else None
