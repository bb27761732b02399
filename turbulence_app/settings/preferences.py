"""What holds now: the environment above the file, the file above the defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.home import home_directory, point_home, pointed_home, private_folder
from turbulence_app.locks import exclusive
from turbulence_app.settings.file import NAME, Read, keep_aside, parse_settings, read_settings, settings_text
from turbulence_app.settings.file import write_settings as write_file
from turbulence_app.settings.kinds import Value
from turbulence_app.settings.table import BY_KEY, HOME_KEY, SETTINGS

Source = Literal["environment", "file", "default"]
Stamp = tuple[int, int, int]


class Preferences:
    """The settings in a file. What another process writes is seen at the next question (one look at the file's date).

    ``environ`` is asked anew each time. Safe for several processes; within one, for one thread that writes.
    """

    def __init__(self, path: Path, environ: Mapping[str, str] | None = None) -> None:
        self.path = path
        self._environ = os.environ if environ is None else environ
        self._stamp: Stamp | None = None
        self._read = Read()

    # -- reading

    def get(self, key: str) -> Value:
        """What holds. A variable whose value does not fit is passed over here; whoever obeys it says so."""
        said = self.said(key)
        return self.kept(key) if said is None else said

    def number(self, key: str) -> int:
        """A whole number that holds."""
        return int(self.get(key))

    def text(self, key: str) -> str:
        """A text that holds."""
        return str(self.get(key))

    def on(self, key: str) -> bool:
        """A switch that holds."""
        return bool(self.get(key))

    def kept(self, key: str) -> Value:
        """What the file says, else the default."""
        if key == HOME_KEY:
            return str(pointed_home() or "")
        return self._look().values.get(key, BY_KEY[key].default)

    def said(self, key: str) -> Value | None:
        """What the environment says, if it says something that fits."""
        text = self._environ.get(BY_KEY[key].variable, "") if BY_KEY[key].variable else ""
        if not text:
            return None
        try:
            return BY_KEY[key].kind.parse(text)
        except ValueError:
            return None

    def source(self, key: str) -> Source:
        """Who says what holds."""
        variable = BY_KEY[key].variable
        if variable and self._environ.get(variable):
            return "environment"
        return "file" if self.kept(key) != BY_KEY[key].default else "default"

    def wrong_variable(self, key: str) -> str:
        """What is wrong with the variable of a setting; "" where nothing is."""
        variable = BY_KEY[key].variable
        text = self._environ.get(variable, "") if variable else ""
        try:
            BY_KEY[key].kind.parse(text)
        except ValueError as error:
            return f"{variable} {error}" if text else ""
        return ""

    def values(self) -> dict[str, Value]:
        """What the file says, by key."""
        found = dict(self._look().values)
        if (home := pointed_home()) is not None:
            found[HOME_KEY] = str(home)
        return found

    def differing(self) -> dict[str, Value]:
        """What is not as by default, whoever says so, in the order of the table."""
        return {one.key: self.get(one.key) for one in SETTINGS if self.get(one.key) != one.default}

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file, one line each."""
        return self._look().problems

    # -- writing

    def set(self, key: str, value: Value) -> None:
        """Keep a value. Raises ``InputError`` for one that does not fit, ``MachineError`` where it cannot be kept."""
        try:
            fits = BY_KEY[key].kind.check(value)
        except ValueError as error:
            raise InputError(f"{BY_KEY[key].title} {error}") from None
        self._write({**self.values(), key: fits})

    def reset(self, *keys: str) -> None:
        """Back to the defaults; without a key, all of them."""
        gone = keys or tuple(BY_KEY)
        self._write({key: value for key, value in self.values().items() if key not in gone})

    def replace(self, values: Mapping[str, Value]) -> None:
        """Exactly these (as :meth:`values` gave them): for undo and import."""
        self._write(dict(values))

    def heal(self) -> tuple[str, ...]:
        """A file with something wrong is kept aside and written anew with what was right; what was wrong, in lines.

        Raises ``MachineError`` where the disk does not let it.
        """
        problems = self.problems()
        if problems:
            self._write(self.values())
        return problems

    def exported(self) -> str:
        """The text of a file that holds the same."""
        return settings_text(self._look().values)

    def imported(self, path: Path) -> Read:
        """Take the settings of another file. Raises ``InputError`` where nothing of it is a setting."""
        try:
            raw = path.read_bytes()[: 1 << 20]
        except OSError as error:
            raise InputError(f"{path.name} cannot be read: {error.strerror or error}") from None
        found = parse_settings(raw, path.name)
        if found.problems and not found.values:
            raise InputError(found.problems[0].replace("; the defaults are used", ""), "nothing was changed")
        self._write({key: value for key, value in found.values.items() if key != HOME_KEY})
        return found

    def _write(self, values: dict[str, Value]) -> None:
        home = str(values.pop(HOME_KEY, ""))
        try:
            private_folder(self.path.parent)
            with exclusive(self.path.with_suffix(".lock")):
                if read_settings(self.path).problems:
                    keep_aside(self.path)
                write_file(self.path, values)
            if home != str(pointed_home() or ""):
                point_home(home)
        except OSError as error:
            raise MachineError(
                f"the settings cannot be kept: {error.strerror or error}", f"look at {self.path}"
            ) from None
        self._stamp = None

    def _look(self) -> Read:
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            stamp = (0, 0, 0)
        if stamp != self._stamp:
            self._read, self._stamp = read_settings(self.path), stamp
        return self._read


_known: dict[Path, Preferences] = {}


def preferences() -> Preferences:
    """The person's, in the data folder that holds now."""
    path = home_directory() / NAME
    if path not in _known:
        _known[path] = Preferences(path)
    return _known[path]
