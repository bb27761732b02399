"""Differences with intervals around zero: what moved, which way, and is it more than chance?"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.places.run.history.compare.state import DeltaRow, points
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.choosable import RowsChart

ROW, HEAD = 28.0, 20.0
LEAST = 0.005
"""Half the width of the axis, at least: half a point."""


class Deltas(RowsChart[DeltaRow]):
    """A dot with a whisker per row; the line in the middle is zero. Filled where the interval excludes it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, ROW, parent)

    def tip(self, row: int) -> str:
        """In full."""
        one = self._rows[row]
        return f"{one.label}: {one.tip}"

    def top(self) -> float:
        """Below the axis."""
        return HEAD

    def table(self) -> Table:
        """The numbers."""
        rows = [(row.label, 100 * row.value, 100 * row.low, 100 * row.high) for row in self._rows]
        return Table(("what", "difference, points", "low", "high"), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line per row."""
        return QSize(380, int(HEAD + ROW * max(1, len(self._rows)) + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, narrower."""
        return QSize(240, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Names left, whiskers in the middle, figures right."""
        if not self._rows:
            return
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words, mono = QFontMetricsF(theme.font("small")), QFontMetricsF(theme.font("mono_small"))
        left = min(self.width() * 0.4, max(words.horizontalAdvance(row.label) for row in self._rows) + 16)
        right = mono.horizontalAdvance("−10.00 [−10.00, +10.00]") + 10
        track = QRectF(left, 0, max(60.0, self.width() - left - right), ROW)
        most = reach(self._rows)
        self._axis(painter, track, most)
        for place, row in enumerate(self._rows):
            self._row(painter, row, track.translated(0, HEAD + place * ROW), most)

    def _axis(self, painter: QPainter, track: QRectF, most: float) -> None:
        theme = Theme.current()
        painter.setFont(theme.font("mono_small"))
        for share in (-1.0, 0.0, 1.0):
            x = track.center().x() + share * track.width() / 2
            painter.setPen(QPen(theme.color("dim" if share == 0 else "line", 0.6 if share == 0 else 1.0), 1))
            painter.drawLine(QPointF(x, HEAD - 2), QPointF(x, self.height()))
            painter.setPen(theme.ink("dim"))
            text = "0" if share == 0 else f"{100 * share * most:+.1f}"
            align = {
                -1.0: Qt.AlignmentFlag.AlignLeft,
                0.0: Qt.AlignmentFlag.AlignHCenter,
                1.0: Qt.AlignmentFlag.AlignRight,
            }
            room = QRectF(x - {-1.0: 0, 0.0: 40, 1.0: 80}[share], 0, 80, HEAD - 4)
            painter.drawText(room, int(align[share] | Qt.AlignmentFlag.AlignVCenter), text)
        painter.drawText(
            QRectF(track.right() + 10, 0, self.width() - track.right() - 10, HEAD - 4),
            int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
            "points, 95 %",
        )

    def _row(self, painter: QPainter, row: DeltaRow, track: QRectF, most: float) -> None:
        theme = Theme.current()
        small = theme.font("small")
        painter.setFont(small)
        painter.setPen(theme.color("text"))
        label = QFontMetricsF(small).elidedText(row.label, Qt.TextElideMode.ElideRight, track.left() - 10)
        painter.drawText(QRectF(0, track.top(), track.left(), ROW), int(Qt.AlignmentFlag.AlignVCenter), label)
        low, value, high = (
            track.center().x() + max(-1.0, min(1.0, number / most)) * track.width() / 2
            for number in (row.low, row.value, row.high)
        )
        y = track.center().y()
        painter.setPen(QPen(theme.color(row.tone), 2))
        painter.drawLine(QPointF(low, y), QPointF(high, y))
        painter.setBrush(theme.color(row.tone) if row.tone != "dim" else theme.color("panel"))
        painter.drawEllipse(QPointF(value, y), 4, 4)
        painter.setFont(theme.font("mono_small"))
        painter.setPen(theme.ink(row.tone))
        room = QRectF(track.right() + 10, track.top(), self.width() - track.right() - 10, ROW)
        figures = f"{points(row.value)} [{points(row.low)}, {points(row.high)}]"
        painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), figures)


def reach(rows: Sequence[DeltaRow]) -> float:
    """Half the width of the axis: as far as any interval goes."""
    return max(LEAST, *(max(abs(row.low), abs(row.high)) for row in rows)) * 1.08
