"""Handles of callbacks, lighter than asyncio's own; tasks that keep the same order in any set."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

START_US = 1_000_000_000
"""What the monotonic clock shows when a world begins, in microseconds."""


class Turn(asyncio.TimerHandle):
    """A callback that waits; ``when`` in microseconds of the world."""

    __slots__ = ()

    def __init__(self, when_us: int, callback: Callable[..., Any], args: tuple[Any, ...], loop: Any) -> None:
        self._when: Any = when_us
        self._callback: Any = callback
        self._args: Any = args
        self._loop = loop
        self._cancelled = False

    def cancel(self) -> None:
        """It will not run."""
        self._cancelled = True
        self._callback = self._args = None

    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self._cancelled

    def when(self) -> float:
        """The moment, in seconds of the loop's clock."""
        return float((START_US + self._when) / 1e6)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"<Turn at {self._when} us{' cancelled' if self._cancelled else ''}>"


NOBODY = Turn(0, lambda: None, (), None)
"""The handle of a task's step, which nobody cancels."""


class NumberedTask(asyncio.Task[Any]):
    """A task whose hash is its number in the world: libraries keep tasks in sets, and go through them.

    By default the hash is the address, and the order of a set of tasks then differs from process to process.
    """

    def __init__(self, number: int, coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any], **rest: Any) -> None:
        self.number = number
        super().__init__(coro, **rest)

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other
