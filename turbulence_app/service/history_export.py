"""The list of runs and campaigns as a CSV file: every line that passes the filters, read by pages, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turbulence_app.domain.errors import CancelledError
from turbulence_app.domain.history import MOST_LINES, HistoryLine, HistoryQuery
from turbulence_app.formats.exports.tables import pieces
from turbulence_app.formats.writer import write_pieces
from turbulence_app.privacy.redaction import redact
from turbulence_app.service import history_ops
from turbulence_app.service.metering import Meter
from turbulence_app.store.history import HistoryStore

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

HEAD = (
    "id", "kind", "created_at", "status", "name", "scenario", "workflow", "target", "users", "seed", "completion",
    "verdict", "broken", "invariants", "personas", "elapsed_s", "digest", "tags", "changed", "pinned", "notes",
)  # fmt: skip


class ExportHistory(history_ops.OfHistory):
    """``export_history``: all lines of the query into a CSV file, whatever its offset and limit say."""

    path: str


def export(ops: Operations, given: ExportHistory, job: Job) -> Any:
    """``{path, lines}``. What somebody wrote about a line goes without personal data. Stopped: no file."""
    store, path = HistoryStore(ops.database(given.project)), Path(given.path).expanduser().absolute()
    done = 0

    def rows() -> Iterator[Sequence[object]]:
        nonlocal done
        for line in _lines(store, given.query, job.should_stop, Meter("lines", job.emit)):
            done += 1
            yield _row(line)

    write_pieces(path, pieces(HEAD, rows()), private=True)
    return {"path": str(path), "lines": done}


def _lines(
    store: HistoryStore, query: HistoryQuery, should_stop: Callable[[], bool], meter: Meter
) -> Iterator[HistoryLine]:
    offset, total = 0, 1
    while offset < total:
        if should_stop():
            raise CancelledError("stopped", "no file was written")
        page = history_ops.filled(store, query.model_copy(update={"offset": offset, "limit": MOST_LINES}))
        yield from page.lines
        offset, total = offset + MOST_LINES, page.total
        meter.told(min(offset, total), total)


def _row(line: HistoryLine) -> Sequence[object]:
    return (
        line.id, line.kind, line.created_at, line.status, _written(line.name), line.scenario, line.workflow,
        line.target, line.users, line.seed, line.completion, line.verdict, line.broken, " ".join(line.invariants),
        " ".join(line.personas), round(line.elapsed_s, 3), line.digest, " ".join(line.tags),
        "; ".join(line.changed or ()), line.pinned, _written(line.notes),
    )  # fmt: skip


def _written(text: str) -> str:
    return redact(text).text if text else ""
