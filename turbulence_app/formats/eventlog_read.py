"""Logs of services, line by line and bounded: CSV with a head, and access logs in common or combined format."""

from __future__ import annotations

import csv
import math
import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.formats.eventlog import UNANSWERED, Event
from turbulence_app.formats.names import clean

Unit = Literal["s", "ms", "us"]
MAX_LINE = 64 * 1024
MAX_LINES = 50_000_000
MAX_BROKEN = 0.5
"""Share of unreadable lines of an access log above which it is none."""
FACTORS: dict[str, float] = {"s": 1000.0, "ms": 1.0, "us": 0.001}
MAX_MS = 1e8
CLIENT_LEFT = 499
"""What nginx writes where the client did not wait: that says nothing of the service."""
_ACCESS = re.compile(
    r'(?P<host>\S{1,255}) \S{1,255} [^\[]{1,255}\[(?P<time>[^\]]{1,64})\] "(?P<request>[^"\\]*(?:\\.[^"\\]*)*)" '
    r"(?P<status>\d{3}|-) \S{1,20}(?P<rest>.*)"
)
_NAMED = re.compile(
    r"\b(?:rt|request_time|duration|latency|took|time)[=:]\"?(?P<value>\d+(?:\.\d+)?)(?P<unit>us|ms|s)?"
)
_BROWSER = re.compile(r'\s*"(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"')
"""Referrer and user agent of the combined format."""
_LAST = re.compile(r"(?:^|\s)(?P<value>\d+(?:\.\d+)?)(?P<unit>us|ms|s)?\s*\Z")
_QUOTED = re.compile(r'"(?P<value>\d+(?:\.\d+)?)(?P<unit>us|ms|s)?"\s*\Z')
_EVENT = ("event", "step", "activity", "action", "name", "concept:name")
_TIME = ("time", "timestamp", "at", "when", "time:timestamp")
_USER = ("user", "user_id", "case", "case_id", "session", "visitor", "case:concept:name")
_STATUS = ("status", "status_code", "code")
_LATENCIES = {"latency_ms": "ms", "duration_ms": "ms", "elapsed_ms": "ms", "latency_us": "us", "duration_us": "us",
              "latency_s": "s", "duration_s": "s", "latency": "", "duration": ""}  # fmt: skip


def read_log(path: Path | str, unit: Unit | None = None) -> Iterator[Event]:
    """The events of a log; which kind it is, its first line tells. ``unit``: of times that do not say their own.

    Raises:
        InputError: not there, not a log, or a line that is none; with its number.
    """
    lines = _lines(Path(path))
    first = next((line for line in lines if line[1].strip()), None)
    if first is None:
        raise InputError("the log is empty", "name another file", Location(str(path)))
    if _ACCESS.match(first[1]) is not None:
        return _access(first, lines, str(path), unit)
    return _table(first, lines, str(path), unit)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a regular file; opens without blocking, so that a pipe cannot hang the program."""
    where = Location(str(path))
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise InputError(f"the file cannot be read: {said}", "check the name and its permissions", where) from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise InputError("this is not a file", "name a file", where)
        for number in range(1, MAX_LINES + 1):
            raw = file.readline(MAX_LINE + 1)
            if not raw:
                return
            if len(raw) > MAX_LINE:
                mend = f"lines have at most {MAX_LINE // 1024} kB"
                raise InputError("the line is too long", mend, Location(str(path), number))
            yield number, raw.decode("utf-8", "replace").removeprefix("\ufeff").replace("\0", "")
    raise InputError(f"more than {MAX_LINES} lines", "split the log", where)


def _access(first: tuple[int, str], rest: Iterator[tuple[int, str]], file: str, unit: Unit | None) -> Iterator[Event]:
    read = broken = 0
    for number, line in _again(first, rest):
        if not line.strip():
            continue
        read += 1
        found = _ACCESS.match(line)
        if found is None:
            broken += 1
            if broken > 20 and broken > MAX_BROKEN * read:
                mend = 'it begins like one: HOST - USER [TIME] "METHOD /path HTTP/1.1" STATUS BYTES'
                raise InputError("this is no line of an access log", mend, Location(file, number))
            continue
        method, _, target = found["request"].partition(" ")
        status = int(found["status"]) if found["status"].isdigit() else None
        if status is not None and (status == CLIENT_LEFT or not 100 <= status <= 599):
            continue
        yield Event(f"{method} {target.rpartition(' ')[0] or target}", status, _latency(found["rest"], unit))


def _latency(rest: str, unit: Unit | None) -> float | None:
    """Milliseconds out of what follows the bytes: ``rt=0.123``, or a last number (nginx: seconds with a point,
    Apache's %D: whole microseconds)."""
    rest = _BROWSER.sub("", rest, count=1)
    found = _NAMED.search(rest) or _QUOTED.search(rest) or _LAST.search(rest)
    if found is None:
        return None
    whole = "." not in found["value"]
    told = found["unit"] or unit or ("us" if whole else "s")
    return min(float(found["value"]) * FACTORS[told], MAX_MS)


def _table(first: tuple[int, str], rest: Iterator[tuple[int, str]], file: str, unit: Unit | None) -> Iterator[Event]:
    number, head = first
    mark = max(",;\t", key=head.count)
    names = [n.strip().strip('"').lower() for n in next(csv.reader([head], delimiter=mark))]
    event = _column(names, _EVENT)
    if event is None or _column(names, _USER) is None or _column(names, _TIME) is None:
        mend = "a log is a CSV with a head such as user,event,time,status,latency_ms, or an access log"
        raise InputError("this is no log", mend, Location(file, number))
    status, time = _column(names, _STATUS), _column(names, _TIME)
    took = next((names.index(n) for n in _LATENCIES if n in names), None)
    factor = 1.0 if took is None else FACTORS[_LATENCIES[names[took]] or unit or "ms"]
    for number, line in rest:
        if not line.strip():
            continue
        try:
            row = next(csv.reader([line], delimiter=mark, strict=True))
        except (csv.Error, StopIteration):
            raise InputError("a quote is not closed", "one event is one line", Location(file, number)) from None
        if len(row) != len(names):
            message = f"{len(row)} values under {len(names)} names"
            raise InputError(message, "every line has a value for each name", Location(file, number))
        where = Location(file, number)
        _check_time(row[time or 0], where)
        yield Event(
            row[event].strip(),
            None if status is None else _status(row[status], where),
            None if took is None else _number(row[took], names[took], factor, where),
        )


def _column(names: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((names.index(n) for n in wanted if n in names), None)


def _status(text: str, where: Location) -> int | None:
    text = text.strip().lower()
    if text in ("", "-"):
        return None
    if text in ("timeout", "0", "000"):
        return UNANSWERED
    if len(text) == 3 and text.isascii() and text.isdigit() and "100" <= text <= "599":
        return int(text)
    raise InputError(f"{clean(text)[:40]!r} is no status", "write a number such as 200, or timeout", where)


def _number(text: str, name: str, factor: float, where: Location) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text) * factor
    except ValueError:
        value = math.nan
    if not 0 <= value <= MAX_MS:
        raise InputError(f"{name} is {clean(text)[:40]!r}", "write a length of time as a number", where)
    return value


def _check_time(text: str, where: Location) -> None:
    """A moment as ISO 8601 or as a number of seconds; nothing is counted from it, but a log without is none."""
    try:
        if not math.isfinite(float(text)):
            raise ValueError
    except ValueError:
        try:
            datetime.fromisoformat(text.strip())
        except ValueError:
            mend = "write 2026-05-04T09:30:00Z or a number of seconds"
            raise InputError(f"{clean(text)[:40]!r} is no time", mend, where) from None


def _again(first: tuple[int, str], rest: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield first
    yield from rest
