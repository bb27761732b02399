"""Databases for the commands: the project's, or that of runs without a project."""

from __future__ import annotations

from pathlib import Path

from turbulence_app.domain.errors import InputError
from turbulence_app.service.home import data_home
from turbulence_app.service.projects import database_path, open_project
from turbulence_app.store.database import Database

__all__ = ["Database", "kept", "loose_root", "stored"]


def loose_root() -> Path:
    """Where runs without a project are kept."""
    return data_home() / "loose"


def kept(root: Path) -> Database:
    """The database of a project, made where there is none yet."""
    return Database(database_path(root))


def stored(root: Path, *, named: bool = True) -> Database:
    """The database of a project; it must be there. ``named`` false: else that of runs without a project.

    Raises ``InputError`` where nothing was run yet.
    """
    for place in (root,) if named else (root, loose_root()):
        if database_path(place).exists():
            return Database(database_path(place))
    open_project(root)
    raise InputError("there is no run yet", "start one with `turbulence run`")
