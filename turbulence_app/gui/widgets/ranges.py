"""Percentiles per step as ranges on one axis: where do people wait, and how long."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from turbulence_app.gui.chart_rows import RangeRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme

ROW = 22.0
MARKS = (("p50", "good"), ("p95", "warn"), ("p99", "bad"))


class RangeView(QWidget):
    """A line from p50 to p99 per step on a logarithmic axis, with a mark at each percentile."""

    clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RangeRow] = []
        self.setAccessibleName("Step latency")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_data(self, rows: Sequence[RangeRow]) -> None:
        """Show these steps, in order."""
        if list(rows) != self._rows:
            self._rows = list(rows)
            self.setAccessibleDescription("; ".join(f"{row.label}: {row.numbers} ms" for row in rows))
            self.updateGeometry()
            self.update()

    def table(self) -> Table:
        """A line per step."""
        rows = [(row.label, row.p50, row.p95, row.p99, row.n) for row in self._rows]
        return Table(("step", "p50 ms", "p95 ms", "p99 ms", "requests"), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line per step."""
        return QSize(300, int(ROW * max(3, len(self._rows)) + 4))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Every step as high as its words: where there is less room, the view around it scrolls."""
        line = QFontMetricsF(Theme.current().font("small")).height()
        return QSize(200, int(line * max(3, len(self._rows)) + 4))

    def _lines(self) -> list[RangeRow]:
        """The rows that there is room for: all of them, or the slowest."""
        least = QFontMetricsF(Theme.current().font("small")).height() * 0.84
        room = max(1, int((self.height() - 2) / least))
        if len(self._rows) <= room:
            return self._rows
        slowest = sorted(self._rows, key=lambda row: -row.p99)[:room]
        return [row for row in self._rows if row in slowest]

    def _row_height(self) -> float:
        return min(34.0 * Theme.current().scale, (self.height() - 2) / max(1, len(self._lines())))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Names left, ranges in the middle, numbers right."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(theme.color("dim"))
            painter.setFont(theme.font("small"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), "No request has been answered yet.")
            return
        words, numbers = QFontMetricsF(theme.font("small")), QFontMetricsF(theme.font("mono_small"))
        right = max(numbers.horizontalAdvance(row.numbers) for row in self._rows) + 4
        left = min(self.width() * 0.34, max(words.horizontalAdvance(row.label) for row in self._rows) + 10)
        track = QRectF(left, 0, max(20.0, self.width() - left - right - 12), self._row_height())
        for index, row in enumerate(self._lines()):
            self._paint_row(painter, row, track.translated(0, index * self._row_height()), left)
        painter.end()

    def _paint_row(self, painter: QPainter, row: RangeRow, track: QRectF, left: float) -> None:
        theme, middle = Theme.current(), track.center().y()
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text"))
        label = QFontMetricsF(theme.font("small")).elidedText(row.label, Qt.TextElideMode.ElideRight, left - 8)
        painter.drawText(QRectF(0, track.top(), left, track.height()), int(Qt.AlignmentFlag.AlignVCenter), label)
        painter.setPen(QPen(theme.color("track"), 1))
        painter.drawLine(QPointF(track.left(), middle), QPointF(track.right(), middle))
        painter.setPen(QPen(theme.color("dim"), 2))
        painter.drawLine(QPointF(self._x(row.p50, track), middle), QPointF(self._x(row.p99, track), middle))
        painter.setPen(Qt.PenStyle.NoPen)
        for name, token in MARKS:
            painter.setBrush(theme.color(token))
            painter.drawEllipse(QPointF(self._x(getattr(row, name), track), middle), 3.5, 3.5)
        painter.setFont(theme.font("mono_small"))
        painter.setPen(theme.color("text"))
        room = QRectF(track.right() + 8, track.top(), self.width() - track.right() - 8, track.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), row.numbers)

    def _x(self, value: float, track: QRectF) -> float:
        low = log10(max(1.0, min(row.p50 for row in self._rows)) * 0.9)
        high = log10(max(10.0, *(row.p99 for row in self._rows)) * 1.1)
        share = (log10(max(1.0, value)) - low) / max(0.1, high - low)
        return track.left() + min(1.0, max(0.0, share)) * track.width()

    def _row_at(self, y: float) -> RangeRow | None:
        lines = self._lines()
        index = int(y / self._row_height()) if lines else -1
        return lines[index] if 0 <= index < len(lines) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click chooses the step."""
        if row := self._row_at(event.position().y()):
            self.clicked.emit(row.label)

    def event(self, event: QEvent) -> bool:
        """Numbers in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            tip = f"{row.label}: p50 · p95 · p99 = {row.numbers} ms, {row.n:,} requests" if row else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)
