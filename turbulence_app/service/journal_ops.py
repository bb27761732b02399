"""The worker's operations on the log: parameters and handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.service.journal import log_folder
from turbulence_app.service.journal_reading import Reader, Wanted
from turbulence_app.service.metering import Meter

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

MOST = 1_000
_readers: dict[Path, Reader] = {}


class LogSearch(Noun):
    """``log_search``: the lines that fit, newest first; the first ``count`` of them come with the answer.

    ``home``: the data folder whose log it is, this process's own where nothing is said.
    """

    text: Annotated[str, Field(max_length=500)] = ""
    regex: bool = False
    levels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    count: Annotated[int, Field(ge=0, le=MOST)] = 100
    home: str | None = None


class LogPage(Noun):
    """``log_page``: more lines of the search that had this ``number``."""

    number: int
    first: Annotated[int, Field(ge=0)]
    count: Annotated[int, Field(ge=1, le=MOST)] = 100
    home: str | None = None


class LogExport(Noun):
    """``log_export``: all lines of that search into a CSV file."""

    number: int
    path: str
    home: str | None = None


def _reader(ops: Operations, home: str | None) -> Reader:
    folder = log_folder(Path(home) if home else ops.home)
    return _readers.setdefault(folder, Reader(folder))


def search(ops: Operations, given: LogSearch, job: Job) -> Any:
    """How many lines fit, which levels and sources there are, and the newest of them."""
    reader = _reader(ops, given.home)
    found = reader.search(Wanted(given.text, given.regex, given.levels, given.sources), job.should_stop)
    return {
        "number": found.number,
        "total": len(found.lines),
        "lines": reader.page(found.number, 0, given.count),
        "counts": reader.counts(),
        "sources": reader.sources(),
    }


def page(ops: Operations, given: LogPage, _: Job) -> Any:
    """Lines from ``first`` on; none where another search came between."""
    lines = _reader(ops, given.home).page(given.number, given.first, given.count)
    return {"number": given.number, "first": given.first, "lines": lines}


def export(ops: Operations, given: LogExport, job: Job) -> Any:
    """Where they are, and how many."""
    meter = Meter("lines", job.emit)
    lines = _reader(ops, given.home).export(given.number, Path(given.path), job.should_stop, meter.told)
    return {"path": given.path, "lines": lines}


OPERATIONS: Mapping[str, tuple[type[Noun], Callable[..., Any]]] = {
    "log_search": (LogSearch, search),
    "log_page": (LogPage, page),
    "log_export": (LogExport, export),
}
