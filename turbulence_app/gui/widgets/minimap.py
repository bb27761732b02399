"""A small picture of the whole graph in the corner of a large one: click or drag in it to go there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CONTROL, RADIUS_HAIR

LARGEST = QSize(150, 190)
INSET = 6.0


class Minimap(QWidget):
    """``wanted`` tells the point of the scene that shall come to the middle."""

    wanted = Signal(QPointF)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._boxes: Sequence[tuple[QRectF, str]] = ()
        self._scene = QRectF()
        self._seen = QRectF()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Overview of the graph")
        self.setToolTip("The whole graph: click or drag to go there.")
        self.hide()

    def show_boxes(self, scene: QRectF, boxes: Sequence[tuple[QRectF, str]]) -> None:
        """Show other cards: their places, and the token of their colour."""
        self._scene, self._boxes = scene, boxes
        if not scene.isEmpty():
            scale = min(LARGEST.width() / scene.width(), LARGEST.height() / scene.height())
            self.resize(max(36, int(scene.width() * scale)), max(36, int(scene.height() * scale)))
        self.update()

    def show_seen(self, seen: QRectF) -> None:
        """The part of the scene that is in view."""
        if seen != self._seen:
            self._seen = seen
            self.update()

    def _scale(self) -> float:
        room = QRectF(self.rect()).adjusted(INSET, INSET, -INSET, -INSET)
        return float(min(room.width() / self._scene.width(), room.height() / self._scene.height()))

    def _place(self, box: QRectF) -> QRectF:
        scale = self._scale()
        left = (self.width() - self._scene.width() * scale) / 2
        return QRectF(left + box.x() * scale, INSET + box.y() * scale, box.width() * scale, box.height() * scale)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Cards as small blocks, the view as a frame."""
        if self._scene.isEmpty():
            return
        theme, painter = Theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel", 0.97))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setPen(Qt.PenStyle.NoPen)
        for box, token in self._boxes:
            painter.setBrush(theme.color(token, 1.0 if token != "dim" else 0.55))
            painter.drawRoundedRect(self._place(box), RADIUS_HAIR, RADIUS_HAIR)
        seen = self._place(self._seen.intersected(self._scene))
        painter.setPen(QPen(theme.color("accent"), 1.2))
        painter.setBrush(theme.color("accent", 0.10))
        painter.drawRoundedRect(seen, RADIUS_HAIR, RADIUS_HAIR)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go there."""
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go along while the button is held."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        scale = self._scale()
        left = (self.width() - self._scene.width() * scale) / 2
        where = event.position()
        self.wanted.emit(QPointF((where.x() - left) / scale, (where.y() - INSET) / scale))
        event.accept()
