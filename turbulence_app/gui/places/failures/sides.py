"""Visits beside each other: who did what when, and where two of them part. Qt-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.gui.lane_rows import LaneRow
from turbulence_app.gui.trace_words import TraceLine, trace_lines

MOST_LANES = 5
QUIET = frozenset({"think", "backoff", "type", "loop", "branch", "skip"})
"""Kinds that only say how time passes; lanes of several people leave them out."""


def people_of(shrunk: Shrunk) -> list[UserTrace]:
    """The visits of those who are needed, the failing one first."""
    needed = set(shrunk.users) | {shrunk.trace.user}
    return [shrunk.trace, *(trace for trace in shrunk.others if trace.user in needed)][:MOST_LANES]


def world_lanes(shrunk: Shrunk) -> tuple[list[str], list[LaneRow]]:
    """One lane per person of the smallest world, on the world's clock; where there is a story, only what it tells."""
    traces = people_of(shrunk)
    first = min(trace.arrived_us for trace in traces)
    told = {
        (event.data.get("user", shrunk.trace.user), event.kind, event.step, event.attempt) for event in shrunk.story
    }
    rows: list[LaneRow] = []
    for lane, trace in enumerate(traces):
        for event, line in zip(trace.events, trace_lines(trace, ()), strict=True):
            if event.kind in QUIET or (told and (trace.user, event.kind, event.step, event.attempt) not in told):
                continue
            at = trace.arrived_us - first + event.at_us
            cell = TraceLine(at, line.kind, line.step, short(line.words), line.tone, line.decisive)
            cells = tuple(cell if place == lane else None for place in range(len(traces)))
            rows.append(LaneRow(at, cells))
    rows.sort(key=lambda row: row.at_us)
    names = [f"user {trace.user:,} · {trace.persona.replace('_', ' ')}" for trace in traces]
    return names, rows


def short(words: str) -> str:
    """Words for a narrow lane."""
    return words.replace("effect: the service acts", "acts").replace("violation: ", "breaks ")


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
    one, other = telling(failing), telling(passing)
    mine, theirs = _lines(one), _lines(other)
    fork = parts_at(one.events, other.events)
    rows = [LaneRow(a.at_us, (_quiet(a), _quiet(b))) for a, b in zip(mine[:fork], theirs[:fork], strict=True)]
    left, right = list(mine[fork:]), list(theirs[fork:])
    if left and right and left[0].step == right[0].step:
        rows.append(LaneRow(left[0].at_us, (left.pop(0), right.pop(0))))
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


def _lines(trace: UserTrace) -> list[TraceLine]:
    return [replace(line, words=short(line.words)) for line in trace_lines(trace, ())]


def telling(trace: UserTrace) -> UserTrace:
    """The visit without the lines that only say how time passes, or which way a condition went."""
    return trace.model_copy(update={"events": tuple(event for event in trace.events if event.kind not in QUIET)})


def _quiet(line: TraceLine) -> TraceLine:
    """A line that both share: nothing to look at."""
    return TraceLine(line.at_us, line.kind, line.step, line.words, "dim", False)


def parting_words(failing: UserTrace, passing: UserTrace, who: tuple[str, str] = ("fails", "passes")) -> str:
    """Where they part, in a sentence; ``who`` names them."""
    one, other = telling(failing), telling(passing)
    fork = parts_at(one.events, other.events)
    mine, theirs = _line(one, fork), _line(other, fork)
    if mine is None and theirs is None:
        return "The two visits go the same way; only their times differ."
    told = [
        f"{name} with “{f'{line.step} {line.words}'.strip()}”"
        for name, line in zip(who, (mine, theirs), strict=True)
        if line
    ]
    return f"They part here: {', '.join(told)}."


def _line(trace: UserTrace, place: int) -> TraceLine | None:
    lines = _lines(trace)
    return lines[place] if place < len(lines) else None
