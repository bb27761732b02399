"""A run as a picture: the steps of its workflow, and who goes which way while it lasts."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.graph_fold import Folded, fold
from turbulence_app.gui.graph_layout import Picture, layout
from turbulence_app.gui.graph_model import Flow, Graph, build_graph, spread
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import PERSONA_TOKENS
from turbulence_app.gui.widgets.graph_drawing import GraphGround
from turbulence_app.gui.widgets.graph_items import WAY_LINE, WAYS_SHOWN, NodeItem, WayItem

MIN_CARD, MAX_CARD = 80.0, 190.0
MOST_USERS = "1,000,000"
"""A count that has room in every card."""
WIDE_CARD = 180.0
FOLDED_GAP = 34.0
LARGEST = 1.3
ROOM_STEP = 24.0
ZOOM_STEP = 1.2
MIN_ZOOM, MAX_ZOOM = 0.15, 3.0


class GraphView(GraphGround):
    """Shows a run; pan by dragging, zoom by Ctrl and wheel, fit by ``F``, arrows choose a step, Enter opens it.

    Decisions, conditions and ways out are folded into the steps before them.
    """

    step_clicked = Signal(str)
    step_activated = Signal(str)
    way_clicked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workflow: Workflow | None = None
        self._graph: Graph | None = None
        self._folded: Folded | None = None
        self._picture: Picture | None = None
        self._shown = self._nodes = dict[str, NodeItem]()
        self._ways: dict[tuple[str, str], WayItem] = {}
        self._flow: Flow | None = None
        self._laid_out: tuple[tuple[float, float], int] = ((0.0, 0.0), 0)
        self._fitted = True
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setToolTip("Drag to move, Ctrl and wheel to zoom, F to fit, arrow keys to go from step to step.")
        self._relayout = QTimer(self)
        self._relayout.setSingleShot(True)
        self._relayout.setInterval(60)
        self._relayout.timeout.connect(self._lay_out)
        Theme.current().follow(self, self._rebuild)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for a dozen steps."""
        return QSize(640, 360)

    # -- content ----------------------------------------------------------------------------------

    def set_workflow(self, workflow: Workflow | None, *, empty: str = "No workflow yet.") -> None:
        """Show a workflow; the same one again keeps view and selection."""
        self._empty = empty
        if workflow is self._workflow or (workflow is not None and workflow == self._workflow):
            return
        self._workflow = workflow
        self._folded = fold(build_graph(workflow)) if workflow is not None else None
        self._graph = self._folded.graph if self._folded is not None else None
        self._flow = None
        if self._graph is None or self._current not in self._graph.nodes:
            self._current = ""
        self._fitted = True
        self._lay_out()

    def set_flow(self, flow: Flow | None) -> None:
        """Write counts into the cards and give the ways their widths; None takes them away."""
        self._flow = flow
        shown = flow or Flow()
        if self._folded is not None:
            ways_out = self._folded.ways_out(shown)
            shown = self._folded.flow(shown)
            for name, node in self._nodes.items():
                node.set_ways(ways_out.get(name, ()), shown.users)
        for name, node in self._nodes.items():
            node.set_flow(shown.reached.get(name) if flow else None, shown.broken.get(name, 0))
            node.set_mix(shown.mix.get(name, ()))
        counted = spread(shown.ways, self._graph.edges) if self._graph else {}
        for way, item in self._ways.items():
            item.set_users(counted.get(way, 0) if flow else None, shown.users)
            item.set_token(_token_of(shown.mix.get(way[1], ())))

    def pairs(self, source: str, target: str) -> tuple[tuple[str, str], ...]:
        """Steps of the workflow that follow one another straight on a way that is drawn."""
        if self._folded is None or self._flow is None:
            return ((source, target),)
        return self._folded.pairs((source, target), self._flow)

    def table(self) -> Table:
        """Steps with those who came to them, then ways with those who took them."""
        flow, graph = self._flow or Flow(), self._graph
        if graph is None:
            return Table(("from", "to", "users", "broken"), ())
        steps = [(name, "", flow.reached.get(name), flow.broken.get(name)) for name in graph.nodes]
        taken = spread(flow.ways, graph.edges) if self._flow else {}
        ways = [(e.source, e.target, taken.get((e.source, e.target)), None) for e in graph.edges]
        return Table(("from", "to", "users", "broken"), [*steps, *ways])

    def select(self, name: str) -> None:
        """Select a step without telling anybody, and bring it into view."""
        self._current = name if name in self._nodes else ""
        for key, node in self._nodes.items():
            node.set_selected(key == self._current)
        if self._current:
            self.ensureVisible(self._nodes[self._current], 20, 20)
            self.setAccessibleDescription(f"Step {self._current}, {self._nodes[self._current].words()}")

    # -- layout -----------------------------------------------------------------------------------

    def _card_width(self, name: str) -> float:
        theme = Theme.current()
        strong = QFontMetricsF(theme.font("strong", scaled=False))
        small = QFontMetricsF(theme.font("mono", scaled=False))
        need = max(strong.horizontalAdvance(name), small.horizontalAdvance(MOST_USERS)) + 22
        return float(min(MAX_CARD, max(MIN_CARD, need)))

    def _wide_card(self, name: str) -> float:
        """Wide enough to say under the card where each way out leads."""
        assert self._folded is not None
        metrics = QFontMetricsF(Theme.current().font("small", scaled=False))
        ends = self._folded.exits.get(name, ())
        words = (metrics.horizontalAdvance(f"20,000 {end.name}") + 20 for end in ends)
        return float(min(WIDE_CARD, max(self._card_width(name), 100.0, *words, 0.0)))

    def _below(self, name: str) -> float:
        """Room for the ways out: those written, and one for patience that ends."""
        assert self._folded is not None
        assert self._graph is not None
        if self._graph.nodes[name].kind == "end":
            return 0.0
        return WAY_LINE * min(WAYS_SHOWN, len(self._folded.exits.get(name, ())) + 1)

    def _picture_for(self, room: tuple[float, float]) -> Picture | None:
        if self._graph is None:
            return None
        wide = layout(self._graph, room, self._wide_card, FOLDED_GAP, self._below)
        narrow = layout(self._graph, room, self._card_width, FOLDED_GAP, self._below)
        return wide if _scale(wide, room) >= _scale(narrow, room) - 0.04 else narrow

    def _lay_out(self) -> None:
        self._relayout.stop()
        # in steps, so that a button that comes or goes beside the graph does not rearrange it
        room = (
            max(200.0, self.width() // ROOM_STEP * ROOM_STEP),
            max(120.0, self.viewport().height() // ROOM_STEP * ROOM_STEP),
        )
        if self._laid_out == (room, id(self._graph)) and self._nodes:
            self._fit_if_wanted()
            return
        self._laid_out = (room, id(self._graph))
        picture = self._picture_for(room)
        if picture is not None and picture == self._picture and self._nodes:
            self._fit_if_wanted()
            return
        self._picture = picture
        self._rebuild()

    def _rebuild(self) -> None:
        self._scene.clear()
        self._nodes.clear()
        self._ways.clear()
        if self._picture is None or self._graph is None:
            self._scene.setSceneRect(0, 0, 1, 1)
            self.viewport().update()
            return
        for path in self._picture.paths:
            way = self._ways[(path.source, path.target)] = WayItem(path)
            self._scene.addItem(way)
        for name, box in self._picture.boxes.items():
            node = self._nodes[name] = NodeItem(self._graph.nodes[name], box)
            node.set_selected(name == self._current)
            self._scene.addItem(node)
        self._scene.setSceneRect(0, 0, self._picture.width, self._picture.height)
        if self._flow is not None:
            self.set_flow(self._flow)
        self._fit_if_wanted()

    def fit(self) -> None:
        """The whole picture, as large as it goes but not larger than designed."""
        self._fitted = True
        self._lay_out()

    def _fit_if_wanted(self) -> None:
        if not self._fitted or self._picture is None or not self._picture.width:
            return
        width, height = self._picture.width, self._picture.height
        scale = min(self.width() / width, self.viewport().height() / height, LARGEST)
        self.resetTransform()
        self.scale(scale, scale)
        tall = height * scale > self.viewport().height()
        self.centerOn(width / 2, 0 if tall else height / 2)

    def zoom(self, factor: float) -> None:
        """Closer or further; stops where nothing would be seen any more."""
        target = self.transform().m11() * factor
        if MIN_ZOOM <= target <= MAX_ZOOM:
            self._fitted = False
            self.scale(factor, factor)

    # -- events -----------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """More room may mean fewer rows."""
        super().resizeEvent(event)
        if self._fitted and self._graph is not None:
            self._fit_if_wanted()
            self._relayout.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The first time that the real size is known."""
        super().showEvent(event)
        if self._fitted and self._graph is not None:
            self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """With Ctrl, or where there is nothing to scroll to: zoom around the pointer."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or not self.verticalScrollBar().maximum():
            self.zoom(ZOOM_STEP if event.angleDelta().y() > 0 else 1 / ZOOM_STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A card under the pointer is chosen; elsewhere dragging moves the picture."""
        name = self._name_at(event.position())
        if name and event.button() == Qt.MouseButton.LeftButton:
            self.select(name)
            self.step_clicked.emit(name)
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            event.accept()
        elif event.button() == Qt.MouseButton.LeftButton and (ends := self._way_at(event.position())):
            self.way_clicked.emit(*ends)
            event.accept()
        else:
            super().mousePressEvent(event)

    def _way_at(self, point: QPointF) -> tuple[str, str] | None:
        item = self.itemAt(point.toPoint())
        return item.ends if isinstance(item, WayItem) and self._flow is not None else None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the step."""
        if name := self._name_at(event.position()):
            self.step_activated.emit(name)
        else:
            self.fit()

    def _name_at(self, point: QPointF) -> str:
        item = self.itemAt(point.toPoint())
        return item.name if isinstance(item, NodeItem) else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows choose, Enter opens, F fits, plus and minus zoom."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current:
            self.step_activated.emit(self._current)
        elif key in (Qt.Key.Key_F, Qt.Key.Key_0):
            self.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down) and self._nodes:
            self._step_towards(key)
        else:
            super().keyPressEvent(event)

    def _step_towards(self, key: Qt.Key) -> None:
        names = list(self._nodes)
        if not self._current:
            chosen = names[0]
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            move = 1 if key == Qt.Key.Key_Right else -1
            chosen = names[max(0, min(len(names) - 1, names.index(self._current) + move))]
        else:
            chosen = self._nearest_lane(-1 if key == Qt.Key.Key_Up else 1)
        self.select(chosen)
        self.step_clicked.emit(chosen)

    def _nearest_lane(self, direction: int) -> str:
        here = self._nodes[self._current].sceneBoundingRect().center()

        def cost(name: str) -> float:
            gap = self._nodes[name].sceneBoundingRect().center() - here
            return abs(gap.x()) + 2 * abs(gap.y())

        beyond = [
            name
            for name, node in self._nodes.items()
            if (node.sceneBoundingRect().center().y() - here.y()) * direction > 4
        ]
        return min(beyond, key=cost, default=self._current)


def _token_of(mix: tuple[int, ...]) -> str:
    """The colour of the persona that most are of."""
    return PERSONA_TOKENS[mix.index(max(mix)) % len(PERSONA_TOKENS)] if sum(mix) else "accent"


def _scale(picture: Picture, room: tuple[float, float]) -> float:
    """How large the picture comes out in the room, 1 at most."""
    if not picture.width:
        return 1.0
    return min(room[0] / picture.width, room[1] / picture.height, 1.0)
