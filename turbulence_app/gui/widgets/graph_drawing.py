"""What every picture of a workflow has alike: the outline of a card, a way with its arrow, the ground it stands on.

Two pictures are made of it. The one that is edited (:mod:`.graph_sheet`) has a card for every step, one below the
other; the one that is watched while a run lasts (:mod:`.graph`) folds them and goes from left to right.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPolygonF
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsScene, QGraphicsView, QWidget

from turbulence_app.gui.graph_layout import Box, Path
from turbulence_app.gui.graph_model import GraphNode
from turbulence_app.gui.theme import Theme

OUTCOME_TOKENS = {"completed": "good", "failed": "bad"}
ARROW, HALF = 7.0, 3.5
"""Length of an arrow's head, and half its width."""


class Card(QGraphicsItem):
    """A step in its place; it can be chosen, and only the card itself can be clicked."""

    CUT = 10.0
    """How far the corners of a condition are cut."""

    def __init__(self, node: GraphNode, box: Box) -> None:
        super().__init__()
        self.node, self.box = node, box
        self._selected = False
        self.setZValue(2)
        self.setPos(box.x, box.y)

    @property
    def name(self) -> str:
        """The step."""
        return self.node.name

    def set_selected(self, selected: bool) -> None:
        """Draw it as the chosen one."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def shape(self) -> QPainterPath:
        """Only the card can be clicked."""
        path = QPainterPath()
        path.addRect(self._card())
        return path

    def _card(self) -> QRectF:
        return QRectF(0, 0, self.box.width, self.box.height)

    def _outline(self) -> QPainterPath:
        """A condition has cut corners, an end is round."""
        card, path, cut = self._card(), QPainterPath(), self.CUT
        if self.node.kind == "branch":
            mid = card.center().y()
            points = [(cut, 0.0), (card.right() - cut, 0.0), (card.right(), mid), (card.right() - cut, card.bottom())]
            points += [(cut, card.bottom()), (0.0, mid)]
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
            path.closeSubpath()
        else:
            radius = card.height() / 2 if self.node.kind == "end" else 8
            path.addRoundedRect(card, radius, radius)
        return path

    def _plain_border(self, theme: Theme) -> QColor:
        """The colour of what came of the visit, at an end; else a quiet line."""
        token = OUTCOME_TOKENS.get(self.node.outcome)
        return theme.color(token) if token else theme.color("dim", 0.45)


class GraphGround(QGraphicsView):
    """The view that a workflow's picture stands in: no frame, no ground of its own, words where there is nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._scene = QGraphicsScene()
        super().__init__(self._scene, parent)
        self._stale = False
        self._empty = "No workflow yet."
        self._current = ""
        self._shown: Mapping[str, Card] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        for bars in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            bars(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Workflow graph")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("QGraphicsView { background: transparent; }")

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Smaller than this nothing can be read."""
        return QSize(220, 140)

    def nodes(self) -> list[str]:
        """Names of the steps shown, in the order of the flow."""
        return list(self._shown)

    def current(self) -> str:
        """The selected step, or ''."""
        return self._current

    def set_stale(self, stale: bool) -> None:
        """Grey the picture: the text it was made from has changed and cannot be read."""
        if stale != self._stale:
            self._stale = stale
            self.viewport().update()

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        """The veil over a stale picture, and what to say when there is none."""
        theme = Theme.current()
        if not self._shown:
            painter.resetTransform()
            painter.setFont(theme.font("body"))
            painter.setPen(theme.color("dim"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.viewport().rect()).adjusted(20, 20, -20, -20), flags, self._empty)
        elif self._stale:
            painter.fillRect(rect, theme.color("panel", 0.55))


def curve(path: Path) -> QPainterPath:
    """A way as Qt draws it."""
    made = QPainterPath(QPointF(path.commands[0][0], path.commands[0][1]))
    for command in path.commands[1:]:
        if len(command) == 2:
            made.lineTo(*command)
        else:
            made.cubicTo(*command)
    return made


def paint_arrow(painter: QPainter, way: QPainterPath, colour: QColor) -> None:
    """The head at the end of a way, in the direction in which it comes in."""
    tip = way.pointAtPercent(1.0)
    back = way.pointAtPercent(max(0.0, 1.0 - ARROW / max(8.0, way.length())))
    dx, dy = tip.x() - back.x(), tip.y() - back.y()
    length = max(1e-6, (dx * dx + dy * dy) ** 0.5)
    ux, uy = dx / length, dy / length
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    left = QPointF(tip.x() - ARROW * ux + HALF * uy, tip.y() - ARROW * uy - HALF * ux)
    right = QPointF(tip.x() - ARROW * ux - HALF * uy, tip.y() - ARROW * uy + HALF * ux)
    painter.drawPolygon(QPolygonF([tip, left, right]))
