"""Counts as columns, oldest at the left: how many did each one find, and how many of them were new?"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from turbulence_app.gui.chart_rows import ColumnRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme

WIDEST, GAP, FOOT = 26.0, 5.0, 16.0


class Columns(QWidget):
    """One column each; what is new is red, the rest of it dim. ``clicked`` tells the key."""

    clicked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ColumnRow] = []
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_rows(self, rows: Sequence[ColumnRow]) -> None:
        """Show these, oldest first; only the newest that fit are drawn."""
        self._rows = list(rows)
        self.setAccessibleDescription("; ".join(row.tip for row in self._rows))
        self.update()

    def table(self) -> Table:
        """All columns, also those that do not fit."""
        return Table(("name", "count", "new"), [(row.key, row.height, row.fresh) for row in self._rows])

    def sizeHint(self) -> QSize:  # noqa: N802
        """A small picture."""
        return QSize(240, 90)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still readable."""
        return QSize(120, 56)

    def _shown(self) -> list[ColumnRow]:
        return self._rows[-max(1, int((self.width() - 8) // (WIDEST + GAP))) :]

    def _column(self, place: int) -> QRectF:
        return QRectF(4 + place * (WIDEST + GAP), 12, WIDEST, self.height() - FOOT - 12)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Columns on a line, with their numbers above."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._shown()
        most = max(1, *(row.height for row in shown), 1) if shown else 1
        floor = self.height() - FOOT
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QPointF(0, floor + 0.5), QPointF(self.width(), floor + 0.5))
        for place, row in enumerate(shown):
            box = self._column(place)
            tall = box.height() * row.height / most
            fresh = box.height() * min(row.fresh, row.height) / most
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("dim", 0.55))
            painter.drawRect(QRectF(box.left(), floor - tall, box.width(), tall - fresh))
            painter.setBrush(theme.color("bad"))
            painter.drawRect(QRectF(box.left(), floor - fresh, box.width(), fresh))
            painter.setFont(theme.font("mono_small"))
            painter.setPen(theme.ink("dim"))
            above = QRectF(box.left() - 8, floor - tall - 15, box.width() + 16, 14)
            painter.drawText(above, int(Qt.AlignmentFlag.AlignCenter), str(row.height))
            below = QRectF(box.left() - 6, floor + 2, box.width() + 12, FOOT - 2)
            painter.drawText(
                below, int(Qt.AlignmentFlag.AlignCenter), row.key.rpartition("-")[2].lstrip("0") or row.key
            )

    def _at(self, x: float) -> ColumnRow | None:
        place = int((x - 4) // (WIDEST + GAP))
        shown = self._shown()
        return shown[place] if 0 <= place < len(shown) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click chooses a column."""
        if (row := self._at(event.position().x())) is not None:
            self.clicked.emit(row.key)

    def event(self, event: QEvent) -> bool:
        """The column in words."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._at(event.pos().x())
            QToolTip.showText(event.globalPos(), row.tip if row else "", self)
            return True
        return super().event(event)
