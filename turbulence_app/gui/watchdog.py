"""Watches the window's event loop from a thread of its own: when it stands still, the log gets the place where it is.

A timer of the loop beats; a thread looks at the beat a few times a second and, when it is late, takes the main
thread's stack. Native code that holds the interpreter all the while cannot be looked into: then there is no stack.
"""

from __future__ import annotations

import faulthandler
import re
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

from turbulence_app.service.journal import journal
from turbulence_app.settings import preferences

BEAT_MS = 50
LONG_S = 5.0
"""After this long a stall is written down while it lasts: the window may never come back."""
FRAMES = 40
FLOOD, FLOOD_S = 20, 60.0
"""At most so many stalls are written down in so long: a slow computer must not fill the log."""


_HEAD = re.compile(r"(?:Current thread|Thread) 0x[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Stall:
    """The loop did not answer for ``ms``; ``over`` says whether it does again."""

    ms: float
    stack: str
    over: bool = True


class Stalls:
    """Decides what is a stall. Times in seconds of a steady clock; ``stack`` is asked for the main thread's frames."""

    def __init__(self, limit_s: float, stack: Callable[[], str]) -> None:
        self.limit_s = limit_s
        self._stack = stack
        self._last: float | None = None
        self._seen = ""
        self._told = False

    def beat(self, now: float) -> Stall | None:
        """The loop is alive; what it was doing, if that took too long."""
        last, seen, told = self._last, self._seen, self._told
        self._last, self._seen, self._told = now, "", False
        if last is None or now - last <= self.limit_s + BEAT_MS / 1000:
            return None
        return Stall((now - last) * 1000, "" if told else seen)

    def look(self, now: float) -> Stall | None:
        """From the other thread: take the stack of a stall that begins; tell of one that lasts."""
        last = self._last
        if last is None or now - last <= self.limit_s:
            return None
        if not self._seen:
            self._seen = self._stack()
        if now - last > LONG_S and not self._told:
            self._told = True
            return Stall((now - last) * 1000, self._seen, over=False)
        return None


class Watchdog(QObject):
    """Starts with :meth:`start`, ends with :meth:`close`. ``place`` says what is in front."""

    def __init__(
        self, place: Callable[[], str], parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._place, self._clock = place, clock
        self._main = threading.get_ident()
        self.stalls = Stalls(preferences().number("log.stall_ms") / 1000, lambda: stack_of(self._main))
        self._written: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """From now on."""
        self._beat()
        self._timer.start()
        self._thread.start()

    def close(self) -> None:
        """No more."""
        self._timer.stop()
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(2)

    def _beat(self) -> None:
        stall = self.stalls.beat(self._clock())
        if stall is not None:
            self._tell(stall)

    def _watch(self) -> None:
        while not self._ended.wait(self.stalls.limit_s / 4):
            stall = self.stalls.look(self._clock())
            if stall is not None:
                self._tell(stall)

    def _tell(self, stall: Stall) -> None:
        now = self._clock()
        self._written = [at for at in self._written if now - at < FLOOD_S]
        if len(self._written) >= FLOOD:
            return
        self._written.append(now)
        words = "did not answer for" if stall.over else "has not answered for"
        where = self._place() if threading.get_ident() == self._main else ""
        journal().note(
            "warning" if stall.over else "error",
            "window",
            f"the window {words} {stall.ms:,.0f} ms",
            detail={"ms": round(stall.ms), **({"in front": where} if where else {})},
            stack=stall.stack,
            at_once=not stall.over,
        )


def stack_of(thread: int) -> str:
    """What a thread is doing now, the innermost frame last; without the values of anything.

    Written by the interpreter itself and read back: who holds another thread's frame may be the last to hold what is in
    it, and would then take Qt's objects down on the wrong thread, which ends the process.
    """
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        said = file.read().decode("utf-8", "replace")
    frames: list[str] = []
    for block in said.split("\n\n"):
        head, *lines = block.splitlines() or [""]
        if _HEAD.match(head) and int(head.split()[2 if head.startswith("Current") else 1], 16) == thread:
            frames = [line for line in lines if line.startswith("  File ")]
    return "\n".join(reversed(frames[:FRAMES]))
