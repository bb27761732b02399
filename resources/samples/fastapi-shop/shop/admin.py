"""Reports for the people who run the shop. Bind them to an inner network; they ask for no password."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request

from shop.provider import ProviderBooks
from shop.schemas import CouponReport, LedgerReport, MailReport, OrderReport, StockReport
from shop.services import ShopServices

router = APIRouter(prefix="/admin")


@router.get("/stock")
async def stock(services: ShopServices) -> StockReport:
    """Where the pieces are."""
    database = await services.repository.everything()
    held: Counter[str] = Counter()
    for order in database.orders.values():
        held[order.status] += order.quantity
    products = database.products.values()
    return StockReport(
        delivered=sum(p.delivered for p in products), available=sum(p.available for p in products),
        pending=held["pending"], sold=held["paid"], lowest=min(p.available for p in products),
    )  # fmt: skip


@router.get("/orders")
async def orders(services: ShopServices) -> OrderReport:
    """How many orders there are, and what they are worth."""
    every = (await services.repository.everything()).orders.values()
    by_status = Counter(order.status for order in every)
    by_cart = Counter(order.cart_id for order in every if order.status == "paid")
    return OrderReport(
        paid=by_status["paid"], pending=by_status["pending"], cancelled=by_status["cancelled"],
        paid_cents=sum(order.total_cents for order in every if order.status == "paid"),
        most_per_cart=max(by_cart.values(), default=0),
    )  # fmt: skip


@router.get("/ledger")
async def ledger(request: Request, services: ShopServices) -> LedgerReport:
    """Our books beside the payment company's."""
    books: ProviderBooks = request.app.state.provider_books
    database = await services.repository.everything()
    return LedgerReport(
        booked_cents=sum(entry.cents for entry in database.ledger),
        captured_cents=sum(books.captured.values()),
        most_attempts=max(books.attempts.values(), default=0),
    )


@router.get("/coupons")
async def coupons(services: ShopServices) -> CouponReport:
    """How often coupons were used."""
    claims = (await services.repository.everything()).claims
    uses = Counter((claim.code, claim.customer) for claim in claims)
    return CouponReport(used=len(claims), most_per_customer=max(uses.values(), default=0))


@router.get("/mail")
async def mail(services: ShopServices) -> MailReport:
    """Receipts sent and due."""
    letters = (await services.repository.everything()).letters.values()
    sent = sum(letter.sent_at is not None for letter in letters)
    return MailReport(sent=sent, due=len(letters) - sent)
