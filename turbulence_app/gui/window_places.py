"""The places of the window: made when they are first asked for, and the one that is open."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget

from turbulence_app.gui.ahead import Ahead
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import SPECS, Bits, Place, PlaceSpec
from turbulence_app.gui.slices import SLICE_MS, Slices
from turbulence_app.gui.widgets.skeleton import Skeleton

FIRST_MS, NEXT_MS = 400, 30
"""How long the window is left alone before a place is made ahead of its use, and before the next one."""
SOON_MS = 4
"""Between two slices of a place that somebody waits for: painting and input come first."""
MODELS_MS = 2500
"""How long the window is left alone before it asks which models there are: that starts a process."""


class Places(QObject):
    """Makes places and opens them; while nobody waits, it makes the others ahead of their use."""

    made = Signal(object)
    """A ``Place`` that is new."""
    opened = Signal(str)
    coming = Signal(str)
    """Name of a place that will be opened as soon as it is made."""
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
        self._ahead = Ahead(spec.module for spec in self.specs.values())
        self._coming: tuple[str, Mapping[str, Any]] | None = None
        """The place that somebody waits for, and what it is to show."""
        self._skeleton = Skeleton()
        stack.addWidget(self._skeleton)
        self._soon = Slices(self, pause_ms=SOON_MS)
        self._soon.done.connect(self._arrive)
        self._idle = QTimer(self, singleShot=True, interval=FIRST_MS)
        self._idle.timeout.connect(self._load_next)

    def go(self, name: str, target: Mapping[str, Any]) -> None:
        """Open a place; ``target`` is what to show there. A place that does not exist is left alone."""
        if name not in self.specs:
            return
        self._coming = None
        self._soon.stop()
        place = self.get(name)
        self._leave(name)
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

    def go_soon(self, name: str, target: Mapping[str, Any]) -> None:
        """Open a place as soon as it is made; until then its outline is in front, and the window lives."""
        if name not in self.specs or name in self.made_places:
            self.go(name, target)
            return
        self._leave(name)
        self.open, self._coming = name, (name, target)
        self._stack.setCurrentWidget(self._skeleton)
        self.coming.emit(name)
        self._soon.run(self._make(name))

    def _make(self, name: str) -> Iterator[None]:
        needed = Ahead([self.specs[name].module])
        while needed.step():
            yield
        while name not in self.made_places:
            self._go_on(name)
            yield

    def _leave(self, name: str) -> None:
        """To another place; one that was waited for and never came has nothing to be told."""
        left = self.made_places.get(self.open)
        if left is not None and self.open != name:
            self.leaving.emit(left)
            left.left()

    def get(self, name: str) -> Place:
        """A place, made when it is first asked for: all of what is still missing of it, at once."""
        while name not in self.made_places:
            self._go_on(name)
        if self._coming is not None and self._coming[0] == name:
            self._arrive()
        return self.made_places[name]

    def _arrive(self) -> None:
        """What was waited for is there."""
        if self._coming is not None:
            self.go(*self._coming)

    def _go_on(self, name: str) -> None:
        """The next bit of a place, up to where the window may live in between; its widget is taken in when it comes."""
        bits = self._begun.get(name)
        if bits is None:
            bits = self._begun[name] = self.specs[name].load(self._context)
        try:
            widget = next(bits)
            if widget is not None:
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
        self._idle.start()

    def close(self) -> bool:
        """Ask every place to close; False where one refuses."""
        if not all(place.close() for place in self.made_places.values()):
            return False
        self.stop()
        return True

    def stop(self) -> None:
        """Make no more places."""
        self._idle.stop()
        self._soon.stop()
        for bits in self._begun.values():
            bits.close()
        self._begun.clear()

    def _a_little(self, name: str) -> None:
        """As many imports as fit into a slice, for most are quick; once all are there, a card of the place."""
        end = time.perf_counter() + SLICE_MS / 1000
        imported = False
        while time.perf_counter() < end and self._ahead.step():
            imported = True
        if not imported:
            self._go_on(name)

    def _load_next(self) -> None:
        waiting = next((name for name in self.specs if name not in self.made_places), None)
        if waiting is not None:
            if not self._soon.busy:
                self._a_little(waiting)
            self._idle.start(NEXT_MS)
        elif not self._complete:
            self._complete = True
            self.complete.emit()
            self._idle.start(MODELS_MS)
        elif not self._rested:
            self._rested = True
            self.rested.emit()
