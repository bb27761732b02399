"""The repository: every way to read and to change the database.

A call is one round trip (it awaits), and what it changes, it changes at once: everything after its ``await`` happens
without another one, so nobody sees half of it, and a crash leaves all of it or nothing.
"""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime
from uuid import uuid4

from shop.records import (
    Cart,
    Claim,
    CouponRefusedError,
    Database,
    LedgerEntry,
    Letter,
    NotFoundError,
    Order,
    OrderStatus,
    Product,
    SoldOutError,
)
from shop.settings import Settings

ROUND_TRIP_SECONDS = 0.002


def stocked(settings: Settings) -> Database:
    """A new database with the shop's products on the shelf."""
    database = Database()
    for sku, (name, price, pieces) in settings.products.items():
        count = pieces * settings.stock_factor
        database.products[sku] = Product(sku, name, price, delivered=count, available=count)
    return database


class Repository:
    """The database, seen from the application. Returns copies: only the methods here change anything."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._db = database
        self._settings = settings

    async def products(self) -> list[Product]:
        """All products, in the order of the catalogue."""
        await self._trip()
        return [dataclasses.replace(product) for product in self._db.products.values()]

    async def product(self, sku: str) -> Product:
        """One product; raises NotFoundError."""
        await self._trip()
        return dataclasses.replace(self._product(sku))

    async def add_cart(self, customer: str, sku: str, quantity: int) -> Cart:
        """A new cart; raises NotFoundError where there is no such product."""
        await self._trip()
        cart = Cart(str(uuid4()), customer, sku, quantity, self._product(sku).price_cents)
        self._db.carts[cart.cart_id] = cart
        return dataclasses.replace(cart)

    async def cart(self, cart_id: str) -> Cart:
        """One cart; raises NotFoundError."""
        await self._trip()
        return dataclasses.replace(self._cart(cart_id))

    async def claim_coupon(self, cart_id: str, code: str) -> Cart:
        """Use a coupon on a cart. The same code on the same cart again changes nothing.

        Raises:
            CouponRefusedError: no such code, or this customer has used it on another cart.
        """
        await self._trip()
        cart = self._cart(cart_id)
        percent = self._settings.coupons.get(code)
        if percent is None:
            raise CouponRefusedError("There is no such coupon.")
        used = [claim for claim in self._db.claims if (claim.code, claim.customer) == (code, cart.customer)]
        if any(claim.cart_id != cart_id for claim in used):
            raise CouponRefusedError("You have used this coupon already.")
        if not used or self._settings.has("coupon_twice"):
            self._db.claims.append(Claim(code, cart.customer, cart_id))
            cart.discount_percent += percent
        return dataclasses.replace(cart)

    async def place_order(self, cart: Cart, key: str, card: str) -> Order:
        """Take a cart's pieces off the shelf and note the order, in one step.

        Raises:
            SoldOutError: too few pieces are left; nothing was taken.
        """
        await self._trip()
        wanted = cart.quantity - 1 if self._settings.has("off_by_one") else cart.quantity
        if self._product(cart.sku).available < wanted:
            raise SoldOutError("Somebody else was quicker: there are too few left.")
        return self._take(cart, key, card)

    async def take_unchecked(self, cart: Cart, key: str, card: str) -> Order:
        """As :meth:`place_order`, by somebody who has looked already. Only the planted mistake calls it."""
        await self._trip()
        return self._take(cart, key, card)

    async def settle_order(self, order_id: str, status: OrderStatus, *, give_back: bool = True) -> Order:
        """Pending becomes paid (with a receipt to mail) or cancelled (pieces back on the shelf).

        An order that was settled stays as it is: whoever comes second finds out what the first one decided.
        """
        await self._trip()
        order = self._db.orders[order_id]
        if order.status == "pending":
            order.status = status
            if status == "paid":
                self._db.letters[order_id] = Letter(order_id, order.customer)
            elif give_back:
                product = self._db.products[order.sku]
                product.available += order.quantity
                product.version += 1
        return dataclasses.replace(order)

    async def order(self, order_id: str) -> Order:
        """One order; raises NotFoundError."""
        await self._trip()
        found = self._db.orders.get(order_id)
        if found is None:
            raise NotFoundError("There is no such order.")
        return dataclasses.replace(found)

    async def order_of(self, key: str) -> Order | None:
        """The order that an idempotency key stands for so far."""
        await self._trip()
        order_id = self._db.latest_order.get(key)
        return dataclasses.replace(self._db.orders[order_id]) if order_id is not None else None

    async def pending_since(self, moment: datetime) -> list[Order]:
        """Orders that have been waiting for their payment since before ``moment``."""
        await self._trip()
        orders = self._db.orders.values()
        return [dataclasses.replace(o) for o in orders if o.status == "pending" and o.created_at <= moment]

    async def book(self, entry: LedgerEntry) -> None:
        """Write down money that came in. Events may arrive more than once; each is booked once."""
        await self._trip()
        known = any(one.event_id == entry.event_id for one in self._db.ledger)
        if not known or self._settings.has("double_apply"):
            self._db.ledger.append(entry)

    async def letters_to_send(self) -> list[Letter]:
        """Receipts that have not been mailed."""
        await self._trip()
        return [dataclasses.replace(letter) for letter in self._db.letters.values() if letter.sent_at is None]

    async def letter_sent(self, order_id: str) -> None:
        """Note that a receipt is on its way."""
        await self._trip()
        self._db.letters[order_id].sent_at = datetime.now(UTC)

    async def everything(self) -> Database:
        """The whole database, for reports; not to be changed."""
        await self._trip()
        return self._db

    def _product(self, sku: str) -> Product:
        if sku not in self._db.products:
            raise NotFoundError("There is no such product.")
        return self._db.products[sku]

    def _cart(self, cart_id: str) -> Cart:
        if cart_id not in self._db.carts:
            raise NotFoundError("There is no such cart.")
        return self._db.carts[cart_id]

    def _take(self, cart: Cart, key: str, card: str) -> Order:
        product = self._db.products[cart.sku]
        product.available -= cart.quantity
        product.version += 1
        order = Order(
            order_id=str(uuid4()), key=key, cart_id=cart.cart_id, customer=cart.customer, sku=cart.sku,
            quantity=cart.quantity, subtotal_cents=cart.subtotal_cents, discount_cents=cart.discount_cents, card=card,
            stock_version=product.version, created_at=datetime.now(UTC),
        )  # fmt: skip
        self._db.orders[order.order_id] = order
        self._db.latest_order[key] = order.order_id
        return dataclasses.replace(order)

    async def _trip(self) -> None:
        await asyncio.sleep(ROUND_TRIP_SECONDS)
