"""What goes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from shop.records import Cart, Order, OrderStatus, Product

Name = Annotated[str, Field(min_length=1, max_length=200)]


class ProductPage(BaseModel):
    """A product as a customer sees it."""

    sku: str
    name: str
    price_cents: int
    available: int
    version: int

    @classmethod
    def of(cls, product: Product) -> ProductPage:
        """The page of a product."""
        return cls(
            sku=product.sku, name=product.name, price_cents=product.price_cents, available=product.available,
            version=product.version,
        )  # fmt: skip


class ProductList(BaseModel):
    """The shop window."""

    items: list[ProductPage]


class NewCart(BaseModel):
    """Somebody wants something."""

    customer: Name
    sku: Name
    quantity: Annotated[int, Field(ge=1, le=5)]


class CartPage(BaseModel):
    """A cart with its sums, in cents."""

    cart_id: str
    subtotal_cents: int
    discount_cents: int
    total_cents: int

    @classmethod
    def of(cls, cart: Cart) -> CartPage:
        """The page of a cart."""
        return cls(
            cart_id=cart.cart_id, subtotal_cents=cart.subtotal_cents, discount_cents=cart.discount_cents,
            total_cents=cart.subtotal_cents - cart.discount_cents,
        )  # fmt: skip


class CouponCode(BaseModel):
    """A coupon that somebody has."""

    code: Name


class NewOrder(BaseModel):
    """A cart to be paid with a card."""

    cart_id: Name
    card: Name


class OrderPage(BaseModel):
    """An order with its sums, in cents, and the version of the product that it left behind."""

    order_id: str
    status: OrderStatus
    sku: str
    quantity: int
    subtotal_cents: int
    discount_cents: int
    total_cents: int
    stock_version: int
    created_at: datetime

    @classmethod
    def of(cls, order: Order) -> OrderPage:
        """The page of an order."""
        return cls(
            order_id=order.order_id, status=order.status, sku=order.sku, quantity=order.quantity,
            subtotal_cents=order.subtotal_cents, discount_cents=order.discount_cents, total_cents=order.total_cents,
            stock_version=order.stock_version, created_at=order.created_at,
        )  # fmt: skip


class StockReport(BaseModel):
    """Pieces, all products together; ``lowest`` is the emptiest shelf."""

    delivered: int
    available: int
    pending: int
    sold: int
    lowest: int


class OrderReport(BaseModel):
    """Orders by status; ``most_per_cart`` counts the paid ones of one cart."""

    paid: int
    pending: int
    cancelled: int
    paid_cents: int
    most_per_cart: int


class LedgerReport(BaseModel):
    """Money: what we booked, what the payment company took, and the most attempts that one charge needed."""

    booked_cents: int
    captured_cents: int
    most_attempts: int


class CouponReport(BaseModel):
    """Coupons used; ``most_per_customer`` counts the uses of one code by one customer."""

    used: int
    most_per_customer: int


class MailReport(BaseModel):
    """Receipts."""

    sent: int
    due: int
