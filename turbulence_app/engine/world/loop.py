"""An event loop without sockets: the clock is a number, and who runs next is drawn.

Timers lie in a heap; when nothing is ready, the clock jumps to the next one. A step of a task of the application draws
how long it waits for its turn (:mod:`turbulence_app.engine.world.owner`); everything else runs first come, first
served. Nothing here asks the machine what time it is.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from asyncio import Task, events
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextvars import Context, copy_context
from heapq import heapify, heappop, heappush
from typing import Any, TypeVar

from turbulence_app.engine.nodes import FOREVER
from turbulence_app.engine.world.handles import NOBODY, START_US, NumberedTask, Turn
from turbulence_app.engine.world.limits import SPIN, TURNS, over_budget, spinning
from turbulence_app.engine.world.manners import Manners
from turbulence_app.engine.world.owner import OWNER, Owner

T = TypeVar("T")
Entry = tuple[Callable[..., Any], tuple[Any, ...], Context | None, Turn | None]
Timed = tuple[int, int, Callable[..., Any], tuple[Any, ...], Context | None, Turn | None]

LOOK_EVERY, ASKED_EVERY, COLLECTED_EVERY = 1 << 6, 1 << 12, 1 << 17
"""After so many callbacks: is the loop busy; may somebody stop the world; are cycles collected (never by the
allocator's whim)."""
SLOWEST_US = 1000
ALONE = 2000
"""Callbacks that a probe may take before the world goes on around it."""


class WorldLoop(Manners):
    """The loop of one world after another: :meth:`reset` makes it new. ``now`` is in microseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.should_stop: Callable[[], bool] | None = None
        self._running = False
        self.reset()

    def reset(self) -> None:
        """Forget everything; the clock stands at zero."""
        self.now = self.total = self._quiet_since = self._order = self.numbered = 0
        self._ready: deque[Entry] = deque()
        self._timers: list[Timed] = []
        self._halted = self._closed = False
        self.fatal: BaseException | None = None
        """Set by whoever finds that the world cannot go on; it ends after the present callback."""
        self.stopped = False
        self.born: list[tuple[asyncio.Task[Any], Owner | None]] = []
        """Tasks that the application started, and whose they are."""
        self.complaints.clear()
        self._handler = self._factory = None
        self.in_line = 0
        """Plain functions that ran in line instead of in a thread."""
        self.slept: int | None = None
        """Microseconds that the plain function that runs now has slept; None: none runs."""
        self.reads = self.read_at = 0
        self._asyncgens: weakref.WeakSet[AsyncGenerator[Any, Any]] = weakref.WeakSet()

    # ---- running ------------------------------------------------------------------------------------------------

    def drive(self, until_us: int = FOREVER) -> bool:
        """Run until :meth:`stop` (True), or until nothing is left to do before ``until_us`` (False).

        In the second case the clock stands where the last callback left it. Raises what made the world impossible.
        """
        before, hooks = events._get_running_loop(), sys.get_asyncgen_hooks()
        events._set_running_loop(self)
        sys.set_asyncgen_hooks(firstiter=self._asyncgens.add, finalizer=self._finalise)
        self._halted, self._running = False, True
        try:
            self._turns(until_us)
        finally:
            self._running = False
            sys.set_asyncgen_hooks(*hooks)
            events._set_running_loop(before)
        return self._halted

    def _turns(self, until_us: int) -> None:
        """The loop itself; written in one piece, because it is run for every callback."""
        ready, timers, pop = self._ready, self._timers, heappop
        take, put, last = ready.popleft, ready.append, min(until_us, FOREVER - 1)
        while not self._halted:
            if not ready:
                while timers and (handle := timers[0][5]) is not None and handle._cancelled:
                    pop(timers)
                if not timers or timers[0][0] > last:
                    return
                # the clock goes on to the next timer, and everything of that moment is ready
                self._quiet_since = self.total
                when = timers[0][0]
                self.now = when if when > self.now else self.now
                while timers and timers[0][0] <= when:
                    put(pop(timers)[2:])
            callback, args, context, handle = take()
            if handle is not None and handle._cancelled:
                continue
            self.total += 1
            if not self.total & (LOOK_EVERY - 1):
                self._look(callback)
                if self._halted:
                    return
            if context is None:
                callback(*args)
                continue
            try:
                context.run(callback, *args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:
                self.call_exception_handler({"message": f"exception in callback {callback!r}", "exception": error})
            if self.fatal is not None:
                raise self.fatal

    def _look(self, callback: Callable[..., Any]) -> None:
        """Now and then: let time pass where the loop is busy, and see whether the world should go on."""
        busy = self.total - self._quiet_since
        if busy >= LOOK_EVERY:
            self._busy(busy)
        if busy > SPIN:
            raise spinning(callback, self.now)
        if self.total & (ASKED_EVERY - 1):
            return
        if self.should_stop is not None and self.should_stop():
            self.stopped = True
            self.stop()
        if self.total > TURNS:
            raise over_budget(callback, self.now)
        self.born[:] = [one for one in self.born if not one[0].done()]
        if not self.total & (COLLECTED_EVERY - 1):
            gc.collect()

    def _busy(self, callbacks: int) -> None:
        """Callbacks that call each other without end take time, too: the longer they do, the more.

        Some wait in this way for a task that has been delayed (AnyIO's cancellation does).
        """
        self.now += LOOK_EVERY * min(1 << (callbacks // LOOK_EVERY - 1), SLOWEST_US)
        timers = self._timers
        while timers and timers[0][0] <= self.now:
            self._ready.append(heappop(timers)[2:])

    def at(self, when_us: int, callback: Callable[..., Any], *args: Any) -> Turn:
        """Call the engine's own ``callback`` at a moment; it draws nothing and runs in no context of its own."""
        handle = Turn(when_us, callback, args, self)
        self._order += 1
        heappush(self._timers, (when_us, self._order, callback, args, None, handle))
        return handle

    def later(self, when_us: int, callback: Callable[..., Any], *args: Any) -> None:
        """As :meth:`at`, for what is never cancelled: cheaper."""
        self._order += 1
        heappush(self._timers, (when_us, self._order, callback, args, None, None))

    def soon(self, callback: Callable[..., Any], *args: Any) -> None:
        """Call the engine's own ``callback`` after what is ready now."""
        self._ready.append((callback, args, None, None))

    def alone(self, task: asyncio.Task[Any]) -> None:
        """Let a new task run before everybody else, as far as it gets without waiting for time or for others."""
        outer = self._ready
        self._ready = deque([outer.pop()])
        try:
            for _ in range(ALONE):
                if not self._ready or task.done():
                    break
                callback, args, context, handle = self._ready.popleft()
                if context is None:
                    callback(*args)
                elif handle is None or not handle._cancelled:
                    context.run(callback, *args)
        finally:
            outer.extend(self._ready)
            self._ready = outer

    def drop(self) -> list[asyncio.Task[Any]]:
        """Forget all work of the application, as if its process had died; returns its tasks, which never run again."""
        pending = [task for task in asyncio.all_tasks(self) if not task.done()]
        keep = [e for e in self._ready if e[2] is None or e[2].get(OWNER) is None]
        self._ready.clear()
        self._ready.extend(keep)
        timers = [t for t in self._timers if t[4] is None or t[4].get(OWNER) is None]
        self._timers[:] = timers
        heapify(self._timers)
        self.born.clear()
        return pending

    # ---- what asyncio asks of a loop ----------------------------------------------------------------------------

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Turn:  # type: ignore[override]
        """Run ``callback`` when its turn has come; a step of a task draws when that is."""
        if context is None:
            context = copy_context()
        if isinstance(getattr(callback, "__self__", None), Task):
            owner = context.get(OWNER)
            if owner is not None and (delay := owner.turn()):
                self._order += 1
                heappush(self._timers, (self.now + delay, self._order, callback, args, context, None))
            else:
                self._ready.append((callback, args, context, None))
            return NOBODY
        handle = Turn(self.now, callback, args, self)
        self._ready.append((callback, args, context, handle))
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Any, *args: Any, context: Context | None = None
    ) -> Turn:
        """Run ``callback`` after ``delay`` seconds of virtual time."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Context | None = None
    ) -> Turn:
        """Run ``callback`` at ``when`` seconds of virtual time, never earlier."""
        if when > 1e12:
            moment = FOREVER
        else:
            moment = int(when * 1e6)
            while moment / 1e6 < when:
                moment += 1
            moment = max(moment - START_US, self.now)
        handle = Turn(moment, callback, args, self)
        self._order += 1
        where = context if context is not None else copy_context()
        heappush(self._timers, (moment, self._order, callback, args, where, handle))
        return handle

    def time(self) -> float:
        """Virtual seconds, from an arbitrary start."""
        return (START_US + self.now) / 1e6

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: object = None,
        context: Context | None = None,
        **rest: Any,
    ) -> asyncio.Task[T]:
        """A task of this loop."""
        task: asyncio.Task[T]
        if self._factory is not None:
            task = self._factory(self, coro) if context is None else self._factory(self, coro, context=context)
        else:
            self.numbered += 1
            named = "task" if name is None else name
            task = NumberedTask(self.numbered, coro, loop=self, name=named, context=context, **rest)
        self.born.append((task, OWNER.get() if context is None else context.get(OWNER)))
        return task

    def run_in_executor(  # type: ignore[override]
        self, _executor: Any, func: Callable[..., T], /, *args: Any
    ) -> asyncio.Future[T]:
        """Run a plain function in line, at a drawn moment: there are no threads in a world."""
        future: asyncio.Future[T] = self.create_future()
        context = copy_context()
        owner = context.get(OWNER)
        delay = owner.turn() if owner is not None else 0
        self.in_line += 1
        self._order += 1
        heappush(self._timers, (self.now + delay, self._order, self._in_line, (future, func, args), context, None))
        return future

    def _in_line(self, future: asyncio.Future[T], func: Callable[..., T], args: tuple[Any, ...]) -> None:
        if future.cancelled():
            return
        outer, self.slept = self.slept, 0
        events._set_running_loop(None)
        try:
            result = func(*args)
        except StopIteration as error:
            outcome: tuple[Callable[..., Any], Any] = (future.set_exception, RuntimeError(f"StopIteration: {error}"))
        except Exception as error:
            outcome = (future.set_exception, error)
        else:
            outcome = (future.set_result, result)
        finally:
            events._set_running_loop(self)
            slept, self.slept = self.slept, outer
        if slept:
            self.later(self.now + slept, _settle, future, outcome)
        else:
            _settle(future, outcome)

    def run_forever(self) -> None:
        """Run until :meth:`stop`."""
        self.drive()

    def run_until_complete(self, future: Any) -> Any:
        """Run until a coroutine or future is done, and give its result."""
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(lambda _: self.stop())
        self.drive()
        if not task.done():
            raise RuntimeError("the loop has nothing left to do and the future is not done")
        return task.result()

    def stop(self) -> None:
        """Leave :meth:`drive` after the present callback."""
        self._halted = True

    def is_running(self) -> bool:
        """Whether a callback runs now."""
        return self._running

    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def close(self) -> None:
        """Forget everything."""
        self.reset()
        self._closed = True

    async def shutdown_asyncgens(self) -> None:
        """Close the asynchronous generators that are still open."""
        for generator in list(self._asyncgens):
            await generator.aclose()

    def _finalise(self, generator: AsyncGenerator[Any, Any]) -> None:
        if self._running:
            self.create_task(generator.aclose())


def _settle(future: asyncio.Future[Any], outcome: tuple[Callable[..., Any], Any]) -> None:
    if not future.done():
        outcome[0](outcome[1])
