"""Level 2 of the cache: answers of models on disk, under the digest of everything that led to them."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from turbulence_app.store.database import Database, now

HITS_TOGETHER = 64
"""Hits that are written down together: an update for each would cost more than the hit."""
_COLUMNS = ("kind", "backend", "model", "digest", "prompt_version", "tokens", "elapsed_ms", "print")
_DEFAULTS: dict[str, Any] = {"prompt_version": 0, "tokens": 0, "elapsed_ms": 0.0}


class PolicyCacheStore:
    """What the gateway's cache writes behind itself. A cache that cannot be written is a slow cache, not an error."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._hits: Counter[bytes] = Counter()

    def get(self, key: bytes) -> str | None:
        """The stored value, or None. A hit is written down later, with others."""
        found = self._database.value("SELECT value FROM cache WHERE key = ?", (key,))
        if found is None:
            return None
        with self._lock:
            self._hits[key] += 1
            full = self._hits.total() >= HITS_TOGETHER
        if full:
            self._write_hits()
        return str(found)

    def put(self, key: bytes, value_json: str, meta: Mapping[str, Any] | None = None) -> None:
        """Store without waiting; readers see it once it is committed."""
        moment, rest = now(), dict(meta or {})
        described = [rest.pop(name, _DEFAULTS.get(name, "")) for name in _COLUMNS]
        self._database.writer.put(
            f"INSERT INTO cache (key, value, {', '.join(_COLUMNS)}, meta, created_at, last_used)"
            f" VALUES (?, ?, {', '.join('?' * len(_COLUMNS))}, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, print = excluded.print, meta = excluded.meta,"
            " tokens = excluded.tokens, elapsed_ms = excluded.elapsed_ms, created_at = excluded.created_at,"
            " last_used = excluded.last_used",
            [(key, value_json, *described, json.dumps(rest, sort_keys=True, default=str), moment, moment)],
        )

    def remove(self, key: bytes) -> None:
        """Forget an answer, for example one that no longer passes the validator."""
        self._database.writer.put("DELETE FROM cache WHERE key = ?", [(key,)])

    def prints(self, limit: int) -> list[tuple[bytes, str]]:
        """Keys and fingerprints of the answers that have one, newest first."""
        rows = self._database.rows(
            "SELECT key, print FROM cache WHERE print != '' ORDER BY created_at DESC LIMIT ?", (limit,)
        )
        return [(bytes(row["key"]), str(row["print"])) for row in rows]

    def count(self, totals: Mapping[str, int]) -> None:
        """Add to the counters that outlive the process; does not wait. ``since`` says when that began (s, 1970)."""
        if not totals:
            return
        self._database.writer.put(
            "INSERT INTO cache_counters (name, amount) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET amount = amount + excluded.amount",
            sorted(totals.items()),
        )
        self._database.writer.put(
            "INSERT INTO cache_counters (name, amount) VALUES ('since', ?) ON CONFLICT (name) DO NOTHING",
            [(int(time.time()),)],
        )

    def flush(self) -> None:
        """Write down the hits that wait, and wait until everything is committed."""
        self._write_hits()
        self._database.flush()

    def _write_hits(self) -> None:
        with self._lock:
            hits, self._hits = self._hits, Counter()
        moment = now()
        self._database.writer.put(
            "UPDATE cache SET hits = hits + ?, last_used = ? WHERE key = ?",
            [(count, moment, key) for key, count in hits.items()],
        )
