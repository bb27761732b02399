"""Telemetry by the minute: documents of numbers, added up by whoever reads them; old ones go by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.store.database import Database

KEPT_DAYS = 14
MAX_ROWS = 20_000
"""Two weeks of one busy process; of several processes the oldest minutes go earlier."""


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """What one process counted in one minute (minutes since 1970, UTC); ``document`` is JSON."""

    minute: int
    process: str
    document: str


class TelemetryStore:
    """Reads and writes the minutes of one database. Telemetry that cannot be written is lost, not an error."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, row: MinuteRow) -> None:
        """Store a minute so far, in place of what the same process said about it before; does not wait."""
        self._database.writer.put(
            "INSERT OR REPLACE INTO telemetry (minute, process, document) VALUES (?, ?, ?)",
            [(row.minute, row.process, row.document)],
        )

    def rows(self, first: int, last: int) -> list[MinuteRow]:
        """Everything of some minutes, both ends included, oldest first."""
        found = self._database.rows(
            "SELECT minute, process, document FROM telemetry WHERE minute BETWEEN ? AND ? ORDER BY minute, process",
            (first, last),
        )
        return [MinuteRow(row["minute"], row["process"], row["document"]) for row in found]

    def forget(self, before: int) -> None:
        """Drop minutes before one, and the oldest beyond :data:`MAX_ROWS`; does not wait."""
        self._database.writer.put("DELETE FROM telemetry WHERE minute < ?", [(before,)])
        self._database.writer.put(
            "DELETE FROM telemetry WHERE minute < (SELECT minute FROM telemetry ORDER BY minute DESC LIMIT 1 OFFSET ?)",
            [(MAX_ROWS,)],
        )

    def clear(self) -> None:
        """Forget everything; acknowledged when this returns."""
        self._database.writer.call(lambda connection: connection.execute("DELETE FROM telemetry").close())

    def stats(self) -> dict[str, int]:
        """``rows``, ``bytes`` of their documents, and the ``oldest`` minute (0 of none)."""
        row = self._database.row(
            "SELECT count(*) AS rows, coalesce(sum(length(document)), 0) AS bytes,"
            " CAST(coalesce(min(minute), 0) AS INTEGER) AS oldest FROM telemetry"
        )
        return {name: int(value) for name, value in (row or {}).items()}
