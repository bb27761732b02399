"""A census as the board needs it, and the part of it that a choice of people leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.analysis import Among, ByPersona, Spread
from turbulence_app.domain.workflow import Outcome

Counts = NDArray[np.int64]
PERSONA, OUTCOME, REASON, LAST, PLACE, CHOICE, ANSWER, PATH = range(8)
"""Rows of a kind's key; from ``PATH`` on one bit per step that was come to, 64 in a row."""
PEOPLE, TOOK, WAITED, RETRIES, REQUESTS = range(5)
"""Rows of a kind's sums; times in microseconds."""
COMPLETED = 0
"""The first outcome."""


class Rows(Protocol):
    """Sums by key, one column each."""

    keys: Counts
    sums: Counts


class Counted(Protocol):
    """What was counted of a run; steps by their number + 1 (0: none), times by bucket of a histogram.

    ``kinds`` by the rows named above, ``took`` and ``stayed`` by the same and a bucket, ``waits`` by span of time (of
    2^``shift`` microseconds), step (its number), persona, outcome and bucket.
    """

    @property
    def kinds(self) -> Rows: ...  # noqa: D102
    @property
    def took(self) -> Rows: ...  # noqa: D102
    @property
    def stayed(self) -> Rows: ...  # noqa: D102
    @property
    def waits(self) -> Rows: ...  # noqa: D102
    @property
    def shift(self) -> int: ...  # noqa: D102
    @property
    def paths(self) -> bool:
        """Whether it is known which steps people came to."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """A step by name; ``place``: it takes time; ``goal``: visits end well there."""

    name: str
    place: bool
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What the numbers of a census are called, and where the buckets of its histograms lie (microseconds)."""

    personas: tuple[str, ...]
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...]
    reasons: tuple[Any, ...]
    choices: dict[int, tuple[str, str]]
    """Decision and option by number of a choice."""
    lows: Sequence[float]
    """Where each bucket begins; one more than there are buckets."""
    middles: Sequence[float]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a choice of people leaves of a census."""

    kinds: tuple[Counts, Counts]
    took: tuple[Counts, Counts]
    stayed: tuple[Counts, Counts]
    waits: tuple[Counts, Counts]
    shift: int


def choose(census: Counted, words: Words, among: Among) -> Chosen:
    """The people of these personas and outcomes who came to this step; answers are those of the step alone."""
    personas = [words.personas.index(name) for name in among.personas if name in words.personas]
    outcomes = [words.outcomes.index(name) for name in among.outcomes]
    step = next((i for i, one in enumerate(words.steps) if one.name == among.step), None)

    def of_kind(rows: Rows) -> tuple[Counts, Counts]:
        keep = _of(rows.keys[PERSONA], personas if among.personas else None)
        keep &= _of(rows.keys[OUTCOME], outcomes or None)
        if step is not None and census.paths:
            keep &= came_to(rows.keys, step)
        return rows.keys[:, keep], rows.sums[:, keep]

    waits = census.waits
    keep = _of(waits.keys[2], personas if among.personas else None) & _of(waits.keys[3], outcomes or None)
    if step is not None and words.steps[step].place:
        keep &= waits.keys[1] == step
    return Chosen(
        of_kind(census.kinds), of_kind(census.took), of_kind(census.stayed),
        (waits.keys[:, keep], waits.sums[:, keep]), census.shift,
    )  # fmt: skip


def came_to(keys: Counts, step: int) -> NDArray[np.bool_]:
    """Which kinds came to a step."""
    word = keys[PATH + (step >> 6)].view(np.uint64)
    return np.asarray(word >> np.uint64(step & 63) & np.uint64(1), np.bool_)


def _of(column: Counts, wanted: list[int] | None) -> NDArray[np.bool_]:
    return np.full(column.size, True) if wanted is None else np.isin(column, wanted)


def by_persona(personas: Counts, people: Counts, size: int) -> ByPersona:
    """How many, whole and by persona."""
    each = np.bincount(personas, weights=people, minlength=size).astype(np.int64)
    return ByPersona(people=int(people.sum()), personas=tuple(each.tolist()))


def spread(buckets: Counts, people: Counts, words: Words) -> Spread:
    """Percentiles of counted times: the smallest bucket at or below which there are at least ``ceil(n * share)``.

    What is told is the bucket's middle, in milliseconds, at most 3.2 % from the value itself; the mean is that of the
    middles.
    """
    n = int(people.sum())
    if not n:
        return Spread()
    counts = np.bincount(buckets, weights=people, minlength=len(words.middles)).astype(np.int64)
    middles = np.asarray(words.middles)
    cumulated = np.cumsum(counts)

    def at(share: float) -> float:
        rank = max(1, ceil(n * share))
        return round(float(middles[int(cumulated.searchsorted(rank))]) / 1000, 3)

    mean = float((counts * middles).sum()) / n / 1000
    return Spread(n=n, mean=round(mean, 3), p50=at(0.5), p90=at(0.9), p95=at(0.95), p99=at(0.99))
