"""Numbers that are not certain, as spans on a line each: where do the compilations disagree most?"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.chart_rows import SpanRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_SMALL, RING
from turbulence_app.gui.widgets.choosable import RowsChart

ROW = 22.0
LEAST_TRACK = 64
"""Pixels of the track that names may not take."""


class SpanBars(RowsChart[SpanRow]):
    """Label, a track with the span on it, the two numbers. A click or Enter tells the row."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, ROW, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def key_of(self, row: SpanRow) -> str:
        """Its own key."""
        return row.key

    def says(self, row: int) -> str:
        """From where to where."""
        return f"{self._rows[row].label}: {self._rows[row].numbers}"

    def tip(self, row: int) -> str:
        """In full, and what a click does."""
        return f"{self._rows[row].label}: {self._rows[row].numbers}. Click: go to this number."

    def table(self) -> Table:
        """Ends as shares of each row's scale, and in words."""
        rows = [(row.label, row.low, row.high, row.numbers) for row in self._rows]
        return Table(("name", "low", "high", "words"), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line per row."""
        return self.scaled(280, int(ROW * max(1, len(self._rows)) + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, narrower."""
        return QSize(self.scaled(180, 0).width(), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Names left, spans in the middle, numbers right."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.scale(painter)
        small, mono = theme.font("small", scaled=False), theme.font("mono_small", scaled=False)
        wide = QFontMetricsF(mono)
        right = max((wide.horizontalAdvance(row.numbers) for row in self._rows), default=0.0) + 8
        names = QFontMetricsF(small)
        wanted = max((names.horizontalAdvance(row.label) for row in self._rows), default=0.0) + 14
        left = min(wanted, max(60.0, self.wide() - right - LEAST_TRACK))
        for place, one in enumerate(self._rows):
            box = QRectF(0, place * ROW, self.wide(), ROW)
            if place == self._chosen:
                painter.setPen(QPen(theme.color("accent"), RING) if ringed(self) else Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("soft"))
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_SMALL, RADIUS_SMALL)
            painter.setFont(small)
            painter.setPen(theme.color("text"))
            label = names.elidedText(one.label, Qt.TextElideMode.ElideRight, left - 8)
            painter.drawText(QRectF(2, box.top(), left, ROW), int(Qt.AlignmentFlag.AlignVCenter), label)
            painter.setFont(mono)
            painter.setPen(theme.ink("dim", "panel"))
            where = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(box.adjusted(0, 0, -2, 0), where, one.numbers)
            self._paint_span(painter, one, QRectF(left, box.top(), max(20.0, self.wide() - left - right), ROW))

    def _paint_span(self, painter: QPainter, one: SpanRow, track: QRectF) -> None:
        theme, middle = Theme.current(), track.center().y()
        painter.setPen(QPen(theme.color("track"), 3))
        painter.drawLine(QPointF(track.left(), middle), QPointF(track.right(), middle))
        low, high = (track.left() + track.width() * min(1.0, end) for end in (one.low, one.high))
        painter.setPen(QPen(theme.color("warn"), 3))
        painter.drawLine(QPointF(low, middle), QPointF(max(high, low + 2), middle))
        painter.setPen(QPen(theme.color("warn"), 1.5))
        for x in (low, max(high, low + 2)):
            painter.drawLine(QPointF(x, middle - 5), QPointF(x, middle + 5))
