"""Dragging in the workflow's picture: the picture itself, or a step onto another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from turbulence_app.gui.graph_model import Block, GraphEdge
from turbulence_app.gui.widgets.graph_cards import LineItem, StepItem

if TYPE_CHECKING:
    from turbulence_app.gui.widgets.graph_canvas import GraphCanvas

CATCH = 70.0
"""How near a carried step has to come to a way's middle to go onto it, in the scene's pixels."""


class Dragging:
    """What the mouse carries: nothing, the picture, or a step (with a ghost of its card under the pointer)."""

    def __init__(self, canvas: GraphCanvas) -> None:
        self._canvas = canvas
        self._name = ""
        self._start: QPointF | None = None
        self._grabbed: QPointF | None = None
        self.ghost: StepItem | None = None
        self._line: LineItem | None = None

    @property
    def active(self) -> bool:
        """Whether a step is being carried."""
        return self.ghost is not None

    def press(self, name: str, at: QPointF) -> None:
        """The button went down on a step."""
        self._name, self._start = name, at

    def grab(self, at: QPointF) -> None:
        """The button went down beside the steps: the picture moves."""
        self._grabbed = at
        self._canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, to: QPointF) -> bool:
        """The mouse moved; whether it carries something."""
        if self._grabbed is not None:
            gone = to - self._grabbed
            self._grabbed = to
            across, down = self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar()
            across.setValue(across.value() - round(gone.x()))
            down.setValue(down.value() - round(gone.y()))
            return True
        if self._start is None:
            return False
        if self.ghost is None and (to - self._start).manhattanLength() >= QApplication.startDragDistance():
            self._lift()
        if self.ghost is not None:
            self._carry(to)
        return True

    def release(self) -> tuple[str, GraphEdge | None]:
        """The button came up: the step that was carried, and the way that it was put on."""
        name, line, carried = self._name, self._line, self.active
        self.cancel()
        if not carried or line is None:
            return "", None
        return name, GraphEdge(line.path.source, line.path.target, line.path.kind)  # type: ignore[arg-type]

    def cancel(self) -> None:
        """Put everything back."""
        if self.ghost is not None:
            self._canvas.scene().removeItem(self.ghost)
            self.ghost = None
            if self._name in self._canvas.items_:
                self._canvas.items_[self._name].set_dragged(False)
        self._target(None)
        if self._grabbed is not None or self._start is not None:
            self._canvas.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._name, self._start, self._grabbed = "", None, None

    def _lift(self) -> None:
        item = self._canvas.items_[self._name]
        self.ghost = StepItem(item.node, item.box)
        self.ghost.setZValue(10)
        self.ghost.setOpacity(0.9)
        self._canvas.scene().addItem(self.ghost)
        item.set_dragged(True)
        self._canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _carry(self, to: QPointF) -> None:
        assert self.ghost is not None
        where = self._canvas.mapToScene(to.toPoint())
        self.ghost.setPos(where + QPointF(14, 10))  # beside the pointer: what is under it has to be seen
        self._canvas.ensureVisible(QRectF(where.x() - 2, where.y() - 2, 4, 4), 24, 24)
        self._target(self._nearest(where))

    def _nearest(self, where: QPointF) -> LineItem | None:
        """The way that would take the step: none of its own, none inside it."""
        inside = self._inside(self._name)
        found: list[tuple[float, LineItem]] = []
        for line in self._canvas.lines.values():
            if line.path.source in inside or line.path.target in inside:
                continue
            distance = (line.plus() - where).manhattanLength()
            if distance < CATCH or line.near(where):
                found.append((distance, line))
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def _inside(self, name: str) -> set[str]:
        return set(_names(self._canvas.graph.blocks, name, within=False))

    def _target(self, line: LineItem | None) -> None:
        if line is not self._line:
            if self._line is not None:
                self._line.show_state(target=False)
            self._line = line
            if line is not None:
                line.show_state(target=True)


def _names(blocks: Sequence[Block], name: str, *, within: bool) -> Iterator[str]:
    """A step and everything in it."""
    for block in blocks:
        mine = within or block.node.name == name
        if mine:
            yield block.node.name
        for side in block.sides:
            yield from _names(side, name, within=mine)
