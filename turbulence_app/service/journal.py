"""The program's log: one JSON object a line, in the person's data folder, redacted, rotated, readable by them alone.

Window, workers and command line write into the same file, a line at a time; whoever finds it too long turns it over. A
line never stops the program: what cannot be written is counted and forgotten.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from turbulence_app.home import home_directory, private_folder, shortened
from turbulence_app.locks import exclusive
from turbulence_app.settings import preferences

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
NAME = "turbulence.jsonl"
FILES = 5
"""The file that is written and the older ones; together they have the size that the person allows."""
LONGEST, LONGEST_STACK, MOST_FIELDS = 2_000, 20_000, 40
Listener = Callable[[], object]
Place = tuple[str, Mapping[str, Any]]


class Journal:
    """Writes lines. ``process`` is who: ``window``, ``worker``, ``command line``.

    Until :meth:`start` a line is written at once; from then on by a thread, so that finding personal data in it costs
    the window nothing. ``now`` gives the time.
    """

    def __init__(
        self, folder: Path, process: str = "window", now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.folder, self.process = folder, process
        self.lost = 0
        """Lines that could not be written."""
        self._now = now
        self._lock = threading.Lock()
        self._file: int | None = None
        self._inode = 0
        self._queue: queue.SimpleQueue[dict[str, Any] | None] | None = None
        self._thread: threading.Thread | None = None
        self._hurry = threading.Event()
        self._listeners: list[Listener] = []

    # -- writing

    def note(
        self,
        level: Level,
        source: str,
        message: str,
        *,
        detail: Mapping[str, Any] | None = None,
        stack: str = "",
        place: Place | None = None,
        at_once: bool = False,
    ) -> None:
        """One line. ``place`` is where in the window it leads; ``at_once`` for what may be the last one. Any thread."""
        if LEVELS.index(level) < LEVELS.index(_level()):
            return
        record: dict[str, Any] = {
            "at": self._now().astimezone(UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "source": source[:40],
            "process": self.process,
            "message": message,
        }
        if detail:
            record["detail"] = dict(list(detail.items())[:MOST_FIELDS])
        if stack:
            record["stack"] = stack
        if place is not None:
            record["place"], record["target"] = place[0], dict(place[1])
        waiting = self._queue
        if waiting is None or at_once:
            self._write(record)
        else:
            waiting.put(record)

    def start(self, rest_s: float = 0.0) -> None:
        """From now on a thread writes; it rests first, so that a window that opens is not held up."""
        if self._thread is None:
            self._queue = queue.SimpleQueue()
            self._hurry.clear()
            given = (self._queue, rest_s)
            self._thread = threading.Thread(target=self._pump, args=given, name="journal", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Everything that waits is written, and the file is let go."""
        thread, waiting = self._thread, self._queue
        self._thread = self._queue = None
        self._hurry.set()
        if thread is not None and waiting is not None:
            waiting.put(None)
            thread.join(5)
        with self._lock:
            self._let_go()

    def listen(self, listener: Listener) -> None:
        """Call this after each line, on whatever thread wrote it."""
        self._listeners.append(listener)

    def forget(self, listener: Listener) -> None:
        """No more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def _pump(self, waiting: queue.SimpleQueue[dict[str, Any] | None], rest_s: float) -> None:
        self._hurry.wait(rest_s)
        while (record := waiting.get()) is not None:
            self._write(record)

    def _write(self, record: dict[str, Any]) -> None:
        line = line_of(record)
        with self._lock:
            try:
                self._open()
                assert self._file is not None
                os.write(self._file, line)
                if os.fstat(self._file).st_size > limit():
                    self._turn_over()
            except OSError:
                self.lost += 1
                self._let_go()
        for listener in list(self._listeners):
            listener()

    # -- the file

    def _open(self) -> None:
        """The file as it is now: another process may have turned it over."""
        path = self.folder / NAME
        if self._file is not None:
            with suppress(OSError):
                if path.stat().st_ino == self._inode:
                    return
            self._let_go()
        private_folder(self.folder)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._inode = os.fstat(self._file).st_ino

    def _let_go(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
        self._file = None

    def _turn_over(self) -> None:
        """The file becomes the first of the older ones, the last of them goes."""
        self._let_go()
        with exclusive(self.folder / ".lock"):
            path = self.folder / NAME
            if path.stat().st_size <= limit():
                return  # somebody else was quicker
            for number in range(FILES - 2, 0, -1):
                with suppress(FileNotFoundError):
                    older(self.folder, number).replace(older(self.folder, number + 1))
            path.replace(older(self.folder, 1))


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as its line: short enough, redacted, without the name of the home folder."""
    kept = dict(record)
    kept["message"] = _clean(str(record["message"]), LONGEST)
    if "stack" in record:
        kept["stack"] = _clean(str(record["stack"]), LONGEST_STACK)
    if "detail" in record:
        kept["detail"] = {str(key)[:60]: _plain(value) for key, value in record["detail"].items()}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=True)
    return text.encode("utf-8", "replace") + b"\n"


def _clean(text: str, longest: int) -> str:
    from turbulence_app.privacy.redaction import redact

    short = text if len(text) <= longest else f"{text[: longest // 2]}\n…\n{text[-longest // 2 :]}"
    return redact(shortened(short)).text


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return _clean(str(value), 500)


def older(folder: Path, number: int) -> Path:
    """The ``number``-th of the files that are full, 1 is the newest of them."""
    return folder / f"{NAME.removesuffix('.jsonl')}.{number}.jsonl"


def files(folder: Path) -> list[Path]:
    """The log's files that are there, newest first."""
    named = [folder / NAME, *(older(folder, number) for number in range(1, FILES))]
    return [path for path in named if path.is_file()]


def log_folder(home: Path | None = None) -> Path:
    """Where the log is."""
    return (home or home_directory()) / "log"


def limit() -> int:
    """Bytes after which a file is turned over."""
    return preferences().number("log.megabytes") * 1_000_000 // FILES


def _level() -> Level:
    wanted = preferences().text("log.level")
    return next((level for level in LEVELS if level == wanted), "info")


_known: dict[tuple[Path, str], Journal] = {}
_process = "window"


def journal() -> Journal:
    """The journal of this process in the data folder that holds now."""
    key = (log_folder(), _process)
    if key not in _known:
        _known[key] = Journal(*key)
    return _known[key]


def name_process(name: str) -> None:
    """Who this process is, in its lines."""
    global _process  # noqa: PLW0603 - a process has one name
    _process = name


class LogHandler(logging.Handler):
    """Records of Python's own logging become lines of the journal."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one. Never raises."""
        try:
            level: Level = next((one for one in LEVELS if one == record.levelname.lower()), "error")
            stack = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
            journal().note(level, record.name.removeprefix("turbulence_app."), record.getMessage(), stack=stack)
        except Exception:  # a fault of the log must not become one of the program
            journal().lost += 1


def take_logging() -> None:
    """Send warnings and errors of Python's own logging of this process to the journal, once."""
    root = logging.getLogger()
    if not any(isinstance(handler, LogHandler) for handler in root.handlers):
        root.addHandler(LogHandler(logging.WARNING))


def leave_logging() -> None:
    """No more."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, LogHandler)]:
        root.removeHandler(handler)
