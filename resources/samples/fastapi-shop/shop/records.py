"""What the shop knows: plain records, and the errors that a customer is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

OrderStatus = Literal["pending", "paid", "cancelled"]


@dataclass(slots=True)
class Product:
    """Something for sale. ``version`` grows whenever ``available`` changes."""

    sku: str
    name: str
    price_cents: int
    delivered: int
    available: int
    version: int = 1


@dataclass(slots=True)
class Cart:
    """What somebody wants, before it is ordered. Nothing is reserved for it."""

    cart_id: str
    customer: str
    sku: str
    quantity: int
    price_cents: int
    discount_percent: int = 0

    @property
    def subtotal_cents(self) -> int:
        """Before the discount."""
        return self.quantity * self.price_cents

    @property
    def discount_cents(self) -> int:
        """Rounded down, in the shop's favour."""
        return self.subtotal_cents * self.discount_percent // 100


@dataclass(slots=True)
class Order:
    """A cart that was sent off. ``pending`` holds its pieces back until the payment is settled, either way."""

    order_id: str
    key: str
    """The customer's idempotency key: one key, one order that can be paid."""
    cart_id: str
    customer: str
    sku: str
    quantity: int
    subtotal_cents: int
    discount_cents: int
    card: str
    stock_version: int
    """The product's version right after its pieces were taken."""
    created_at: datetime
    status: OrderStatus = "pending"

    @property
    def total_cents(self) -> int:
        """What is charged."""
        return self.subtotal_cents - self.discount_cents


@dataclass(frozen=True, slots=True)
class Claim:
    """A coupon that a customer has used, and on which cart."""

    code: str
    customer: str
    cart_id: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Money that came in, as the payment company reported it."""

    event_id: str
    order_id: str
    cents: int


@dataclass(slots=True)
class Letter:
    """A receipt to be mailed."""

    order_id: str
    customer: str
    sent_at: datetime | None = None


@dataclass(slots=True)
class Database:
    """Everything that has to survive a restart. Plain data: no locks, no tasks, no connections."""

    products: dict[str, Product] = field(default_factory=dict)
    carts: dict[str, Cart] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    latest_order: dict[str, str] = field(default_factory=dict)
    """By idempotency key: the order that answers for it."""
    claims: list[Claim] = field(default_factory=list)
    ledger: list[LedgerEntry] = field(default_factory=list)
    letters: dict[str, Letter] = field(default_factory=dict)


class ShopError(Exception):
    """Something that a customer is told: a status, a word for programs, a sentence for people."""

    status = 400
    code = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFoundError(ShopError):
    """There is no such product, cart or order."""

    status = 404
    code = "not_found"


class SoldOutError(ShopError):
    """Fewer pieces are left than were asked for."""

    status = 409
    code = "sold_out"


class CouponRefusedError(ShopError):
    """The code is not known, or this customer has used it."""

    status = 422
    code = "coupon_refused"


class PaymentDeclinedError(ShopError):
    """The payment company said no. Nothing was charged, and the goods are back on the shelf."""

    status = 402
    code = "declined"


class PaymentUnavailableError(ShopError):
    """The payment company does not answer. The same request, sent again, carries on where this one stopped."""

    status = 503
    code = "payment_unavailable"
