"""Worlds and requests per CPU-second of the app target, beside the same worlds over an HTTP client's ASGI transport.

Run it on its own: ``python -m tests.bench.bench_app``. It prints one JSON document; it measures and asserts nothing. A
world is a small application made fresh and five people with one request each. The peer is what people do without an
engine: httpx's ASGI transport on asyncio's own loop with a clock that jumps (no draws by address, no trace, no rules).
Rounds are interleaved, and the fastest of each is told: the machine is shared.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import json
import os
import platform
import random
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORLDS, ROUNDS, PEOPLE = 400, 5, 5
LONG = 4000
PLAIN = """
import asyncio, json

def create_app():
    stock = {"n": 3}
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        wanted = json.loads((await receive())["body"])
        if stock["n"] > 0:
            await asyncio.sleep(0.01)
            stock["n"] -= 1
            return await answer(send, 201, {"ok": True, "user": wanted["user"]})
        await answer(send, 409, {"ok": False})
    return app

async def answer(send, status, value):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
"""
STARLETTE = """
import asyncio
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

def create_app():
    stock = {"n": 3}
    async def buy(request):
        wanted = await request.json()
        if stock["n"] > 0:
            await asyncio.sleep(0.01)
            stock["n"] -= 1
            return JSONResponse({"ok": True, "user": wanted["user"]}, status_code=201)
        return JSONResponse({"ok": False}, status_code=409)
    return Starlette(routes=[Route("/buy", buy, methods=["POST"])])
"""


def world_of(source: str, folder: Path, users: int) -> Any:
    """A world of one module."""
    from tests.world.places import inputs, place
    from turbulence_app.engine.plan import compile_plan
    from turbulence_app.engine.world.world import World

    folder.mkdir(parents=True)
    buy = {"name": "buy", "type": "http", "service": "shop", "method": "POST", "path": "/buy"}
    made = inputs(
        [{**buy, "json": {"user": "{{step}}"}}], users=users, arrivals={"kind": "open", "rate_per_second": 25}
    )
    return World(compile_plan(made), place(folder, textwrap.dedent(source)))


def factory(file: Path) -> Callable[[], Any]:
    """``create_app`` of a file."""
    spec = importlib.util.spec_from_file_location("bench_peer", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.create_app  # type: ignore[no-any-return]


class JumpingSelector:
    """What makes asyncio's own loop jump to its next timer."""

    def __init__(self, loop: asyncio.SelectorEventLoop, clock: list[float]) -> None:
        selector: Any = loop._selector  # type: ignore[attr-defined]
        real = selector.select

        def select(timeout: float | None = None) -> Any:
            ready = real(0)
            if not ready and timeout:
                clock[0] += timeout
            return ready

        selector.select = select


def peer_worlds(make: Callable[[], Any], worlds: int) -> None:
    """The same worlds over httpx's transport."""
    import httpx

    async def one(number: int) -> None:
        drawn = random.Random(number)
        transport = httpx.ASGITransport(app=make())
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:

            async def person(user: int) -> int:
                await asyncio.sleep(drawn.random() * 0.2)
                return (await client.post("/buy", json={"user": user})).status_code

            await asyncio.gather(*(person(user) for user in range(PEOPLE)))

    for number in range(worlds):
        loop, clock = asyncio.SelectorEventLoop(), [0.0]
        loop.time = lambda clock=clock: clock[0]  # type: ignore[method-assign]
        JumpingSelector(loop, clock)
        try:
            loop.run_until_complete(one(number))
        finally:
            loop.close()


def seconds(work: Callable[[], Any]) -> float:
    """CPU seconds of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Measure, and print."""
    from turbulence_app.engine.world.world import WorldSpec

    people = tuple(range(PEOPLE))
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        plain = world_of(PLAIN, Path(folder) / "plain", PEOPLE)
        starlette = world_of(STARLETTE, Path(folder) / "starlette", PEOPLE)
        long = world_of(PLAIN, Path(folder) / "long", LONG)
        make = factory(Path(folder) / "starlette" / "sut.py")
        gc.collect()
        gc.freeze()

        def ours(world: Any) -> None:
            with world:
                for seed in range(WORLDS):
                    world.run(WorldSpec(seed, people))

        measured: dict[str, Callable[[], None]] = {
            "plain": lambda: ours(plain),
            "starlette": lambda: ours(starlette),
            "peer_starlette": lambda: peer_worlds(make, WORLDS // 4),
            "one_world": lambda: long.run(WorldSpec(1, tuple(range(LONG)))) and None,
        }
        for _ in range(ROUNDS):
            for name, work in measured.items():
                best[name] = min(best.get(name, 1e9), seconds(work))
    rate = {name: WORLDS / best[name] for name in ("plain", "starlette")}
    peer = WORLDS // 4 / best["peer_starlette"]
    print(
        json.dumps(
            {
                "bench": "app target", "cpu": _cpu(), "python": platform.python_version(),
                "worlds_of_five_per_cpu_second": {
                    "plain ASGI": round(rate["plain"]), "Starlette": round(rate["starlette"]),
                },
                "requests_per_cpu_second": {
                    "worlds of five, plain ASGI": round(rate["plain"] * PEOPLE),
                    "worlds of five, Starlette": round(rate["starlette"] * PEOPLE),
                    f"one world of {LONG}, plain ASGI": round(LONG / best["one_world"]),
                },
                "peer": {
                    "what": "httpx ASGITransport, asyncio with a jumping clock, Starlette",
                    "worlds_per_cpu_second": round(peer), "requests_per_cpu_second": round(peer * PEOPLE),
                },
                "ratio_on_starlette": round(rate["starlette"] / peer, 2),
                "load": os.getloadavg()[0],
            },
            indent=2,
        )
    )  # fmt: skip


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
