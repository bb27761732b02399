"""The workflow as a picture: cards in their places, a first look, zoom, and an overview where it is large."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, QTimer, QVariantAnimation, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.graph_model import Graph, build_graph
from turbulence_app.gui.graph_river import River, lay_out
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.graph_cards import FrameItem, LineItem, Mark, StepItem, card_width
from turbulence_app.gui.widgets.graph_drawing import GraphGround
from turbulence_app.gui.widgets.minimap import Minimap

MOST_CARD = 190.0
READABLE = 0.85
"""Smallest scale at which the first look at a workflow is shown."""
ZOOM_STEP = 1.2
MIN_ZOOM, MAX_ZOOM = 0.12, 3.0
MOVE_MS = 180
CORNER = 10


class GraphSheet(GraphGround):
    """Shows a workflow, chooses a step, zooms; cards glide to their places when the workflow changes."""

    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None, *, motion: Callable[[], bool] = lambda: False) -> None:
        super().__init__(parent)
        self._motion = motion
        self._workflow: Workflow | None = None
        self.graph = Graph(())
        self.river = River({}, (), {}, 0.0, 0.0)
        self.items_: dict[str, StepItem] = {}
        self.lines: dict[tuple[str, str], LineItem] = {}
        self._frames: list[FrameItem] = []
        self._marks: Mapping[str, Mark] = {}
        self._fresh = True
        self._full = Theme.current().scale
        """The scale that counts as 100 %: that of the type."""
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.minimap = Minimap(self)
        self.minimap.wanted.connect(self.centerOn)
        self._moving = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=MOVE_MS)
        self._moving.valueChanged.connect(self._move)
        self._ways_of: dict[str, tuple[QPointF, QPointF]] = {}
        self._late = QTimer(self, singleShot=True, interval=0)
        self._late.timeout.connect(self._look_around)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._late.start)
        Theme.current().follow(self, self._restyle)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for a dozen steps."""
        return QSize(560, 480)

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

    def select(self, name: str) -> None:
        """Select a step without telling anybody, and bring it into view."""
        self._current = name if name in self.items_ else ""
        for key, item in self.items_.items():
            item.set_selected(key == self._current)
        if self._current:
            self._show_current()
            self.setAccessibleDescription(f"Step {self._current}, {self.items_[self._current].words()}")

    def _show_current(self) -> None:
        if self._current and not self._fresh:
            box = self.river.boxes[self._current]
            self.ensureVisible(QRectF(box.x, box.y, box.width, box.height), 30, 40)

    def let_go(self) -> None:
        """The cards are about to be laid out anew: nothing may hold one of them."""

    # -- layout -----------------------------------------------------------------------------------

    def _width(self, name: str) -> float:
        node = self.graph.nodes[name]
        title = QFontMetricsF(Theme.current().font("small" if node.kind == "end" else "strong", scaled=False))
        return card_width(node, title, QFontMetricsF(Theme.current().font("mono_small", scaled=False)), MOST_CARD)

    def _restyle(self) -> None:
        before, self._full = self._full, Theme.current().scale
        self._lay_out(move=False)
        if before != self._full:
            self._set_scale(self.transform().m11() * self._full / before)
            self._show_current()

    def _lay_out(self, *, move: bool) -> None:
        self._moving.stop()
        self.let_go()
        before = {name: item.pos() for name, item in self.items_.items()}
        self.river = lay_out(self.graph, self._width)
        self._place_cards()
        self._place_lines()
        for name, item in self.items_.items():
            item.set_selected(name == self._current)
            item.set_mark(self._marks.get(name, Mark()))
        self._scene.setSceneRect(QRectF(0, 0, max(1.0, self.river.width), max(1.0, self.river.height)))
        if self._fresh and self.isVisible():
            self.first_look()
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
        self._shown = self.items_

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

    def first_look(self) -> None:
        """The whole picture where it can be read so, else its upper end at a size that can."""
        self._fresh = False
        whole = self._whole_scale()
        self._set_scale(max(min(whole, self._full), READABLE * self._full))
        room = self.viewport().width() / self.transform().m11()
        x = self.river.width / 2 if self.river.width <= room else room / 2
        self.centerOn(x, 0 if whole < READABLE * self._full else self.river.height / 2)
        self._show_current()

    def _whole_scale(self) -> float:
        if not self.river.width:
            return 1.0
        return min(self.viewport().width() / self.river.width, self.viewport().height() / self.river.height)

    def _set_scale(self, scale: float) -> None:
        scale = min(MAX_ZOOM, max(MIN_ZOOM, scale))
        self.resetTransform()
        self.scale(scale, scale)
        self.zoomed.emit(scale / self._full)
        self._late.start()

    def fit(self) -> None:
        """The whole picture, as large as it goes but not larger than designed."""
        self._set_scale(min(self._full, self._whole_scale()))
        self.centerOn(self.river.width / 2, self.river.height / 2)

    def actual_size(self) -> None:
        """As designed: 100 %."""
        middle = self.mapToScene(self.viewport().rect().center())
        self._set_scale(self._full)
        self.centerOn(self.items_[self._current] if self._current else middle)

    def zoom(self, factor: float) -> None:
        """Closer or further; stops where nothing would be seen any more."""
        target = self.transform().m11() * factor
        if MIN_ZOOM <= target <= MAX_ZOOM:
            self.scale(factor, factor)
            self.zoomed.emit(target / self._full)
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
        self.minimap.move(self.width() - self.minimap.width() - CORNER, self.height() - self.minimap.height() - CORNER)
        self.minimap.show_seen(seen)

    # -- keeping a picture ------------------------------------------------------------------------

    def picture_size(self) -> QSize:
        """The whole graph at scale 1."""
        return self._scene.sceneRect().size().toSize()

    def paint_picture(self, painter: QPainter) -> None:
        """The whole graph without what is chosen."""
        self.let_go()
        for item in self.items_.values():
            item.set_selected(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = self._scene.sceneRect()
        self._scene.render(painter, QRectF(0, 0, whole.width(), whole.height()), whole)
        self.select(self._current)

    def table(self) -> Table:
        """The steps with what they do and where they lead."""
        onward: dict[str, list[str]] = {}
        for edge in self.graph.edges:
            word = f"{edge.kind}: " if edge.kind in ("yes", "no") else ""
            onward.setdefault(edge.source, []).append(word + edge.target)
        rows = [
            (node.name, node.kind, node.detail, "; ".join(onward.get(node.name, ())))
            for node in self.graph.nodes.values()
        ]
        return Table(("step", "type", "does", "leads to"), rows)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The first look needs the real size."""
        super().showEvent(event)
        if self._fresh:
            self.first_look()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The picture stays; the overview goes to the corner."""
        super().resizeEvent(event)
        self._show_current()
        self._late.start()
