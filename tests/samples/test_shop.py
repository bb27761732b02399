"""The sample shop by itself, without the engine: right as it ships, and wrong in one way with each switch."""

from __future__ import annotations

import asyncio
import contextlib
import random
import selectors
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from turbulence_app.resources import resource_path

FOLDER = resource_path("samples/fastapi-shop")


class SkippingLoop(asyncio.SelectorEventLoop):
    """Waits for nothing: where only timers are left, it is at once as late as the first of them."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Skipping(self))

    def time(self) -> float:
        return self.now


class _Skipping(selectors.DefaultSelector):
    def __init__(self, loop: SkippingLoop) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self.loop.now += max(timeout or 0.0, 1e-6)
        return super().select(0)


@pytest.fixture(autouse=True)
def _shop_on_the_path(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    random.seed(11)
    from shop import provider

    for chance in ("ANSWER_LOST", "OUTAGE_BEGINS", "ACKNOWLEDGEMENT_LOST"):
        monkeypatch.setattr(provider, chance, 0.0)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        del sys.modules[name]


@contextlib.asynccontextmanager
async def shop(bug: str = "", again: Any = None, **settings: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Any]]:
    """A running shop; ``again``: the application that crashed, whose database and provider live on.

    The calendar stands still here, so the sweeper takes every pending order for an old one.
    """
    from shop.main import create_app
    from shop.settings import Settings

    app = create_app(Settings(bug=bug, **{"sweep_after": 0.0, **settings}))
    if again is not None:
        app.state.database, app.state.provider_books = again.state.database, again.state.provider_books
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://shop") as client,
    ):
        yield client, app


def played(story: Callable[[], Awaitable[None]]) -> None:
    loop = SkippingLoop()
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner(loop_factory=lambda: loop) as runner:
        patch.setattr(time, "monotonic", loop.time)
        runner.run(story())


async def cart(client: httpx.AsyncClient, sku: str = "mug-blue", quantity: int = 1, customer: str = "ada") -> str:
    done = await client.post("/carts", json={"customer": customer, "sku": sku, "quantity": quantity})
    assert done.status_code == 201
    return done.json()["cart_id"]


async def pay(client: httpx.AsyncClient, cart_id: str, card: str = "tok_visa", key: str = "") -> httpx.Response:
    return await client.post(
        "/orders", json={"cart_id": cart_id, "card": card}, headers={"Idempotency-Key": key or cart_id}
    )


async def report(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    return (await client.get(f"/admin/{name}")).json()


async def sound(client: httpx.AsyncClient) -> dict[str, bool]:
    """What has to hold when everything has come to rest."""
    await asyncio.sleep(60)
    stock, orders, ledger = [await report(client, name) for name in ("stock", "orders", "ledger")]
    coupons, mail = await report(client, "coupons"), await report(client, "mail")
    return {
        "stock": stock["available"] + stock["sold"] == stock["delivered"] and stock["pending"] == 0,
        "shelf": stock["lowest"] >= 0,
        "money": ledger["booked_cents"] == ledger["captured_cents"] == orders["paid_cents"],
        "once": orders["most_per_cart"] <= 1,
        "coupon": coupons["most_per_customer"] <= 1,
        "attempts": ledger["most_attempts"] <= 4,
        "mail": mail == {"sent": orders["paid"], "due": 0},
    }


async def broken(client: httpx.AsyncClient) -> set[str]:
    return {name for name, holds in (await sound(client)).items() if not holds}


async def buy_twice(client: httpx.AsyncClient) -> None:
    cart_id = await cart(client)
    first, second = await asyncio.gather(pay(client, cart_id), pay(client, cart_id))
    assert first.status_code == second.status_code == 201


async def buy_the_last(client: httpx.AsyncClient) -> None:
    carts = [await cart(client, "teapot", 2, name) for name in ("ada", "ben", "cleo")]
    await asyncio.gather(*(pay(client, one) for one in carts))


async def be_declined(client: httpx.AsyncClient) -> None:
    assert (await pay(client, await cart(client), "tok_declined")).status_code == 402


async def buy_much(client: httpx.AsyncClient) -> None:
    await pay(client, await cart(client, "mug-blue", 5))


async def use_the_coupon_again(client: httpx.AsyncClient) -> None:
    cart_id = await cart(client)
    for _ in range(2):
        assert (await client.post(f"/carts/{cart_id}/coupon", json={"code": "WELCOME10"})).status_code == 200
    await pay(client, cart_id)


async def buy_while_the_provider_is_down(client: httpx.AsyncClient) -> None:
    from shop import provider

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "OUTAGE_BEGINS", 1.0)
        paying = asyncio.create_task(pay(client, await cart(client)))
        await asyncio.sleep(10)
    await paying


async def be_reported_again(client: httpx.AsyncClient) -> None:
    from shop import provider

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "ACKNOWLEDGEMENT_LOST", 1.0)
        await pay(client, await cart(client))
        await asyncio.sleep(7)


STORIES: dict[str, tuple[Callable[[httpx.AsyncClient], Awaitable[None]], set[str]]] = {
    "lost_idempotency": (buy_twice, {"once"}),
    "check_then_act": (buy_the_last, {"shelf"}),
    "double_apply": (be_reported_again, {"money"}),
    "missing_rollback": (be_declined, {"stock"}),
    "off_by_one": (buy_much, {"shelf"}),
    "coupon_twice": (use_the_coupon_again, {"coupon"}),
    "unbounded_retry": (buy_while_the_provider_is_down, {"attempts"}),
}


@pytest.mark.parametrize("bug", STORIES)
def test_each_mistake_is_one_and_is_off(bug: str):
    story, wrong = STORIES[bug]

    async def told() -> None:
        async with shop() as (client, _):
            await story(client)
            assert await broken(client) == set()
        async with shop(bug) as (client, _):
            await story(client)
            assert await broken(client) == wrong

    played(told)


@pytest.mark.parametrize("bug", ["", "stale_cache"])
def test_product_pages_follow_the_stock(bug: str):
    async def told() -> None:
        async with shop(bug) as (client, _):
            before = (await client.get("/products/tray")).json()
            order = (await pay(client, await cart(client, "tray"))).json()
            after = (await client.get("/products/tray")).json()
            assert order["stock_version"] == before["version"] + 1
            assert (after["version"] >= order["stock_version"]) is (bug == "")
            assert (after["available"] == before["available"] - 1) is (bug == "")

    played(told)


def test_a_read_that_a_change_overtakes_is_not_kept():
    async def told() -> None:
        async with shop() as (client, app):
            reading = asyncio.create_task(client.get("/products/tray"))
            await asyncio.sleep(0.001)
            app.state.services.catalogue.changed("tray")
            await reading
            assert app.state.services.catalogue._cached == {}

    played(told)


def test_a_crash_while_the_money_is_taken_leaves_no_order_behind():
    async def told() -> None:
        async with shop() as (client, first):
            cart_id = await cart(client)
            paying = asyncio.create_task(pay(client, cart_id))
            while not any(order.status == "pending" for order in first.state.database.orders.values()):
                await asyncio.sleep(0.01)
            paying.cancel()
        async with shop(again=first) as (client, _):
            assert (await pay(client, cart_id)).json()["status"] == "paid"
            assert await broken(client) == set()
        async with shop(again=first) as (client, _):
            assert (await pay(client, cart_id)).status_code == 201, "the same order again"
            assert await broken(client) == set()

    played(told)


def test_the_sweeper_settles_what_nobody_waits_for(monkeypatch: pytest.MonkeyPatch):
    async def told() -> None:
        from shop import provider

        monkeypatch.setattr(provider, "ANSWER_LOST", 1.0)
        async with shop() as (client, app):
            paying = asyncio.create_task(pay(client, await cart(client)))
            await asyncio.sleep(1.5)
            paying.cancel()
            assert await broken(client) == set()
            assert [order.status for order in app.state.database.orders.values()] == ["paid"]

    played(told)


def test_customers_are_told_what_is_wrong():
    async def told() -> None:
        async with shop() as (client, _):
            assert (await client.get("/products/nothing")).json()["error"] == "not_found"
            assert (await client.get("/orders/nothing")).status_code == 404
            assert (await pay(client, "nothing")).status_code == 404
            assert (await client.post("/carts/nothing/coupon", json={"code": "WELCOME10"})).status_code == 404
            assert (await client.post("/orders", json={"cart_id": "x", "card": "y"})).status_code == 422
            mine, yours = await cart(client), await cart(client)
            assert (await client.post(f"/carts/{mine}/coupon", json={"code": "NO"})).status_code == 422
            assert (await client.post(f"/carts/{mine}/coupon", json={"code": "WELCOME10"})).status_code == 200
            assert (await client.post(f"/carts/{yours}/coupon", json={"code": "WELCOME10"})).status_code == 422
            assert (await pay(client, await cart(client, "teapot", 4))).json()["error"] == "sold_out"

    played(told)


@pytest.mark.parametrize(("name", "value"), [("SHOP_BUG", "nonsense"), ("SHOP_STOCK", "-1"), ("SHOP_STOCK", "many")])
def test_a_variable_that_says_nonsense_is_refused(name: str, value: str):
    from shop.settings import BUGS, Settings

    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: value})
    assert Settings.from_environment({}) == Settings()
    assert len(BUGS) == 8
