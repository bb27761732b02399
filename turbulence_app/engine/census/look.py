"""Looking on while a chunk is computed: notes what becomes of each person. It changes nothing of the execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.census.people import OPTIONS, PLACES, People, Waits, answer_kind, joined, words
from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.nodes import OUTCOMES, REASONS, Choose, Plan, PlanNode, Request

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Chunk

Times = NDArray[np.int64]
PLACE, SINCE, CHOICE = ("look place",), ("look since",), ("look choice",)
ANSWER, WAITED, RETRIES, WENT = ("look answer",), ("look waited",), ("look retries",), ("look went",)


class Look:
    """Set as ``chunk.look`` before the chunk runs; ``people`` and ``waits`` are there when it is through.

    ``ways`` are pairs of steps: with any, only those who went straight from the one to the other are kept.
    """

    def __init__(self, chunk: Chunk, ways: frozenset[tuple[int, int]] = frozenset()) -> None:
        self.chunk, self.plan, self.ways = chunk, chunk.plan, ways
        self._kinds = np.array([answer_kind(a) for a in chunk.plan.answers], np.int64)
        self._words = words(chunk.plan)
        self._parts: list[People] = []
        self._waits: list[tuple[NDArray[np.uint64], int, Times, Times]] = []

    # ---- told by the executor -----------------------------------------------------------------------------------

    def entered(self, node: PlanNode, group: Group) -> None:
        """Everybody in the group comes to a step; their last step is still the one before."""
        path = group.columns.get(("look path", node.number >> 6))
        if path is None:
            path = group.columns["look path", node.number >> 6] = np.zeros(group.size, np.uint64)
        path |= np.uint64(1 << (node.number & 63))
        if node.type in PLACES:
            group.column(*PLACE)[:] = node.number + 1
            group.columns[SINCE] = group.t.copy()

    def went(self, node: PlanNode, group: Group) -> None:
        """Before their last step becomes this one: who takes one of the ways that are looked for."""
        for source, target in self.ways:
            if target == node.number and (group.last in (source, -2)):
                group.columns[WENT] = group.column(*WENT) | (group.lasts() == source)

    def chose(self, node: Choose, group: Group, option: NDArray[Any]) -> None:
        """Everybody decided."""
        group.columns[CHOICE] = option.astype(np.int64) + (node.number + 1) * OPTIONS

    def answered(
        self, node: Request, group: Group, k: int, asked: Times, code: NDArray[Any], gone: Index, absent: Index
    ) -> None:
        """One request of everybody is over; the group's clock is at its end. ``gone`` left before any answer."""
        took = group.t - asked
        took[absent] = 0
        group.columns[WAITED] = group.column(*WAITED) + took
        if k and node.wait is None:
            group.columns[RETRIES] = group.column(*RETRIES) + 1
        kinds = self._kinds.take(code)
        users, when = group.users, asked
        if gone.size:
            before = group.columns.get(ANSWER)
            kinds[gone] = 0 if before is None else before.take(gone)
            stays = np.full(group.size, True)
            stays[gone] = False
            at = stays.nonzero()[0]
            users, when, took = users.take(at), asked.take(at), took.take(at)
        group.columns[ANSWER] = kinds
        if users.size:
            self._waits.append((users, node.number, self.chunk.arrivals(users) + when, took))

    def ended(self, persona: int, outcome: int, reason: int, group: Group) -> None:
        """These visits are over."""
        n = group.size
        columns = group.columns
        if self.ways:
            at = group.column(*WENT).nonzero()[0]
            if not at.size:
                return
            group, n = group.take(at), at.size
            columns = group.columns

        def of(key: tuple[str]) -> NDArray[Any]:
            found = columns.get(key)
            return np.zeros(n, np.int64) if found is None else found

        path = [columns.get(("look path", word)) for word in range(self._words)]
        self._parts.append(
            People(
                user=group.users.view(np.int64),
                persona=np.full(n, persona, np.int64),
                outcome=np.full(n, outcome, np.int64),
                reason=np.full(n, reason, np.int64),
                last=group.lasts() + 1,
                place=of(PLACE),
                choice=of(CHOICE),
                answer=of(ANSWER),
                arrived=self.chunk.arrivals(group.users),
                took=group.t,
                since=of(SINCE),
                waited=of(WAITED),
                retries=of(RETRIES),
                path=np.stack([np.zeros(n, np.uint64) if word is None else word for word in path]),
            )
        )

    # ---- afterwards ---------------------------------------------------------------------------------------------

    def people(self) -> People:
        """Everybody whose visit ended, by number."""
        return joined(self._parts, self.plan)

    def waits(self, people: People) -> Waits:
        """What these people waited for; without those of anybody else."""
        if not self._waits:
            nothing = np.zeros(0, np.int64)
            return Waits(nothing, nothing, nothing, nothing)
        users = np.concatenate([users for users, *_ in self._waits]).view(np.int64)
        step = np.concatenate([np.full(users.size, step, np.int64) for users, step, *_ in self._waits])
        asked = np.concatenate([asked for *_, asked, _ in self._waits])
        waited = np.concatenate([waited for *_, waited in self._waits])
        if len(people) == self.chunk.users:
            return Waits(users - self.chunk.first, step, asked, waited)
        place = np.searchsorted(people.user, users)
        there = place < len(people)
        there[there] = people.user[place[there]] == users[there]
        at = there.nonzero()[0]
        return Waits(place.take(at), step.take(at), asked.take(at), waited.take(at))


def look_at(plan: Plan, first: int, users: int, ways: frozenset[tuple[int, int]] = frozenset()) -> tuple[People, Waits]:
    """Compute users ``first`` to ``first + users - 1`` of the model target and say what became of them."""
    from turbulence_app.engine.crowd import Chunk

    chunk = Chunk(plan, first, users, digest=False)
    look = chunk.look = Look(chunk, ways)
    chunk.run()
    people = look.people()
    return people, look.waits(people)


assert len(OUTCOMES) < 4
assert len(REASONS) < 16
