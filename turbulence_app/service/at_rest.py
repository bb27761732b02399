"""Data at rest: where the program keeps what, with which rights, and how a person gets rid of it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.privacy import ledger
from turbulence_app.service.projects import database_path


@dataclass(frozen=True, slots=True)
class Kept:
    """One place. ``rights`` as ``ls`` shows them, empty where nothing is there; ``private``: its owner's alone."""

    path: str
    what: str
    rights: str
    private: bool
    size_bytes: int
    erase: str


def kept(home: Path, project: Path | None) -> tuple[Kept, ...]:
    """Every place of this person and, where one is given, of the project."""
    places = [
        (
            home,
            "all that belongs to you and not to a project: the list of models, samples, ledger, reports",
            "delete it",
        ),
        (ledger.ledger_folder(home), "the ledger of sockets, files, models and child processes", "delete it"),
        (home / "log", "what the program did and said, redacted; no prompt, no persona", "delete it"),
        (home / "reports", "reports of faults of the program, redacted, never sent", "delete it"),
        (home / "samples", "your own copies of the sample projects, with their databases", "delete it"),
    ]
    if project is not None:
        folder = database_path(project).parent
        what = "this project's cache of answers, runs, failures and telemetry"
        places.append((folder, what, "delete it (runs and failures go with it), or `turbulence cache clear`"))
    return tuple(_kept(path, what, erase) for path, what, erase in places)


def _kept(path: Path, what: str, erase: str) -> Kept:
    try:
        mode = path.stat().st_mode
    except OSError:
        return Kept(str(path), what, "", True, 0, erase)
    files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else []
    closed = os.name == "nt" or not mode & 0o077
    return Kept(str(path), what, stat.filemode(mode), closed, sum(_size(one) for one in files), erase)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
