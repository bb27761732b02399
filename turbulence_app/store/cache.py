"""Level 2 of the policy cache: answers of models on disk, under the digest of everything that led to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from turbulence_app.store.database import Database, now


class PolicyCacheStore:
    """What the gateway's cache writes behind itself. A cache that cannot be written is a slow cache, not an error."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: bytes) -> str | None:
        """The stored value, or None; a hit is counted without waiting."""
        row = self._database.row("SELECT value FROM cache WHERE key = ?", (key,))
        if row is None:
            return None
        self._database.writer.put("UPDATE cache SET hits = hits + 1, last_used = ? WHERE key = ?", [(now(), key)])
        return str(row["value"])

    def put(self, key: bytes, value_json: str, meta: Mapping[str, Any] | None = None) -> None:
        """Store without waiting; readers see it once it is committed."""
        moment = now()
        self._database.writer.put(
            "INSERT INTO cache (key, value, meta, created_at, last_used) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, meta = excluded.meta,"
            " last_used = excluded.last_used",
            [(key, value_json, json.dumps(dict(meta or {}), sort_keys=True, default=str), moment, moment)],
        )

    def remove(self, key: bytes) -> None:
        """Forget an answer, for example one that no longer passes the validator."""
        self._database.writer.put("DELETE FROM cache WHERE key = ?", [(key,)])

    def stats(self) -> dict[str, int]:
        """Entries, hits and bytes of the answers."""
        row = self._database.row(
            "SELECT count(*) AS entries, coalesce(sum(hits), 0) AS hits,"
            " coalesce(sum(length(cast(value AS BLOB))), 0) AS bytes FROM cache"
        )
        return {name: int(value) for name, value in (row or {}).items()}

    def clear(self) -> None:
        """Forget everything; acknowledged when this returns."""
        self._database.writer.call(lambda connection: connection.execute("DELETE FROM cache").close())
