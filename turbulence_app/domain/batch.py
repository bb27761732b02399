"""One batch of a campaign's worlds: what was seen in it, in whole numbers that add up in any order."""

from __future__ import annotations

from turbulence_app.domain.base import Noun
from turbulence_app.domain.campaign import Expansion, NearMiss


class Hit(Noun):
    """Failures of one batch with one cause. ``user`` is the first one's number within the run that repeats it."""

    invariant: str
    step: str = ""
    faults: tuple[str, ...] = ()
    message: str = ""
    worlds: int
    users: int
    first_world: int
    seed: int
    """Seed of the run that repeats it: the batch's on the model target, the world's elsewhere."""
    user: int
    persona: str = ""
    at_us: int = 0

    @property
    def cause(self) -> tuple[str, str, tuple[str, ...], str]:
        """What makes two failures the same."""
        return self.invariant, self.step, self.faults, self.message


class Batch(Noun):
    """What one batch came to. ``counts`` are by ``dimension/name`` (see :mod:`turbulence_app.insight.coverage`)."""

    number: int
    first_world: int
    worlds: int
    seed: int
    digest: str
    users: int = 0
    requests: int = 0
    failing: int = 0
    """Worlds in which any invariant broke."""
    broken: dict[str, int] = {}
    """Worlds in which each invariant broke."""
    hits: tuple[Hit, ...] = ()
    counts: dict[str, int] = {}
    near: tuple[NearMiss, ...] = ()
    expansion: Expansion | None = None
    notes: tuple[str, ...] = ()
