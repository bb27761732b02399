"""Drives a visit on a world's loop: lighter than a task, and it draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any

from turbulence_app.engine.world.loop import WorldLoop


class Wish:
    """Something that a visit waits for; :meth:`grant` lets it go on, never inside of whoever grants it."""

    __slots__ = ("_loop", "driver", "ready", "value")

    def __init__(self, loop: WorldLoop) -> None:
        self._loop = loop
        self.driver: Driver | None = None
        self.ready = False
        self.value: Any = None

    def grant(self, value: Any = None) -> None:
        """It is there."""
        if not self.ready:
            self.ready, self.value = True, value
            self._loop.soon(self._go)

    def _go(self) -> None:
        driver, self.driver = self.driver, None
        if driver is not None:
            driver.step(self.value)


@coroutine
def until(moment_us: int) -> Generator[int, None, None]:
    """Wait for a moment of the world."""
    yield moment_us


@coroutine
def granted(wish: Wish) -> Generator[Any, Any, Any]:
    """Wait for a wish."""
    return wish.value if wish.ready else (yield wish)


@coroutine
def waited(errand: Any) -> Generator[Any, Any, None]:
    """Wait for an errand, whose ``driver`` is told."""
    yield errand


class Driver:
    """Runs one coroutine of the engine: it yields moments to be woken at, or wishes that wake it."""

    __slots__ = ("_closed", "_coro", "_done", "_loop")

    def __init__(self, loop: WorldLoop, coro: Coroutine[Any, Any, Any], done: Callable[[Any], None]) -> None:
        self._loop, self._coro, self._done = loop, coro, done
        self._closed = False

    def step(self, value: Any = None) -> None:
        """Go on until it waits again."""
        if self._closed:
            return
        try:
            wish = self._coro.send(value)
        except StopIteration as end:
            self._done(end.value)
            return
        if type(wish) is int:
            self._loop.later(wish, self.step)
        else:
            wish.driver = self

    def close(self) -> None:
        """It never goes on."""
        self._closed = True
        self._coro.close()
