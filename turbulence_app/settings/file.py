"""The settings' file: TOML, one section per group, only what differs from the defaults. Read strictly, written whole.

A value that does not fit is replaced by its default, with one line that says so; a file that is no settings file counts
as empty. Nothing is lost: before the file is written again, what was wrong is kept beside it under another name.
"""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import MachineError
from turbulence_app.home import private_folder
from turbulence_app.settings.kinds import Value
from turbulence_app.settings.table import BY_KEY, GROUPS, SETTINGS

NAME = "settings.toml"
SCHEMA = 1
"""Version of the file; a newer one is read as far as it is known and kept aside before it is written over."""
LARGEST = 1 << 17
"""Bytes; the largest sensible file has three thousand."""
ASIDE = 9
"""Files kept aside at the most; then the last one is replaced."""
HEAD = """# The settings of Turbulence: what differs from the defaults. The program's own place for them (Ctrl+,) writes
# this file; it may be edited by hand as well. Variables of the environment win over it.
"""


@dataclass(frozen=True)
class Read:
    """What a file says: values by key, and what was wrong with it, one line each."""

    values: dict[str, Value] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_settings(path: Path) -> Read:
    """Read a file; one that is not there says nothing. Never raises."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        return Read()
    except OSError as error:
        return Read({}, (f"{path.name} cannot be read: {error.strerror or error}; the defaults are used",))
    return parse_settings(raw, path.name)


def parse_settings(raw: bytes, name: str = NAME) -> Read:
    """Bytes of a file as settings. Never raises, whatever they are."""
    if len(raw) > LARGEST:
        return Read({}, (f"{name} is too large for settings; the defaults are used",))
    try:
        document = tomllib.loads(raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        return Read({}, (f"{name} is no text (byte {error.start + 1}); the defaults are used",))
    except (ValueError, RecursionError) as error:
        why = str(error).splitlines()[0][:120] if isinstance(error, ValueError) else "too deep"
        return Read({}, (f"{name} is no settings file ({why}); the defaults are used",))
    return _walked(document, name)


def _walked(document: Mapping[str, Any], name: str) -> Read:
    values: dict[str, Value] = {}
    problems: list[str] = []
    version = document.get("version", SCHEMA)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        problems.append(f"{name}: version is a number from 1 to {SCHEMA}")
    elif version > SCHEMA:
        problems.append(f"{name} was written by a newer Turbulence; what this one knows of it is used")
    for group, section in document.items():
        if group == "version":
            continue
        if group not in GROUPS or not isinstance(section, Mapping):
            problems.append(f"{name}: there is no section {_short(group)}; it is left out")
            continue
        for key, value in section.items():
            _take(f"{group}.{key}", value, name, values, problems)
    return Read(values, tuple(problems))


def _take(key: str, value: Any, name: str, values: dict[str, Value], problems: list[str]) -> None:
    setting = BY_KEY.get(key)
    if setting is None:
        problems.append(f"{name}: there is no setting {_short(key)}; it is left out")
        return
    try:
        values[key] = setting.kind.check(value)
    except ValueError as error:
        usual = setting.kind.words(setting.default)
        problems.append(f"{name}: {key} {error}, not {_short(value)}; {usual} is used")


def _short(value: object) -> str:
    try:
        text = str(value) if isinstance(value, bool | int | float | str) else type(value).__name__
    except ValueError:  # a number of more digits than Python writes
        text = "a very long number"
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[:40])
    return f"{shown}…" if len(text) > 40 else shown


def settings_text(values: Mapping[str, Value]) -> str:
    """The file's text for these values, in the order of the table; what is as by default is left out."""
    lines = [HEAD, f"version = {SCHEMA}"]
    group = ""
    for setting in SETTINGS:
        if setting.key not in values or values[setting.key] == setting.default:
            continue
        if setting.group != group:
            group = setting.group
            lines += ["", f"[{group}]"]
        lines.append(f"{setting.name} = {_toml(values[setting.key])}")
    return "\n".join(lines) + "\n"


def _toml(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value).lower()


def write_settings(path: Path, values: Mapping[str, Value]) -> None:
    """Replace the file, for its owner alone. Raises ``MachineError`` where the disk does not let it."""
    draft = ""
    try:
        private_folder(path.parent)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(settings_text(values))
            out.flush()
            os.fsync(out.fileno())
        Path(draft).replace(path)
    except OSError as error:
        if draft:
            Path(draft).unlink(missing_ok=True)
        raise MachineError(f"the settings cannot be kept: {error.strerror or error}", f"look at {path}") from None


def keep_aside(path: Path) -> Path | None:
    """Give what is at ``path`` another name beside it, so that nothing of it is lost. None where nothing is there.

    Raises ``MachineError`` where the disk does not let it.
    """
    names = [path.with_name(f"{path.stem}.broken-{number}{path.suffix}") for number in range(1, ASIDE + 1)]
    aside = next((name for name in names if not name.exists()), names[-1])
    try:
        path.replace(aside)
        if aside.is_file():
            aside.chmod(0o600)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MachineError(f"{path.name} cannot be kept aside: {error.strerror or error}", f"look at {path}") from None
    return aside
