"""Capsule files: JSON in and out. The reader is strict and bounded; the writer replaces a file in one step."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from turbulence_app.domain.capsule import CAPSULE_FORMAT, Capsule
from turbulence_app.domain.errors import InputError, Location
from turbulence_app.formats.source import read_text
from turbulence_app.formats.tree import read_tree
from turbulence_app.formats.validate import validate
from turbulence_app.formats.writer import write_atomic

FOLDER = "capsules"
"""Where a project keeps them."""
MAX_FILES = 10_000


def load_capsule(path: Path | str) -> Capsule:
    """The capsule in a file."""
    return parse_capsule(read_text(path), str(path))


def parse_capsule(text: str, file: str) -> Capsule:
    """A capsule out of JSON text; ``file`` names it in messages.

    Raises:
        InputError: not JSON, a key twice, a number that is none, from a newer version, or not a capsule: with the line.
    """
    _refuse_what_json_allows(text, file)
    try:
        return Capsule.model_validate_json(text, strict=True)
    except (ValidationError, RecursionError):
        pass
    validate(Capsule, read_tree(text, file), file)
    raise InputError("this is not a capsule", "`turbulence shrink F --save` writes one", Location(file))


def dump_capsule(capsule: Capsule) -> str:
    """JSON text that reads back equal; what is the default is left out."""
    return json.dumps({"capsule": capsule.capsule, **capsule.plain()}, indent=1, ensure_ascii=False) + "\n"


def save_capsule(path: Path, capsule: Capsule) -> Path:
    """Write a capsule, whole or not at all. Raises ``MachineError`` where it cannot be written."""
    write_atomic(path, dump_capsule(capsule))
    return path


def capsule_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files that paths stand for: files as they are, folders for the ``*.json`` in them, by name.

    Raises:
        InputError: a path that is not there, a folder without a capsule, too many files.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(entry for entry in path.glob("*.json") if not entry.name.startswith("."))
            if not inside:
                mend = "`turbulence shrink FAILURE --save` writes one"
                raise InputError("there is no capsule in this folder", mend, Location(str(path)))
            found.extend(inside)
        else:
            found.append(path)
    if len(found) > MAX_FILES:
        raise InputError(f"{len(found)} files at once", f"check at most {MAX_FILES} at a time")
    return tuple(dict.fromkeys(found))


def _refuse_what_json_allows(text: str, file: str) -> None:
    """Syntax, keys given twice, NaN and infinity; and versions that this program does not know."""

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(entries)
        if len(made) != len(entries):
            names = [key for key, _ in entries]
            twice = next(key for key in names if names.count(key) > 1)
            raise InputError(f"the key {twice!r} is given twice", "remove one of them", Location(file))
        return made

    def constant(name: str) -> Any:
        raise InputError(f"{name} is no number", "write a number", Location(file))

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        where = Location(file, error.lineno, error.colno)
        raise InputError(f"this is not JSON: {error.msg}", "a capsule is one JSON object", where) from None
    except (ValueError, RecursionError):
        raise InputError("the file cannot be understood", "simplify it", Location(file)) from None
    version = data.get("capsule") if isinstance(data, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        mend = "`turbulence shrink FAILURE --save` writes one"
        raise InputError("this is not a capsule", mend, Location(file))
    if version > CAPSULE_FORMAT:
        raise InputError("a newer Turbulence wrote this capsule", "update this one", Location(file))
