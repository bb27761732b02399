"""The whole crowd as one bar, a piece per persona; the borders between pieces can be dragged."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.places.personas.crowd_state import CrowdRow, borders
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_HAIR

REACH = 6
"""Pixels from a border within which it is taken."""


class MixStrip(QWidget):
    """Drag a border, or choose one with Up and Down and move it with Left and Right."""

    parted = Signal(str, str, float)
    """Two neighbours, and the first one's share of what both have."""
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[CrowdRow] = []
        self._hand = self._at = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Crowd mix")

    def show_mix(self, rows: Sequence[CrowdRow]) -> None:
        """Show these shares."""
        self._rows = list(rows)
        self._at = min(self._at, len(rows) - 2)
        self.setAccessibleDescription(", ".join(f"{row.name} {row.percent}" for row in rows))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """A bar with room for its handles."""
        return QSize(160, 18)

    def border_at(self, x: float) -> int:
        """The border that can be taken at a pixel; -1 is none."""
        near = [(abs(at * self.width() - x), number) for number, at in enumerate(self._borders()) if self._free(number)]
        distance, number = min(near, default=(REACH + 1.0, -1))
        return number if distance <= REACH else -1

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Pieces with hairlines between them; a handle at the border in hand."""
        theme, painter, left = Theme.current(), QPainter(self), 0.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for item in self._rows:
            width = item.share * self.width()
            painter.setBrush(theme.color(item.color))
            gap = 2 if width > 4 else 0
            painter.drawRoundedRect(QRectF(left, 5, max(0.5, width - gap), 8), RADIUS_HAIR, RADIUS_HAIR)
            left += width
        ends = self._borders()
        if 0 <= self._at < len(ends):
            x = ends[self._at] * self.width() - 1
            painter.setPen(QPen(theme.color("accent" if ringed(self) else "text"), 2))
            painter.drawLine(QPointF(x, 1), QPointF(x, 17))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take the border that is near."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand = self._at = self.border_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand, or show what can be taken."""
        x = event.position().x()
        if self._hand >= 0:
            self._move_to(self._hand, x / max(1, self.width()))
            return
        at = self.border_at(x)
        self.setCursor(Qt.CursorShape.SizeHorCursor if at >= 0 else Qt.CursorShape.ArrowCursor)
        if at != self._at and not self.hasFocus():
            self._at = at
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002
        """Let go."""
        if self._hand >= 0:
            self._hand = -1
            self.dropped.emit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nothing is near."""
        super().leaveEvent(event)
        if not self.hasFocus():
            self._at = -1
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and Down choose a border, Left and Right move it by a point of the whole crowd."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        moves = {Qt.Key.Key_Left: -0.01, Qt.Key.Key_Right: 0.01}
        key, ends = Qt.Key(event.key()), self._borders()
        if key in steps and ends:
            self._at = min(len(ends) - 1, max(0, self._at + steps[key]))
            self.update()
        elif key in moves and 0 <= self._at < len(ends) and self._free(self._at):
            self._move_to(self._at, ends[self._at] + moves[key])
            self.dropped.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Whose piece it is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            ends = [*self._borders(), 1.0]
            at = event.pos().x() / max(1, self.width())
            item = next((row for row, end in zip(self._rows, ends, strict=False) if at <= end), None)
            text = f"{item.name} {item.percent}. Drag a border to shift people." if item is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _borders(self) -> list[float]:
        return borders([row.share for row in self._rows])

    def _free(self, border: int) -> bool:
        return not (self._rows[border].fixed or self._rows[border + 1].fixed)

    def _move_to(self, border: int, at: float) -> None:
        first, second = self._rows[border], self._rows[border + 1]
        left = self._borders()[border] - first.share
        both = first.share + second.share
        if both > 0:
            self.parted.emit(first.id, second.id, min(1.0, max(0.0, (at - left) / both)))
