"""How long the window's thread works between two returns to its event loop, and where it stood when that was long."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractEventDispatcher, QObject, Qt, QTimer

from tests.bench.bench_window import Watcher
from tests.bench.living import live_until

TICK_MS = 5
LIMIT_MS = 50.0
QUIET_S = 0.35


@dataclass(slots=True)
class Moment:
    """What was seen between the beginning and the end of something. Milliseconds."""

    own: list[float] = field(default_factory=list)
    """Processor time of the window's thread in each block."""
    late: float = 0.0
    """The longest that a timer of the loop had to wait, by the wall clock."""
    places: Counter[str] = field(default_factory=Counter)

    def told(self) -> dict[str, Any]:
        """For the document."""
        return {
            "longest_own_ms": round(max(self.own, default=0.0), 1),
            "over_50_ms": sum(block > LIMIT_MS for block in self.own),
            "sum_own_ms": round(sum(self.own)),
            "longest_wall_ms": round(self.late, 1),
            **({"stalls": dict(self.places.most_common(6))} if self.places else {}),
        }


class Meter(QObject):
    """Listens to the dispatcher of the window's thread; make it in that thread, before anything is measured."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = Moment()
        self._watcher = Watcher()
        self._watcher.start()
        self._used, self._ticked = time.thread_time(), time.perf_counter()
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        dispatcher.awake.connect(self._mark, Qt.ConnectionType.DirectConnection)
        dispatcher.aboutToBlock.connect(self._mark, Qt.ConnectionType.DirectConnection)
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _mark(self) -> None:
        now = time.thread_time()
        self._moment.own.append((now - self._used) * 1000)
        self._used = now
        self._watcher.last = time.perf_counter()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._moment.late = max(self._moment.late, (now - self._ticked) * 1000 - TICK_MS)
        self._ticked = now

    def measure(
        self, act: Callable[[], object], done: Callable[[], bool] = lambda: True, limit_s: float = 120.0
    ) -> Moment:
        """Do something in a turn of the loop of its own and listen until it is ``done`` and all is quiet."""
        moment = self._moment = Moment()
        self._watcher.places.clear()
        self._watcher.on = True
        self._used, self._ticked = time.thread_time(), time.perf_counter()
        began: list[bool] = []
        QTimer.singleShot(0, self, lambda: (act(), began.append(True)))
        self.wait(lambda: bool(began) and done(), limit_s)
        self.pause(QUIET_S)
        self._watcher.on = False
        moment.places = Counter(self._watcher.places)
        self._moment = Moment()
        return moment

    def several(self, acts: list[Callable[[], object]]) -> Moment:
        """The same kind of thing again and again; each in a turn of its own, when the one before has been drawn."""
        whole = Moment()
        for act in acts:
            one = self.measure(act)
            whole.own += one.own
            whole.late = max(whole.late, one.late)
            whole.places += one.places
        return whole

    def wait(self, done: Callable[[], bool], limit_s: float = 120.0) -> None:
        """A real event loop, as the program has."""
        if not live_until(done, limit_s):
            raise SystemExit("the window did not get there in time")

    def pause(self, seconds: float) -> None:
        """Let the loop live."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end, seconds + 10)
