"""Python's cyclic garbage, collected in the window's thread alone and only between two events.

Left to itself the collector runs in whichever thread happens to allocate. In one of the reader threads it would destroy
Qt objects outside their own thread, which Qt forbids; in the middle of a repaint it would be a stall.

What was freed stays with the process as holes between what is still used. When the window rests they are given back.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from turbulence_app.gui import heap

LOOK_MS = 500
FULL_EVERY = 20
"""A collection of the oldest generation after so many of the middle one."""
REST_LOOKS = 4
"""Looks that find little new in a row before the window counts as resting."""
APART_LOOKS = 60
"""Looks between two times at which memory is given back: each costs some milliseconds."""


class Collector(QObject):
    """Takes the collector over as long as it lives; ``close`` gives it back.

    ``counts`` tells how much is new in each generation, ``collect`` looks through one and all younger ones, ``trim``
    gives freed memory back.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        counts: Callable[[], tuple[int, int, int]] = gc.get_count,
        collect: Callable[[int], object] = gc.collect,
        trim: Callable[[], object] = heap.give_back,
    ) -> None:
        super().__init__(parent)
        self._counts, self._collect = counts, collect
        self._thresholds = gc.get_threshold()
        self._middle = 0
        self._trim = trim
        self._resting, self._since = 0, APART_LOOKS
        self._used = False
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def settle(self) -> None:
        """Everything that is there now stays: never look at it again. Whenever much was made that lasts.

        What is old is not gone through before: that takes a tenth of a second, and next to nothing of it is garbage.
        """
        gc.collect(1)
        gc.freeze()
        heap.keep_large_blocks_apart()

    def look(self) -> None:
        """Collect what is due, the youngest most often; collect all and give memory back in a rest after work."""
        young, middle, _ = self._counts()
        self._since += 1
        if young < self._thresholds[0]:
            self._rest()
            return
        self._resting, self._used = 0, True
        if middle < self._thresholds[1]:
            self._collect(0)
            return
        self._middle += 1
        self._collect(2 if self._middle % FULL_EVERY == 0 else 1)

    def _rest(self) -> None:
        self._resting += 1
        if self._used and self._resting >= REST_LOOKS and self._since >= APART_LOOKS:
            self._used, self._since = False, 0
            self._collect(2)  # what the window itself is made of is left out of it
            self._trim()

    def close(self) -> None:
        """As it was."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
