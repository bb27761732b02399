"""The workflow as a picture that can be edited: choose, walk along the ways, drag a step onto another way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.graph_model import GraphEdge
from turbulence_app.gui.graph_steps import beside
from turbulence_app.gui.widgets.graph_cards import LineItem, StepItem
from turbulence_app.gui.widgets.graph_drag import Dragging
from turbulence_app.gui.widgets.graph_sheet import ZOOM_STEP, GraphSheet

KEYS = {
    Qt.Key.Key_F2: "rename", Qt.Key.Key_Delete: "delete", Qt.Key.Key_Backspace: "delete", Qt.Key.Key_Insert: "add",
}  # fmt: skip
ARROWS = {Qt.Key.Key_Left: "left", Qt.Key.Key_Right: "right", Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}


class GraphCanvas(GraphSheet):
    """Says what a person wants with a workflow; what is done with that is somebody else's.

    ``acted``: what (``add``, ``rename``, ``delete``, ``duplicate``, ``earlier``, ``later``, ``menu``) and which step.
    ``edge_wanted``: a step shall be added on a way. ``dropped``: a step was dragged onto a way.
    """

    step_clicked = Signal(str)
    step_activated = Signal(str)
    acted = Signal(str, str)
    edge_wanted = Signal(object)
    dropped = Signal(str, object)

    def __init__(self, parent: QWidget | None = None, *, motion: Callable[[], bool] = lambda: False) -> None:
        super().__init__(parent, motion=motion)
        self._offered: LineItem | None = None
        self.dragging = Dragging(self)

    def let_go(self) -> None:
        """Nothing is carried or offered any more."""
        self._offered = None
        self.dragging.cancel()

    # -- events -----------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Ctrl and wheel zoom; the wheel alone scrolls, with Shift to the side."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ZOOM_STEP if event.angleDelta().y() > 0 else 1 / ZOOM_STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Two fingers zoom."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1.0 + event.value())
            return True
        if event.type() == QEvent.Type.Leave:
            self._offer(None)
        return super().viewportEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keys that other places have, too, mean the graph while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            mine = Qt.Key(event.key()) in KEYS or _duplicates(event)
            if mine or (event.key() == Qt.Key.Key_Escape and self.dragging.active):
                event.accept()
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click chooses a step, or adds one on a way; elsewhere the picture is dragged."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        if self._offered is not None and not self._name_at(event.position()):
            path = self._offered.path
            self.edge_wanted.emit(GraphEdge(path.source, path.target, path.kind))  # type: ignore[arg-type]
        elif name := self._name_at(event.position()):
            self.select(name)
            self.step_clicked.emit(name)
            self.dragging.press(name, event.position())
        else:
            self.dragging.grab(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Carry a step or the picture; else offer to add one on the way under the pointer."""
        if self.dragging.move(event.position()):
            self._offer(None)
        elif not event.buttons():
            self._offer(None if self._name_at(event.position()) else self._line_at(event.position()))
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """What was carried is put down."""
        name, edge = self.dragging.release()
        if name and edge is not None:
            self.dropped.emit(name, edge)
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the step."""
        self.dragging.cancel()
        if name := self._name_at(event.position()):
            self.step_activated.emit(name)
        elif self._offered is None:
            self.fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """What can be done with the step."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        name = self._name_at(QPointF(event.pos())) if by_mouse else self._current
        if name:
            self.select(name)
            self.step_clicked.emit(name)
            self.acted.emit("menu", name)

    def menu_point(self) -> QPoint:
        """Where a menu about the chosen step opens, globally."""
        item = self.items_.get(self._current)
        if item is None:
            return self.viewport().mapToGlobal(self.viewport().rect().center())
        return self.viewport().mapToGlobal(self.mapFromScene(item.sceneBoundingRect().bottomLeft() + QPointF(12, -6)))

    def _offer(self, line: LineItem | None) -> None:
        if line is not self._offered:
            if self._offered is not None:
                self._offered.show_state(offered=False)
            self._offered = line
            if line is not None:
                line.show_state(offered=True)
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if line else Qt.CursorShape.ArrowCursor)

    def _line_at(self, point: QPointF) -> LineItem | None:
        where = self.mapToScene(point.toPoint())
        lines = [line for line in self.lines.values() if line.near(where)]
        return min(lines, key=lambda line: (line.plus() - where).manhattanLength(), default=None)

    def _name_at(self, point: QPointF) -> str:
        for item in self.items(point.toPoint()):
            if isinstance(item, StepItem) and item is not self.dragging.ghost:
                return item.name
        return ""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows go along the ways, Enter edits; F fits, 1 is full size, plus and minus zoom."""
        key = Qt.Key(event.key())
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if key == Qt.Key.Key_Escape and self.dragging.active:
            self.dragging.cancel()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current:
            self.step_activated.emit(self._current)
        elif key in (Qt.Key.Key_F, Qt.Key.Key_0):
            self.fit()
        elif key == Qt.Key.Key_1:
            self.actual_size()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1 / ZOOM_STEP if key == Qt.Key.Key_Minus else ZOOM_STEP)
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._current:
            self.acted.emit("earlier" if key == Qt.Key.Key_Up else "later", self._current)
        elif key in ARROWS and self.items_:
            self._go(beside(self.graph, self.river, self._current, ARROWS[key]))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.items_:
            self._go(list(self.items_)[0 if key == Qt.Key.Key_Home else -1])
        elif key in KEYS:
            self.acted.emit(KEYS[key], self._current)
        elif _duplicates(event):
            self.acted.emit("duplicate", self._current)
        else:
            super().keyPressEvent(event)

    def _go(self, name: str) -> None:
        self.select(name)
        self.step_clicked.emit(name)


def _duplicates(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier
