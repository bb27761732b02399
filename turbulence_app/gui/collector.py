"""Python's cyclic garbage, collected in the window's thread alone and only between two events.

Left to itself the collector runs in whichever thread happens to allocate. In one of the reader threads it would destroy
Qt objects outside their own thread, which Qt forbids; in the middle of a repaint it would be a stall.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 500
FULL_EVERY = 20
"""A collection of the oldest generation after so many of the middle one."""


class Collector(QObject):
    """Takes the collector over as long as it lives; ``close`` gives it back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._middle = 0
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

    def look(self) -> None:
        """Collect what is due, the youngest most often."""
        young, middle, _ = gc.get_count()
        if young < self._thresholds[0]:
            return
        if middle < self._thresholds[1]:
            gc.collect(0)
            return
        self._middle += 1
        gc.collect(2 if self._middle % FULL_EVERY == 0 else 1)

    def close(self) -> None:
        """As it was."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
