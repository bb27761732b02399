"""The Personas place's layout: crowd on the left, words and preview in the middle, policy on the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.crowd import CrowdCard
from turbulence_app.gui.places.personas.description_card import DescriptionCard
from turbulence_app.gui.places.personas.policy_card import PolicyCard
from turbulence_app.gui.places.personas.preview_card import PreviewCard
from turbulence_app.gui.widgets.basics import Splitter


class PersonasView(QWidget):
    """Widgets only; the presenter fills them and hears them."""

    escaped = Signal()
    """Escape, where nobody else had a use for it."""

    def __init__(self, context: Context, run: Callable[[str], object], users: int) -> None:
        super().__init__()
        self.crowd = CrowdCard(context, run)
        self.words = DescriptionCard(run)
        self.preview = PreviewCard(context, users)
        self.policy = PolicyCard(run)
        middle = Splitter(Qt.Orientation.Vertical, "personas.middle", self.words, self.preview)
        middle.setStretchFactor(0, 0)
        middle.setStretchFactor(1, 1)
        middle.setSizes([376, 324])
        self.columns = Splitter(Qt.Orientation.Horizontal, "personas.columns", self.crowd, middle, self.policy)
        for number, stretch in enumerate((0, 5, 7)):
            self.columns.setStretchFactor(number, stretch)
        self.columns.setSizes([214, 510, 338])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.columns)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape lets go of what is held."""
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
