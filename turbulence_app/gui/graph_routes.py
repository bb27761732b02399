"""How an edge gets from one card to another without running through a third. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Command = tuple[float, ...]
"""Two numbers: a line (the first one: a move) to a point; six: a cubic curve by two controls and its end."""

RADIUS = 9.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The vertical extent of a row."""

    top: float
    bottom: float


class Placed(Protocol):
    """What the router needs to know of a card."""

    @property
    def x(self) -> float:
        """Left edge."""

    @property
    def y(self) -> float:
        """Upper edge."""

    @property
    def width(self) -> float:
        """Extent to the right."""

    @property
    def height(self) -> float:
        """Extent downward."""

    @property
    def layer(self) -> int:
        """Position along the flow."""

    @property
    def lane(self) -> int:
        """0 is the main line."""

    @property
    def row(self) -> int:
        """Which row of the page."""


class Router:
    """Finds the ways for one picture."""

    def __init__(
        self,
        boxes: Mapping[str, Placed],
        frames: Sequence[Frame],
        lefts: Sequence[float],
        widths: Sequence[float],
        gap: float,
    ) -> None:
        self._boxes, self._frames = boxes, frames
        self._lefts, self._widths, self._gap = lefts, widths, gap
        self._cells = {(box.layer, box.lane) for box in boxes.values()}

    def route(self, source: str, target: str, kind: str) -> tuple[Command, ...]:
        """Drawing commands of an edge."""
        a, b = self._boxes[source], self._boxes[target]
        if a.row != b.row:
            return self._between_rows(a, b)
        if b.layer <= a.layer:
            return self._back(a, b)
        between = range(a.layer + 1, b.layer)
        if a.lane == b.lane and (kind == "skip" or any((layer, a.lane) in self._cells for layer in between)):
            return self._over(a, b)
        return self._along(a, b)

    def _along(self, a: Placed, b: Placed) -> tuple[Command, ...]:
        """Forward: on the target's lane if that is free between the two, else on the source's."""
        start, end = _right(a), _left(b)
        level = a.lane == b.lane
        if b.layer == a.layer + 1 or level:
            return start, _bend(start, end)
        low = max(a.lane, b.lane)
        if low == b.lane:
            turn = (self._lefts[a.layer + 1] - 2, end[1])
            return start, _bend(start, turn), end
        turn = (self._lefts[b.layer] - self._gap + 2, start[1])
        return start, turn, _bend(turn, end)

    def _over(self, a: Placed, b: Placed) -> tuple[Command, ...]:
        """Round the cards between, above them."""
        rise = min(10.0 + 2.0 * (b.layer - a.layer - 2), 16.0)
        level = a.y - rise
        start, end = (a.x + a.width - 14, a.y), (b.x + 14, b.y)
        points = [start, (start[0], level), (end[0], level), end]
        return rounded(points)

    def _back(self, a: Placed, b: Placed) -> tuple[Command, ...]:
        """Back to the loop's head: below the body, up into the head's lower edge."""
        level = max(a.y, b.y) + a.height + 19.0
        start, end = (a.x + a.width / 2, a.y + a.height), (b.x + 20, b.y + b.height)
        return rounded([start, (start[0], level), (end[0], level), end])

    def _between_rows(self, a: Placed, b: Placed) -> tuple[Command, ...]:
        """Through the free strip below the source's row, and down the left margin if the target is further."""
        start, end = _right(a), _left(b)
        out = self._lefts[a.layer] + self._widths[a.layer] + self._gap * 0.3
        into = max(4.0, self._lefts[b.layer] - self._gap * 0.3)
        below = self._frames[a.row].bottom + 13.0
        points = [start, (out, start[1]), (out, below)]
        if b.row != a.row + 1:
            above = self._frames[b.row - 1].bottom + 13.0 if b.row > 0 else self._frames[0].top - 4.0
            points += [(4.0, below), (4.0, above), (into, above)]
        else:
            points.append((into, below))
        return rounded([*points, (into, end[1]), end])


def _right(box: Placed) -> Point:
    return box.x + box.width, box.y + box.height / 2


def _left(box: Placed) -> Point:
    return box.x, box.y + box.height / 2


def _bend(start: Point, end: Point) -> Command:
    middle = (start[0] + end[0]) / 2
    return (middle, start[1], middle, end[1], *end)


def rounded(points: Sequence[Point]) -> tuple[Command, ...]:
    """A polyline with rounded corners."""
    clean = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    commands: list[Command] = [clean[0]]
    for before, corner, after in zip(clean, clean[1:], clean[2:], strict=False):
        first, second = _toward(corner, before), _toward(corner, after)
        commands += [first, (*corner, *corner, *second)]
    return (*commands, clean[-1])


def _toward(corner: Point, other: Point) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max(abs(dx), abs(dy))
    step = min(RADIUS, length / 2) / length if length else 0.0
    return corner[0] + dx * step, corner[1] + dy * step
