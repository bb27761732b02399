"""The frame of the main window: bars around the places, and how they are laid out."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.chrome import NavigationBar, StatusLine, TopBar
from turbulence_app.gui.places.base import PlaceSpec
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import EmptyState, Rule

MARGIN = 16


class Frame(QWidget):
    """Top bar, navigation, the stack of places, status line. Widgets only: the window connects them."""

    def __init__(self, specs: Iterable[PlaceSpec]) -> None:
        super().__init__()
        self.top = TopBar()
        self.nav = NavigationBar(specs)
        self.status = StatusLine()
        self.stack = QStackedWidget()
        self.stack.setObjectName("places")
        self.stack.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.stack.addWidget(EmptyState("waves", "Opening the project", "Reading workflows, personas and policies."))
        self.above = QVBoxLayout()
        """Lines that concern the whole project, over the place."""
        self.above.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(Rule())
        column.addLayout(self._middle(), 1)
        column.addWidget(Rule())
        column.addWidget(self.status)
        Theme.current().changed.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The navigation takes what can be spared."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.nav.fit(self.width())

    def order(self) -> None:
        """Tab goes from the bars through the places to the status line, whatever was made after it."""
        last = self.top.menu.previousInFocusChain()
        while last is not None and (last.focusPolicy() == Qt.FocusPolicy.NoFocus or last in self.status.controls()):
            last = last.previousInFocusChain()
        for widget in self.status.controls():
            if last is not None:
                QWidget.setTabOrder(last, widget)
            last = widget

    def _middle(self) -> QHBoxLayout:
        middle = QHBoxLayout()
        middle.setSpacing(0)
        line = Rule()
        line.setStyleSheet("max-width: 1px; min-width: 1px; max-height: 16777215px;")
        for widget in (self.nav, line):
            middle.addWidget(widget)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addLayout(self.above)
        column.addWidget(self.stack, 1)
        middle.addLayout(column, 1)
        return middle
