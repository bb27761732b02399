"""The funnel: how many are still there at each step, against a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_BAR, RADIUS_HAIR, RADIUS_SMALL
from turbulence_app.gui.widgets.painting import bold, paint_ring, wrap_label
from turbulence_app.insight.words import percent

VALUE_ROOM = 22
LABEL_LINE = 15
MAX_BAR = 96
SIDE = 2


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One step: ``value`` is the share of users (0..1) who reached it, ``baseline`` that of the crowd compared with."""

    label: str
    value: float
    count: int
    baseline: float | None = None
    reason: str = ""
    """In words, why people ended here; shown in the tooltip."""

    @property
    def sentence(self) -> str:
        """The row for a tooltip and for a screen reader."""
        parts = [f"{self.label}: {self.count:,} users, {percent(self.value, 1)}"]
        if self.baseline is not None:
            parts.append(f"baseline {percent(self.baseline, 1)} ({(self.value - self.baseline) * 100:+.1f} points)")
        return "; ".join([*parts, self.reason] if self.reason else parts)


class FunnelView(QWidget):
    """Bars from 0 to 100 % with a dashed baseline; click or Enter asks for the people behind a bar."""

    clicked = Signal(str, int)
    """The row's label and index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[FunnelRow] = []
        self._current = -1
        self._empty = "Nothing to show yet."
        self.setAccessibleName("Funnel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_empty_text(self, text: str) -> None:
        """What to say while there are no rows."""
        self._empty = text
        self.update()

    def set_data(self, rows: Sequence[FunnelRow]) -> None:
        """Show these steps, in order."""
        self._rows = list(rows)
        self._current = min(self._current, len(self._rows) - 1)
        self.setAccessibleDescription(". ".join(row.sentence for row in self._rows) or self._empty)
        self.update()

    def table(self) -> Table:
        """A line per step; shares from 0 to 1."""
        rows = [(row.label, row.count, row.value, row.baseline, row.reason) for row in self._rows]
        return Table(("step", "users", "share", "baseline", "reason"), rows)

    def rows(self) -> list[FunnelRow]:
        """What is shown."""
        return list(self._rows)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for twelve steps."""
        return QSize(560, 190)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Bars stay readable down to this."""
        return QSize(max(160, 34 * len(self._rows)), 120)

    def _slot(self) -> float:
        return (self.width() - 2 * SIDE) / max(1, len(self._rows))

    def _index_at(self, x: float) -> int:
        index = int((x - SIDE) / self._slot()) if self._rows else -1
        return index if 0 <= index < len(self._rows) else -1

    def bar_rect(self, index: int) -> QRectF:
        """The bar of a row, in widget coordinates."""
        return self._rect_of(index, self._rows[index].value)

    def _rect_of(self, index: int, value: float) -> QRectF:
        slot = self._slot()
        width = min(MAX_BAR, slot * 0.76)
        floor = self.height() - 2 * _scaled(LABEL_LINE) - 6
        height = max(1.5, min(1.0, max(0.0, value)) * max(10.0, floor - _scaled(VALUE_ROOM)))
        return QRectF(SIDE + index * slot + (slot - width) / 2, floor - height, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Bars, values, baselines, labels."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            painter.setPen(Theme.current().color("dim"))
            painter.drawText(
                self.rect(), int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self._empty
            )
        for index, row in enumerate(self._rows):
            self._paint_row(painter, index, row)
        painter.end()
        if self._current < 0:
            paint_ring(self)

    def _paint_row(self, painter: QPainter, index: int, row: FunnelRow) -> None:
        theme, bar = Theme.current(), self.bar_rect(index)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent", 0.95 if index == self._current else 0.82))
        painter.drawRoundedRect(bar, RADIUS_BAR, RADIUS_BAR)
        top = bar.top()
        if row.baseline is not None:
            base = self._rect_of(index, row.baseline)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("dim"), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(base.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_BAR, RADIUS_BAR)
            top = min(top, base.top())
        self._paint_words(painter, index, row, bar, top)
        if index == self._current and ringed(self):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), 1))
            painter.drawRoundedRect(bar.adjusted(-2.5, -2.5, RADIUS_HAIR, RADIUS_HAIR), RADIUS_SMALL, RADIUS_SMALL)

    def _paint_words(self, painter: QPainter, index: int, row: FunnelRow, bar: QRectF, top: float) -> None:
        slot, theme = self._slot(), Theme.current()
        above, high = _scaled(VALUE_ROOM), _scaled(LABEL_LINE)
        room = QRectF(SIDE + index * slot, top - above + 2, slot, above - 3)
        painter.setFont(bold(theme.font("mono" if slot > 52 else "mono_small")))
        painter.setPen(theme.color("text"))
        value = percent(row.value, 0 if row.value >= 0.0995 or row.value == 0 else 1)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom), value)
        font = theme.font("small")
        painter.setFont(font)
        painter.setPen(theme.color("text" if index == self._current else "dim"))
        for number, line in enumerate(wrap_label(row.label, QFontMetricsF(font), slot - 4)):
            place = QRectF(SIDE + index * slot, bar.bottom() + 3 + number * high, slot, high)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), line)

    def _choose(self, index: int) -> None:
        self._current = index
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on a bar's column asks for its people."""
        index = self._index_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._choose(index)
            self.clicked.emit(self._rows[index].label, index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The hand says that a bar can be clicked."""
        over = self._index_at(event.position().x()) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left and right choose a bar, Enter or Space asks for its people."""
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if not self._rows:
            super().keyPressEvent(event)
        elif event.key() in moves:
            self._choose(max(0, min(len(self._rows) - 1, self._current + moves[Qt.Key(event.key())])))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current >= 0:
            self.clicked.emit(self._rows[self._current].label, self._current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """A tooltip per bar."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._index_at(QPointF(event.pos()).x())
            QToolTip.showText(event.globalPos(), self._rows[index].sentence if index >= 0 else "", self)
            return True
        return super().event(event)


def _scaled(size: int) -> int:
    """Pixels that grow with the type."""
    return round(size * Theme.current().scale)
