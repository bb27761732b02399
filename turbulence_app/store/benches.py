"""What measuring models came to, so that nobody has to measure them again to see it."""

from __future__ import annotations

import sqlite3

from pydantic import ValidationError

from turbulence_app.domain.bench import BenchResult
from turbulence_app.store.database import Database


class BenchStore:
    """One row per model, mode, set of people and machine."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, result: BenchResult) -> None:
        """Store a row in the place of an older one; a whole one is not replaced by one that was stopped or failed.

        Acknowledged when this returns.
        """

        def act(connection: sqlite3.Connection) -> None:
            older = connection.execute(
                "SELECT status FROM model_bench WHERE backend = ? AND model = ? AND mode = ? AND people = ?"
                " AND machine = ?",
                result.key,
            ).fetchone()
            if older is not None and older[0] == "done" and result.status != "done":
                return
            connection.execute(
                "INSERT OR REPLACE INTO model_bench (backend, model, mode, people, machine, status, measured_at,"
                " document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*result.key, result.status, result.measured_at, result.model_dump_json()),
            )

        self._database.writer.call(act)

    def list(self) -> tuple[BenchResult, ...]:
        """All rows, the newest first; one that this version cannot read counts as not measured."""
        rows = self._database.rows("SELECT document FROM model_bench ORDER BY measured_at DESC, rowid DESC")
        found = []
        for row in rows:
            try:
                found.append(BenchResult.model_validate_json(row["document"]))
            except ValidationError:
                continue
        return tuple(found)

    def forget(self, backend: str, model: str) -> int:
        """Drop the rows of a model (its digest, else its name); returns how many."""

        def act(connection: sqlite3.Connection) -> int:
            done = connection.execute("DELETE FROM model_bench WHERE backend = ? AND model = ?", (backend, model))
            return done.rowcount

        return self._database.writer.call(act)
