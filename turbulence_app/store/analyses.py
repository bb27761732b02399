"""What was counted of runs, so that asking a second time is quick. Nothing here is needed: it can be counted again."""

from __future__ import annotations

import sqlite3

from turbulence_app.store.database import Database, now

KEPT = 40
"""How many are kept: those that were asked for last."""


class AnalysisStore:
    """One document of bytes per run's digest and version of the counting."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, version: int) -> bytes | None:
        """What was counted; None where nothing was, or by another version."""
        row = self._database.row("SELECT document FROM analyses WHERE key = ? AND version = ?", (key, version))
        return None if row is None else bytes(row["document"])

    def put(self, key: str, version: int, document: bytes) -> None:
        """Keep it, and of the others only those that were asked for last."""

        def act(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO analyses VALUES (?, ?, ?, ?)", (key, version, document, now()))
            connection.execute(
                "DELETE FROM analyses WHERE key NOT IN (SELECT key FROM analyses ORDER BY used_at DESC, key LIMIT ?)",
                (KEPT,),
            )

        self._database.writer.call(act)

    def forget(self, key: str) -> None:
        """Drop what cannot be read."""
        self._database.writer.call(lambda connection: connection.execute("DELETE FROM analyses WHERE key = ?", (key,)))
