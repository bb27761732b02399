"""Shares as bars against a threshold: how much of what there is was tried?"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.chart_rows import ShareRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_HAIR, RADIUS_ROW, RING
from turbulence_app.gui.widgets.choosable import RowsChart
from turbulence_app.insight.words import percent

ROW = 34.0


class ShareBars(RowsChart[ShareRow]):
    """A bar per row with a tick at its threshold; below it amber, at or above it green."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, ROW, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def key_of(self, row: ShareRow) -> str:
        """Its own key."""
        return row.key

    def says(self, row: int) -> str:
        """Share and numbers."""
        one = self._rows[row]
        return f"{one.label}: {percent(one.share)}, {one.numbers}"

    def tip(self, row: int) -> str:
        """In full, and what a click does."""
        one = self._rows[row]
        told = f"{one.label}: {percent(one.share, 1)}, {one.numbers}"
        return f"{told}; asked for {percent(one.threshold)}. Click: what is missing."

    def table(self) -> Table:
        """Shares from 0 to 1, and what is asked of them."""
        rows = [(row.label, row.share, row.threshold, row.numbers, row.passed) for row in self._rows]
        return Table(("name", "share", "threshold", "numbers", "reached"), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line per row."""
        return self.scaled(260, int(ROW * max(1, len(self._rows)) + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, narrower."""
        return QSize(self.scaled(180, 0).width(), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Label and numbers above, the bar below."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.scale(painter)
        for place, one in enumerate(self._rows):
            box = QRectF(0, place * ROW, self.wide(), ROW)
            if place == self._chosen:
                painter.setPen(QPen(theme.color("accent"), RING) if ringed(self) else Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("soft"))
                painter.drawRoundedRect(box.adjusted(0.5, 1, -0.5, -1), RADIUS_ROW, RADIUS_ROW)
            self._paint_row(painter, one, box.adjusted(8, 3, -8, -4))

    def _paint_row(self, painter: QPainter, one: ShareRow, box: QRectF) -> None:
        theme, token = Theme.current(), "good" if one.passed else "warn"
        words = QRectF(box.left(), box.top(), box.width(), 17)
        painter.setFont(theme.font("small", scaled=False))
        painter.setPen(theme.color("text"))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), one.label)
        mono = theme.font("mono_small", scaled=False)
        painter.setFont(mono)
        painter.setPen(theme.ink(token, "soft"))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), percent(one.share))
        shift = QFontMetricsF(mono).horizontalAdvance("100 %") + 10
        painter.setPen(theme.ink("dim", "soft"))
        painter.drawText(
            words.adjusted(0, 0, -shift, 0),
            int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight),
            one.numbers,
        )
        track = QRectF(box.left(), box.bottom() - 6, box.width(), 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(track, RADIUS_HAIR, RADIUS_HAIR)
        if one.share > 0:
            painter.setBrush(theme.color(token))
            filled = QRectF(track.left(), track.top(), max(5.0, track.width() * min(1.0, one.share)), track.height())
            painter.drawRoundedRect(filled, RADIUS_HAIR, RADIUS_HAIR)
        at = track.left() + track.width() * one.threshold
        painter.setPen(QPen(theme.color("text"), 1.5))
        painter.drawLine(QPointF(at, track.top() - 2), QPointF(at, track.bottom() + 2))
