"""Shares with intervals as dots and whiskers: what makes it fail, what keeps it from failing?"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.chart_rows import WhiskerRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.choosable import RowsChart
from turbulence_app.insight.words import percent

ROW, HEAD = 26.0, 20.0
TONES = {"trigger": "bad", "necessary": "bad", "contributes": "warn", "suppressor": "good", "neutral": "dim"}
NARROW = 300
"""Pixels of the axis below which its middle has no figure."""


class Whiskers(RowsChart[WhiskerRow]):
    """Per row two dots with whiskers: filled with the feature on, hollow with it off. The axis starts at 0."""

    def __init__(self, name: str, unit: str = "of the worlds fail", parent: QWidget | None = None) -> None:
        super().__init__(name, ROW, parent)
        self._unit = unit

    def tip(self, row: int) -> str:
        """Both shares with their intervals."""
        one = self._rows[row]
        words = [
            f"{name}: {percent(share, 1)} ({percent(low, 1)} to {percent(high, 1)})"
            for name, (share, low, high) in self._pairs(one)
        ]
        return f"{one.label}, {one.verdict}\n" + "\n".join(words) + (f"\n{one.tip}" if one.tip else "")

    def _pairs(self, one: WhiskerRow) -> list[tuple[str, tuple[float, float, float]]]:
        return [("on", one.on), ("off", one.off)] if one.off is not None else [("share", one.on)]

    def table(self) -> Table:
        """Shares with and without each feature, from 0 to 1, with the ends of their intervals."""
        nothing = (None, None, None)
        rows = [(row.label, row.verdict, *row.on, *(row.off or nothing)) for row in self._rows]
        ends = ("share", "low", "high")
        return Table(("name", "verdict", *(f"{end} {way}" for way in ("on", "off") for end in ends)), rows)

    def top(self) -> float:
        """Below the axis."""
        return HEAD

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line per feature."""
        return self.scaled(420, int(HEAD + ROW * max(1, len(self._rows)) + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, narrower."""
        return QSize(self.scaled(260, 0).width(), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Names left, whiskers in the middle, verdicts right."""
        if not self._rows:
            return
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.scale(painter)
        words = QFontMetricsF(theme.font("small", scaled=False))
        left = min(self.wide() * 0.5, max(words.horizontalAdvance(row.label) for row in self._rows) + 16)
        right = words.horizontalAdvance("suppressor") + 18
        track = QRectF(left, 0, max(40.0, self.wide() - left - right), ROW)
        most = min(1.0, max(0.02, *(max(pair[2] for _, pair in self._pairs(row)) for row in self._rows)) * 1.05)
        self._paint_axis(painter, track, most)
        for place, one in enumerate(self._rows):
            self._paint_row(painter, one, track.translated(0, HEAD + place * ROW), most)

    def _paint_axis(self, painter: QPainter, track: QRectF, most: float) -> None:
        theme = Theme.current()
        painter.setFont(theme.font("mono_small", scaled=False))
        for share in (0.0, 0.5, 1.0):
            x = track.left() + share * track.width()
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(x, HEAD - 2), QPointF(x, self.tall()))
            if share == 0.5 and track.width() < NARROW:
                continue
            painter.setPen(theme.ink("dim"))
            words = percent(share * most, 1 if most < 0.2 else 0)
            if share == 1.0:
                words += f" {self._unit}"
            room, align = {
                0.0: (QRectF(x, 0, 200, HEAD - 4), Qt.AlignmentFlag.AlignLeft),
                0.5: (QRectF(x - 100, 0, 200, HEAD - 4), Qt.AlignmentFlag.AlignHCenter),
                1.0: (QRectF(x - 240, 0, 240, HEAD - 4), Qt.AlignmentFlag.AlignRight),
            }[share]
            painter.drawText(room, int(align | Qt.AlignmentFlag.AlignVCenter), words)

    def _paint_row(self, painter: QPainter, one: WhiskerRow, track: QRectF, most: float) -> None:
        theme, tone = Theme.current(), TONES.get(one.verdict, "dim")
        small = theme.font("small", scaled=False)
        painter.setFont(small)
        painter.setPen(theme.color("text"))
        label = QFontMetricsF(small).elidedText(one.label, Qt.TextElideMode.ElideMiddle, track.left() - 8)
        painter.drawText(QRectF(0, track.top(), track.left(), ROW), int(Qt.AlignmentFlag.AlignVCenter), label)
        painter.setPen(theme.ink(tone))
        room = QRectF(track.right() + 14, track.top(), self.wide() - track.right() - 14, ROW)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), one.verdict)
        apart = 4.0 if one.off is not None else 0.0
        for values, token, shift, filled in ((one.off, "dim", apart, False), (one.on, tone, -apart, True)):
            if values is None:
                continue
            y = track.center().y() + shift
            share, low, high = (track.left() + min(1.0, value / most) * track.width() for value in values)
            painter.setPen(QPen(theme.color(token), 1.5))
            painter.drawLine(QPointF(low, y), QPointF(high, y))
            painter.setBrush(theme.color(token) if filled else theme.color("panel"))
            painter.drawEllipse(QPointF(share, y), 3.2, 3.2)
