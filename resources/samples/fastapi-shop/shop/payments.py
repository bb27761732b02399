"""Our side of the payment company: attempts with a limit, and certainty in the end."""

from __future__ import annotations

import asyncio
from typing import Literal

from shop.provider import DeclinedError, PaymentSandbox, ProviderDownError
from shop.records import Order
from shop.settings import Settings

Result = Literal["captured", "declined", "unknown"]


class Payments:
    """Charges orders. The order's id is the key, so an attempt that is repeated cannot charge twice."""

    def __init__(self, provider: PaymentSandbox, settings: Settings) -> None:
        self._provider = provider
        self._settings = settings

    async def charge(self, order: Order) -> Result:
        """Charge an order, with a bounded number of attempts and a growing pause between them.

        ``unknown``: no attempt was answered; the money may have been taken.
        """
        attempt = 1
        while True:
            try:
                async with asyncio.timeout(self._settings.charge_timeout):
                    await self._provider.charge(order.order_id, order.total_cents, order.card)
            except DeclinedError:
                return "declined"
            except (TimeoutError, ProviderDownError):
                if attempt >= self._settings.charge_attempts and not self._settings.has("unbounded_retry"):
                    return "unknown"
            else:
                return "captured"
            await asyncio.sleep(min(self._settings.first_backoff * 2 ** (attempt - 1), self._settings.longest_backoff))
            attempt += 1

    async def make_certain(self, order: Order) -> Result:
        """Void a charge that nobody knows the end of: it was captured after all, or it never will be."""
        try:
            async with asyncio.timeout(self._settings.charge_timeout):
                voided = await self._provider.void(order.order_id)
        except (TimeoutError, ProviderDownError):
            return "unknown"
        return "declined" if voided else "captured"
