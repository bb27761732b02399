"""Values with a range on one axis, one row each: how do they compare, and how sure is that?"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.chart_rows import IntervalRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_ROW, RING
from turbulence_app.gui.widgets.choosable import RowsChart

ROW, HEAD, SIDE = 36.0, 20.0, 12.0
TEXT = 18.0
"""Height of the line of words above each track."""
NARROW = 60.0
"""Pixels between two figures on the axis, at least."""
Scale = Literal["share", "log"]


class Intervals(RowsChart[IntervalRow]):
    """A dot between two ends per row. ``share``: an axis from 0 to 100 %; ``log``: decades of a unit."""

    def __init__(self, name: str, scale: Scale, unit: Callable[[float], str], parent: QWidget | None = None) -> None:
        """``unit`` words a figure of the axis."""
        super().__init__(name, ROW, parent)
        self._scale, self._unit = scale, unit
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def key_of(self, row: IntervalRow) -> str:
        """Its own key."""
        return row.key

    def says(self, row: int) -> str:
        """Numbers and what stands behind them."""
        one = self._rows[row]
        return f"{one.label}: {one.numbers}, {one.tip}"

    def table(self) -> Table:
        """Values with their ends."""
        rows = [(row.label, row.value, row.low, row.high, row.numbers) for row in self._rows]
        return Table(("name", "value", "low", "high", "words"), rows)

    def choose_key(self, key: str) -> None:
        """Choose a row by its key, without telling."""
        self.choose(next((i for i, row in enumerate(self._rows) if row.key == key), -1))

    def tip(self, row: int) -> str:
        """In full."""
        one = self._rows[row]
        return f"{one.label}: {one.numbers}\n{one.tip}" if one.tip else f"{one.label}: {one.numbers}"

    def top(self) -> float:
        """Below the axis."""
        return HEAD

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line per row."""
        return self.scaled(420, int(HEAD + ROW * max(1, len(self._rows)) + 4))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, narrower."""
        return QSize(self.scaled(240, 0).width(), self.sizeHint().height())

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """A line of words per row, and below it the track with band and dot."""
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.scale(painter)
        track, ends = self._track(), self._ends()
        for place, one in enumerate(self._rows):
            self._paint_ground(painter, place)
            self._paint_words(painter, one, place)
        self._paint_axis(painter, track, ends)
        for place, one in enumerate(self._rows):
            self._paint_range(painter, one, track.translated(0, place * ROW), ends, place)

    def _track(self) -> QRectF:
        """Of the first row: below its words."""
        return QRectF(SIDE, HEAD + TEXT, max(40.0, self.wide() - 2 * SIDE), ROW - TEXT - 4)

    def _ends(self) -> tuple[float, float]:
        if self._scale == "share":
            return 0.0, 1.0
        low = math.floor(math.log10(max(1e-6, min(row.low for row in self._rows))))
        high = math.ceil(math.log10(max(1e-6, *(row.high for row in self._rows))) + 1e-9)
        return float(low), float(max(high, low + 1))

    def _x(self, value: float, track: QRectF, ends: tuple[float, float]) -> float:
        at = value if self._scale == "share" else math.log10(max(1e-9, value))
        share = (at - ends[0]) / (ends[1] - ends[0])
        return track.left() + track.width() * min(1.0, max(0.0, share))

    def _figures(self, track: QRectF, ends: tuple[float, float]) -> list[float]:
        if self._scale == "share":
            return [0.0, 0.5, 1.0] if track.width() < 4 * NARROW else [0.0, 0.25, 0.5, 0.75, 1.0]
        decades = [10.0**power for power in range(int(ends[0]), int(ends[1]) + 1)]
        step = max(1, math.ceil(len(decades) * NARROW / max(1.0, track.width())))
        return decades[::step]

    def _paint_axis(self, painter: QPainter, track: QRectF, ends: tuple[float, float]) -> None:
        theme = Theme.current()
        painter.setFont(theme.font("mono_small", scaled=False))
        for figure in self._figures(track, ends):
            x = round(self._x(figure, track, ends)) + 0.5
            painter.setPen(QPen(theme.color("line"), 1))
            for place in range(len(self._rows)):
                top = track.top() + place * ROW
                painter.drawLine(QPointF(x, top), QPointF(x, top + track.height()))
            painter.setPen(theme.ink("dim"))
            wide = QFontMetricsF(painter.font()).horizontalAdvance(self._unit(figure)) + 2
            left = min(max(x - wide / 2, track.left() - SIDE + 4), track.right() + SIDE - 4 - wide)
            painter.drawText(QRectF(left, 0, wide, HEAD - 4), int(Qt.AlignmentFlag.AlignVCenter), self._unit(figure))

    def _paint_ground(self, painter: QPainter, place: int) -> None:
        if place != self._chosen:
            return
        theme = Theme.current()
        painter.setPen(QPen(theme.color("accent"), RING) if ringed(self) else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("soft"))
        painter.drawRoundedRect(QRectF(0.5, HEAD + place * ROW + 0.5, self.wide() - 1, ROW - 1), RADIUS_ROW, RADIUS_ROW)

    def _paint_words(self, painter: QPainter, one: IntervalRow, place: int) -> None:
        theme, ground = Theme.current(), "soft" if place == self._chosen else "panel"
        mono, small = theme.font("mono_small", scaled=False), theme.font("small", scaled=False)
        line = QRectF(SIDE - 2, HEAD + place * ROW + 3, self.wide() - 2 * SIDE + 4, TEXT - 2)
        taken = QFontMetricsF(mono).horizontalAdvance(one.numbers)
        painter.setFont(mono)
        painter.setPen(theme.ink("text" if place == self._chosen else "dim", ground))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), one.numbers)
        painter.setFont(small)
        painter.setPen(theme.color("text"))
        name = QFontMetricsF(small).elidedText(one.label, Qt.TextElideMode.ElideMiddle, line.width() - taken - 10)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), name)

    def _paint_range(
        self, painter: QPainter, one: IntervalRow, track: QRectF, ends: tuple[float, float], place: int
    ) -> None:
        theme, ground = Theme.current(), "soft" if place == self._chosen else "panel"
        y = track.center().y()
        at, low, high = (self._x(value, track, ends) for value in (one.value, one.low, one.high))
        painter.setPen(QPen(theme.color("track"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(track.left(), y), QPointF(track.right(), y))
        painter.setPen(QPen(theme.color("accent", 0.5), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(low, y), QPointF(max(high, low + 0.1), y))
        painter.setPen(QPen(theme.color(ground), 1.5))
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(QPointF(at, y), 4.5, 4.5)
