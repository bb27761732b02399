"""Where the steps of a workflow go on paper: layers from left to right, lanes for side ways, rows where it gets long.

A workflow is series-parallel, so the layers come from the longest way to a step and the lanes from the nesting: the
main line stays straight, a branch's other side takes the first lane below that is free over its whole length. That
gives no crossings by construction, where the general method (Sugiyama, Tagawa and Toda 1981) has to search for few.
Same workflow and room, same picture. Qt-free; units are pixels at scale 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.gui.graph_model import Block, Graph, sequence_ends
from turbulence_app.gui.graph_routes import Command, Frame, Router

NODE_HEIGHT = 42.0
LANE_GAP = 24.0
COLUMN_GAP = 34.0
ROW_GAP = 28.0
MARGIN = 12.0
BACK_ROOM = 12.0
"""Below the last row, for the ways back of loops."""
MAX_ROWS = 10
MANY_LAYERS = 40
"""From here on rows are sought in whole tables: 100 layers took a quarter of a second one by one."""
CUT_COSTS = (0.12, 0.03, 0.0)
"""What one more edge across a row's end weighs, in squared relative deviations of row widths; gentler ones are tried
where they give a larger picture."""
GOOD_SCALE = 1.0

Cell = tuple[int, int]
"""Layer and lane."""
Size = tuple[float, float]
"""A card's width, and its height with what is kept free under it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: its left top corner, its size, and where it is in the order."""

    name: str
    x: float
    y: float
    width: float
    height: float
    layer: int
    lane: int
    row: int


@dataclass(frozen=True, slots=True)
class Path:
    """An edge's way: drawing commands, and where its word goes, if it has one."""

    source: str
    target: str
    kind: str
    commands: tuple[Command, ...]
    label_at: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole layout."""

    boxes: dict[str, Box]
    paths: tuple[Path, ...]
    width: float
    height: float
    rows: int


@dataclass(slots=True)
class _Part:
    """A laid-out sequence, relative to its own first cell. ``length`` layers; ``taken`` cells nobody else may use."""

    cells: dict[str, Cell] = field(default_factory=dict)
    taken: set[Cell] = field(default_factory=set)
    length: int = 0

    def add(self, other: _Part, layer: int, lane: int) -> None:
        self.cells.update({name: (a + layer, b + lane) for name, (a, b) in other.cells.items()})
        self.taken |= {(a + layer, b + lane) for a, b in other.taken}

    def free_lane(self, other: _Part, layer: int) -> int:
        lane = 1
        while any((a + layer, b + lane) in self.taken for a, b in other.taken):
            lane += 1
        return lane


def _sequence(blocks: Sequence[Block]) -> _Part:
    part = _Part()
    _extend(part, blocks)
    return part


def _extend(part: _Part, blocks: Sequence[Block]) -> None:
    for block in blocks:
        at = part.length
        part.cells[block.node.name] = (at, 0)
        part.taken.add((at, 0))
        part.length = at + 1
        if block.node.kind == "branch":
            _branch(part, block, at + 1)
        elif block.node.kind == "repeat":
            _side(part, _sequence(block.sides[0]), at + 1, returns=False)


def _branch(part: _Part, block: Block, at: int) -> None:
    sides = [side for side in block.sides if side]
    if len(sides) == 2:
        main, other = sorted(sides, key=lambda side: (sequence_ends(side), -_size(side)))
        _extend(part, main)
        sides = [other]
    for side in sides:
        _side(part, _sequence(side), at, returns=not sequence_ends(side))


def _side(part: _Part, side: _Part, at: int, *, returns: bool) -> None:
    """Hang a side way below the main line; one that returns keeps the line above it free until both meet."""
    meet = max(part.length, at + side.length) if returns else part.length
    if returns:
        side.taken |= {(layer, 0) for layer in range(meet - at)}
        part.taken |= {(layer, 0) for layer in range(at, meet)}
    part.add(side, at, part.free_lane(side, at))
    part.length = meet


def _size(blocks: Sequence[Block]) -> int:
    return sum(1 + sum(_size(side) for side in block.sides) for block in blocks)


def layout(
    graph: Graph,
    room: tuple[float, float],
    width_of: Callable[[str], float],
    gap: float = COLUMN_GAP,
    below: Callable[[str], float] = lambda _name: 0.0,
) -> Picture:
    """Lay the graph out for a view of ``room`` (width, height) so that it can be shown as large as possible.

    ``width_of`` gives the width that a step's card needs, ``below`` the height to keep free under it; ``gap`` is
    between columns.
    """
    part = _sequence(graph.blocks)
    if not part.cells:
        return Picture({}, (), 0.0, 0.0, 0)
    sizes = {name: (width_of(name), NODE_HEIGHT + below(name)) for name in part.cells}
    best = _arrange(graph, part, sizes, gap, _Cut(1, 0.0))
    for rows in range(2, min(MAX_ROWS, 1 + max(layer for layer, _ in part.cells.values())) + 1):
        if _scale(best, room) >= GOOD_SCALE:
            break
        for cost in CUT_COSTS:
            sheet = _arrange(graph, part, sizes, gap, _Cut(rows, cost))
            if _scale(sheet, room) > _scale(best, room) + 0.03:
                best = sheet
    return _draw(graph, best, gap)


@dataclass(frozen=True, slots=True)
class _Cut:
    """How to break the layers into rows: how many, and what a cut edge weighs."""

    rows: int
    cost: float


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Cards in their places, before the ways between them are drawn."""

    boxes: dict[str, Box]
    frames: tuple[Frame, ...]
    lefts: list[float]
    widths: list[float]
    width: float
    height: float


def _scale(picture: _Sheet, room: tuple[float, float]) -> float:
    """How large the picture comes out in the room; 1 is as designed and more is not wanted."""
    return min(room[0] / picture.width, room[1] / picture.height, GOOD_SCALE)


def _column_widths(part: _Part, sizes: dict[str, Size]) -> list[float]:
    widths = [0.0] * (max(layer for layer, _ in part.cells.values()) + 1)
    for name, (layer, _) in part.cells.items():
        widths[layer] = max(widths[layer], sizes[name][0])
    return widths


def _cuts(graph: Graph, part: _Part, widths: list[float], gap: float, cut: _Cut) -> list[int]:
    """First layer of each row: near equal widths, and moved a little to where fewest edges are cut."""
    crossing = [0] * (len(widths) + 1)
    for edge in graph.edges:
        a, b = sorted((part.cells[edge.source][0], part.cells[edge.target][0]))
        for layer in range(a + 1, b + 1):
            crossing[layer] += 1
    ends = [0.0]
    for width in widths:
        ends.append(ends[-1] + width + gap)
    return _best_cuts(crossing, ends, cut)


def _best_cuts(crossing: list[int], ends: list[float], cut: _Cut) -> list[int]:
    """Dynamic programming over the cuts: rows of one width, weighed against edges that a cut would send round."""
    layers, goal = len(ends) - 1, ends[-1] / cut.rows
    if cut.rows == 1:
        return [0]
    fees = [cut.cost * (crossing[end] - 1) if end < layers else 0.0 for end in range(layers + 1)]
    best = [0.0 if end == 0 else float("inf") for end in range(layers + 1)]
    origins: list[list[int]] = []
    table = _squares(ends, goal) if layers > MANY_LAYERS else None
    for _ in range(cut.rows):
        if table is not None:
            best, found = _one_row(table, best, fees)
            origins.append(found)
            continue
        step, origin = [float("inf")] * (layers + 1), [0] * (layers + 1)
        for end in range(1, layers + 1):
            costs = [best[start] + ((ends[end] - ends[start]) / goal - 1.0) ** 2 for start in range(end)]
            origin[end] = min(range(end), key=costs.__getitem__)
            step[end] = costs[origin[end]] + fees[end]
        best = step
        origins.append(origin)
    cuts, end = [], layers
    for origin in reversed(origins):
        end = origin[end]
        cuts.append(end)
    return sorted(set(cuts))


def _squares(ends: list[float], goal: float) -> Any:
    """How far a row from each layer (down) to each end (across) is from the wanted width; inf where there is none."""
    import numpy as np  # only a long workflow needs it: the first window does without

    at = np.array(ends)
    start, end = np.indices((len(at), len(at)))
    return np.where(start < end, ((at[end] - at[start]) / goal - 1.0) ** 2, np.inf)


def _one_row(table: Any, best: list[float], fees: list[float]) -> tuple[list[float], list[int]]:
    """One more row before each end: the least cost, and where that row begins (the first of equals)."""
    import numpy as np

    costs = table + np.array(best)[:, None]
    origin = costs.argmin(axis=0)
    step = costs[origin, np.arange(len(best))] + np.array(fees)
    return step.tolist(), origin.tolist()


def _arrange(graph: Graph, part: _Part, sizes: dict[str, Size], gap: float, cut: _Cut) -> _Sheet:
    widths = _column_widths(part, sizes)
    cuts = _cuts(graph, part, widths, gap, cut)
    row_of = [sum(1 for start in cuts if start <= layer) - 1 for layer in range(len(widths))]
    lefts = _lefts(widths, row_of, gap)
    arcs = any(edge.kind == "skip" for edge in graph.edges)
    loops = any(edge.kind == "again" for edge in graph.edges)
    # lines under the cards are a gap of their own
    lane_gap = LANE_GAP if all(height == NODE_HEIGHT for _, height in sizes.values()) else LANE_GAP / 2
    tops: dict[Cell, float] = {}
    frames: list[Frame] = []
    y = MARGIN
    for row in range(len(cuts)):
        lanes = sorted({lane for layer, lane in part.taken if layer < len(row_of) and row_of[layer] == row})
        top = y + (14.0 if arcs else 0.0)
        bottom = top
        for lane in lanes:
            tops[(row, lane)] = bottom
            tall = [sizes[n][1] for n, (layer, at) in part.cells.items() if at == lane and row_of[layer] == row]
            bottom += max(tall, default=NODE_HEIGHT) + lane_gap
        bottom -= lane_gap
        frames.append(Frame(y, bottom))
        y = bottom + ROW_GAP
    boxes = {
        name: Box(name, lefts[a], tops[(row_of[a], b)], sizes[name][0], NODE_HEIGHT, a, b, row_of[a])
        for name, (a, b) in part.cells.items()
    }
    width = max(box.x + box.width for box in boxes.values()) + MARGIN
    return _Sheet(boxes, tuple(frames), lefts, widths, width, y - ROW_GAP + MARGIN + (BACK_ROOM if loops else 0.0))


def _draw(graph: Graph, sheet: _Sheet, gap: float) -> Picture:
    router = Router(sheet.boxes, sheet.frames, sheet.lefts, sheet.widths, gap)
    paths = tuple(
        Path(edge.source, edge.target, edge.kind, router.route(edge.source, edge.target, edge.kind))
        for edge in graph.edges
        if edge.source != edge.target
    )
    return Picture(sheet.boxes, paths, sheet.width, sheet.height, len(sheet.frames))


def _lefts(widths: list[float], row_of: list[int], gap: float) -> list[float]:
    lefts: list[float] = []
    x = MARGIN
    for layer, width in enumerate(widths):
        if layer and row_of[layer] != row_of[layer - 1]:
            x = MARGIN
        lefts.append(x)
        x += width + gap
    return lefts
