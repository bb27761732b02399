"""What the program touched: sockets, files, models, child processes. Kept for the person, on this machine alone.

An entry is one JSON line: when, which process, what kind, and a few words (a host, a path, a model's digest, a
program's name): never what a file, a message or a command line contains. Several processes append to one file, each
line by one write, so that killing any of them costs nothing that was noted. Repetitions are counted and not repeated.

Sees what Python's audit events tell (PEP 578). Files that native libraries open by themselves are not among them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from time import time
from typing import Any

from turbulence_app.home import home_directory, private_folder

FILE = "ledger.jsonl"
OLDER = 3
"""Files kept beside the current one."""
MOST_BYTES = 2_000_000
"""Size at which a new file is begun; the ledger takes four times as much at the most."""
MOST_ENTRIES = 2_000
"""Entries of one kind that one process writes; the rest is only counted."""
LOOK_EVERY = 64
LONGEST = 4_000
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``at`` (UTC), the process's number and kind, the entry's kind, and what it says."""

    at: datetime
    pid: int
    process: str
    kind: str
    detail: dict[str, Any]


class Ledger:
    """The writing side in one process. Never raises: what cannot be written is counted in ``lost``."""

    def __init__(self, folder: Path, process: str, clock: Clock = time) -> None:
        self.folder, self.process, self.lost = folder, process, 0
        self._clock = clock
        self._mutex = RLock()  # a finaliser or a signal handler may open a file in the middle of a note
        self._descriptor: int | None = None
        self._written = 0
        self._first: dict[tuple[str, str], int] = {}
        self._kinds: dict[str, int] = {}

    def note(self, kind: str, detail: Mapping[str, Any]) -> None:
        """One entry; an equal one of this process is counted (see :meth:`flush`)."""
        self.note_text(kind, json.dumps(detail, sort_keys=True, default=str))

    def note_text(self, kind: str, detail: str) -> None:
        """The same for a detail that is JSON already."""
        key = (kind, detail)
        with self._mutex:
            seen = self._first.get(key)
            if seen is not None:
                self._first[key] = seen + 1
                return
            self._kinds[kind] = self._kinds.get(kind, 0) + 1
            if self._kinds[kind] <= MOST_ENTRIES:
                self._first[key] = 0
                self._write(kind, detail)

    def flush(self) -> None:
        """Write how often entries were repeated since the last time, and how many were only counted."""
        with self._mutex:
            for (kind, detail), more in self._first.items():
                if more:
                    self._first[kind, detail] = 0
                    self._write(kind, json.dumps({**json.loads(detail), "again": more}))
            for kind, count in self._kinds.items():
                if count > MOST_ENTRIES:
                    self._kinds[kind] = MOST_ENTRIES
                    self._write(kind, json.dumps({"uncounted": count - MOST_ENTRIES}))

    def close(self) -> None:
        """Flush, and let go of the file."""
        self.flush()
        with self._mutex:
            self._let_go()

    def _let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _write(self, kind: str, detail: str) -> None:
        head = json.dumps([round(self._clock(), 3), os.getpid(), self.process, kind])
        line = f'\n{{"entry": {head}, "detail": {detail}}}'.encode()  # a line that was torn before ends here
        if len(line) > LONGEST:
            self.lost += 1
            return
        try:
            if self._descriptor is None or self._written % LOOK_EVERY == 0:
                self._descriptor = self._opened()
            self._written += 1
            os.write(self._descriptor, line)
        except OSError:
            self.lost += 1

    def _opened(self) -> int:
        """The file to append to; a full one is put aside first, by whoever sees it first."""
        path = self.folder / FILE
        if self._descriptor is not None:
            if os.fstat(self._descriptor).st_size < MOST_BYTES:
                return self._descriptor
            self._let_go()
        private_folder(self.folder)
        if path.exists() and path.stat().st_size >= MOST_BYTES:
            _rotate(path)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def ledger_folder(home: Path | None = None) -> Path:
    """Where the ledger is."""
    return (home or home_directory()) / "ledger"


_STARTED: list[Ledger] = []


def start(process: str, home: Path | None = None) -> None:
    """Keep a ledger of this process, whose kind is given in words. Once; the egress lock is put on as well."""
    from turbulence_app.privacy import egress, watching

    egress.lock()
    if _STARTED:
        return
    import atexit

    ledger = Ledger(ledger_folder(home), process)
    _STARTED.append(ledger)
    watching.watch(ledger)
    atexit.register(ledger.close)


def note(kind: str, detail: Mapping[str, Any] | str) -> None:
    """An entry that no audit event tells of: a model that was used, a download that the person asked for.

    Words, numbers and names only, never what somebody wrote. Nothing happens in a process that keeps no ledger.
    """
    for ledger in _STARTED:
        ledger.note(kind, {"what": detail} if isinstance(detail, str) else detail)


def flush() -> None:
    """Counts of this process into the file, for whoever reads it now."""
    for ledger in _STARTED:
        ledger.flush()


def lost() -> int:
    """Entries of this process that could not be written."""
    return sum(ledger.lost for ledger in _STARTED)


def read(
    home: Path | None = None,
    *,
    since: datetime | None = None,
    kinds: frozenset[str] | None = None,
    process: str | None = None,
) -> Iterator[Entry]:
    """Entries, oldest file first; damaged lines are skipped. ``process`` is a kind of process, or its number."""
    for path in files(home):
        try:
            with path.open("rb") as file:
                for line in file:
                    entry = _parsed(line)
                    if entry is not None and _wanted(entry, since, kinds, process):
                        yield entry
        except OSError:
            continue


def files(home: Path | None = None) -> list[Path]:
    """The ledger's files that exist, oldest first."""
    current = ledger_folder(home) / FILE
    named = [*(_older(current, number) for number in range(OLDER, 0, -1)), current]
    return [path for path in named if path.is_file()]


def _wanted(entry: Entry, since: datetime | None, kinds: frozenset[str] | None, process: str | None) -> bool:
    return (
        (since is None or entry.at >= since)
        and (kinds is None or entry.kind in kinds)
        and (process is None or process in (entry.process, str(entry.pid)))
    )


def _parsed(line: bytes) -> Entry | None:
    try:
        found = json.loads(line)
        at, pid, process, kind = found["entry"]
        detail = found["detail"]
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        return None
    sound = isinstance(detail, dict) and isinstance(process, str) and isinstance(kind, str) and isinstance(pid, int)
    return Entry(moment, pid, process, kind, detail) if sound else None


def _older(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.{number}{path.suffix}")


def _rotate(path: Path) -> None:
    """Put a full file aside; one process does it, the others find that it was done."""
    if sys.platform == "win32":
        _shift(path)
        return
    import fcntl

    guard = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if path.exists() and path.stat().st_size >= MOST_BYTES:
            _shift(path)
    finally:
        os.close(guard)


def _shift(path: Path) -> None:
    for number in range(OLDER, 0, -1):
        younger = path if number == 1 else _older(path, number - 1)
        if younger.exists():
            younger.replace(_older(path, number))
