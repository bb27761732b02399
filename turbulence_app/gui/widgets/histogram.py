"""How long did it take? Columns over a logarithmic axis of time, made of pieces; each opens the people behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from turbulence_app.gui.chart_rows import BinRow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.bars import ENTER

FOOT, HEAD = 18.0, 16.0


class Histogram(QWidget):
    """``opened`` tells a column's key. Lines stand at percentiles; the dashed outline is what it is held against."""

    opened = Signal(str)

    def __init__(self, name: str, unit: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[BinRow] = []
        self._marks: list[tuple[str, float]] = []
        self._chosen = -1
        self._unit = unit
        self._empty = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_empty(self, words: str) -> None:
        """What stands here while there are no columns."""
        self._empty = words
        self.update()

    def set_data(self, rows: Sequence[BinRow], marks: Sequence[tuple[str, float]]) -> None:
        """Columns side by side, and percentiles by name."""
        self._rows, self._marks = list(rows), list(marks)
        self._chosen = min(self._chosen, len(self._rows) - 1)
        told = [f"{name} {self._unit(value)}" for name, value in marks]
        self.setAccessibleDescription("; ".join([*told, *(row.says for row in self._rows)]) or self._empty)
        self.update()

    def rows(self) -> list[BinRow]:
        """What is shown."""
        return list(self._rows)

    def choose_key(self, key: str) -> None:
        """Choose a column by its key, without telling."""
        self._chosen = next((i for i, row in enumerate(self._rows) if row.key == key), -1)
        self.update()

    def table(self) -> Table:
        """Columns with their pieces."""
        names = tuple(piece.name for piece in self._rows[0].pieces) if self._rows else ()
        rows = [(row.low, row.high, row.value, *(piece.value for piece in row.pieces)) for row in self._rows]
        return Table(("from", "to", "people", *names), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A picture of some height."""
        return QSize(360, 150)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still a picture."""
        return QSize(180, 96)

    # -- places -----------------------------------------------------------------------------------

    def _floor(self) -> float:
        return self.height() - FOOT * Theme.current().scale

    def _slot(self) -> float:
        return self.width() / max(1, len(self._rows))

    def _most(self) -> float:
        return max((max(row.value, row.mark or 0.0) for row in self._rows), default=0.0)

    def _x(self, value: float) -> float:
        """Where a time lies: inside its column by its share of it."""
        for place, row in enumerate(self._rows):
            if value < row.high or place == len(self._rows) - 1:
                share = (value - row.low) / max(1e-9, row.high - row.low)
                return (place + min(1.0, max(0.0, share))) * self._slot()
        return 0.0

    def _at(self, x: float) -> int:
        place = int(x / self._slot()) if self._rows else -1
        return place if 0 <= place < len(self._rows) else -1

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Axis, columns, percentiles."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(theme.ink("dim"))
            painter.setFont(theme.font("small"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), flags, self._empty)
            return
        floor, most = self._floor(), self._most()
        scale = (floor - HEAD * theme.scale) / most if most else 0.0
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QPointF(0, floor + 0.5), QPointF(self.width(), floor + 0.5))
        for place, row in enumerate(self._rows):
            self._paint_column(painter, place, row, floor, scale)
        self._paint_outline(painter, floor, scale)
        self._paint_axis(painter, floor)
        self._paint_marks(painter, floor)
        painter.end()

    def _paint_column(self, painter: QPainter, place: int, row: BinRow, floor: float, scale: float) -> None:
        theme, slot = Theme.current(), self._slot()
        column = QRectF(place * slot + 0.75, 0, max(1.0, slot - 1.5), floor)
        if place == self._chosen:
            painter.fillRect(column.adjusted(-0.75, 0, 0.75, 0), theme.color("soft"))
            if self.hasFocus():
                painter.setPen(QPen(theme.color("accent"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(column.adjusted(-0.25, 0.5, 0.25, -0.5))
        y = floor
        for piece in row.pieces:
            tall = piece.value * scale
            if tall > 0:
                painter.fillRect(QRectF(column.left(), y - tall, column.width(), tall), theme.color(piece.token, 0.9))
            y -= tall
        if row.value and floor - y < 1.0:
            painter.fillRect(QRectF(column.left(), floor - 1, column.width(), 1), theme.color("dim"))

    def _paint_outline(self, painter: QPainter, floor: float, scale: float) -> None:
        if all(row.mark is None for row in self._rows):
            return
        slot = self._slot()
        line = QPolygonF()
        for place, row in enumerate(self._rows):
            y = floor - (row.mark or 0.0) * scale
            line.append(QPointF(place * slot, y))
            line.append(QPointF((place + 1) * slot, y))
        painter.setPen(QPen(Theme.current().color("dim"), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)

    def _paint_axis(self, painter: QPainter, floor: float) -> None:
        theme = Theme.current()
        painter.setFont(theme.font("mono_small"))
        painter.setPen(theme.ink("dim"))
        metrics = QFontMetricsF(theme.font("mono_small"))
        free = 0.0
        for place, row in enumerate(self._rows):
            words = self._unit(row.low)
            width = metrics.horizontalAdvance(words)
            x = min(self.width() - width, max(0.0, place * self._slot() - (width / 2 if place else 0)))
            if x >= free:
                painter.drawText(QPointF(x, floor + metrics.ascent() + 4), words)
                free = x + width + 18

    def _paint_marks(self, painter: QPainter, floor: float) -> None:
        theme = Theme.current()
        painter.setFont(theme.font("mono_small"))
        metrics = QFontMetricsF(theme.font("mono_small"))
        free = self.width() + 0.0
        for name, value in reversed(self._marks):
            x = self._x(value)
            painter.setPen(QPen(theme.color("text", 0.55), 1))
            painter.drawLine(QPointF(x, metrics.height()), QPointF(x, floor))
            width = metrics.horizontalAdvance(name)
            left = min(free - width, max(0.0, x - width / 2))
            if left >= 0:
                painter.setPen(theme.color("text"))
                painter.drawText(QPointF(left, metrics.ascent()), name)
                free = left - 6

    # -- choosing ---------------------------------------------------------------------------------

    def open(self, place: int) -> None:
        """A person wants the people behind a column."""
        if 0 <= place < len(self._rows):
            self._go(place)
            self.opened.emit(self._rows[place].key)

    def _go(self, place: int) -> None:
        self._chosen = place
        self.setAccessibleDescription(self._rows[place].says)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click opens."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.open(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The hand over columns."""
        over = self._at(event.position().x()) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left, right, first and last choose; Enter and Space open."""
        last = len(self._rows) - 1
        moves = {
            Qt.Key.Key_Left: max(0, self._chosen - 1), Qt.Key.Key_Right: min(last, self._chosen + 1),
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in moves and last >= 0:
            self._go(moves[key])
        elif key in ENTER and self._chosen >= 0:
            self.open(self._chosen)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Somebody comes by keyboard: begin at the first column."""
        if self._chosen < 0 and self._rows and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._go(0)
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        """The column in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos().x())
            tip = f"{self._rows[place].says}\nEnter shows the people" if place >= 0 else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)
