"""The same columns out of finished visits, one at a time: for live targets, and for the law that both agree."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from turbulence_app.engine.census.people import OPTIONS, PLACES, People, Waits, answer_kind, joined, words
from turbulence_app.engine.nodes import OUTCOMES, REASONS, Plan, ways
from turbulence_app.engine.visit import Visit

_FIELDS = (
    "user", "persona", "outcome", "reason", "last", "place", "choice", "answer", "arrived", "took", "since", "waited",
    "retries",
)  # fmt: skip


class Visits:
    """Takes visits in any order, before their events are forgotten."""

    def __init__(self, plan: Plan, through: frozenset[tuple[int, int]] = frozenset()) -> None:
        """``through``: only who went straight from one step of such a pair to the other."""
        self.plan, self._through = plan, through
        self._types = [node.type for node in plan.nodes]
        self._options = {node.name: {way: i for i, way in enumerate(ways(node))} for node in plan.nodes}
        self._rows: list[tuple[int, ...]] = []
        self._paths: list[list[int]] = []
        self._waits: list[tuple[int, int, int, int]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, visit: Visit) -> None:
        """One finished visit."""
        if self._through and not self._through & set(pairwise(visit.path)):
            return
        place = since = 0
        for number, moment in zip(visit.path, visit.moments, strict=True):
            if self._types[number] in PLACES:
                place, since = number + 1, moment
        waited, retries, choice = self._events(visit)
        self._rows.append(
            (
                visit.user, visit.persona, OUTCOMES.index(visit.outcome or "failed"), REASONS.index(visit.reason),
                0 if visit.last is None else visit.last.number + 1, place, choice, answer_kind(visit.answer),
                visit.arrived, visit.now, since, waited, retries,
            )
        )  # fmt: skip
        path = [0] * words(self.plan)
        for number in visit.path:
            path[number >> 6] |= 1 << (number & 63)
        self._paths.append(path)

    def _events(self, visit: Visit) -> tuple[int, int, int]:
        """Microseconds waited, requests after a first one, and the last choice."""
        waited = retries = choice = 0
        asked: int | None = None
        numbers = self.plan.numbers
        for at, kind, step, _, attempt, detail, data in visit.events:
            if kind == "request":
                asked = at
                retries += attempt > 0 and self._types[numbers[step]] != "wait"
            elif kind in ("answer", "give_up"):
                waited += data["waited_us"]
                self._waits.append(
                    (visit.user, numbers[step], visit.arrived + at - data["waited_us"], data["waited_us"])
                )
                asked = None
            elif kind == "decide":
                choice = (numbers[step] + 1) * OPTIONS + self._options[step][detail]
        if asked is not None:
            waited += max(0, visit.now - asked)
        return waited, retries, choice

    def take(self) -> tuple[People, Waits]:
        """Everybody since the last time, by number."""
        rows = np.array(self._rows, np.int64).reshape(-1, len(_FIELDS)).T
        paths = np.array(self._paths, np.uint64).reshape(-1, words(self.plan)).T
        people = joined([People(**dict(zip(_FIELDS, rows, strict=True)), path=paths)], self.plan)
        waits = np.array(self._waits, np.int64).reshape(-1, 4).T
        made = Waits(np.searchsorted(people.user, waits[0]), waits[1], waits[2], waits[3])
        self._rows, self._paths, self._waits = [], [], []
        return people, made


def of_visits(plan: Plan, visits: Iterable[Visit]) -> tuple[People, Waits]:
    """All of these visits."""
    made = Visits(plan)
    for visit in visits:
        made.add(visit)
    return made.take()
