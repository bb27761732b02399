"""What keeps answers between runs (SQLite, in :mod:`turbulence_app.store`), as the cache needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class Store(Protocol):
    """Writes may wait (write-behind); a store that fails makes the cache slow, never an answer wrong."""

    def get(self, key: bytes) -> str | None:
        """The JSON text under a key, or None."""
        ...

    def put(self, key: bytes, value_json: str, meta: dict[str, Any]) -> None:
        """Keeps a JSON text; ``meta`` (kind, backend, model, digest, ...) is for people, statistics and clearing."""
        ...

    def remove(self, key: bytes) -> None:
        """Forgets an answer that does not pass any more."""
        ...

    def prints(self, limit: int) -> Iterable[tuple[bytes, str]]:
        """Key and fingerprint (text, as :class:`turbulence_app.llm.cache.gate.Print` writes it), newest first."""
        ...

    def count(self, totals: Mapping[str, int]) -> None:
        """Adds to the counters that outlive the process."""
        ...

    def flush(self) -> None:
        """Writes what waits."""
        ...
