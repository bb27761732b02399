"""What is decided about the kind that is looked at: a switch and a line of words."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from turbulence_app.domain.history import KindState
from turbulence_app.gui.places.failures.kinds import STATES, Kinds
from turbulence_app.gui.places.failures.state import Group
from turbulence_app.gui.widgets.segments import Segments


class KindLine(QWidget):
    """Open, seen or known; and why."""

    def __init__(self, kinds: Kinds) -> None:
        super().__init__()
        self._kinds = kinds
        self._group: Group | None = None
        self.states = Segments("State of this kind of failure", STATES)
        self.note = QLineEdit()
        self.note.setAccessibleName("Note about this kind of failure")
        self.note.setPlaceholderText("Why, or where it is tracked")
        self.note.setToolTip("Kept as you write, for every run that finds this kind again")
        self.note.setMaxLength(4000)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.states)
        box.addWidget(self.note)
        self.states.chosen.connect(self._decide)
        self.note.textEdited.connect(self._write)
        self.note.editingFinished.connect(kinds.save)
        kinds.changed.connect(self._show)

    def show_group(self, group: Group | None) -> None:
        """Another kind is looked at."""
        self._group = group
        self.setVisible(group is not None)
        self._show()

    def _show(self) -> None:
        decided = self._kinds.of(self._group)
        self.states.choose(decided.state)
        if not self.note.hasFocus() or self.note.text() != decided.note:
            with QSignalBlocker(self.note):
                self.note.setText(decided.note)

    def _decide(self, key: str) -> None:
        state: KindState = next(name for name, *_ in STATES if name == key)
        if self._group is not None:
            self._kinds.decide(self._group, state=state)

    def _write(self, words: str) -> None:
        if self._group is not None:
            self._kinds.decide(self._group, note=words)
