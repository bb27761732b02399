"""Projects: opening one, making one, and where its database is."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from turbulence_app.domain.errors import InputError, KnownError, Location, MachineError
from turbulence_app.domain.project import ModelDefaults
from turbulence_app.formats.folder import PROJECT_FILE, Folder, read_folder
from turbulence_app.formats.loader import load_project_file
from turbulence_app.formats.writer import write_atomic
from turbulence_app.service.home import copy_plain, data_home, own_sample, pristine_sample, samples
from turbulence_app.service.person import filled, filled_models

MARKS = ("turbulence.yaml", "workflows", "personas", "policies", "scenarios", "capsules")
"""A folder with any of these is a project."""


def is_project(root: Path) -> bool:
    """Whether the folder holds Turbulence files."""
    return any((root / mark).exists() for mark in MARKS)


def open_project(root: Path | None, home: Path | None = None) -> Folder:
    """Read a project folder; ``None`` is the sample, copied to the person's data on first use.

    Raises ``InputError`` where there is no project; what is wrong inside one is in ``Folder.problems``.
    """
    if root is None:
        return _mine(read_folder(own_sample(home or data_home())))
    _refuse_unreadable_name(root)
    where = Location(str(root))
    try:
        if not root.is_dir():
            raise InputError("there is no such folder", f"make a project with `turbulence init {root}`", where)
        if not is_project(root):
            raise InputError("no Turbulence project here", f"make one with `turbulence init {root}`", where)
    except PermissionError as error:
        raise InputError("the folder may not be read", "change its permissions", where) from error
    return _mine(read_folder(root))


def init_project(root: Path, template: str = "shop", name: str = "") -> list[Path]:
    """Make a new project from a sample; returns its files. Never overwrites anything, never leaves half of one.

    ``name`` is what people call it; the folder's name where none is given.
    """
    _refuse_unreadable_name(root)
    if template not in samples():
        raise InputError(f"there is no template {template!r}", f"templates: {', '.join(samples())}")
    where = Location(str(root))
    try:
        if root.exists() and not root.is_dir():
            raise InputError("this is a file", "name a folder", where)
        if root.is_dir() and is_project(root):
            raise InputError("there is a Turbulence project here already", "name another folder", where)
        root.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".turbulence-new-", dir=root))
        try:
            names = _drafted(draft, name.strip() or root.resolve().name, template)
            _move_in(draft, root)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        mend = "make room and try again" if error.errno == errno.ENOSPC else "name a writable folder"
        raise MachineError(f"cannot write there: {error.strerror}", mend, where) from error
    return [root / name for name in names]


def model_defaults(root: Path) -> ModelDefaults:
    """What the project says about models; the person's own where it says nothing, or nothing that can be read."""
    try:
        return filled_models(load_project_file(root / PROJECT_FILE).models)
    except (KnownError, OSError):
        return filled_models(ModelDefaults())


def _mine(folder: Folder) -> Folder:
    """What the project leaves open is as the person has it."""
    return replace(folder, project=filled(folder.project))


def database_path(root: Path) -> Path:
    """The project's database."""
    return root / ".turbulence" / "turbulence.db"


def _drafted(draft: Path, name: str, template: str) -> list[Path]:
    """The whole project in a folder of its own first; names inside it."""
    files = copy_plain(pristine_sample(template), draft)
    settings = draft / "turbulence.yaml"
    if settings.is_file():
        write_atomic(settings, _renamed(settings.read_text(encoding="utf-8"), name))
    return [path.relative_to(draft) for path in files]


def _move_in(draft: Path, root: Path) -> None:
    """Renames need no room on the disk. What is not a project's may stand there already; it stays."""
    for path in sorted(draft.iterdir()):
        target = root / path.name
        if target.exists():
            raise FileExistsError(errno.EEXIST, "something of that name is there already", str(target))
        path.rename(target)


def _refuse_unreadable_name(root: Path) -> None:
    """Documents and the database hold the path as text, so it has to be text."""
    try:
        str(root).encode("utf-8")
    except UnicodeEncodeError:
        shown = os.fsencode(root).decode("utf-8", "backslashreplace")
        raise InputError("the path has bytes that are not UTF-8", "rename the folder", Location(shown)) from None


def _renamed(text: str, name: str) -> str:
    safe = re.sub(r"[^\w .\-]", "-", name) or "project"
    return re.sub(r"(?m)^name:.*$", lambda _match: f'name: "{safe}"', text, count=1)
