"""Worlds that do not end: what is said of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from turbulence_app.domain.errors import InputError, Location

SPIN = 50_000
"""Callbacks at one and the same moment after which a world is said to turn on the spot."""
TURNS = 50_000_000
"""Callbacks of a world at most."""


def spinning(callback: Callable[..., Any], now_us: int) -> InputError:
    """The error for a world whose clock does not move any more."""
    name, where = whose(callback)
    return InputError(
        f"{name} goes round and round without letting time pass (at {now_us / 1e6:.3f} s of the world)",
        "wait with asyncio.sleep(seconds), an event or a queue instead of sleep(0)",
        where,
    )


def over_budget(callback: Callable[..., Any], now_us: int) -> InputError:
    """The error for a world that is too long."""
    name, where = whose(callback)
    return InputError(
        f"the world did not end after {TURNS:,} callbacks ({now_us / 1e6:.0f} s of it); the last one was {name}",
        "use fewer users in one world, or let background work wait longer",
        where,
    )


def whose(callback: Callable[..., Any]) -> tuple[str, Location | None]:
    """The coroutine that a callback belongs to, by name, and where it stands."""
    task = getattr(callback, "__self__", None)
    if not isinstance(task, asyncio.Task):
        code = getattr(callback, "__code__", None)
        where = None if code is None else Location(code.co_filename, code.co_firstlineno)
        return getattr(callback, "__qualname__", None) or repr(callback), where
    inner: Any = task.get_coro()
    name, where = getattr(inner, "__qualname__", repr(inner)), None
    while inner is not None:
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "ag_frame", None)
        if frame is not None and "asyncio" not in frame.f_code.co_filename:
            name, where = inner.__qualname__, Location(frame.f_code.co_filename, frame.f_lineno)
        inner = getattr(inner, "cr_await", None) or getattr(inner, "ag_await", None)
    return f"coroutine {name}", where
