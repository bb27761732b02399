"""Code of the application that never gives the turn away: noticed from a thread beside it, and named.

The engine's own work is not watched: a world counts as stuck only while a frame of the application is on the stack and
neither a callback ends nor a module is imported.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

from turbulence_app.domain.errors import CancelledError, InputError, KnownError, Location
from turbulence_app.engine.world.active import ACTIVE
from turbulence_app.engine.world.guards import place_of_application

TICK_S = 0.5
STOPPED_AFTER = 2
"""Ticks without progress after which a world that shall stop is left where it stands."""


class Watched(Protocol):
    """The engine process's link, as the watchdog needs it."""

    busy: bool

    def should_stop(self) -> bool:
        """Whether the caller does not want the rest any more."""
        ...

    def say(self, message: dict[str, Any]) -> None:
        """One message to the caller."""
        ...

    def refused(self, error: KnownError) -> None:
        """Tell the caller of a known error."""
        ...


def watch(link: Watched, patience_s: float, end: Callable[[int], object] = os._exit) -> threading.Thread:
    """Start watching this process's main thread; where it is stuck, the caller is told and the process ended."""
    main = threading.main_thread().ident or 0
    wait = threading.Event().wait  # time of its own: ticks are counted, so that a process that was stopped is not late
    tick = min(TICK_S, patience_s / 4)

    def look() -> None:
        known: object = None
        still = 0
        while True:
            wait(tick)
            if link.busy:
                link.say({"beat": True})
            loop = ACTIVE.loop
            now = (id(loop), loop.total, len(sys.modules)) if loop is not None and link.busy else None
            still = still + 1 if now is not None and now == known else 0
            known = now
            stopping = link.should_stop() and still >= STOPPED_AFTER
            if not stopping and still * tick < patience_s:
                continue
            name, where = _stands(main)
            if where is None or not link.busy:
                still = 0
                continue
            link.refused(CancelledError("stopped") if stopping else stuck(name, where, patience_s))
            end(1)
            return

    thread = threading.Thread(target=look, name="watchdog", daemon=True)
    thread.start()
    return thread


def _stands(thread: int) -> tuple[str, Location | None]:
    """Where the application is in a thread."""
    frame: FrameType | None = sys._current_frames().get(thread)
    return place_of_application(frame)


def stuck(name: str, where: Location | None, patience_s: float) -> InputError:
    """The error for code that does not give the turn away."""
    what = "the import" if name == "<module>" else name
    return InputError(
        f"{what} has been running for more than {patience_s:g} s without an await that lets others run",
        "end the loop, or do the work in smaller parts",
        where,
    )
