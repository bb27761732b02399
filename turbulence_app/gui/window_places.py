"""The places of the window: made when they are first asked for, and the one that is open."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import SPECS, Bits, Place, PlaceSpec

FIRST_MS, NEXT_MS = 400, 50
"""How long the window is left alone before a place is made ahead of its use, and before the next one."""
LARGE = ("numpy", "multiprocessing.connection", "PySide6.QtOpenGLWidgets", "PySide6.QtTest", "pyqtgraph")
"""What the places import that takes long; by itself each is quick."""
MODELS_MS = 2500
"""How long the window is left alone before it asks which models there are: that starts a process."""


class Places(QObject):
    """Makes places and opens them; while nobody waits, it makes the others ahead of their use."""

    made = Signal(object)
    """A ``Place`` that is new."""
    opened = Signal(str)
    leaving = Signal(object)
    """A ``Place`` that is about to go to the back."""
    complete = Signal()
    """Every place is there; from now on little more is made."""
    rested = Signal()
    """Some time after that nothing else was made: time for what starts a process."""

    def __init__(self, context: Context, stack: QStackedWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._stack = context, stack
        self.specs: dict[str, PlaceSpec] = {spec.name: spec for spec in SPECS if spec.exists()}
        self.open = ""
        """Name of the place in front, empty before the first."""
        self.made_places: dict[str, Place] = {}
        self._recalled: dict[str, Mapping[str, Any]] = {}
        self._complete = self._rested = False
        self._begun: dict[str, Bits] = {}
        self._ahead: Ahead | None = None
        self._idle = QTimer(self, singleShot=True, interval=FIRST_MS)
        self._idle.timeout.connect(self._load_next)

    def go(self, name: str, target: Mapping[str, Any]) -> None:
        """Open a place; ``target`` is what to show there. A place that does not exist is left alone."""
        if name not in self.specs:
            return
        place = self.get(name)
        if self.open and self.open != name:
            self.leaving.emit(self.made_places[self.open])
            self.made_places[self.open].left()
        self.open = name
        recalled = self._recalled.pop(name, {})
        self._stack.setCurrentWidget(place.widget)
        undo = self._context.undo
        if place.undo_stack is not None:
            place.undo_stack.setActive(True)
        elif undo.activeStack() is not None:
            undo.activeStack().setActive(False)
        place.opened(target or recalled)
        self.opened.emit(name)

    def get(self, name: str) -> Place:
        """A place, made when it is first asked for: all of what is still missing of it, at once."""
        while name not in self.made_places:
            self._go_on(name)
        return self.made_places[name]

    def _go_on(self, name: str) -> None:
        """The next bit of a place, up to where the window may live in between; its widget is taken in when it comes."""
        bits = self._begun.get(name)
        if bits is None:
            bits = self._begun[name] = self.specs[name].load(self._context)
        try:
            while (widget := next(bits)) is not None:
                self._stack.addWidget(widget)
        except StopIteration as done:
            place: Place = done.value
            del self._begun[name]
            self.made_places[name] = place
            self.made.emit(place)
        except BaseException:
            self._begun.pop(name, None)
            raise

    def recall(self, targets: Mapping[str, Any]) -> None:
        """What each place is to show when it is first opened without being asked for anything else."""
        self._recalled = {name: one for name, one in targets.items() if isinstance(one, Mapping)}

    def targets(self) -> dict[str, Any]:
        """What each place shows, or is to show when it is opened."""
        shown = {name: dict(place.target()) for name, place in self.made_places.items()}
        return {**shown, **{name: dict(one) for name, one in self._recalled.items()}}

    def load_ahead(self) -> None:
        """From now on, make the other places whenever nobody waits."""
        if self._ahead is None:
            self._ahead = Ahead([spec.module for spec in self.specs.values()])
        self._idle.start()

    def close(self) -> bool:
        """Ask every place to close; False where one refuses."""
        if not all(place.close() for place in self.made_places.values()):
            return False
        self._idle.stop()
        for bits in self._begun.values():
            bits.close()
        self._begun.clear()
        return True

    def _load_next(self) -> None:
        waiting = next((name for name in self.specs if name not in self.made_places), None)
        if waiting is not None:
            if self._ahead is None or not self._ahead.step():
                self._go_on(waiting)
            self._idle.start(NEXT_MS)
        elif not self._complete:
            self._complete = True
            self.complete.emit()
            self._idle.start(MODELS_MS)
        elif not self._rested:
            self._rested = True
            self.rested.emit()


class Ahead:
    """Imports what the places need, one module at each turn: half a second at once would be a window that stands still.

    Not on a thread: classes of Qt's come to be there, and one busy thread costs the window's own its frames.
    """

    def __init__(self, places: Iterable[str]) -> None:
        self._waiting = [*LARGE, *places]

    def step(self) -> bool:
        """Import the next module that is not there yet; False where all are.

        One that cannot be imported is left to whoever needs it: an installed program does without parts of Qt.
        """
        while self._waiting:
            module = self._waiting.pop(0)
            if module not in sys.modules:
                with suppress(ImportError):
                    import_module(module)
                return True
        return False
