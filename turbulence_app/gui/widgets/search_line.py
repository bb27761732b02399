"""A line to search with: a lens at its left, a cross at its right while something stands in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import IconButton

LENS, LEFT, RIGHT, HEIGHT = 14, 24, 24, 30


class SearchLine(QLineEdit):
    """Escape and the cross empty it."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setTextMargins(LEFT, 2, RIGHT, 2)
        self.setMinimumHeight(HEIGHT)
        self._cross = IconButton("x", "Clear", clicked=self.clear)
        self._cross.setProperty("fit", "small")
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cross.setParent(self)
        self._cross.hide()
        self.textChanged.connect(lambda text: self._cross.setVisible(bool(text)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The cross keeps to the right."""
        super().resizeEvent(event)
        size = self._cross.sizeHint()
        self._cross.setGeometry(
            self.width() - size.width() - 6, (self.height() - size.height()) // 2, size.width(), size.height()
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The field and its lens."""
        super().paintEvent(event)
        lens = Theme.current().pixmap("search", "dim", LENS, self.devicePixelRatioF())
        painter = QPainter(self)
        painter.drawPixmap(QRectF(10, (self.height() - LENS) / 2, LENS, LENS), lens, QRectF(lens.rect()))

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
