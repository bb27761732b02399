"""What the application prints: kept in short, and told once, instead of once per request and world on the terminal."""

from __future__ import annotations

import io
import sys
from typing import Any

LINES, LONGEST = 3, 160
"""So many different lines of it are kept, and so many characters of each."""


class Printed(io.RawIOBase):
    """The far end of the application's standard output and error."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._begun = b""
        self._more = 0

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def fileno(self) -> int:
        """The process's own standard error, for those who want a number."""
        return 2

    def write(self, data: Any, /) -> int:
        """Take some bytes."""
        given = bytes(data)
        *whole, begun = (self._begun + given).split(b"\n")
        for line in whole:
            if not line.strip():
                continue
            words = line[:LONGEST].decode("utf-8", "replace").rstrip()
            if len(self._lines) < LINES and words not in self._lines:
                self._lines.append(words)
            else:
                self._more += 1
        self._begun = begun[:LONGEST]
        return len(given)

    def take(self) -> tuple[str, ...]:
        """Notes of what was printed since the last time."""
        if self._begun:
            self.write(b"\n")
        notes = [f"the application printed: {line}" for line in self._lines]
        if self._more:
            notes.append(f"the application printed {self._more:,} more line{'s' if self._more > 1 else ''}")
        self._lines, self._begun, self._more = [], b"", 0
        return tuple(notes)


def _stream(end: Printed) -> io.TextIOWrapper:
    made: Any = end
    return io.TextIOWrapper(made, encoding="utf-8", errors="backslashreplace", write_through=True)


PRINTED = Printed()


def keep_prints() -> None:
    """From now on this process's own standard output and error, as Python knows them, are kept."""
    sys.stdout = sys.stderr = _stream(PRINTED)
