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


class InOrder(dict[Any, None]):
    """A set that is gone through in the order of insertion, not of addresses."""

    def add(self, item: Any) -> None:
        """Put ``item`` at the end, if it is not there."""
        self.setdefault(item)

    def discard(self, item: Any) -> None:
        """Take ``item`` out, if it is there."""
        self.pop(item, None)

    def remove(self, item: Any) -> None:
        """Take ``item`` out."""
        del self[item]


def _sets_in_order(owner: Any, *names: str) -> None:
    """Make new objects of ``owner`` keep these attributes in order: whom AnyIO cancels first must not differ."""
    if owner is None:
        return
    real = owner.__init__

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807
        real(self, *given, **named)
        for name in names:
            if isinstance(getattr(self, name, None), set):
                setattr(self, name, InOrder.fromkeys(getattr(self, name)))

    owner.__init__ = __init__


def threads_in_line() -> None:
    """AnyIO starts worker threads of its own; in a world its functions run in line, too."""
    if _DONE or "anyio" not in sys.modules:
        return
    _DONE.add("anyio")
    module = importlib.import_module("anyio._backends._asyncio")
    _sets_in_order(getattr(module, "CancelScope", None), "_child_scopes", "_tasks")
    _sets_in_order(getattr(module, "TaskGroup", None), "_tasks")
    backend: Any = getattr(module, "AsyncIOBackend", None)
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
