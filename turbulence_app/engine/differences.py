"""Attempts of many users on the services' side, and whether a fault made a difference to how they ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.group import Index
from turbulence_app.engine.nodes import FOREVER, Request

Times = NDArray[np.int64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int64]


@dataclass(slots=True)
class Attempts:
    """How attempts go on the services' side; arrays by user."""

    latency: Times
    code: Codes
    odd: Index | None
    """Whose answer may be another than the first outcome's; None: anybody's."""
    acts: Times | None
    """Effects; None: as the answer's code says."""
    comes: Bools | None
    """Whether the answer comes; None: everybody's does."""
    limit: Times | int
    longest: int
    """No latency is above it."""
    cut: Bools | None = None
    """Whose connection was refused or reset (nothing more can happen to them); None: nobody's."""

    def effects(self, usual: Times) -> Times:
        """How often each attempt acts; ``usual`` says it by answer code."""
        return usual.take(self.code) if self.acts is None else self.acts

    def part(self, at: Index, usual: Times) -> Attempts:
        """A copy of those at ``at``, with everything spelled out."""
        n = at.size
        comes = np.full(n, True) if self.comes is None else self.comes.take(at)
        limit = np.full(n, self.limit, np.int64) if isinstance(self.limit, int) else self.limit.take(at)
        code = self.code.take(at)
        acts = usual.take(code) if self.acts is None else self.acts.take(at)
        return Attempts(self.latency.take(at), code, None, acts, comes, limit, FOREVER, None)


class Differences:
    """Strikes whose effect is still to be counted.

    They come in many small groups; a pass over one long array costs less than a pass over each short one.
    """

    def __init__(self) -> None:
        self._numbers: list[tuple[int, int, int, int]] = []
        self._without: list[Attempts] = []
        self._really: list[Attempts] = []
        self._waits: list[Times] = []
        self._left: list[Times] = []

    def add(
        self, node: Request, number: int, without: Attempts, really: Attempts, patience: Times, left: Times
    ) -> None:
        """Fault ``number`` struck these attempts; ``without``: how they would have gone."""
        if node.idempotent:
            for one in (without, really):
                one.acts = None if one.acts is None else np.minimum(one.acts, 1)
        self._numbers.append((number, patience.size, node.timeout_code, node.gave_up_code))
        self._without.append(without)
        self._really.append(really)
        self._waits.append(patience)
        self._left.append(left)

    def count(self, changed: Times) -> None:
        """Add to ``changed``, by fault, how many strikes made a difference; and forget them."""
        if not self._numbers:
            return
        number, sizes, timeout, gave_up = np.array(self._numbers, np.int64).T
        codes = np.repeat(timeout, sizes), np.repeat(gave_up, sizes)
        patience, left = np.concatenate(self._waits), np.concatenate(self._left)
        one, two = (_ends(parts, codes, patience, left) for parts in (self._without, self._really))
        differ = np.logical_or.reduce([a != b for a, b in zip(one, two, strict=True)])
        changed += np.bincount(np.repeat(number, sizes)[differ], minlength=changed.size)
        for kept in (self._numbers, self._without, self._really, self._waits, self._left):
            kept.clear()


def _ends(
    parts: list[Attempts], codes: tuple[Codes, Codes], patience: Times, left: Times
) -> tuple[Codes, Times, Times]:
    """How attempts end for the people: answer codes (-1: the visit is over first), effects, waited times."""
    latency, code = np.concatenate([p.latency for p in parts]), np.concatenate([p.code for p in parts])
    acts = np.concatenate([p.acts for p in parts if p.acts is not None])
    comes = np.concatenate([p.comes for p in parts if p.comes is not None])
    limit = np.concatenate([p.limit for p in parts if not isinstance(p.limit, int)])
    timeout, gave_up = codes
    answered = np.where(comes, latency, FOREVER)
    wait = np.minimum(np.minimum(answered, limit), patience)
    code = np.where(answered > wait, np.where(limit <= patience, timeout, gave_up), code)
    over = wait > left
    return np.where(over, -1, code), acts, np.where(over, left, wait)
