"""A switch with a few positions side by side, one of them on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy


class _Segment(QPushButton):
    """One position; arrows go to its neighbours."""

    def __init__(self, switch: Segments, words: str, tip: str) -> None:
        super().__init__(words)
        self._switch = switch
        self.setProperty("kind", "segment")
        self.setCheckable(True)
        self.setToolTip(tip)
        self.setAccessibleName(f"{switch.accessibleName()}: {words}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left and right choose the neighbour."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._switch.step(step)
        else:
            super().keyPressEvent(event)


class Segments(QFrame):
    """``chosen`` tells the key of the position that a person chose; the program's own choices are silent."""

    chosen = Signal(str)

    def __init__(self, name: str, positions: Sequence[tuple[str, str, str]]) -> None:
        """``positions``: key, words, tooltip."""
        super().__init__()
        self.setProperty("kind", "segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        line = QHBoxLayout(self)
        line.setContentsMargins(2, 2, 2, 2)
        line.setSpacing(2)
        for key, words, tip in positions:
            button = _Segment(self, words, tip)
            button.clicked.connect(lambda *_, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self.buttons[key] = button
            line.addWidget(button)
        next(iter(self.buttons.values())).setChecked(True)

    def key(self) -> str:
        """The position that is on."""
        return next((key for key, button in self.buttons.items() if button.isChecked()), "")

    def choose(self, key: str) -> None:
        """Put the switch there without telling."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)

    def step(self, by: int) -> None:
        """Go to a neighbour, as a person."""
        keys = list(self.buttons)
        key = keys[min(len(keys) - 1, max(0, keys.index(self.key()) + by))]
        if key != self.key():
            self.choose(key)
            self.buttons[key].setFocus()
            self.chosen.emit(key)
