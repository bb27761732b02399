"""Line numbers and marks beside a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QSize
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

if TYPE_CHECKING:
    from turbulence_app.gui.widgets.yaml_editor import YamlEditor


class Gutter(QWidget):
    """Line numbers and marks beside the text."""

    def __init__(self, editor: YamlEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.setAccessibleName("Line numbers")

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the last line's number."""
        return QSize(self._editor.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Numbers of the lines in view."""
        self._editor.paint_gutter(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click puts the cursor into that line."""
        cursor = self._editor.cursorForPosition(QPoint(0, int(event.position().y())))
        self._editor.setTextCursor(cursor)
        self._editor.setFocus()

    def event(self, event: QEvent) -> bool:
        """The error's words over its mark."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self._editor.cursorForPosition(QPoint(0, event.pos().y())).blockNumber() + 1
            QToolTip.showText(event.globalPos(), self._editor.problem_words(line), self)
            return True
        return super().event(event)
