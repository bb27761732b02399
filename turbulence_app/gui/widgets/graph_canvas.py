"""The workflow as a picture that can be edited: choose, walk along the ways, zoom, drag a step onto another way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.graph_model import Graph, GraphEdge, build_graph
from turbulence_app.gui.graph_river import River, lay_out
from turbulence_app.gui.graph_steps import beside
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.graph_cards import FrameItem, LineItem, Mark, StepItem, card_width
from turbulence_app.gui.widgets.graph_drag import Dragging
from turbulence_app.gui.widgets.minimap import Minimap

MOST_CARD = 190.0
READABLE = 0.85
"""Smallest scale at which the first look at a workflow is shown."""
ZOOM_STEP = 1.2
MIN_ZOOM, MAX_ZOOM = 0.12, 3.0
MOVE_MS = 180
CORNER = 10
KEYS = {
    Qt.Key.Key_F2: "rename", Qt.Key.Key_Delete: "delete", Qt.Key.Key_Backspace: "delete", Qt.Key.Key_Insert: "add",
}  # fmt: skip
ARROWS = {Qt.Key.Key_Left: "left", Qt.Key.Key_Right: "right", Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}


class GraphCanvas(QGraphicsView):
    """Shows a workflow and says what a person wants with it; what is done with that is somebody else's.

    ``acted``: what (``add``, ``rename``, ``delete``, ``duplicate``, ``earlier``, ``later``, ``menu``) and which step.
    ``edge_wanted``: a step shall be added on a way. ``dropped``: a step was dragged onto a way.
    """

    step_clicked = Signal(str)
    step_activated = Signal(str)
    acted = Signal(str, str)
    edge_wanted = Signal(object)
    dropped = Signal(str, object)
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None, *, motion: Callable[[], bool] = lambda: False) -> None:
        self._scene = QGraphicsScene()
        super().__init__(self._scene, parent)
        self._motion = motion
        self._workflow: Workflow | None = None
        self.graph = Graph(())
        self.river = River({}, (), {}, 0.0, 0.0)
        self.items_: dict[str, StepItem] = {}
        self.lines: dict[tuple[str, str], LineItem] = {}
        self._frames: list[FrameItem] = []
        self._marks: Mapping[str, Mark] = {}
        self._current = ""
        self._stale = False
        self._fresh = True
        self._empty = "No workflow yet."
        self._offered: LineItem | None = None
        self.dragging = Dragging(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        for bars in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            bars(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Workflow graph")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("background: transparent")
        self.minimap = Minimap(self)
        self.minimap.wanted.connect(self.centerOn)
        self._moving = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=MOVE_MS)
        self._moving.valueChanged.connect(self._move)
        self._ways_of: dict[str, tuple[QPointF, QPointF]] = {}
        self._late = QTimer(self, singleShot=True, interval=0)
        self._late.timeout.connect(self._look_around)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._late.start)
        Theme.current().changed.connect(self._restyle)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for a dozen steps."""
        return QSize(560, 480)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Smaller than this nothing can be read."""
        return QSize(220, 140)

    # -- content ----------------------------------------------------------------------------------

    def set_workflow(self, workflow: Workflow | None, *, empty: str = "No workflow yet.") -> None:
        """Show a workflow; the same one in a new version keeps the view, and its cards move to their new places."""
        self._empty = empty
        if workflow is self._workflow:
            return
        another = workflow is None or self._workflow is None or workflow.id != self._workflow.id
        self._workflow = workflow
        self.graph = build_graph(workflow) if workflow is not None else Graph(())
        if self._current not in self.graph.nodes:
            self._current = ""
        self._fresh = self._fresh or another
        self._lay_out(move=not another and self._motion() and self.isVisible())

    def set_stale(self, stale: bool) -> None:
        """Grey the picture: the text it was made from has changed and cannot be read."""
        if stale != self._stale:
            self._stale = stale
            self.viewport().update()

    def set_marks(self, marks: Mapping[str, Mark]) -> None:
        """Put marks at the corners of cards; the others lose theirs."""
        self._marks = marks
        for name, item in self.items_.items():
            item.set_mark(marks.get(name, Mark()))
        self._overview()

    def set_walked(self, ways: Collection[tuple[str, str]]) -> None:
        """Light the ways that somebody took."""
        for way, line in self.lines.items():
            line.show_state(walked=way in ways)

    def nodes(self) -> list[str]:
        """Names of the steps shown, in the order of the flow."""
        return list(self.items_)

    def current(self) -> str:
        """The selected step, or ''."""
        return self._current

    def select(self, name: str) -> None:
        """Select a step without telling anybody, and bring it into view."""
        self._current = name if name in self.items_ else ""
        for key, item in self.items_.items():
            item.set_selected(key == self._current)
        if self._current:
            item = self.items_[self._current]
            box = self.river.boxes[self._current]
            self.ensureVisible(QRectF(box.x, box.y, box.width, box.height), 30, 40)
            self.setAccessibleDescription(f"Step {self._current}, {item.words()}")

    # -- layout -----------------------------------------------------------------------------------

    def _width(self, name: str) -> float:
        theme = Theme.current()
        node = self.graph.nodes[name]
        title = QFontMetricsF(theme.font("small" if node.kind == "end" else "strong"))
        return card_width(node, title, QFontMetricsF(theme.font("mono_small")), MOST_CARD)

    def _restyle(self) -> None:
        self._lay_out(move=False)

    def _lay_out(self, *, move: bool) -> None:
        self._moving.stop()
        self._offered = None
        self.dragging.cancel()
        before = {name: item.pos() for name, item in self.items_.items()}
        self.river = lay_out(self.graph, self._width)
        self._place_cards()
        self._place_lines()
        for name, item in self.items_.items():
            item.set_selected(name == self._current)
            item.set_mark(self._marks.get(name, Mark()))
        self._scene.setSceneRect(QRectF(0, 0, max(1.0, self.river.width), max(1.0, self.river.height)))
        if self._fresh and self.isVisible():
            self._first_look()
        if move:
            self._ways_of = {
                name: (before[name], item.pos())
                for name, item in self.items_.items()
                if name in before and before[name] != item.pos()
            }
            if self._ways_of:
                self._moving.start()
        self._overview()
        self.viewport().update()

    def _place_cards(self) -> None:
        for name in [name for name in self.items_ if name not in self.river.boxes]:
            self._scene.removeItem(self.items_.pop(name))
        kept, self.items_ = self.items_, {}
        for name in self.graph.nodes:
            box, node = self.river.boxes[name], self.graph.nodes[name]
            item = kept.get(name)
            if item is None:
                item = StepItem(node, box)
                self._scene.addItem(item)
            else:
                item.show_node(node, box)
                item.setPos(box.x, box.y)
            self.items_[name] = item

    def _place_lines(self) -> None:
        kept = self.lines
        self.lines = {}
        for path in self.river.paths:
            line = kept.pop((path.source, path.target), None)
            if line is None or line.path != path:
                if line is not None:
                    self._scene.removeItem(line)
                line = LineItem(path)
                self._scene.addItem(line)
            self.lines[path.source, path.target] = line
        for line in kept.values():
            self._scene.removeItem(line)
        for frame in self._frames:
            self._scene.removeItem(frame)
        self._frames = [FrameItem(frame) for frame in self.river.frames.values()]
        for item in self._frames:
            self._scene.addItem(item)

    def _move(self, share: float) -> None:
        """Cards glide to their places; the ways come up behind them."""
        eased = 1 - (1 - share) ** 3
        for name, (start, end) in self._ways_of.items():
            if name in self.items_:
                self.items_[name].setPos(start + (end - start) * eased)
        for line in self.lines.values():
            line.setOpacity(eased)

    # -- view -------------------------------------------------------------------------------------

    def _first_look(self) -> None:
        """The whole picture where it can be read so, else its upper end at a size that can."""
        self._fresh = False
        whole = self._whole_scale()
        self._set_scale(max(min(whole, 1.0), READABLE))
        room = self.viewport().width() / self.transform().m11()
        x = self.river.width / 2 if self.river.width <= room else room / 2
        self.centerOn(x, 0 if whole < READABLE else self.river.height / 2)

    def _whole_scale(self) -> float:
        if not self.river.width:
            return 1.0
        return min(self.viewport().width() / self.river.width, self.viewport().height() / self.river.height)

    def _set_scale(self, scale: float) -> None:
        scale = min(MAX_ZOOM, max(MIN_ZOOM, scale))
        self.resetTransform()
        self.scale(scale, scale)
        self.zoomed.emit(scale)
        self._late.start()

    def fit(self) -> None:
        """The whole picture, as large as it goes but not larger than designed."""
        self._set_scale(min(1.0, self._whole_scale()))
        self.centerOn(self.river.width / 2, self.river.height / 2)

    def actual_size(self) -> None:
        """As designed: 100 %."""
        middle = self.mapToScene(self.viewport().rect().center())
        self._set_scale(1.0)
        self.centerOn(self.items_[self._current] if self._current else middle)

    def zoom(self, factor: float) -> None:
        """Closer or further; stops where nothing would be seen any more."""
        target = self.transform().m11() * factor
        if MIN_ZOOM <= target <= MAX_ZOOM:
            self.scale(factor, factor)
            self.zoomed.emit(target)
            self._late.start()

    def _overview(self) -> None:
        boxes = []
        for name, item in self.items_.items():
            box = self.river.boxes[name]
            token = "accent" if item.mark.here else {"error": "bad", "warning": "warn"}.get(item.mark.severity, "dim")
            boxes.append((QRectF(box.x, box.y, box.width, box.height), token))
        self.minimap.show_boxes(self._scene.sceneRect(), boxes)
        self._late.start()

    def _look_around(self) -> None:
        """Where the overview is, whether it is needed, and what is in view."""
        seen = self.mapToScene(self.viewport().rect()).boundingRect()
        fits = seen.adjusted(-2, -2, 2, 2).contains(self._scene.sceneRect())
        self.minimap.setVisible(bool(self.items_) and not fits and self.width() > 2.2 * self.minimap.width())
        self.minimap.move(
            self.width() - self.minimap.width() - CORNER, self.height() - self.minimap.height() - CORNER
        )
        self.minimap.show_seen(seen)

    # -- events -----------------------------------------------------------------------------------

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        """The veil over a stale picture, and what to say when there is none."""
        theme = Theme.current()
        if not self.items_:
            painter.resetTransform()
            painter.setFont(theme.font("body"))
            painter.setPen(theme.color("dim"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.viewport().rect()).adjusted(20, 20, -20, -20), flags, self._empty)
        elif self._stale:
            painter.fillRect(rect, theme.color("panel", 0.55))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The first look needs the real size."""
        super().showEvent(event)
        if self._fresh:
            self._first_look()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The picture stays; the overview goes to the corner."""
        super().resizeEvent(event)
        self._late.start()

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
