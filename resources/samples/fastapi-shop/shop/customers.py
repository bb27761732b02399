"""What customers may ask for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Header

from shop.schemas import CartPage, CouponCode, NewCart, NewOrder, OrderPage, ProductList, ProductPage
from shop.services import ShopServices

router = APIRouter()
IdempotencyKey = Annotated[str, Header(min_length=1, max_length=200)]


@router.get("/products")
async def products(services: ShopServices) -> ProductList:
    """The shop window."""
    return ProductList(items=[ProductPage.of(product) for product in await services.repository.products()])


@router.get("/products/{sku}")
async def product_page(sku: str, services: ShopServices) -> ProductPage:
    """One product, with what is left of it."""
    return ProductPage.of(await services.catalogue.product(sku))


@router.post("/carts", status_code=201)
async def new_cart(wanted: NewCart, services: ShopServices) -> CartPage:
    """A cart. It reserves nothing."""
    return CartPage.of(await services.repository.add_cart(wanted.customer, wanted.sku, wanted.quantity))


@router.post("/carts/{cart_id}/coupon")
async def coupon(cart_id: str, wanted: CouponCode, services: ShopServices) -> CartPage:
    """Use a coupon on a cart."""
    return CartPage.of(await services.repository.claim_coupon(cart_id, wanted.code))


@router.post("/orders", status_code=201)
async def new_order(
    wanted: NewOrder, idempotency_key: IdempotencyKey, services: ShopServices, background: BackgroundTasks
) -> OrderPage:
    """Order and pay a cart. Sent again with the same key, it gives the same order."""
    order = await services.checkout.order(wanted.cart_id, idempotency_key, wanted.card)
    background.add_task(services.postman.deliver)
    return OrderPage.of(order)


@router.get("/orders/{order_id}")
async def order_page(order_id: str, services: ShopServices) -> OrderPage:
    """One order."""
    return OrderPage.of(await services.repository.order(order_id))
