"""Receipts by mail: written down with the payment, sent in the background, sent again after a crash."""

from __future__ import annotations

import asyncio

from shop.store import Repository

DELIVERY_SECONDS = 0.3


class Postman:
    """Mails the receipts that are due, one at a time."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._round = asyncio.Lock()

    async def deliver(self) -> None:
        """Send every receipt that is due."""
        async with self._round:
            for letter in await self._repository.letters_to_send():
                await asyncio.sleep(DELIVERY_SECONDS)
                await self._repository.letter_sent(letter.order_id)
