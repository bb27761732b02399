"""Lines over spans of time, one per persona: when was it slow, and for whom? Each span opens the people in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor as whole
from math import log10

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from turbulence_app.gui.chart_rows import SpanLine
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.bars import ENTER
from turbulence_app.gui.widgets.charts import clock

FOOT, LEFT, HEAD = 18.0, 52.0, 8.0


class SpanLines(QWidget):
    """``opened`` tells a span's number, ``pointed`` the one under the pointer or chosen by keyboard (-1: none)."""

    opened = Signal(int)
    pointed = Signal(int)

    def __init__(self, name: str, unit: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[SpanLine] = []
        self._span_s = 1.0
        self._chosen = -1
        self._unit = unit
        self._empty = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_empty(self, words: str) -> None:
        """What stands here while there are no lines."""
        self._empty = words
        self.update()

    def set_data(self, lines: Sequence[SpanLine], span_s: float) -> None:
        """Lines of equally many values; each value is about ``span_s`` seconds."""
        self._lines, self._span_s = list(lines), span_s
        self._chosen = min(self._chosen, self.spans() - 1)
        self.setAccessibleDescription("; ".join(self._range(line) for line in self._lines) or self._empty)
        self.update()

    def lines(self) -> list[SpanLine]:
        """What is shown."""
        return list(self._lines)

    def spans(self) -> int:
        """How many values there are."""
        return max((len(line.values) for line in self._lines), default=0)

    def says(self, span: int) -> str:
        """One span in words."""
        here = [
            f"{line.name} {self._unit(value)}"
            for line in self._lines
            if span < len(line.values) and (value := line.values[span]) is not None
        ]
        return f"{clock(span * self._span_s)} to {clock((span + 1) * self._span_s)}: " + (", ".join(here) or "nobody")

    def choose(self, span: int) -> None:
        """Choose a span, without telling."""
        self._chosen = span if 0 <= span < self.spans() else -1
        self.update()

    def table(self) -> Table:
        """A row per span."""
        rows = [
            (span * self._span_s, *(line.values[span] if span < len(line.values) else None for line in self._lines))
            for span in range(self.spans())
        ]
        return Table(("seconds", *(line.name for line in self._lines)), rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A picture of some height."""
        return QSize(360, 150)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still a picture."""
        return QSize(180, 96)

    def _range(self, line: SpanLine) -> str:
        known = [value for value in line.values if value is not None]
        return f"{line.name}: {self._unit(min(known))} to {self._unit(max(known))}" if known else f"{line.name}: nobody"

    # -- places -----------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        scale = Theme.current().scale
        left, foot = LEFT * scale, FOOT * scale
        return QRectF(left, HEAD, max(10.0, self.width() - left - 4), self.height() - foot - HEAD)

    def _top(self) -> float:
        known = [value for line in self._lines for value in line.values if value is not None]
        return max(known, default=0.0) * 1.08 or 1.0

    def _at(self, x: float) -> int:
        plot = self._plot()
        span = int((x - plot.left()) / plot.width() * self.spans()) if self.spans() else -1
        return span if 0 <= span < self.spans() and x >= plot.left() else -1

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Axes, the chosen span, lines."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.spans():
            painter.setPen(theme.ink("dim"))
            painter.setFont(theme.font("small"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), flags, self._empty)
            return
        plot, top = self._plot(), self._top()
        slot = plot.width() / self.spans()
        self._paint_axes(painter, plot, top)
        if self._chosen >= 0:
            box = QRectF(plot.left() + self._chosen * slot, plot.top(), slot, plot.height())
            painter.fillRect(box, theme.color("soft"))
            if self.hasFocus():
                painter.setPen(QPen(theme.color("accent"), 1))
                painter.drawRect(box)
        for line in self._lines:
            self._paint_line(painter, line, plot, top, slot)
        painter.end()

    def _paint_axes(self, painter: QPainter, plot: QRectF, top: float) -> None:
        theme = Theme.current()
        metrics = QFontMetricsF(theme.font("mono_small"))
        painter.setFont(theme.font("mono_small"))
        power = 10.0 ** whole(log10(top))
        step = next(m * power for m in (5.0, 2.0, 1.0) if m * power <= top)
        for value in (0.0, step / 2, step, *((step * 1.5,) if step * 1.5 <= top else ())):
            y = plot.bottom() - value / top * plot.height()
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(theme.ink("dim"))
            room = QRectF(0, y - metrics.height() / 2, plot.left() - 8, metrics.height())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._unit(value))
        free = 0.0
        count = self.spans()
        for place in range(0, count + 1, max(1, count // 4)):
            words = clock(place * self._span_s)
            width = metrics.horizontalAdvance(words)
            x = min(self.width() - width, max(plot.left(), plot.left() + place / count * plot.width() - width / 2))
            if x >= free:
                painter.drawText(QPointF(x, plot.bottom() + metrics.ascent() + 4), words)
                free = x + width + 14

    def _paint_line(self, painter: QPainter, line: SpanLine, plot: QRectF, top: float, slot: float) -> None:
        painter.setPen(QPen(Theme.current().color(line.token), 1.5))
        before: QPointF | None = None
        for span, value in enumerate(line.values):
            here = None
            if value is not None:
                here = QPointF(plot.left() + (span + 0.5) * slot, plot.bottom() - value / top * plot.height())
                if before is not None:
                    painter.drawLine(before, here)
                elif span + 1 >= len(line.values) or line.values[span + 1] is None:
                    painter.drawEllipse(here, 1.2, 1.2)
            before = here

    # -- choosing ---------------------------------------------------------------------------------

    def open(self, span: int) -> None:
        """A person wants the people of a span."""
        if 0 <= span < self.spans():
            self._go(span)
            self.opened.emit(span)

    def _go(self, span: int) -> None:
        self._chosen = span
        self.setAccessibleDescription(self.says(span))
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.pointed.emit(span)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click opens."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.open(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """What lies under the pointer."""
        over = self._at(event.position().x())
        self.setCursor(Qt.CursorShape.PointingHandCursor if over >= 0 else Qt.CursorShape.ArrowCursor)
        self.pointed.emit(over)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nobody points any more."""
        self.pointed.emit(-1)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left, right, first and last choose; Enter and Space open."""
        last = self.spans() - 1
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
        """Somebody comes by keyboard: begin at the first span."""
        if self._chosen < 0 and self.spans() and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._go(0)
        super().focusInEvent(event)
