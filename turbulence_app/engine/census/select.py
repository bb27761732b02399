"""Finding people again: a question in words of the workflow as a test on columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.analysis import Sort, Wanted
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.census.people import OPTIONS, Column, People, Waits
from turbulence_app.engine.histogram import buckets
from turbulence_app.engine.nodes import OUTCOMES, REASONS, Plan, ways

Mask = NDArray[np.bool_]
Matches = Callable[[People, Waits], Mask]


def matcher(plan: Plan, wanted: Wanted) -> Matches:
    """The test. Raises ``InputError`` for a persona or a step that the run does not have."""
    tests: list[Matches] = []
    if wanted.personas:
        tests.append(_among("persona", [_persona(plan, name) for name in wanted.personas]))
    if wanted.outcomes:
        tests.append(_among("outcome", [OUTCOMES.index(name) for name in wanted.outcomes]))
    if wanted.step:
        step = step_number(plan, wanted.step)
        tests.append(lambda people, _: people.reached(step))
    if wanted.place is not None:
        place = step_number(plan, wanted.place) + 1 if wanted.place else 0
        tests.append(lambda people, _: (people.place == place) & (people.outcome != 0))
    if wanted.why is not None:
        tests.append(_why(wanted.why))
    if wanted.took is not None:
        low, high = wanted.took
        tests.append(lambda people, _: _inside(buckets(people.took), low, high))
    if wanted.stayed is not None:
        first, before = wanted.stayed
        tests.append(
            lambda people, _: _inside(buckets(people.took - people.since), first, before) & (people.outcome != 0)
        )
    if wanted.asked_s is not None:
        tests.append(_asked(plan, wanted))
    return lambda people, waits: _all(tests, people, waits)


def _all(tests: list[Matches], people: People, waits: Waits) -> Mask:
    found = np.full(len(people), True)
    for test in tests:
        found &= test(people, waits)
    return found


def _among(name: str, numbers: list[int]) -> Matches:
    return lambda people, _: np.isin(getattr(people, name), numbers)


def _inside(column: Column, low: int, high: int) -> Mask:
    return np.asarray((column >= low) & (column < high))


def _why(key: str) -> Matches:
    parts = key.split(".")
    if len(parts) != 4 or not all(part.isdecimal() and len(part) < 15 for part in parts):
        raise InputError(f"{key!r} is not the key of a reason", "take it from the analysis")
    reason, choice, answer, last = (int(part) for part in parts)

    def test(people: People, _: Waits) -> Mask:
        found = (people.outcome != 0) & (people.reason == reason)
        if is_choice(reason):
            return np.asarray(found & (people.choice == choice) & (people.answer == answer))
        return np.asarray(found & (people.last == last))

    return test


def is_choice(reason: int) -> bool:
    """Whether a reason is told by the last choice, and not by the step at which the visit ended."""
    return REASONS[reason] == "left"


def _asked(plan: Plan, wanted: Wanted) -> Matches:
    assert wanted.asked_s is not None
    low, high = (round(second * 1e6) for second in wanted.asked_s)
    step = step_number(plan, wanted.asked_step) if wanted.asked_step else None

    def test(people: People, waits: Waits) -> Mask:
        hit = (waits.asked >= low) & (waits.asked < high)
        if step is not None:
            hit &= waits.step == step
        found = np.zeros(len(people), np.bool_)
        found[waits.who[hit]] = True
        return found

    return test


def pairs(plan: Plan, wanted: Wanted) -> frozenset[tuple[int, int]]:
    """The ways that are looked for, by number of step."""
    return frozenset((step_number(plan, source), step_number(plan, target)) for source, target in wanted.ways)


def slowest(people: People, waits: Waits, wanted: Wanted, plan: Plan) -> Column:
    """Each person's longest wait for one answer, in microseconds; where a span or a step is asked for, of those."""
    keep = np.full(waits.who.size, True)
    if wanted.asked_s is not None:
        low, high = (round(second * 1e6) for second in wanted.asked_s)
        keep &= (waits.asked >= low) & (waits.asked < high)
    if wanted.asked_step:
        keep &= waits.step == step_number(plan, wanted.asked_step)
    longest = np.zeros(len(people), np.int64)
    np.maximum.at(longest, waits.who[keep], waits.waited[keep])
    return longest


def rank(people: People, longest: Column, sort: Sort) -> Column:
    """What to sort by, rising."""
    if sort == "longest":
        return -people.took
    if sort == "shortest":
        return people.took
    return -longest if sort == "slowest" else people.user


def step_number(plan: Plan, name: str) -> int:
    """A step's number. Raises ``InputError`` for one that the workflow does not have."""
    try:
        return plan.numbers[name]
    except KeyError:
        raise InputError(f"the run has no step {name!r}", f"there are {', '.join(plan.numbers)}") from None


def _persona(plan: Plan, name: str) -> int:
    for number, persona in enumerate(plan.personas):
        if persona.name == name:
            return number
    known = ", ".join(persona.name for persona in plan.personas)
    raise InputError(f"nobody in the run is a {name!r}", f"there are {known}")


def choice_words(plan: Plan, choice: int) -> tuple[str, str]:
    """Decision and option of a choice; empty where none was made."""
    if not choice:
        return "", ""
    node = plan.nodes[choice // OPTIONS - 1]
    return node.name, ways(node)[choice % OPTIONS]
