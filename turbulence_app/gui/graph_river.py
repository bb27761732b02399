"""The whole workflow on paper, from top to bottom: the main line runs straight down, side ways hang at its right.

A workflow is series-parallel, so rows come from the order of the steps and lanes from the nesting, and no two lines
cross: a side way starts in the row of its branch and the main line waits below it until both meet; a loop is a frame
around its body, whose border is the way back. Nothing depends on the room or on the names, so that a picture keeps its
shape while it is edited. Qt-free; units are pixels at scale 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from turbulence_app.gui.graph_layout import Box, Path
from turbulence_app.gui.graph_model import Block, Graph, sequence_ends
from turbulence_app.gui.graph_routes import rounded

CARD_HEIGHT = 44.0
END_HEIGHT = 28.0
ROW_GAP = 26.0
LANE_GAP = 44.0
MARGIN = 26.0
FRAME = 12.0
"""From a card to the frame of its loop; for each loop inside the loop as much again."""
LEAST_LANE = 112.0
GRAIN = 16.0
"""Widths of lanes grow in steps, so that a letter more moves nothing."""

Cell = tuple[int, int]
"""Row and lane."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a loop: its header's name, and its rectangle."""

    name: str
    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """Where the way back begins."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class River:
    """A whole picture."""

    boxes: dict[str, Box]
    paths: tuple[Path, ...]
    frames: dict[str, Frame]
    width: float
    height: float


@dataclass(slots=True)
class _Loop:
    name: str
    row: int
    stop: int
    lane: int
    lanes: int
    depth: int


@dataclass(slots=True)
class _Part:
    """A laid-out sequence, relative to its own first cell. ``rows`` it needs; ``taken`` cells nobody else may use."""

    cells: dict[str, Cell] = field(default_factory=dict)
    taken: set[Cell] = field(default_factory=set)
    loops: list[_Loop] = field(default_factory=list)
    rows: int = 0

    def add(self, other: _Part, row: int, lane: int) -> None:
        self.cells.update({name: (a + row, b + lane) for name, (a, b) in other.cells.items()})
        self.taken |= {(a + row, b + lane) for a, b in other.taken}
        for one in other.loops:
            self.loops.append(_Loop(one.name, one.row + row, one.stop + row, one.lane + lane, one.lanes, one.depth))

    def free_lane(self, other: _Part, row: int) -> int:
        lane = 1
        while any((a + row, b + lane) in self.taken for a, b in other.taken):
            lane += 1
        return lane


def _sequence(blocks: Sequence[Block]) -> _Part:
    part = _Part()
    for block in blocks:
        at = part.rows
        part.cells[block.node.name] = (at, 0)
        part.taken.add((at, 0))
        part.rows = at + 1
        if block.node.kind == "branch":
            _branch(part, block, at)
        elif block.node.kind == "repeat":
            _loop(part, block, at)
    return part


def _branch(part: _Part, block: Block, at: int) -> None:
    sides = [side for side in block.sides if side]
    if len(sides) == 2:
        main, other = sorted(sides, key=lambda side: (sequence_ends(side), -_size(side)))
        straight = _sequence(main)
        part.add(straight, at + 1, 0)
        part.rows = at + 1 + straight.rows
        sides = [other]
    for side in sides:
        hung = _sequence(side)
        lane = part.free_lane(hung, at)
        part.add(hung, at, lane)
        part.taken |= {(at, between) for between in range(1, lane)}
        rows = max(part.rows, at + hung.rows)
        if not sequence_ends(side):
            part.taken |= {(row, lane) for row in range(at + hung.rows, rows)}
        part.taken |= {(row, 0) for row in range(part.rows, rows)}
        part.rows = rows


def _loop(part: _Part, block: Block, at: int) -> None:
    body = _sequence(block.sides[0])
    part.add(body, at + 1, 0)
    part.rows = at + 1 + body.rows
    lanes = 1 + max((lane for _, lane in body.taken), default=0)
    part.taken |= {(row, lane) for row in range(at, part.rows) for lane in range(lanes)}
    depth = 1 + max((loop.depth for loop in body.loops), default=0)
    part.loops.append(_Loop(block.node.name, at, part.rows, 0, lanes, depth))


def _size(blocks: Sequence[Block]) -> int:
    return sum(1 + sum(_size(side) for side in block.sides) for block in blocks)


def lay_out(graph: Graph, width_of: Callable[[str], float]) -> River:
    """The picture of a graph; ``width_of`` gives the width that a step's card needs."""
    part = _sequence(graph.blocks)
    if not part.cells:
        return River({}, (), {}, 0.0, 0.0)
    lefts, widths = _lanes(graph, part, width_of)
    tops = _tops(part)
    boxes = {name: _box(graph, name, cell, lefts, widths, tops, width_of) for name, cell in part.cells.items()}
    frames = {loop.name: _frame(loop, lefts, widths, tops) for loop in part.loops}
    paths = tuple(_Router(part, boxes, frames, lefts).route(graph))
    right = max([b.x + b.width for b in boxes.values()] + [f.x + f.width for f in frames.values()])
    bottom = max([b.y + b.height for b in boxes.values()] + [f.bottom for f in frames.values()])
    return River(boxes, paths, frames, right + MARGIN, bottom + MARGIN)


def _lanes(graph: Graph, part: _Part, width_of: Callable[[str], float]) -> tuple[list[float], list[float]]:
    """Left edges and widths of the lanes."""
    widths = [0.0] * (1 + max(lane for _, lane in part.cells.values()))
    for name, (_, lane) in part.cells.items():
        least = 0.0 if graph.nodes[name].kind == "end" else LEAST_LANE
        widths[lane] = max(widths[lane], least, width_of(name))
    widths = [-(-width // GRAIN) * GRAIN for width in widths]
    lefts, x = [], MARGIN
    for width in widths:
        lefts.append(x)
        x += width + LANE_GAP
    return lefts, widths


def _tops(part: _Part) -> list[float]:
    """Upper edges of the rows; below the end of a loop there is room for its frame."""
    ends = [0] * (part.rows + 1)
    for loop in part.loops:
        ends[loop.stop] = max(ends[loop.stop], loop.depth)
    tops, y = [], MARGIN - 8
    for row in range(part.rows):
        y += FRAME * ends[row]
        tops.append(y)
        y += CARD_HEIGHT + ROW_GAP
    return tops


def _box(
    graph: Graph,
    name: str,
    cell: Cell,
    lefts: list[float],
    widths: list[float],
    tops: list[float],
    width_of: Callable[[str], float],
) -> Box:
    row, lane = cell
    if graph.nodes[name].kind != "end":
        return Box(name, lefts[lane], tops[row], widths[lane], CARD_HEIGHT, row, lane, row)
    width = width_of(name)
    x = lefts[lane] + ((widths[lane] - width) / 2 if lane == 0 else 0.0)
    y = tops[row] + (0.0 if lane == 0 else (CARD_HEIGHT - END_HEIGHT) / 2)
    return Box(name, x, y, width, END_HEIGHT, row, lane, row)


def _frame(loop: _Loop, lefts: list[float], widths: list[float], tops: list[float]) -> Frame:
    pad = FRAME * loop.depth - (FRAME / 2) * (loop.depth - 1)
    top = tops[loop.row] + CARD_HEIGHT / 2
    last = loop.lane + loop.lanes - 1
    x = lefts[loop.lane] - pad
    bottom = tops[loop.stop - 1] + CARD_HEIGHT + FRAME * loop.depth
    return Frame(loop.name, x, top, lefts[last] + widths[last] + pad - x, bottom - top)


Point = tuple[float, float]


class _Router:
    """Finds the ways for one picture: down, along the row of a branch, or along the gap above the target."""

    def __init__(self, part: _Part, boxes: dict[str, Box], frames: dict[str, Frame], lefts: list[float]) -> None:
        self._boxes, self._frames, self._lefts = boxes, frames, lefts
        self._by_cell = {(box.layer, box.lane): name for name, box in boxes.items()}
        self._rows: dict[int, list[int]] = {}
        for row, lane in part.cells.values():
            self._rows.setdefault(lane, []).append(row)

    def route(self, graph: Graph) -> Iterator[Path]:
        """All ways."""
        for edge in graph.edges:
            if edge.source == edge.target:
                continue
            points, word = self._points(edge.source, edge.target, edge.kind)
            yield Path(edge.source, edge.target, edge.kind, _bent(points), word)

    def _points(self, source: str, target: str, kind: str) -> tuple[list[Point], Point]:
        a, b = self._boxes[source], self._boxes[target]
        if b.layer < a.layer or (kind == "again" and b.layer <= a.layer):
            return self._back(source, target)
        if b.lane > a.lane:
            return self._aside(a, b)
        return self._down(source, target)

    def _aside(self, a: Box, b: Box) -> tuple[list[Point], Point]:
        """To the right, into the row of the branch; further down (past a step that not everybody gets) by an elbow."""
        start, end = (a.x + a.width, a.y + a.height / 2), (b.x, b.y + b.height / 2)
        word = (start[0] + 7, start[1] - 5)
        if b.layer == a.layer:
            return [start, end], word
        turn = self._lefts[b.lane] - 12
        return [start, (turn, start[1]), (turn, end[1]), end], word

    def _down(self, source: str, target: str) -> tuple[list[Point], Point]:
        b = self._boxes[target]
        middle, gap = b.x + b.width / 2, b.y - 12
        points = self._drop(source, gap, b.layer, target)
        a = self._boxes[source]
        return [*points, (middle, gap), (middle, b.y)], (a.x + a.width / 2 + 7, a.y + a.height + 14)

    def _back(self, source: str, target: str) -> tuple[list[Point], Point]:
        """To a loop's header: down to its frame, and round along the frame's border."""
        frame, head = self._frames[target], self._boxes[target]
        middle = head.y + head.height / 2
        points = self._drop(source, frame.bottom, 10**9, target)
        word = (frame.x + 14, frame.bottom - 5)
        return [*points, (frame.x, frame.bottom), (frame.x, middle), (head.x, middle)], word

    def _drop(self, source: str, level: float, row: int, target: str) -> list[Point]:
        """From a card (or the frame of a loop, when it is left) down to a level; round what stands in its lane."""
        a = self._boxes[source]
        frame = self._frames.get(source)
        if frame is not None and self._boxes[target].y < frame.bottom and self._boxes[target].y > a.y:
            frame = None
        x, y = a.x + a.width / 2, frame.bottom if frame is not None else a.y + a.height
        below = [self._boxes[self._by_cell[r, a.lane]] for r in self._rows[a.lane] if a.layer < r < row]
        blocking = [box.layer for box in below if y < box.y < level]
        if not blocking:
            return [(x, y), (x, level)]
        beside = min(self._left_of(self._by_cell[r, a.lane]) for r in blocking)
        return [(x, y), (x, y + 9), (beside, y + 9), (beside, level)]

    def _left_of(self, name: str) -> float:
        frame = self._frames.get(name)
        box = self._boxes[name]
        return min(frame.x if frame is not None else box.x, self._lefts[box.lane]) - 8


def _bent(points: list[Point]) -> tuple[tuple[float, ...], ...]:
    """The polyline without points in the middle of straight pieces, its corners rounded."""
    clean: list[Point] = []
    for point in points:
        if clean and point == clean[-1]:
            continue
        if len(clean) > 1 and _straight(clean[-2], clean[-1], point):
            clean[-1] = point
        else:
            clean.append(point)
    return rounded(clean)


def _straight(a: Point, b: Point, c: Point) -> bool:
    return (a[0] == b[0] == c[0]) or (a[1] == b[1] == c[1])
