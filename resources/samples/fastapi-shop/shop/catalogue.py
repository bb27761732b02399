"""Product pages, from a cache that follows every change."""

from __future__ import annotations

import time
from collections import Counter

from shop.records import Product
from shop.settings import Settings
from shop.store import Repository


class Catalogue:
    """Reads products through a cache. Whoever changes a product says so with :meth:`changed`."""

    def __init__(self, repository: Repository, settings: Settings) -> None:
        self._repository = repository
        self._settings = settings
        self._cached: dict[str, tuple[Product, float]] = {}
        self._changes: Counter[str] = Counter()

    async def product(self, sku: str) -> Product:
        """One product, not older than its last change; raises NotFoundError."""
        found = self._cached.get(sku)
        if found is not None and time.monotonic() < found[1]:
            return found[0]
        changes = self._changes[sku]
        product = await self._repository.product(sku)
        # A change while the database was asked may have come after its answer: such an answer is not kept.
        if changes == self._changes[sku]:
            self._cached[sku] = (product, time.monotonic() + self._settings.cache_seconds)
        return product

    def changed(self, sku: str) -> None:
        """Forget a product that was changed."""
        if self._settings.has("stale_cache"):
            return
        self._changes[sku] += 1
        self._cached.pop(sku, None)
