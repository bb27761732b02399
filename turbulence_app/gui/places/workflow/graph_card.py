"""The workflow's picture with its tools: add, zoom, rename on the card, choose what to add."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from turbulence_app.gui.actions import ActionSpec, fuzzy
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.kinds import KINDS
from turbulence_app.gui.widgets.basics import Button, Card, Chip, IconButton, Label
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.graph_canvas import GraphCanvas
from turbulence_app.gui.widgets.graph_sheet import ZOOM_STEP
from turbulence_app.gui.widgets.palette import CommandPalette, Entry


class GraphCard(Card):
    """Widgets only. ``kind_chosen``: the type of the step to add; ``renamed``: a step and its new name."""

    kind_chosen = Signal(str)
    renamed = Signal(str, str)

    def __init__(self, context: Context, motion: Callable[[], bool], add: Callable[[], object]) -> None:
        super().__init__("Graph")
        self.canvas = GraphCanvas(motion=motion)
        self.canvas.setToolTip("")
        self.stale = Chip("older version", "warn", "triangle-alert")
        self.stale.setToolTip("The text cannot be read now: this is what could be read last.")
        self.add = Button("Add step", "plain", "plus", "Add a step behind the chosen one (Insert)", add)
        self.scale = Label("100 %", "mono_small", "dim")
        self.scale.setMinimumWidth(38)
        self.scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.header.addWidget(self.stale)
        self.header.addWidget(self.add)
        self.header.addWidget(self.scale)
        for icon, tip, act in (
            ("zoom-out", "Further away (-)", lambda: self.canvas.zoom(1 / ZOOM_STEP)),
            ("zoom-in", "Closer (+)", lambda: self.canvas.zoom(ZOOM_STEP)),
            ("maximize", "Fit the graph (F); 1 is full size", self.canvas.fit),
        ):
            self.header.addWidget(IconButton(icon, tip, clicked=act))
        self.header.addWidget(ExportButton(context, "Workflow graph", self.canvas))
        self.body.addWidget(self.canvas, 1)
        self.palette_ = CommandPalette(self, self._find)
        self.palette_.setAccessibleName("Step to add")
        self.palette_.field.setPlaceholderText("What happens here? Type to search")
        self.palette_.field.setAccessibleName("Type of step")
        self.palette_.closed.connect(lambda: self.canvas.setFocus(Qt.FocusReason.OtherFocusReason))
        self._name = RenameField(self.canvas)
        self._name.renamed.connect(self.renamed)
        self.canvas.zoomed.connect(lambda scale: self.scale.setText(f"{100 * scale:.0f} %"))
        self.canvas.zoomed.connect(lambda _scale: self._name.hide())

    def rename(self, step: str) -> None:
        """Write a new name on the card."""
        item = self.canvas.items_.get(step)
        if item is not None:
            box = self.canvas.mapFromScene(item.mapRectToScene(item.shape().boundingRect())).boundingRect()
            height = self._name.sizeHint().height()
            self._name.open(step, QRect(box.x(), box.center().y() - height // 2, max(150, box.width()), height))

    def _find(self, query: str) -> list[Entry]:
        scored = []
        for order, kind in enumerate(KINDS):
            spec = ActionSpec(kind.key, kind.title, "Workflow", synonyms=f"{kind.says} {kind.synonyms}")
            if score := fuzzy(query, spec):
                act = lambda key=kind.key: self.kind_chosen.emit(key)  # noqa: E731
                scored.append((-score, order, Entry(kind.title, kind.says, kind.icon, "", act)))
        return [entry for *_, entry in sorted(scored, key=lambda one: one[:2])]


class RenameField(QLineEdit):
    """A step's name on its card: Enter takes it, Escape and losing the focus do not."""

    renamed = Signal(str, str)

    def __init__(self, canvas: GraphCanvas) -> None:
        super().__init__(canvas)
        self._canvas, self._step = canvas, ""
        self.setAccessibleName("New name of the step")
        self.returnPressed.connect(self._take)
        self.editingFinished.connect(self.hide)
        self.hide()

    def open(self, step: str, place: QRect) -> None:
        """Come up over a card."""
        self._step = step
        self.setText(step)
        self.setGeometry(place)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape goes back to the graph."""
        if event.key() == Qt.Key.Key_Escape:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def _take(self) -> None:
        name = self.text().strip()
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        if name and name != self._step:
            self.renamed.emit(self._step, name)
