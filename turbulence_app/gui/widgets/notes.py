"""Notes that a reader must not miss: one line each, the rest on demand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import ChipButton, Label

FEW = 1
"""Notes that are always shown."""


class Notes(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "well")
        self.setAccessibleName(name)
        self._notes: tuple[str, ...] = ()
        self._all = False
        self._picture = QLabel()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(3)
        self.more = ChipButton("", tip="Show all notes, or only the first", clicked=self._toggle)
        box = QHBoxLayout(self)
        box.setContentsMargins(12, 5, 10, 5)
        box.setSpacing(10)
        box.addWidget(self._picture)
        box.addLayout(self._lines, 1)
        box.addWidget(self.more)
        self._labels: list[Label] = []
        self.hide()

    def set_notes(self, notes: Sequence[str]) -> None:
        """Say these."""
        if tuple(notes) != self._notes:
            self._notes, self._all = tuple(notes), False
            self._fill()

    def _toggle(self) -> None:
        self._all = not self._all
        self._fill()

    def _fill(self) -> None:
        shown = self._notes if self._all else self._notes[:FEW]
        while len(self._labels) < len(shown):
            label = Label("", "small", wrap=True)
            self._labels.append(label)
            self._lines.addWidget(label)
        for place, label in enumerate(self._labels):
            label.setText(shown[place] if place < len(shown) else "")
            label.setVisible(place < len(shown))
        rest = len(self._notes) - len(shown)
        self.more.setVisible(len(self._notes) > FEW)
        self.more.setText(f"{rest} more" if rest else "Fewer")
        self._picture.setPixmap(Theme.current().pixmap("info", "warn", 15, self.devicePixelRatioF()))
        self.setVisible(bool(self._notes))
