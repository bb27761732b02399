"""Reading the log: an index of lines that grows with the files, searches over it, and pages of a search.

A hundred thousand lines are indexed once (their level and source stand at the beginning of each line) and searched in
some tenths of a second; nothing but numbers is kept in memory between two questions.
"""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.formats.exports.tables import pieces
from turbulence_app.formats.writer import write_pieces
from turbulence_app.service.journal import LEVELS, files

HEAD = re.compile(rb'\{"at":"[^"]*","level":"(\w+)","source":"([^"\\]*)"')
LONGEST_LOOK = 4_000
"""Characters of a line that an expression sees: a bad one is bounded."""
LONGEST_LINE = 200_000
Record = dict[str, Any]
STOP_EVERY = 4096


@dataclass(frozen=True)
class Wanted:
    """``text`` is looked for anywhere (as an expression with ``regex``); ``levels`` and ``sources`` empty are all."""

    text: str = ""
    regex: bool = False
    levels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass
class _File:
    """Lines of one file: where each begins, its level and source as numbers."""

    path: Path
    end: int = 0
    starts: array[int] = field(default_factory=lambda: array("Q"))
    levels: bytearray = field(default_factory=bytearray)
    sources: array[int] = field(default_factory=lambda: array("H"))


@dataclass
class Found:
    """A search's lines, newest first, as (inode, number of the line)."""

    number: int
    lines: list[tuple[int, int]]


class Reader:
    """Reads a log folder. Not for several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[int, _File] = {}
        self._order: list[int] = []
        self._sources: dict[str, int] = {}
        self._found = Found(0, [])

    def search(self, wanted: Wanted, should_stop: Callable[[], bool] = lambda: False) -> Found:
        """The lines that are wanted. Raises ``InputError`` for an expression that is none."""
        fits = matcher(wanted)
        self._look()
        levels = {number for number, level in enumerate(LEVELS) if level in wanted.levels or not wanted.levels}
        codes = {self._sources.get(name, -1) for name in wanted.sources} or set(self._sources.values())
        lines: list[tuple[int, int]] = []
        for inode in self._order:
            file = self._files[inode]
            own = [
                number
                for number in range(len(file.starts) - 1, -1, -1)
                if file.levels[number] in levels and file.sources[number] in codes
            ]
            chosen = self._matching(file, own, fits, literal(wanted), should_stop) if fits else own
            lines += [(inode, number) for number in chosen]
        self._found = Found(self._found.number + 1, lines)
        return self._found

    def page(self, number: int, first: int, count: int) -> list[Record]:
        """Lines of the latest search; none of an older one."""
        if number != self._found.number:
            return []
        wanted = self._found.lines[first : first + count]
        return [self._record(inode, line) for inode, line in wanted]

    def counts(self) -> dict[str, int]:
        """Lines by level, over everything."""
        found: Counter[int] = Counter()
        for inode in self._order:
            found.update(self._files[inode].levels)
        return {level: found.get(number, 0) for number, level in enumerate(LEVELS)}

    def sources(self) -> list[str]:
        """Every source that occurs, in order."""
        return sorted(self._sources)

    def export(
        self,
        number: int,
        path: Path,
        should_stop: Callable[[], bool] = lambda: False,
        told: Callable[[int, int], object] = lambda _done, _total: None,
    ) -> int:
        """The latest search as CSV; returns its lines. Raises ``MachineError`` where it cannot be written."""
        done = 0

        def rows() -> Iterator[Sequence[object]]:
            nonlocal done
            while records := self.page(number, done, 500):
                if should_stop():
                    raise CancelledError("stopped", "no file was written")
                yield from map(_cells, records)
                done += len(records)
                told(done, len(self._found.lines))

        head = ("at", "level", "source", "process", "message", "detail", "stack")
        write_pieces(path, pieces(head, rows()), private=True)
        return done

    # -- the index

    def _look(self) -> None:
        order: list[int] = []
        for path in files(self._folder):
            try:
                inode, size = path.stat().st_ino, path.stat().st_size
            except OSError:
                continue
            file = self._files.setdefault(inode, _File(path))
            if size < file.end:
                file = self._files[inode] = _File(path)  # another file with the same number
            file.path = path
            self._grow(file)
            order.append(inode)
        self._order = order
        self._files = {inode: self._files[inode] for inode in order}

    def _grow(self, file: _File) -> None:
        try:
            with file.path.open("rb") as source:
                source.seek(file.end)
                data = source.read()
        except OSError:
            return
        whole = data[: data.rfind(b"\n") + 1]
        at = file.end
        for line in whole.splitlines(keepends=True):
            match = HEAD.match(line)
            level, name = (match[1].decode("ascii"), match[2].decode("utf-8", "replace")) if match else ("warning", "?")
            file.starts.append(at)
            file.levels.append(LEVELS.index(level) if level in LEVELS else 1)
            file.sources.append(self._sources.setdefault(name, min(len(self._sources), 65_000)))
            at += len(line)
        file.end = at

    def _matching(
        self,
        file: _File,
        numbers: Sequence[int],
        fits: Callable[[str], bool],
        words: tuple[str, ...],
        should_stop: Callable[[], bool],
    ) -> Iterator[int]:
        """Those of the lines that fit; ``words`` must stand in a line before it is worth taking apart."""
        try:
            data = file.path.read_bytes()
        except OSError:
            return
        for step, number in enumerate(numbers):
            if step % STOP_EVERY == 0 and should_stop():
                return
            line = data[file.starts[number] : _after(file, number)]
            if words:
                low = line.decode("utf-8", "replace").lower()
                if not all(word in low for word in words):
                    continue
            if fits(seen(parsed(line))):
                yield number

    def _record(self, inode: int, number: int) -> Record:
        file = self._files.get(inode)
        if file is None:
            return parsed(b"")
        try:
            with file.path.open("rb") as source:
                source.seek(file.starts[number])
                return parsed(source.read(_after(file, number) - file.starts[number]))
        except OSError:
            return parsed(b"")


def _after(file: _File, number: int) -> int:
    return file.starts[number + 1] if number + 1 < len(file.starts) else file.end


def matcher(wanted: Wanted) -> Callable[[str], bool] | None:
    """What decides about a line's words; None where every line will do. Raises ``InputError``."""
    if not wanted.text.strip():
        return None
    if not wanted.regex:
        words = wanted.text.lower().split()
        return lambda text: all(word in text for word in words)
    try:
        pattern = re.compile(wanted.text, re.IGNORECASE | re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError(f"this is no expression: {error}", "switch .* off to look for the words themselves") from None
    return lambda text: pattern.search(text[:LONGEST_LOOK]) is not None


def literal(wanted: Wanted) -> tuple[str, ...]:
    """Words of a search that stand in a line's text as they are: letters and digits, which JSON never escapes."""
    words = () if wanted.regex else wanted.text.lower().split()
    return tuple(word for word in words if word.replace("-", "").isalnum())


def seen(record: Record) -> str:
    """The words of a line that a search sees, in lower case."""
    detail = record.get("detail")
    more = " ".join(f"{key} {value}" for key, value in detail.items()) if isinstance(detail, dict) else ""
    return f"{record['message']} {record['source']} {more} {record.get('stack', '')}".lower()


def parsed(line: bytes) -> Record:
    """A line as a record that has at least time, level, source and message, whatever stands in the file."""
    try:
        record = json.loads(line[:LONGEST_LINE])
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        text = line[:200].decode("utf-8", "replace").strip()
        return {"at": "", "level": "warning", "source": "log", "message": f"a line that cannot be read: {text}"}
    found = {key: str(record.get(key, "")) for key in ("at", "level", "source", "process", "message")}
    if found["level"] not in LEVELS:
        found["level"] = "warning"
    rest = {key: record[key] for key in ("detail", "place", "target") if record.get(key)}
    return {**found, **rest, **({"stack": str(record["stack"])} if record.get("stack") else {})}


def _cells(record: Record) -> list[str]:
    detail = json.dumps(record["detail"], ensure_ascii=False) if "detail" in record else ""
    parts = [str(record.get(key, "")) for key in ("at", "level", "source", "process", "message")]
    return [*parts, detail, str(record.get("stack", ""))]
