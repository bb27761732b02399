"""Bars in rows, made of pieces: how many, of whom? Each opens the people behind it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.chart_rows import BarRow, Piece
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_ROW, RING
from turbulence_app.gui.widgets.choosable import RowsChart

ROW, BAR, SIDE = 36.0, 8.0, 6.0
FAINT = 0.35
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class BarList(RowsChart[BarRow]):
    """Words and numbers, and below them the bar. Up and down go from row to row; a click or Enter opens one."""

    opened = Signal(str)
    """The row's key."""

    def __init__(self, name: str, *, opens: str = "Enter shows the people", parent: QWidget | None = None) -> None:
        super().__init__(name, ROW, parent)
        self._empty = ""
        self._opens = opens
        if opens:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_empty(self, words: str) -> None:
        """What stands here while there are no rows."""
        self._empty = words
        self.update()

    def key_of(self, row: BarRow) -> str:
        """Its own key."""
        return row.key

    def says(self, row: int) -> str:
        """The whole row."""
        return self._rows[row].says

    def tip(self, row: int) -> str:
        """The whole row, and what a click does."""
        return f"{self._rows[row].says}\n{self._opens}" if self._opens else self._rows[row].says

    def table(self) -> Table:
        """Rows with their pieces."""
        names = tuple(piece.name for piece in self._rows[0].pieces) if self._rows else ()
        rows = [(row.label, row.value, *(piece.value for piece in row.pieces), row.numbers) for row in self._rows]
        return Table(("name", "value", *names, "words"), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """One pair of lines per row."""
        return QSize(320, int(self._height() * max(1, len(self._rows)) + 2))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, narrower."""
        return QSize(180, self.sizeHint().height())

    def _height(self) -> float:
        return ROW + 18 * (Theme.current().scale - 1)

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """All rows."""
        theme = Theme.current()
        self._row_height = self._height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(theme.ink("dim"))
            painter.setFont(theme.font("small"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), flags, self._empty)
        most = max((max(row.value, row.track, row.mark or 0.0) for row in self._rows), default=0.0)
        for place, row in enumerate(self._rows):
            box = QRectF(0, place * self._row_height, self.width(), self._row_height)
            self._paint_row(painter, row, box, most, place == self._chosen)
        painter.end()

    def _paint_row(self, painter: QPainter, row: BarRow, box: QRectF, most: float, chosen: bool) -> None:
        theme = Theme.current()
        if chosen:
            painter.setPen(QPen(theme.color("accent"), RING) if ringed(self) else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("soft"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -1.5), RADIUS_ROW, RADIUS_ROW)
        words = QRectF(box.left() + SIDE, box.top() + 3, box.width() - 2 * SIDE, box.height() - BAR - 11)
        numbers, small = theme.font("mono_small"), theme.font("small")
        painter.setFont(numbers)
        painter.setPen(theme.color("text"))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(words, right, row.numbers)
        room = words.width() - QFontMetricsF(numbers).horizontalAdvance(row.numbers) - 12
        label = QFontMetricsF(small).elidedText(row.label, Qt.TextElideMode.ElideRight, max(20.0, room))
        painter.setFont(small)
        painter.setPen(theme.ink(row.tone) if row.tone else theme.color("text"))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), label)
        track = QRectF(words.left(), box.bottom() - BAR - 5, words.width(), BAR)
        self._paint_bar(painter, row, track, most)

    def _paint_bar(self, painter: QPainter, row: BarRow, track: QRectF, most: float) -> None:
        theme = Theme.current()
        scale = track.width() / most if most else 0.0
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(track, BAR / 2, BAR / 2)
        painter.setClipPath(clip)
        painter.fillRect(track, theme.color("track", 0.6))
        if row.track:
            painter.fillRect(QRectF(track.left(), track.top(), row.track * scale, BAR), theme.color("dim", 0.32))
        paint_pieces(painter, row.pieces, track, scale)
        painter.restore()
        if row.mark is not None:
            x = track.left() + min(track.width() - 1, row.mark * scale)
            painter.setPen(QPen(theme.color("text"), 1.5))
            painter.drawLine(QPointF(x, track.top() - 2), QPointF(x, track.bottom() + 2))

    # -- choosing ---------------------------------------------------------------------------------

    def open(self, row: int) -> None:
        """A person wants the people behind a row."""
        if 0 <= row < len(self._rows) and self._opens:
            self._go(row)
            self.opened.emit(self._rows[row].key)

    def _go(self, row: int) -> None:
        self.choose(row)
        self.setAccessibleDescription(self.says(row))
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click opens."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.open(self.row_at(event.position().y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up, down, first and last choose; Enter and Space open."""
        last = len(self._rows) - 1
        moves = {
            Qt.Key.Key_Up: max(0, self._chosen - 1), Qt.Key.Key_Down: min(last, self._chosen + 1),
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in moves and last >= 0 and moves[key] != self._chosen:
            self._go(moves[key])
        elif key in ENTER and self._chosen >= 0:
            self.open(self._chosen)
        else:
            super(RowsChart, self).keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Somebody comes by keyboard: begin at the first row."""
        if self._chosen < 0 and self._rows and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._go(0)
        super().focusInEvent(event)


def paint_pieces(painter: QPainter, pieces: tuple[Piece, ...], track: QRectF, scale: float) -> None:
    """Pieces beside one another, with a hair between them."""
    theme = Theme.current()
    x = track.left()
    for piece in pieces:
        width = piece.value * scale
        if width > 0:
            shown = max(1.0, width - (1.0 if width > 4 else 0.0))
            colour = theme.color(piece.token, FAINT if piece.faint else 0.9)
            painter.fillRect(QRectF(x, track.top(), shown, track.height()), colour)
        x += width
