"""From a cart to a paid order: take the goods, take the money, and give the goods back where there is no money.

The order is written down before the payment is asked for, and its id is the payment's key. Whatever happens after that
(no answer, a crash, the same request again), somebody finds the pending order and settles it: the next request with the
same key, or the sweeper.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

from shop.catalogue import Catalogue
from shop.payments import Payments, Result
from shop.records import Cart, Order, PaymentDeclinedError, PaymentUnavailableError, SoldOutError
from shop.settings import Settings
from shop.store import Repository


class Checkout:
    """Orders and their payment."""

    def __init__(self, repository: Repository, payments: Payments, catalogue: Catalogue, settings: Settings) -> None:
        self._repository = repository
        self._payments = payments
        self._catalogue = catalogue
        self._settings = settings
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def order(self, cart_id: str, key: str, card: str) -> Order:
        """Order and pay a cart. The same key again gives the same paid order, or carries on where it stopped.

        Raises:
            NotFoundError: there is no such cart.
            SoldOutError, PaymentDeclinedError, PaymentUnavailableError: nothing was bought.
        """
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with lock:
            known = None if self._settings.has("lost_idempotency") else await self._repository.order_of(key)
            if known is not None and known.status == "pending":
                known = await self._settle(known, await self._payments.make_certain(known))
            if known is not None and known.status == "paid":
                return known
            return await self._buy(await self._repository.cart(cart_id), key, card)

    async def sweep(self) -> None:
        """Settle pending orders that nobody is waiting for any more: after a crash, or where nobody tried again."""
        moment = datetime.now(UTC) - timedelta(seconds=self._settings.sweep_after)
        for order in await self._repository.pending_since(moment):
            result = await self._payments.make_certain(order)
            if result != "unknown":
                await self._settle(order, result)

    async def _buy(self, cart: Cart, key: str, card: str) -> Order:
        order = await self._reserve(cart, key, card)
        self._catalogue.changed(order.sku)
        result = await self._payments.charge(order)
        if result == "unknown":
            result = await self._payments.make_certain(order)
            if result == "declined":
                await self._settle(order, result)
                raise PaymentUnavailableError("The payment company does not answer. Nothing was charged.")
        order = await self._settle(order, result)
        if order.status == "cancelled":
            raise PaymentDeclinedError("The card was declined. Nothing was charged.")
        return order

    async def _reserve(self, cart: Cart, key: str, card: str) -> Order:
        if not self._settings.has("check_then_act"):
            await self._assess_risk(cart)
            return await self._repository.place_order(cart, key, card)
        product = await self._repository.product(cart.sku)
        if product.available < cart.quantity:
            raise SoldOutError("Somebody else was quicker: there are too few left.")
        await self._assess_risk(cart)
        return await self._repository.take_unchecked(cart, key, card)

    async def _settle(self, order: Order, result: Result) -> Order:
        """Write down how a payment ended. Raises PaymentUnavailableError where even that is not known."""
        if result == "unknown":
            raise PaymentUnavailableError("The payment company does not answer. Try again in a moment.")
        if result == "captured":
            return await self._repository.settle_order(order.order_id, "paid")
        give_back = not self._settings.has("missing_rollback")
        settled = await self._repository.settle_order(order.order_id, "cancelled", give_back=give_back)
        self._catalogue.changed(order.sku)
        return settled

    async def _assess_risk(self, cart: Cart) -> None:
        """Ask the fraud department; large orders take it longer. It has never refused anybody."""
        await asyncio.sleep(random.uniform(0.1, 0.3) * cart.quantity)
