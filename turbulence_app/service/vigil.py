"""Whether the window ended as it should: a locked mark while it lives, and what a crash in native code left behind."""

from __future__ import annotations

import faulthandler
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from turbulence_app.home import private_folder
from turbulence_app.locks import hold
from turbulence_app.service.journal import log_folder

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Left:
    """A window that ended without saying so: when it began, and the stacks that the system's signal left ("" where it
    was ended from outside, or the power went)."""

    began: str
    stack: str


class Vigil:
    """One for each window. The mark's lock is the system's: it goes with the process, however that ends."""

    def __init__(self, folder: Path | None = None, pid: int | None = None) -> None:
        self._folder = folder or log_folder()
        self._mark = self._folder / f"window-{pid or os.getpid()}.mark"
        self._stack = self._mark.with_suffix(".stack")
        self._lock: int | None = None
        self._file: IO[str] | None = None

    def begin(self, now: datetime | None = None) -> list[Left]:
        """Set the mark, have native crashes written down; returns the windows that did not end well. Never raises."""
        try:
            private_folder(self._folder)
            left = self._others()
            self._lock = hold(self._mark)
            self._mark.write_text((now or datetime.now(UTC)).isoformat(timespec="seconds"), "utf-8")
            self._file = self._stack.open("w", encoding="utf-8")
            self._stack.chmod(0o600)
            faulthandler.enable(self._file)
        except OSError:
            return []
        return left

    def end(self) -> None:
        """The window ends as it should."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        for path in (self._mark, self._stack):
            with suppress(OSError):
                path.unlink()

    def _others(self) -> list[Left]:
        left: list[Left] = []
        for mark in sorted(self._folder.glob("window-*.mark")):
            descriptor = hold(mark)
            if descriptor is None:
                continue  # it lives
            stack = mark.with_suffix(".stack")
            left.append(Left(_text(mark)[:40], _text(stack)))
            os.close(descriptor)
            for path in (mark, stack):
                with suppress(OSError):
                    path.unlink()
        return left


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")[:LONGEST].strip()
    except OSError:
        return ""
