"""The loop behaves as asyncio's own does, on a clock that is a number."""

from __future__ import annotations

import asyncio
import time

import anyio
import pytest

from turbulence_app.domain.errors import InputError
from turbulence_app.engine.draws import Draws
from turbulence_app.engine.world.loop import WorldLoop
from turbulence_app.engine.world.owner import APP, APP_SITE, OWNER, Owner, delay_us


def run(coro, *, seed: int | None = None):
    """The result of a coroutine, and how much virtual time it took (microseconds); with a seed, its turns are drawn."""
    loop = WorldLoop()
    if seed is not None:
        owner = Owner(seed, 1, Draws(seed, 1, {}, False), APP_SITE, APP, 0, 0)
        owner.turns = 0
        token = OWNER.set(owner)
    try:
        return loop.run_until_complete(coro), loop.now
    finally:
        if seed is not None:
            OWNER.reset(token)


def test_sleeping_takes_virtual_time_only() -> None:
    began = time.monotonic()
    _, took = run(asyncio.sleep(3600))
    assert took == 3_600_000_000
    assert time.monotonic() - began < 60


def test_timers_fire_in_order_and_never_early() -> None:
    seen = []

    async def story():
        loop = asyncio.get_running_loop()
        began = loop.time()
        for delay in (0.3, 0.1, 0.2, 0.1):
            when = began + delay
            loop.call_at(when, lambda when=when: seen.append((when, loop.time() >= when)))
        cancelled = loop.call_later(0.15, seen.append, "cancelled")
        cancelled.cancel()
        assert cancelled.cancelled()
        await asyncio.sleep(0.35)

    run(story())
    assert [when for when, _ in seen] == sorted(when for when, _ in seen)
    assert all(late for _, late in seen)
    assert len(seen) == 4


def test_the_usual_tools_behave() -> None:
    async def story():
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        lock, event, order = asyncio.Lock(), asyncio.Event(), []

        async def producer():
            for i in range(3):
                await queue.put(i)

        async def locked(name):
            async with lock:
                order.append(f"{name} in")
                await asyncio.sleep(0.1)
                order.append(f"{name} out")

        async def waiter():
            await event.wait()
            return "woken"

        async with asyncio.TaskGroup() as group:
            group.create_task(producer())
            got = [await queue.get() for _ in range(3)]
            group.create_task(locked("a"))
            group.create_task(locked("b"))
            woken = group.create_task(waiter())
            event.set()
        assert got == [0, 1, 2]
        assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])
        assert woken.result() == "woken"
        assert await asyncio.gather(asyncio.sleep(0.2, 1), asyncio.sleep(0.1, 2)) == [1, 2]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(5), 0.5)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await event.wait() and await asyncio.sleep(9)
        assert await asyncio.to_thread(lambda: 7) == 7
        return "done"

    for seed in (None, 1, 2, 3):
        assert run(story(), seed=seed)[0] == "done"


def test_anyio_runs_on_it() -> None:
    async def story():
        send, receive = anyio.create_memory_object_stream(1)
        async with anyio.create_task_group() as group, send, receive:
            group.start_soon(send.send, "hello")
            with anyio.fail_after(1):
                assert await receive.receive() == "hello"
        with anyio.move_on_after(0.25) as scope:
            await anyio.sleep(10)
        return scope.cancelled_caught

    result, took = run(story())
    assert result is True
    assert took == 250_000


def test_turns_of_one_seed_repeat_and_those_of_another_differ() -> None:
    async def story():
        order: list[int] = []

        async def one(i: int) -> None:
            for _ in range(4):
                await asyncio.sleep(0)
                order.append(i)

        await asyncio.gather(*(one(i) for i in range(4)))
        return order

    orders = {seed: run(story(), seed=seed) for seed in range(8)}
    assert orders == {seed: run(story(), seed=seed) for seed in range(8)}
    assert len({tuple(order) for order, _ in orders.values()}) > 4
    assert run(story())[0] == [0, 1, 2, 3] * 4  # without an owner: first come, first served


def test_a_delay_rises_with_its_word() -> None:
    words = [0, 1, (1 << 31) - 1, 1 << 31, (1 << 31) + 5, 0xC0000000, 0xFFFFFFFF]
    delays = [delay_us(word) for word in words]
    assert delays == sorted(delays)
    assert delays[:3] == [0, 0, 0]
    assert delays[3] == 1
    assert 60_000 < delays[-1] < 70_000


def test_turning_on_the_spot_is_named() -> None:
    async def restless():
        while True:
            await asyncio.sleep(0)

    with pytest.raises(InputError, match=r"restless goes round and round") as told:
        run(restless())
    assert told.value.problem.where is not None
    assert told.value.problem.where.file.endswith("test_loop.py")


def test_exceptions_of_callbacks_reach_the_handler() -> None:
    loop, seen = WorldLoop(), []
    loop.set_exception_handler(lambda _, context: seen.append(type(context["exception"])))
    loop.call_soon(lambda: 1 / 0)
    loop.drive()
    assert seen == [ZeroDivisionError]


def test_asynchronous_generators_are_closed() -> None:
    closed = []

    async def numbers():
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    async def story():
        async for _ in numbers():
            break
        await asyncio.sleep(0.1)

    run(story())
    assert closed == [True]


@pytest.mark.parametrize(
    "reach",
    [
        lambda loop: loop.create_connection(asyncio.Protocol, "127.0.0.1", 1),
        lambda loop: loop.create_server(asyncio.Protocol, "127.0.0.1", 0),
        lambda loop: loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)),
        lambda loop: loop.subprocess_exec(asyncio.SubprocessProtocol, "true"),
    ],
)
def test_there_is_nothing_outside(reach) -> None:
    async def story():
        await reach(asyncio.get_running_loop())

    with pytest.raises(InputError):
        run(story())
