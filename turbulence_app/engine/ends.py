"""How visits end, for many users: counted at once, gathered, and settled together when all of a part are through."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.workflow import Outcome
from turbulence_app.engine.group import Group
from turbulence_app.engine.mixing import mix_many
from turbulence_app.engine.nodes import OUTCOMES, REASONS

if TYPE_CHECKING:
    from turbulence_app.engine.crowd import Chunk

Words = NDArray[np.uint64]
T = TypeVar("T", bound=np.generic)


class Ends:
    """The ended visits of one persona's users in a chunk.

    Visits end in many small groups; what is counted by user (times, fingerprints) waits for :meth:`settle`, because a
    pass over one long array costs less than a pass over each short one.
    """

    def __init__(self, chunk: Chunk, persona: int) -> None:
        self.chunk, self.persona = chunk, persona
        self._ended: list[tuple[int, Words | int, Group]] = []

    def add(self, group: Group, outcome: Outcome, reason: str) -> None:
        """These visits are over."""
        tally, fates = self.chunk.tally, self.chunk.fates
        o, r = OUTCOMES.index(outcome), REASONS.index(reason)
        tally.outcomes[self.persona, o] += group.size
        place: Words | int
        if group.last != -2:
            place = (group.last + 1) << 32
            tally.ended[group.last, r] += group.size
            tally.edge(group.last, -1, group.size)
        else:
            lasts = group.lasts() + 1
            place = lasts.view(np.uint64) << np.uint64(32)
            for last_step, users in enumerate(np.bincount(lasts).tolist()):
                tally.ended[last_step - 1, r] += users
                tally.edge(last_step - 1, -1, users)
        if fates is not None:
            fates.note(self.persona, o, group)
        self._ended.append((o, place ^ (o << 8 | r) << 48 if isinstance(place, int) else place ^ _code(o, r), group))
        if group.has("faults"):
            marks = group.column("faults")
            marks = marks[marks != 0]
            for j in range(len(tally.hit)):
                tally.hit[j] += np.count_nonzero(marks & (1 << j))

    def settle(self) -> None:
        """Count the times of all ended visits and keep their fingerprints."""
        chunk = self.chunk
        for o, name in enumerate(OUTCOMES):
            some = [(code, group) for ended, code, group in self._ended if ended == o]
            if not some:
                continue
            t = _joined([group.t for _, group in some])
            place = (_joined([group.users for _, group in some]) - np.uint64(chunk.first)).view(np.int64)
            (chunk.tally.complete[self.persona] if o == 0 else chunk.tally.leave).add(t)
            if o == 0 and chunk.completed is not None:
                chunk.completed[place] = True
            chunk.tally.timeline.add(name, chunk.arrived.take(place) + t)
            if chunk.digest:
                h = _joined([group.columns["h"] for _, group in some])
                word = _joined([_spread(code, group.size) for code, group in some])
                word ^= t.view(np.uint64)
                mix_many(h, word)
                chunk.fingerprints[place] = h
        self._ended.clear()


def _code(outcome: int, reason: int) -> np.uint64:
    return np.uint64((outcome << 8 | reason) << 48)


def _spread(code: Words | int, size: int) -> Words:
    return np.full(size, code, np.uint64) if isinstance(code, int) else code


def _joined(parts: list[NDArray[T]]) -> NDArray[T]:
    return np.concatenate(parts) if len(parts) > 1 else parts[0].copy()
