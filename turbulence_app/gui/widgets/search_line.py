"""A line to search with: a lens at its left, a cross at its right while something stands in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from turbulence_app.gui.theme import Theme


class SearchLine(QLineEdit):
    """Escape and the cross empty it."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMinimumHeight(30)
        self._lens = QAction(self)
        self._cross = QAction("Clear", self)
        self._cross.triggered.connect(self.clear)
        self.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        self.addAction(self._cross, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(lambda text: self._cross.setVisible(bool(text)))
        self._cross.setVisible(False)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tint anew."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Escape empties it first; the next one is the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and self._escape(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and self._escape(event):
            self.clear()
            return True
        return super().event(event)

    def _escape(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and bool(self.text())

    def _tint(self) -> None:
        theme = Theme.current()
        self._lens.setIcon(theme.icon("search", "dim", 14))
        self._cross.setIcon(theme.icon("x", "dim", 14))
