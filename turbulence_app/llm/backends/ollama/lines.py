"""Lines out of pieces, and JSON objects out of lines: what streams of Ollama are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from turbulence_app.llm import errors

MAX_LINE = 1_000_000
"""Bytes of one line."""


class LineReader:
    """Lines without their ends, blank ones left out. How the bytes were cut into pieces makes no difference."""

    def __init__(self, most: int = MAX_LINE) -> None:
        self._rest = bytearray()
        self._most = most

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The lines that ``piece`` completes. Raises :class:`ModelGarbageError` after the last one before a line that
        is too long."""
        start = len(self._rest)
        self._rest += piece
        cut = self._rest.rfind(b"\n", start)
        if cut >= 0:
            whole, self._rest = self._rest[:cut], self._rest[cut + 1 :]
            for line in whole.split(b"\n"):
                yield from self._line(line)
        self._bounded(self._rest)

    def end(self) -> Iterator[bytes]:
        """The last line, where it has no end."""
        rest, self._rest = self._rest, bytearray()
        yield from self._line(rest)

    def _line(self, line: bytearray) -> Iterator[bytes]:
        self._bounded(line)
        if found := bytes(line).strip():
            yield found

    def _bounded(self, line: bytearray) -> None:
        if len(line) > self._most:
            raise errors.ModelGarbageError("the Ollama server sends a line without end")


def objects(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One JSON object per line, as they come."""
    reader = LineReader()
    for piece in pieces:
        for line in reader.feed(piece):
            yield object_of(line)
    for line in reader.end():
        yield object_of(line)


def object_of(raw: bytes) -> dict[str, Any]:
    """A JSON object. Raises :class:`ModelGarbageError` for anything else (NaN, infinity and bad UTF-8 too)."""
    try:
        found = json.loads(raw.decode("utf-8"), parse_constant=_constant)
    except (ValueError, RecursionError):
        raise errors.ModelGarbageError("the Ollama server sent something that is not JSON") from None
    if not isinstance(found, dict):
        raise errors.ModelGarbageError("the Ollama server sent something that is not an object")
    return found


def whole_text(parts: Iterable[str]) -> str:
    """Parts of a text as one that can be written: halves of a character are joined, lone ones become U+FFFD."""
    return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
