"""The two things in the picture of a run: a step's card and a way between two of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from turbulence_app.gui.graph_fold import Way
from turbulence_app.gui.graph_layout import Box, Path
from turbulence_app.gui.graph_model import GraphNode
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import PERSONA_TOKENS, RADIUS_ROW
from turbulence_app.gui.widgets.graph_drawing import Card, curve, paint_arrow

WIDEST = 20.0
KINDS = {"http": "request", "grpc": "call", "decide": "decision", "repeat": "loop", "branch": "condition"}
WAY_LINE = 16.0
"""Height of a line that tells a way out."""
WAYS_SHOWN = 3
MIX = 4.0
"""Height of the strip that tells who is in a card."""


def lines_of(ways: Sequence[Way]) -> tuple[Way, ...]:
    """The ways out that get a line; the smaller ones share the last."""
    if len(ways) <= WAYS_SHOWN:
        return tuple(ways)
    rest = ways[WAYS_SHOWN - 1 :]
    return (*ways[: WAYS_SHOWN - 1], Way(sum(way.users for way in rest), "in other ways", "dim"))


class NodeItem(Card):
    """A step: its name, what it does or how many reached it, who was hurt there, and below it who left."""

    CUT = 9.0

    def __init__(self, node: GraphNode, box: Box) -> None:
        super().__init__(node, box)
        self._ways: tuple[Way, ...] = ()
        self._of = 0
        self._reached: int | None = None
        self._broken = 0
        self._mix: tuple[int, ...] = ()
        self.setToolTip(f"{node.name}\n{node.kind}: {node.detail}")

    def words(self) -> str:
        """The card for a screen reader."""
        count = f", {self._reached:,} users" if self._reached is not None else ""
        return f"{self.node.kind} {self.node.detail}{count}"

    def set_flow(self, reached: int | None, broken: int) -> None:
        """Users who reached the step, and violations that showed there."""
        if (reached, broken) != (self._reached, self._broken):
            self._reached, self._broken = reached, broken
            self.update()

    def set_ways(self, ways: tuple[Way, ...], of: int) -> None:
        """Who left the visit here and why, of ``of`` users in all: drawn as a stub that thins under the card."""
        if (ways, of) != (self._ways, self._of):
            self._ways, self._of = ways, of
            told = "\n".join(way.words for way in ways)
            self.setToolTip("\n".join(part for part in (self.name, self.words(), told) if part))
            self.update()

    def set_mix(self, mix: tuple[int, ...]) -> None:
        """Users by persona: a strip at the foot of the card; empty takes it away."""
        if mix != self._mix:
            self._mix = mix
            self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The card, its frame, and the lines below it."""
        return QRectF(-3, -3, self.box.width + 150, self.box.height + 8 + WAYS_SHOWN * WAY_LINE)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Card, words, and the stub of those who left here."""
        theme = Theme.current()
        self._paint_ways(painter, theme)
        painter.setBrush(theme.color("soft" if self._selected else "raised"))
        painter.setPen(QPen(self._frame(theme), 1.6 if self._selected or self._broken else 1))
        painter.drawPath(self._outline())
        if self.node.kind == "repeat":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._card().adjusted(3, 3, -3, -3), RADIUS_ROW, RADIUS_ROW)
        if sum(self._mix):
            self._paint_mix(painter, theme)
        self._paint_words(painter, theme)

    def _paint_mix(self, painter: QPainter, theme: Theme) -> None:
        card = self._card()
        painter.save()
        painter.setClipPath(self._outline())
        x, scale = card.left(), card.width() / sum(self._mix)
        for place, users in enumerate(self._mix):
            token = PERSONA_TOKENS[place % len(PERSONA_TOKENS)]
            painter.fillRect(QRectF(x, card.bottom() - MIX, users * scale, MIX), theme.color(token, 0.9))
            x += users * scale
        painter.restore()

    def _frame(self, theme: Theme) -> QColor:
        if self._broken:
            return theme.color("bad")
        if self._selected:
            return theme.color("accent")
        return self._plain_border(theme)

    def _paint_words(self, painter: QPainter, theme: Theme) -> None:
        centred = self.node.kind in ("end", "branch")
        inset = 12.0 if centred else 10.0
        align = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
        room = self._card().adjusted(inset, 0, -inset, 0)
        font = theme.font("strong", scaled=False)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        title = QFontMetricsF(font).elidedText(self.name, Qt.TextElideMode.ElideRight, room.width() + 4)
        painter.drawText(
            QRectF(room.left(), 5, room.width() + 4, 18), int(align | Qt.AlignmentFlag.AlignVCenter), title
        )
        small = theme.font("mono", scaled=False)
        painter.setFont(small)
        painter.setPen(theme.ink("dim", "raised"))
        metrics = QFontMetricsF(small)
        width = room.width() + 6
        detail = metrics.elidedText(self._detail(metrics, width), Qt.TextElideMode.ElideRight, width)
        where = QRectF(room.left(), 23, width, 16)
        broken = f"{self._broken:,} broken" if self._broken else ""
        both = metrics.horizontalAdvance(f"{detail} · {broken}") <= self._card().width() - inset - 4
        if broken and not both:  # no room for both: what broke is what one looks for
            detail = ""
        painter.drawText(where, int(align | Qt.AlignmentFlag.AlignVCenter), detail)
        if broken:
            painter.setPen(theme.ink("bad", "raised"))
            rest = where.adjusted(metrics.horizontalAdvance(detail), 0, 12, 0)
            words = f" · {broken}" if both else broken
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)

    def _detail(self, metrics: QFontMetricsF, width: float) -> str:
        if self._reached is not None:
            return f"{self._reached:,}"
        fits = metrics.horizontalAdvance(self.node.detail) <= width
        return self.node.detail if fits else KINDS.get(self.node.kind, self.node.kind)

    def _paint_ways(self, painter: QPainter, theme: Theme) -> None:
        """A stub under the card, as wide as the share that leaves; each way out takes its part and says how many."""
        shown, left = lines_of(self._ways), sum(way.users for way in self._ways)
        font = theme.font("small", scaled=False)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        y, x = self.box.height, 10.0
        room = self.box.width - x - 8 + 10
        for way in shown:
            width = max(2.0, WIDEST * left / self._of) if self._of else 2.0
            painter.fillRect(QRectF(x, y, width, WAY_LINE - 1), theme.color(way.tone, 0.65))
            painter.setPen(theme.ink(way.tone))
            words = way.words if metrics.horizontalAdvance(way.words) <= room - width else way.short
            box = QRectF(x + width + 5, y + 1, self.box.width + 100, WAY_LINE)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)
            y += WAY_LINE
            left -= way.users


class WayItem(QGraphicsItem):
    """A way from one step to another, as wide as the share of users who took it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._users: int | None = None
        self._share = 0.0
        self._token = "accent"
        self._curve = curve(path)
        self.setZValue(1)

    def set_users(self, users: int | None, of: int) -> None:
        """Users who went this way; None where nothing has run."""
        share = users / of if users and of else 0.0
        if users != self._users or share != self._share:
            self._users, self._share = users, share
            self.setToolTip("" if users is None else f"{self._path.source} → {self._path.target}: {users:,} users")
            self.update()

    def set_token(self, token: str) -> None:
        """The colour of who goes here; ``accent`` is everybody's."""
        if token != self._token:
            self._token = token
            self.update()

    @property
    def ends(self) -> tuple[str, str]:
        """The steps that it joins."""
        return self._path.source, self._path.target

    @property
    def thickness(self) -> float:
        """Pixels at scale 1."""
        return max(1.2, WIDEST * self._share) if self._users else 1.2

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The way at its widest."""
        return self._curve.boundingRect().adjusted(-WIDEST, -WIDEST, WIDEST + 20, WIDEST)

    def shape(self) -> QPainterPath:
        """What the pointer finds: the line, and a little beside it."""
        stroker = QPainterPathStroker()
        stroker.setWidth(max(8.0, self.thickness))
        return stroker.createStroke(self._curve)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """The line, and an arrow while nothing flows."""
        theme = Theme.current()
        flows = bool(self._users)
        colour = theme.color(self._token, 0.55) if flows else theme.color("dim", 0.6 if self._users is None else 0.3)
        pen = QPen(colour, self.thickness)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._path.kind == "skip" and not flows:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._curve)
        if not flows:
            paint_arrow(painter, self._curve, colour)
