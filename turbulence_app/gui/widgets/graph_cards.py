"""What the editable picture of a workflow is made of: cards of steps, ways between them, frames of loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from turbulence_app.gui.graph_layout import Box, Path
from turbulence_app.gui.graph_model import GraphNode
from turbulence_app.gui.graph_river import Frame
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CARD, RADIUS_MENU
from turbulence_app.gui.widgets.graph_drawing import Card, curve, paint_arrow

ICONS = {
    "http": "globe", "grpc": "plug", "wait": "hourglass", "assert": "list-checks", "decide": "split",
    "form": "text-cursor-input", "think": "clock", "branch": "git-branch", "repeat": "repeat",
}  # fmt: skip
OUTCOMES = {"completed": ("circle-check", "good"), "failed": ("circle-x", "bad"), "abandoned": ("door-open", "dim")}
WORDS = {"yes": "yes", "no": "no"}
ICON = 14.0
PLUS = 9.0
"""Radius of the sign that adds a step to a way."""
REACH = 14.0
"""How near to a way the pointer has to come."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands at a card's corner: problems (a severity and their words), or how often a walker came by."""

    severity: str = ""
    words: str = ""
    visits: int = 0
    here: bool = False


def icon_of(node: GraphNode) -> tuple[str, str]:
    """The sign of a step, and its colour's token."""
    if node.kind == "end":
        return OUTCOMES.get(node.outcome, ("square", "dim"))
    return ICONS.get(node.kind, "square"), "dim"


def card_width(node: GraphNode, strong: QFontMetricsF, small: QFontMetricsF, most: float) -> float:
    """The width that a card's words need."""
    name = strong.horizontalAdvance(node.name)
    if node.kind == "end":
        return float(min(most, name + ICON + 34))
    detail = min(small.horizontalAdvance(node.detail), 116.0)
    return float(min(most, max(name, detail) + ICON + 34))


class StepItem(Card):
    """A step: its sign, its name, what it does; chosen, marked, or visited."""

    def __init__(self, node: GraphNode, box: Box) -> None:
        super().__init__(node, box)
        self.mark = Mark()
        self._tell()

    def words(self) -> str:
        """The card for a screen reader."""
        return ", ".join(part for part in (self.node.kind, self.node.detail, self.mark.words) if part)

    def show_node(self, node: GraphNode, box: Box) -> None:
        """Take other words and another size; the place is the caller's to animate."""
        if node != self.node or (box.width, box.height) != (self.box.width, self.box.height):
            self.prepareGeometryChange()
            self.update()
        self.node, self.box = node, box
        self._tell()

    def set_mark(self, mark: Mark) -> None:
        """Put something to its corner."""
        if mark != self.mark:
            self.mark = mark
            self._tell()
            self.update()

    def set_dragged(self, dragged: bool) -> None:
        """Thin it while it is carried to another place."""
        self.setOpacity(0.4 if dragged else 1.0)

    def _tell(self) -> None:
        parts = (f"{self.name} · {self.node.kind}", self.node.detail, self.mark.words)
        self.setToolTip("\n".join(part for part in parts if part))

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The card with its frame and its corner."""
        return QRectF(-6, -10, self.box.width + 16, self.box.height + 16)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Card, sign, words, corner."""
        theme = Theme.current()
        lit = self._selected or self.mark.here
        painter.setBrush(theme.color("soft" if lit else "raised"))
        painter.setPen(QPen(self._border(theme), 2 if lit else 1))
        painter.drawPath(self._outline())
        name, token = icon_of(self.node)
        left = 15.0 if self.node.kind == "branch" else 10.0
        middle = self.box.height / 2
        ratio = max(1.0, abs(painter.worldTransform().m11())) * 2
        picture = theme.pixmap(name, token, int(ICON), min(4.0, round(ratio)))
        painter.drawPixmap(QRectF(left, middle - ICON / 2, ICON, ICON), picture, QRectF(picture.rect()))
        self._paint_words(painter, theme, left + ICON + 8)
        self._paint_corner(painter, theme)

    def _border(self, theme: Theme) -> QColor:
        if self.mark.severity:
            return theme.color("bad" if self.mark.severity == "error" else "warn")
        if self._selected or self.mark.here or self.mark.visits:
            return theme.color("accent")
        return self._plain_border(theme)

    def _paint_words(self, painter: QPainter, theme: Theme, left: float) -> None:
        room = self.box.width - left - (12 if self.node.kind == "branch" else 8)
        end = self.node.kind == "end"
        font = theme.font("small" if end else "strong", scaled=False)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        title = QFontMetricsF(font).elidedText(self.name, Qt.TextElideMode.ElideRight, room + 2)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        top, height = (0.0, self.box.height) if end else (5.0, 18.0)
        painter.drawText(QRectF(left, top, room + 4, height), flags, title)
        if end:
            return
        small = theme.font("mono_small", scaled=False)
        painter.setFont(small)
        painter.setPen(theme.ink("dim", "raised"))
        detail = QFontMetricsF(small).elidedText(self.node.detail, Qt.TextElideMode.ElideRight, room + 2)
        painter.drawText(QRectF(left, 23, room + 4, 16), flags, detail)

    def _paint_corner(self, painter: QPainter, theme: Theme) -> None:
        if self.mark.visits > 1 or (self.mark.visits and self.mark.here):
            self._paint_pill(painter, theme, f"{self.mark.visits}×", "accent", "on_accent")
        elif self.mark.severity:
            error = self.mark.severity == "error"
            sign = theme.pixmap("circle-alert" if error else "triangle-alert", "bad" if error else "warn", 15, 3.0)
            where = QRectF(self.box.width - 9, -7, 15, 15)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("panel"))
            painter.drawEllipse(where.adjusted(-1, -1, 1, 1))
            painter.drawPixmap(where, sign, QRectF(sign.rect()))

    def _paint_pill(self, painter: QPainter, theme: Theme, words: str, ground: str, ink: str) -> None:
        font = theme.font("mono_small", scaled=False)
        width = QFontMetricsF(font).horizontalAdvance(words) + 10
        where = QRectF(self.box.width - width + 5, -8, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(where, RADIUS_MENU, RADIUS_MENU)
        painter.setFont(font)
        painter.setPen(theme.color(ink))
        painter.drawText(where, int(Qt.AlignmentFlag.AlignCenter), words)


class LineItem(QGraphicsItem):
    """A way from one step to another; under the pointer it offers to add a step, while one is carried to take it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.offered = self.target = self.walked = self.faint = False
        self._curve = curve(path)
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * REACH)
        self._near = stroker.createStroke(self._curve)
        self.setZValue(0 if path.kind in ("skip", "again") else 1)

    def show_state(
        self, *, offered: bool | None = None, target: bool | None = None, walked: bool | None = None
    ) -> None:
        """What is to be seen on it; None leaves it."""
        before = (self.offered, self.target, self.walked)
        self.offered = self.offered if offered is None else offered
        self.target = self.target if target is None else target
        self.walked = self.walked if walked is None else walked
        if before != (self.offered, self.target, self.walked):
            self.setZValue(9 if self.target else 1.5 if self.offered or self.walked else 1)
            self.update()

    def plus(self) -> QPointF:
        """Where the sign that adds a step stands."""
        length = self._curve.length()
        if length < 60:
            return self._curve.pointAtPercent(0.45)
        return self._curve.pointAtPercent(self._curve.percentAtLength(min(length / 2, 22.0)))

    def near(self, point: QPointF) -> bool:
        """Whether a point of the scene is near enough to mean this way."""
        return self._near.contains(point)

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The way, its word and its signs."""
        return self._curve.boundingRect().adjusted(-14, -16, 34, 16)

    def shape(self) -> QPainterPath:
        """The stripe around the line."""
        return self._near

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """The line, its arrow, its word, and what it offers."""
        theme = Theme.current()
        strong = self.offered or self.target or self.walked
        colour = theme.color("accent") if strong else theme.color("dim", 0.75)
        pen = QPen(colour, 2.4 if self.target else 1.8 if strong else 1.2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self.path.kind == "skip":
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._curve)
        paint_arrow(painter, self._curve, colour)
        if word := WORDS.get(self.path.kind):
            painter.setFont(theme.font("mono_small", scaled=False))
            painter.setPen(theme.ink("accent") if strong else theme.ink("dim"))
            painter.drawText(QPointF(*self.path.label_at), word)
        if self.offered or self.target:
            self._paint_plus(painter, theme)

    def _paint_plus(self, painter: QPainter, theme: Theme) -> None:
        at = self.plus()
        painter.setPen(QPen(theme.color("accent"), 1.4))
        painter.setBrush(theme.color("accent" if self.target else "panel"))
        painter.drawEllipse(at, PLUS, PLUS)
        painter.setPen(QPen(theme.color("on_accent" if self.target else "accent"), 1.8))
        painter.drawLine(at + QPointF(-4, 0), at + QPointF(4, 0))
        painter.drawLine(at + QPointF(0, -4), at + QPointF(0, 4))


class FrameItem(QGraphicsItem):
    """The frame of a loop: a faint ground with a border around its body."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame
        self.setZValue(-1)

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The frame."""
        return QRectF(self._frame.x - 1, self._frame.y - 1, self._frame.width + 2, self._frame.height + 2)

    def shape(self) -> QPainterPath:
        """Nothing to click on."""
        return QPainterPath()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Ground and border."""
        theme = Theme.current()
        box = QRectF(self._frame.x, self._frame.y, self._frame.width, self._frame.height)
        painter.setBrush(theme.color("dim", 0.05))
        painter.setPen(QPen(theme.color("dim", 0.35), 1))
        painter.drawRoundedRect(box, RADIUS_CARD, RADIUS_CARD)


def marks_of(problems: Sequence[tuple[str, str, str]]) -> dict[str, Mark]:
    """Marks by step out of (step, severity, words): the worst severity, all the words."""
    found: dict[str, Mark] = {}
    for step, severity, words in problems:
        before = found.get(step, Mark())
        worst = "error" if "error" in (severity, before.severity) else severity
        found[step] = Mark(worst, "\n".join(part for part in (before.words, words) if part))
    return found
