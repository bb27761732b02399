"""The database behind a command, with what it has to say."""

from __future__ import annotations

from pathlib import Path

from turbulence_app.cli.console import Console
from turbulence_app.service import opening
from turbulence_app.service.opening import Database


def stored(console: Console) -> Database:
    """The database of the project, or of runs without a project; it must be there."""
    return _told(console, opening.stored(console.root, named=bool(console.project)))


def kept(console: Console, root: Path) -> Database:
    """The database of a folder, made where there is none yet."""
    return _told(console, opening.kept(root))


def _told(console: Console, database: Database) -> Database:
    for notice in database.notices:
        console.note(f"note: {notice}")
    return database
