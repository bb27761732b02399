"""Several visits of the same journey laid beside each other: who left where, what some left out, how long all took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from turbulence_app.formats.har_sift import Call


@dataclass(slots=True)
class Stage:
    """One step of the longest visit, with what all visits say of it."""

    call: Call
    calls: list[Call] = field(default_factory=list)
    present: set[int] = field(default_factory=set)
    """The visits that did it."""
    left: int = 0
    """How many visits ended right after it (not at the last step)."""
    inside: int = 0
    """How many visits had not ended before it."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """The journey. ``strange`` counts requests of the other visits that the longest one has not."""

    stages: tuple[Stage, ...]
    base: int
    visits: int
    strange: int


def align(visits: Sequence[tuple[Call, ...]]) -> Aligned:
    """Lay every visit beside the longest (the first of equals), by the longest common blocks of calls."""
    base = max(range(len(visits)), key=lambda i: (len(visits[i]), -i))
    stages = [Stage(call) for call in visits[base]]
    keys = [call.key for call in visits[base]]
    strange = 0
    for number, calls in enumerate(visits):
        matcher = SequenceMatcher(None, keys, [c.key for c in calls], autojunk=False)
        last, matched = -1, 0
        for block in matcher.get_matching_blocks():
            for shift in range(block.size):
                stage = stages[block.a + shift]
                stage.calls.append(calls[block.b + shift])
                stage.present.add(number)
                last, matched = block.a + shift, matched + 1
        strange += len(calls) - matched
        for stage in stages[: last + 1]:
            stage.inside += 1
        if 0 <= last < len(stages) - 1:
            stages[last].left += 1
    return Aligned(tuple(stages), base, len(visits), strange)
