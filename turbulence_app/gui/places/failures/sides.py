"""Visits beside each other: who did what when, and where two of them part. Qt-free."""

from __future__ import annotations

from collections.abc import Sequence

from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.gui.lane_rows import LaneRow
from turbulence_app.gui.trace_words import TraceLine, trace_lines

MOST_LANES = 5
QUIET = frozenset({"think", "backoff", "type", "loop", "branch"})
"""Kinds that only say how time passes; lanes of several people leave them out."""


def world_lanes(shrunk: Shrunk) -> tuple[list[str], list[LaneRow]]:
    """One lane per person of the smallest world, on the world's clock; what the story tells is decisive."""
    traces = [shrunk.trace, *shrunk.others][:MOST_LANES]
    first = min(trace.arrived_us for trace in traces)
    told = {
        (event.data.get("user", shrunk.trace.user), event.kind, event.step, event.attempt) for event in shrunk.story
    }
    rows: list[LaneRow] = []
    for lane, trace in enumerate(traces):
        for event, line in zip(trace.events, trace_lines(trace, ()), strict=True):
            if event.kind in QUIET:
                continue
            decisive = line.decisive or (trace.user, event.kind, event.step, event.attempt) in told
            at = trace.arrived_us - first + event.at_us
            cell = TraceLine(at, line.kind, line.step, line.words, line.tone, decisive)
            cells = tuple(cell if place == lane else None for place in range(len(traces)))
            rows.append(LaneRow(at, cells))
    rows.sort(key=lambda row: row.at_us)
    names = [f"user {trace.user:,} · {trace.persona.replace('_', ' ')}" for trace in traces]
    return names, rows


def key_of(event: TraceEvent) -> tuple[str, str, int, int]:
    """What two visits must share for an event to be the same."""
    return (event.kind, event.step, event.visit, event.attempt)


def parts_at(one: Sequence[TraceEvent], other: Sequence[TraceEvent]) -> int:
    """The first place at which two visits differ in what happens (times aside); the shorter one's length otherwise."""
    for place, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if key_of(mine) != key_of(theirs) or mine.detail != theirs.detail:
            return place
    return min(len(one), len(other))


def side_by_side(failing: UserTrace, passing: UserTrace) -> list[LaneRow]:
    """The two visits line by line: together up to where they part, from there on each in its own time."""
    mine, theirs = trace_lines(failing, ()), trace_lines(passing, ())
    fork = parts_at(failing.events, passing.events)
    rows = [LaneRow(a.at_us, (_quiet(a), _quiet(b))) for a, b in zip(mine[:fork], theirs[:fork], strict=True)]
    left, right = list(mine[fork:]), list(theirs[fork:])
    while left or right:
        steps = {line.step for line in right[:12]}
        if left and right and (left[0].step, left[0].kind) == (right[0].step, right[0].kind):
            a, b = left.pop(0), right.pop(0)
            rows.append(LaneRow(a.at_us, (a, b)))
        elif left and (not right or left[0].step not in steps or left[0].at_us <= right[0].at_us):
            a = left.pop(0)
            rows.append(LaneRow(a.at_us, (a, None)))
        else:
            b = right.pop(0)
            rows.append(LaneRow(b.at_us, (None, b)))
    if fork < len(rows):
        rows[fork] = LaneRow(rows[fork].at_us, rows[fork].cells, "Here they part.")
    return rows


def _quiet(line: TraceLine) -> TraceLine:
    """A line that both share: nothing to look at."""
    return TraceLine(line.at_us, line.kind, line.step, line.words, "dim", False)


def parting_words(failing: UserTrace, passing: UserTrace) -> str:
    """Where they part, in a sentence."""
    fork = parts_at(failing.events, passing.events)
    mine, theirs = _line(failing, fork), _line(passing, fork)
    if mine is None and theirs is None:
        return "The two visits go the same way; only their times differ."
    if mine is None or theirs is None:
        longer = theirs if mine is None else mine
        who = "The one who passes" if mine is None else "The one who fails"
        return f"They go together to the end of one; {who.lower()} goes on: {_told(longer)}."
    return f"They part at {mine.step or theirs.step or 'the arrival'}: one {_told(mine)}, the other {_told(theirs)}."


def _line(trace: UserTrace, place: int) -> TraceLine | None:
    lines = trace_lines(trace, ())
    return lines[place] if place < len(lines) else None


def _told(line: TraceLine | None) -> str:
    return line.words.rstrip(".") if line is not None else ""
