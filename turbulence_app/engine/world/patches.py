"""Putting the world's clocks, random numbers and guards in place, and taking them away again."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from contextvars import copy_context
from functools import cache
from typing import Any

from turbulence_app.engine.world.active import ACTIVE
from turbulence_app.engine.world.clock import DatePatch, time_patches
from turbulence_app.engine.world.entropy import entropy_patches
from turbulence_app.engine.world.guards import guard_patches, install_hook
from turbulence_app.engine.world.logs import log_patches
from turbulence_app.engine.world.loop import WorldLoop


class Patches:
    """All replaced attributes; :meth:`install` and :meth:`remove` may nest."""

    def __init__(self) -> None:
        install_hook()
        wanted = [*time_patches(), *entropy_patches(), *guard_patches(), *log_patches()]
        self._new = [(holder, name, made) for holder, name, made in wanted]
        self._old = [(holder, name, getattr(holder, name, None)) for holder, name, _ in wanted]
        self._dates = DatePatch()
        self._depth = 0

    def install(self) -> None:
        """Put them in place."""
        self._depth += 1
        if self._depth == 1:
            for holder, name, made in self._new:
                setattr(holder, name, made)
            self._dates.install()
        threads_in_line()

    def remove(self) -> None:
        """Take them away."""
        self._depth -= 1
        if self._depth == 0:
            for holder, name, made in reversed(self._old):
                setattr(holder, name, made)
            self._dates.remove()


@cache
def patches() -> Patches:
    """The one set of this process."""
    return Patches()


_DONE: set[str] = set()


def threads_in_line() -> None:
    """AnyIO starts worker threads of its own; in a world its functions run in line, too."""
    if _DONE or "anyio" not in sys.modules:
        return
    _DONE.add("anyio")
    backend: Any = getattr(importlib.import_module("anyio._backends._asyncio"), "AsyncIOBackend", None)
    if backend is None:
        return
    real = backend.run_sync_in_worker_thread

    async def run_sync_in_worker_thread(
        _cls: Any, func: Callable[..., Any], args: tuple[Any, ...], *rest: Any, **named: Any
    ) -> Any:
        if ACTIVE.loop is None or not isinstance(asyncio.get_running_loop(), WorldLoop):
            return await real(func, args, *rest, **named)
        context = copy_context()
        return await asyncio.get_running_loop().run_in_executor(None, lambda: context.run(func, *args))

    backend.run_sync_in_worker_thread = classmethod(run_sync_in_worker_thread)
