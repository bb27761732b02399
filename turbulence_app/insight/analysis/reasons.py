"""Why did they leave?"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from turbulence_app.domain.analysis import ReasonBar
from turbulence_app.insight.analysis.counted import (
    ANSWER,
    CHOICE,
    COMPLETED,
    LAST,
    OUTCOME,
    PEOPLE,
    PERSONA,
    PLACE,
    REASON,
    Chosen,
    Words,
    by_persona,
)

AFTER = ("", "", " after a failure", " after waiting too long", " when no answer came")
"""How the last answer before a choice was."""
CUT = {
    "step_patience": "gave up waiting",
    "visit_patience": "out of patience with the visit",
    "step_failed": "a step failed for good",
    "assertion_failed": "an assertion did not hold",
    "max_steps": "too many steps",
    "end": "failed",
    "": "the flow ended",
}
Key = tuple[int, int, int, int]


def reasons(chosen: Chosen, words: Words) -> tuple[ReasonBar, ...]:
    """A bar per reason, most people first.

    A visit that ended by an ``end`` step as abandoned is told by the last decision before it and by how the last
    answer was (fine, a failure, given up waiting, none in time). Any other is told by what cut it short and by the step
    where that happened. Reasons of all people who did not complete, each counted once.
    """
    keys, sums = chosen.kinds
    gone = (keys[OUTCOME] != COMPLETED).nonzero()[0]
    groups: dict[Key, list[int]] = defaultdict(list)
    for at in gone.tolist():
        groups[key_of(words, *(int(keys[row, at]) for row in (REASON, CHOICE, ANSWER, LAST)))].append(at)
    bars = []
    for (reason, choice, answer, last), places in groups.items():
        at = np.array(places)
        people = sums[PEOPLE, at]
        bars.append(
            ReasonBar(
                key=f"{reason}.{choice}.{answer}.{last}",
                words=told(words, reason, choice, answer, last),
                reason=words.reasons[reason],
                place=_place(words, keys[PLACE, at], people),
                count=by_persona(keys[PERSONA, at], people, len(words.personas)),
            )
        )
    return tuple(sorted(bars, key=lambda bar: (-bar.count.people, bar.key)))


def key_of(words: Words, reason: int, choice: int, answer: int, last: int) -> Key:
    """What tells a reason apart from others."""
    return (reason, choice, answer, 0) if words.reasons[reason] == "left" else (reason, 0, 0, last)


def told(words: Words, reason: int, choice: int, answer: int, last: int) -> str:
    """A reason in words."""
    name = words.reasons[reason]
    if name == "left":
        decision, option = words.choices.get(choice, ("", ""))
        return f"chose {option} at {decision}{AFTER[answer]}" if decision else f"left{AFTER[answer]}"
    step = words.steps[last - 1].name if last else ""
    return f"{CUT.get(name, name)}{f' at {step}' if step else ' before the first step'}"


def _place(
    words: Words, places: np.ndarray[tuple[int], np.dtype[np.int64]], people: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> str:
    """Where more than half of them were."""
    counts = np.bincount(places, weights=people)
    most = int(counts.argmax())
    return words.steps[most - 1].name if most and counts[most] * 2 > counts.sum() else ""
