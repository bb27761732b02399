"""The outline of a place that is on its way: calm panels where its cards will be."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import GAP, RADIUS_CARD

COLUMNS = (2, 5, 3)
"""How wide the panels are beside each other."""


class Skeleton(QWidget):
    """Nothing moves in it: what it stands for is there in a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Being opened")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Cards without anything in them."""
        theme, painter = Theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel"))
        room, left = self.width() - GAP * (len(COLUMNS) - 1), 0.0
        for share in COLUMNS:
            width = room * share / sum(COLUMNS)
            box = QRectF(left + 0.5, 0.5, width - 1, self.height() - 1)
            painter.drawRoundedRect(box, RADIUS_CARD, RADIUS_CARD, Qt.SizeMode.AbsoluteSize)
            left += width + GAP
