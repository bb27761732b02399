"""The list of runs as a file: every line once, in pages, in one piece or not at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from turbulence_app.domain.errors import CancelledError
from turbulence_app.domain.history import HistoryLine, HistoryPage, HistoryQuery
from turbulence_app.service import history_export, history_ops
from turbulence_app.service.history_export import ExportHistory
from turbulence_app.service.ops import Operations


class _Job:
    def __init__(self, stop_after: int = 99) -> None:
        self.events: list[Any] = []
        self.stop_after = stop_after

    def emit(self, event: Any) -> None:
        self.events.append(event)

    def should_stop(self) -> bool:
        return len(self.events) >= self.stop_after


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[HistoryQuery]:
    """1,234 lines, as the store would give them."""
    asked: list[HistoryQuery] = []

    def filled(_store: Any, query: HistoryQuery) -> HistoryPage:
        asked.append(query)
        numbers = range(query.offset, min(query.offset + query.limit, 1234))
        lines = tuple(
            HistoryLine(
                id=f"r-{n:04}", kind="run", created_at="2026-01-01T00:00:00Z", status="done", workflow="checkout",
                name="=1+1" if n == 7 else "", notes="ask jane@example.com" if n == 8 else "",
            )
            for n in numbers
        )  # fmt: skip
        return HistoryPage(total=1234, offset=query.offset, lines=lines)

    monkeypatch.setattr(history_ops, "filled", filled)
    return asked


def export(tmp_path: Path, job: _Job) -> Any:
    operations = Operations(tmp_path / "home")
    given = ExportHistory(project=str(tmp_path / "p"), path=str(tmp_path / "out.csv"), query=HistoryQuery(words="x"))
    (tmp_path / "p").mkdir(exist_ok=True)
    try:
        return history_export.export(operations, given, job)  # type: ignore[arg-type]
    finally:
        operations.close()


def test_every_line_is_written_once_and_how_far_it_is_is_told(tmp_path: Path, many: list[HistoryQuery]) -> None:
    job = _Job()
    assert export(tmp_path, job)["lines"] == 1234
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text("utf-8"))))
    assert [row["id"] for row in rows] == [f"r-{n:04}" for n in range(1234)]
    assert [(query.offset, query.words) for query in many] == [(0, "x"), (500, "x"), (1000, "x")]
    assert [(one.done, one.total) for one in job.events] == [(500, 1234), (1000, 1234), (1234, 1234)]
    assert rows[7]["name"] == "'=1+1", "no spreadsheet calculates it"
    assert "jane@example.com" not in rows[8]["notes"]
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600


def test_stopped_halfway_the_older_file_stays(tmp_path: Path, many: list[HistoryQuery]) -> None:
    (tmp_path / "out.csv").write_text("older", "utf-8")
    with pytest.raises(CancelledError):
        export(tmp_path, _Job(stop_after=1))
    assert len(many) == 1
    assert (tmp_path / "out.csv").read_text("utf-8") == "older"
    assert [path.name for path in tmp_path.glob("*.tmp")] == []
