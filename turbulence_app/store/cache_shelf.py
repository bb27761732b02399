"""The stored cache from outside: what is in it, and throwing some of it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from turbulence_app.store.database import Database


@dataclass(frozen=True, slots=True)
class Shelf:
    """Answers of one kind by one model (its bytes, not its tag). ``bytes`` counts the stored values."""

    kind: str
    backend: str
    model: str
    digest: str
    entries: int
    bytes: int
    hits: int
    oldest: str
    newest: str


class CacheShelves:
    """Reads and clears what :class:`turbulence_app.store.cache.PolicyCacheStore` keeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def shelves(self) -> tuple[Shelf, ...]:
        """The whole cache by kind and model, largest first."""
        rows = self._database.rows(
            "SELECT kind, backend, model, digest, count(*) AS entries,"
            " sum(length(cast(value AS BLOB))) AS bytes, sum(hits) AS hits,"
            " min(created_at) AS oldest, max(created_at) AS newest"
            " FROM cache GROUP BY kind, backend, model, digest ORDER BY bytes DESC, kind, backend, model, digest"
        )
        return tuple(_shelf(dict(row)) for row in rows)

    def counters(self) -> dict[str, int]:
        """What was counted in all processes so far."""
        rows = self._database.rows("SELECT name, CAST(amount AS INTEGER) AS amount FROM cache_counters")
        return {str(row["name"]): int(row["amount"]) for row in rows}

    def clear(
        self,
        *,
        model: str | None = None,
        kind: str | None = None,
        before: str | None = None,
        digests: Sequence[tuple[str, str]] | None = None,
    ) -> int:
        """Forget answers, all or those that every given condition names; acknowledged when this returns.

        ``model`` is a name or the beginning of a digest of at least 6 characters, ``before`` a moment (ISO, UTC): not
        used since then. ``digests`` are pairs of backend and digest. Returns how many there were.
        """
        terms, given = ["1"], list[str]()
        if model is not None:
            bare = model.removeprefix("sha256:")
            terms.append("(model = ? OR (length(?) >= 6 AND substr(replace(digest, 'sha256:', ''), 1, length(?)) = ?))")
            given += [model, bare, bare, bare]
        if kind is not None:
            terms.append("kind = ?")
            given.append(kind)
        if before is not None:
            terms.append("last_used < ?")
            given.append(before)
        if digests is not None:
            terms.append(f"(backend || ' ' || digest) IN ({', '.join('?' * len(digests))})")
            given += [f"{backend} {digest}" for backend, digest in digests]
        sql = f"DELETE FROM cache WHERE {' AND '.join(terms)}"
        return int(self._database.writer.call(lambda connection: connection.execute(sql, given).rowcount))

    def forget_counters(self) -> None:
        """Start counting anew."""
        self._database.writer.call(lambda connection: connection.execute("DELETE FROM cache_counters").close())


def _shelf(row: dict[str, Any]) -> Shelf:
    """A row; bytes that no program of ours has written become words."""
    plain: dict[str, Any] = {name: value if isinstance(value, str | int) else str(value) for name, value in row.items()}
    return Shelf(**plain)
