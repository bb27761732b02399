"""Small facts about the database or the project, by name."""

from __future__ import annotations

from turbulence_app.store.database import Database


class Meta:
    """Names and texts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> str | None:
        """The text, or None."""
        row = self._database.row("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row["value"]) if row else None

    def set(self, key: str, value: str) -> None:
        """Store a text; acknowledged when this returns."""
        self._database.writer.put("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [(key, value)])
        self._database.flush()
