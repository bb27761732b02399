"""The application as a service of a world: up, down, crashed and started again; and what it is asked."""

from __future__ import annotations

import asyncio
import sys
from contextvars import Context, copy_context
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.engine.world.application import App, Application
from turbulence_app.engine.world.asgi import Exchange, Lifespan
from turbulence_app.engine.world.driver import Wish, granted, until
from turbulence_app.engine.world.errand import Errand
from turbulence_app.engine.world.loop import WorldLoop
from turbulence_app.engine.world.owner import OWNER, Owner

START_LIMIT_US = 600_000_000
"""How long an application may take to start, in microseconds of the world."""
STOP_LIMIT_US = 30_000_000


class Service:
    """One application in one world."""

    def __init__(self, loop: WorldLoop, application: Application, durable: tuple[str, ...], owner: Owner) -> None:
        self.loop, self.application, self.durable, self.owner = loop, application, durable, owner
        self.app: App | None = None
        self.up = False
        self.lifespan: Lifespan | None = None
        self.serving: dict[Exchange, Errand] = {}
        self.graveyard: list[asyncio.Task[Any]] = []
        """Tasks of applications that crashed: kept, so that nothing of them runs again, not even their clean-up."""
        self.crashes = 0
        self.context: Context = copy_context()

    # ---- start and end ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Make the application and wait until it is ready; raises InputError where it does not get there."""
        self.app = self._as_owner(self.application.fresh)
        await self._started()

    async def _started(self, kept: dict[str, Any] | None = None) -> None:
        app = self.app
        assert app is not None
        lifespan = self.lifespan = Lifespan(self.loop, app)
        wish = Wish(self.loop)
        lifespan.on_change = lambda: wish.grant() if lifespan.started or lifespan.problem else None
        self.task(lifespan.run())
        late = self.loop.at(self.loop.now + START_LIMIT_US, wish.grant)
        await granted(wish)
        late.cancel()
        if self.lifespan is not lifespan:
            return
        if lifespan.problem and lifespan.supported:
            raise InputError(f"the application did not start: {lifespan.problem}", "see its lifespan or startup code")
        if not lifespan.started:
            message = f"the application did not start within {START_LIMIT_US // 1_000_000} s of virtual time"
            raise InputError(message, "see what its lifespan waits for")
        if kept:
            self._put_back(kept)
        self.up = True

    async def end(self) -> str:
        """Ask it to end; what went wrong, in words."""
        lifespan = self.lifespan
        if lifespan is None or not self.up or not lifespan.supported or lifespan.ended:
            return ""
        wish = Wish(self.loop)
        lifespan.on_change = lambda: wish.grant() if lifespan.ended else None
        late = self.loop.at(self.loop.now + STOP_LIMIT_US, wish.grant)
        lifespan.close()
        await granted(wish)
        late.cancel()
        if not lifespan.ended:
            return f"the application had not ended {STOP_LIMIT_US // 1_000_000} s after it was asked to"
        return f"the application's end went wrong: {lifespan.problem}" if lifespan.problem else ""

    def _as_owner(self, make: Any) -> Any:
        context = self.context.copy()
        return context.run(_owned, self.owner, make)

    def task(self, coro: Any) -> asyncio.Task[Any]:
        """A task of the application as a whole."""
        context = self.context.copy()
        context.run(OWNER.set, self.owner)
        return self.loop.create_task(coro, context=context)

    # ---- crashes ------------------------------------------------------------------------------------------------

    def crash(self) -> list[Errand]:
        """The process dies: nothing of it runs again. Returns whose requests were in it."""
        self.up = False
        self.crashes += 1
        self.lifespan = None
        hit = [errand for exchange, errand in self.serving.items() if not exchange.complete]
        self.serving.clear()
        for task in self.loop.drop():
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            self.graveyard.append(task)
        return hit

    async def restart(self, down_us: int) -> None:
        """Come back after ``down_us`` with what is durable, as a new process would."""
        crash = self.crashes
        kept = self.kept()
        await until(self.loop.now + down_us)
        if crash != self.crashes:
            return
        self.app = self._as_owner(lambda: self.application.fresh(again=True))
        self._put_back(kept)
        await self._started(kept)

    def kept(self) -> dict[str, Any]:
        """What is durable of the present application."""
        found: dict[str, Any] = {}
        for name in self.durable:
            holder, attribute = self._holder(name)
            if holder is not None and hasattr(holder, attribute):
                found[name] = getattr(holder, attribute)
        return found

    def missing(self) -> list[str]:
        """What is said to be durable and is not there."""
        kept = self.kept() if self.up else dict.fromkeys(self.durable)
        return [name for name in self.durable if name not in kept]

    def _put_back(self, kept: dict[str, Any]) -> None:
        for name, value in kept.items():
            holder, attribute = self._holder(name)
            if holder is not None:
                setattr(holder, attribute, value)

    def _holder(self, name: str) -> tuple[Any, str]:
        """Where a durable thing is: ``state.NAME`` of the application, or ``module:NAME``."""
        module, colon, attribute = name.partition(":")
        if colon:
            return sys.modules.get(module), attribute
        path = name.split(".")
        holder: Any = self.app
        for part in path[:-1]:
            holder = getattr(holder, part, None)
        return holder, path[-1]

    def bury(self) -> None:
        """The world is over: close what crashed, where it can do no harm any more."""
        for task in self.graveyard:
            coro: Any = task.get_coro()
            try:
                copy_context().run(coro.close)
            except BaseException:
                continue  # what a dead task's clean-up says is nobody's business
        self.graveyard.clear()


def _owned(owner: Owner, make: Any) -> Any:
    OWNER.set(owner)
    return make()
