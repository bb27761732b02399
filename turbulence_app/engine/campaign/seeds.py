"""How a campaign's worlds are cut into batches, and the seed of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from turbulence_app.domain.campaign import CampaignSettings
from turbulence_app.domain.invariants import Target
from turbulence_app.engine.purposes import site
from turbulence_app.engine.rng import words

PEOPLE = 81_920
"""About so many people are in a vectorised batch without swarm: a tenth of a second's work."""
SMALLEST = 64
"""Worlds of a vectorised batch, at least."""
SUBSETS = 512
"""About so many batches, each with a subset of its own, are what a swarm campaign on the model target aims at."""
GROUP = 16
"""Worlds of a batch where each world is a run of its own: they share a subset, and the plan that it makes."""
_WORLDS, _SUBSETS = site("@worlds"), site("@swarm")


@dataclass(frozen=True, slots=True)
class Slice:
    """Worlds ``first`` to ``first + worlds - 1``."""

    number: int
    first: int
    worlds: int


def batch_worlds(settings: CampaignSettings, target: Target) -> int:
    """Worlds in one batch; depends on what was asked for and on nothing else."""
    if target == "http":
        return 1
    if target == "app":
        return GROUP
    largest = max(SMALLEST, 1 << (PEOPLE // settings.users).bit_length() - 1)
    if not settings.swarm:
        return largest
    wanted = -(-settings.worlds // SUBSETS)
    return min(largest, max(SMALLEST, 1 << (wanted - 1).bit_length()))


def slices(settings: CampaignSettings, target: Target) -> Iterator[Slice]:
    """All batches of a campaign, in order."""
    size = batch_worlds(settings, target)
    for number, first in enumerate(range(0, settings.worlds, size)):
        yield Slice(number, first, min(size, settings.worlds - first))


def mixed(seed: int, number: int) -> int:
    """The 64-bit seed of a batch (model target) or world: a block of the campaign's own random words."""
    low, high, _, _ = words(seed, number, _WORLDS, 0, 0, 0)
    return high << 32 | low


def coin(seed: int, batch: int, number: int) -> int:
    """The ``number``-th 32-bit word with which a batch's subset is drawn."""
    return words(seed, batch, _SUBSETS, 0, 0, number >> 2)[number & 3]
