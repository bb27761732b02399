"""Which number moves the outcome most: a row per number, bars to both sides of how it is now."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.chart_rows import TornadoRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_ROW, RING
from turbulence_app.gui.widgets.choosable import RowsChart

ROW = 24.0
SIDE = 8.0
NUMBER = 36.0
"""Pixels for the points at either side of the bars."""


class Tornado(RowsChart[TornadoRow]):
    """Hollow bars are the number lowered, full ones the number raised. A click or Enter tells the row."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, ROW, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def key_of(self, row: TornadoRow) -> str:
        """Its own key."""
        return row.key

    def says(self, row: int) -> str:
        """What moving the number does."""
        one = self._rows[row]
        return f"{one.label}, {one.moved}: {_points(one.below[0])} lowered, {_points(one.above[0])} raised"

    def tip(self, row: int) -> str:
        """In full, with intervals."""
        one = self._rows[row]
        ends = [f"{name}: {_points(v)} points ({_points(low)} to {_points(high)})"
                for name, (v, low, high) in (("lowered", one.below), ("raised", one.above))]  # fmt: skip
        how = "between what the models say" if one.guessed else "moved"
        return f"{one.label}, {how} {one.moved}\n" + "\n".join(ends) + "\nClick: go to this number."

    def table(self) -> Table:
        """Points of completion with their ends, for the number lowered and raised."""
        rows = [(row.label, row.moved, *row.below, *row.above) for row in self._rows]
        ends = ("points", "low", "high")
        return Table(("number", "moved", *(f"{way} {end}" for way in ("lowered", "raised") for end in ends)), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line per row."""
        return QSize(300, int(ROW * max(1, len(self._rows)) + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, narrower."""
        return QSize(200, self.sizeHint().height())

    def pick(self, row: int) -> None:
        """A person chooses; choosing again goes there again."""
        if row >= 0:
            self._chosen = row
            self.update()
            self.picked.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and down choose, Enter asks for the number again."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen >= 0:
            self.picked.emit(self._chosen)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Name, bars around the middle, points at their ends."""
        if not self._rows:
            return
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(theme.font("small"))
        wide = max(metrics.horizontalAdvance(row.label) for row in self._rows) + 12
        left = min(wide, self.width() * 0.46)
        track = QRectF(left + NUMBER, 0, max(40.0, self.width() - left - 2 * NUMBER - SIDE), ROW)
        low, high = self._scale()
        zero = track.left() + track.width() * (0 - low) / (high - low)
        for place, row in enumerate(self._rows):
            self._ground(painter, place)
            self._words(painter, row, place, left)
            self._bars(painter, row, track.translated(0, place * ROW), (low, high), zero)
        painter.setPen(QPen(theme.color("dim"), 1))
        painter.drawLine(QPointF(zero, 2), QPointF(zero, ROW * len(self._rows) - 2))

    def _scale(self) -> tuple[float, float]:
        ends = [value for row in self._rows for value in (*row.below, *row.above)]
        low, high = min(0.0, *ends), max(0.0, *ends)
        return (low, high) if high > low else (-1.0, 1.0)

    def _ground(self, painter: QPainter, place: int) -> None:
        if place != self._chosen:
            return
        theme = Theme.current()
        painter.setPen(QPen(theme.color("accent"), RING) if ringed(self) else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("soft"))
        painter.drawRoundedRect(QRectF(0.5, place * ROW + 0.5, self.width() - 1, ROW - 1), RADIUS_ROW, RADIUS_ROW)

    def _words(self, painter: QPainter, row: TornadoRow, place: int, left: float) -> None:
        theme = Theme.current()
        font = theme.font("small")
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        room = QRectF(4, place * ROW, left - 8, ROW)
        text = QFontMetricsF(font).elidedText(row.label, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _bars(self, painter: QPainter, row: TornadoRow, track: QRectF, ends: tuple[float, float], zero: float) -> None:
        theme, middle = Theme.current(), track.center().y()
        scale = track.width() / (ends[1] - ends[0])
        reach = {-1: zero, 1: zero}
        for (value, low, high), full in ((row.below, False), (row.above, True)):
            at = zero + value * scale
            bar = QRectF(min(zero, at), middle - 6, max(1.0, abs(at - zero)), 12)
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(theme.color("accent", 0.82) if full else theme.color("accent", 0.14))
            painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
            painter.setPen(QPen(theme.color("text"), 1))
            first, last = zero + low * scale, zero + high * scale
            if last - first > 3:
                painter.drawLine(QPointF(first, middle), QPointF(last, middle))
            side = 1 if value > 0 else -1
            reach[side] = max(reach[side], at, last) if side > 0 else min(reach[side], at, first)
        for side, value in ((-1, min(row.below[0], row.above[0])), (1, max(row.below[0], row.above[0]))):
            if value * side > 0.04:
                self._number(painter, value, reach[side], middle, side)

    def _number(self, painter: QPainter, value: float, at: float, middle: float, side: int) -> None:
        theme = Theme.current()
        painter.setFont(theme.font("mono_small"))
        painter.setPen(theme.ink("dim"))
        left = at + 4 if side > 0 else at - NUMBER - 2
        align = Qt.AlignmentFlag.AlignLeft if side > 0 else Qt.AlignmentFlag.AlignRight
        box = QRectF(left, middle - ROW / 2, NUMBER, ROW)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | align), _points(value))


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
