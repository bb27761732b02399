"""Work of the window's own thread in slices: a little at each turn of the event loop, so that nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

SLICE_MS = 12.0
"""After so much work the window has its turn; one step that takes longer is done whole."""


class Slices(QObject):
    """One piece of work at a time, as an iterator whose every step is short."""

    done = Signal()
    """The work is over."""

    def __init__(
        self,
        parent: QObject,
        pause_ms: int = 0,
        slice_ms: float = SLICE_MS,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._slice_s, self._clock = slice_ms / 1000, clock
        self._work: Iterator[object] | None = None
        self._stepping = False
        self._timer = QTimer(self, singleShot=True, interval=pause_ms)
        self._timer.timeout.connect(self._turn)

    @property
    def busy(self) -> bool:
        """Whether there is work left."""
        return self._work is not None

    def run(self, work: Iterable[object]) -> None:
        """Begin; work that was not over is given up."""
        self.stop()
        self._work = iter(work)
        self._timer.start()

    def stop(self) -> None:
        """Give up what is left. A generator hears of it where it stands."""
        self._timer.stop()
        work, self._work = self._work, None
        if not self._stepping:
            _close(work)

    def finish(self) -> None:
        """All that is left, now; asked for from within a step, nothing: that one goes on by itself."""
        while self._work is not None and not self._stepping:
            self._step()

    def _turn(self) -> None:
        end = self._clock() + self._slice_s
        while self._work is not None and self._clock() < end:
            self._step()
        if self._work is not None:
            self._timer.start()

    def _step(self) -> None:
        work = self._work
        assert work is not None
        self._stepping, over = True, False
        try:
            next(work)
        except StopIteration:
            over = True
        except BaseException:
            self._work = None  # it cannot be gone on with
            raise
        finally:
            self._stepping = False
        if self._work is not work:  # given up by what it did itself
            _close(work)
        elif over:
            self._work = None
            self.done.emit()


def _close(work: object) -> None:
    close = getattr(work, "close", None)
    if close is not None:
        close()
