"""The visit as it was found beside the smallest one: what was needed, and what was not. Qt-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby

from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.gui.lane_rows import LaneRow
from turbulence_app.gui.places.failures.sides import key_of, short
from turbulence_app.gui.trace_words import TraceLine, trace_lines

LANES = ("as it was found", "the smallest that breaks")
FOLD = "fold"
"""Kind of the line that stands for those that were not needed."""


def before_after(found: UserTrace, shrunk: Shrunk, *, folded: bool = True) -> list[LaneRow]:
    """Both visits line by line. What tells the failure stands out on both sides; what the smallest visit does without,
    and what merely takes its ordinary course, is greyed, or ``folded`` into lines that count it."""
    small = shrunk.trace.model_copy(update={"events": shrunk.trace.events[: shrunk.events or None]})
    left, right = _until(found, shrunk.failure.invariant), _until(small, shrunk.failure.invariant)
    mine, theirs = _lines(left), _lines(right)
    told = {(event.at_us, event.kind, event.step, event.attempt) for event in shrunk.story}
    needed = [not told or (e.at_us, e.kind, e.step, e.attempt) in told for e in right.events]
    rows: list[LaneRow] = []
    matcher = SequenceMatcher(None, [_key(e) for e in left.events], [_key(e) for e in right.events], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            for one, other, loud in zip(mine[a:b], theirs[c:d], needed[c:d], strict=True):
                rows.append(LaneRow(one.at_us, (_toned(one, loud), _toned(other, loud))))
            continue
        rows += [LaneRow(line.at_us, (_toned(line, False), None)) for line in mine[a:b]]
        rows += [LaneRow(line.at_us, (None, _toned(line, True))) for line in theirs[c:d]]
    return fold(rows) if folded else rows


def fold(rows: Sequence[LaneRow]) -> list[LaneRow]:
    """Lines in a row that tell nothing as one line that counts them, on each side where there are any."""
    made: list[LaneRow] = []
    for loud, group in groupby(rows, key=lambda row: any(cell is not None and cell.decisive for cell in row.cells)):
        lines = list(group)
        if loud or len(lines) == 1:
            made += lines
            continue
        cells = [_counted([row.cells[lane] for row in lines], lane) for lane in range(2)]
        made.append(LaneRow(lines[0].at_us, (cells[0], cells[1])))
    return made


def _counted(cells: Sequence[TraceLine | None], lane: int) -> TraceLine | None:
    there = [cell for cell in cells if cell is not None]
    if not there:
        return None
    words = f"{len(there):,} event{'s' * (len(there) != 1)} " + ("not needed" if lane == 0 else "as usual")
    return TraceLine(there[0].at_us, FOLD, "", words, "dim", False)


def quiet(rows: Sequence[LaneRow]) -> tuple[int, int]:
    """Of unfolded rows: how many events of the found visit tell nothing, and how many there are."""
    mine = [row.cells[0] for row in rows if row.cells[0] is not None]
    return sum(not cell.decisive for cell in mine), len(mine)


def _toned(line: TraceLine, needed: bool) -> TraceLine:
    return replace(line, decisive=True) if needed else replace(line, tone="dim", decisive=False)


def _key(event: TraceEvent) -> tuple[tuple[str, str, int, int], str]:
    return key_of(event), event.detail


def _until(trace: UserTrace, invariant: str) -> UserTrace:
    """The visit up to where it broke."""
    broke = next((i for i, e in enumerate(trace.events) if e.kind == "violation" and e.detail == invariant), None)
    return trace if broke is None else trace.model_copy(update={"events": trace.events[: broke + 1]})


def _lines(trace: UserTrace) -> list[TraceLine]:
    return [replace(line, words=short(line.words)) for line in trace_lines(trace, ())]
