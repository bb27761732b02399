"""Which switches a batch gets: a subset of its own, or the one of a near miss.

Batches come in generations. A quarter of a generation's batches uses the switches of the nearest misses again, with
new seeds; what counts as nearest is decided by the generations before the last one, merged in order. So nobody waits,
and any number of processes sees the same campaign.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion, NearMiss
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.seeds import Slice, coin
from turbulence_app.engine.campaign.swarm import expand

GENERATION = 16
"""Batches."""
QUARTER = 1 << 30
KEPT = 8
"""Near misses of each rule, of which one is drawn."""
_WHICH, _TIE = 1 << 20, 1 << 21
"""Numbers of the words that choose among near misses, and between equal ones."""


@dataclass
class _Nearest:
    """How close one rule came so far. ``misses``: (minus the share of worlds as close, tie, first world, switches)."""

    distance: float
    worlds: int = 0
    misses: list[tuple[float, int, int, Expansion]] = field(default_factory=list)


class Guide:
    """Learns from batches in order and says what the next ones switch off."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings) -> None:
        self._inputs, self._settings = inputs, settings
        self._learned = self._worlds = 0
        self._nearest: dict[str, _Nearest] = {}
        self._broken: set[str] = set()
        self._after: list[list[tuple[int, Expansion]]] = []
        """Near misses (first world, switches) of rules that held, as known after each generation."""

    def ready(self, part: Slice) -> bool:
        """Whether enough is known to decide about this batch."""
        return not self._settings.swarm or self._learned >= (part.number // GENERATION - 1) * GENERATION

    def expansion(self, part: Slice) -> Expansion | None:
        """The switches of a batch; None: everything as the inputs say."""
        settings = self._settings
        if not settings.swarm:
            return None
        generation = part.number // GENERATION
        known = self._after[generation - 2] if generation >= 2 else []
        if not known or coin(settings.seed, part.number, 1) >= QUARTER:
            return expand(self._inputs, settings.seed, part.number)
        world, chosen = known[len(known) * coin(settings.seed, part.number, _WHICH) >> 32]
        return chosen.model_copy(update={"follows": world})

    def learn(self, batch: Batch) -> None:
        """Take in the next batch in order."""
        if batch.number != self._learned:
            raise ValueError(f"batch {batch.number} after {self._learned - 1}")
        self._learned += 1
        if not self._settings.swarm:
            return
        self._worlds += batch.worlds
        self._broken.update(batch.broken)
        for miss in batch.near:
            self._note(batch, miss)
        if self._learned % GENERATION == 0:
            self._after.append(self._telling())

    def _note(self, batch: Batch, miss: NearMiss) -> None:
        known = self._nearest.get(miss.invariant)
        if known is None or miss.distance < known.distance:
            known = self._nearest[miss.invariant] = _Nearest(miss.distance)
        elif miss.distance > known.distance:
            return
        known.worlds += miss.worlds
        tie = coin(self._settings.seed, batch.number, _TIE)
        known.misses.append((-miss.worlds / batch.worlds, tie, miss.world, batch.expansion or Expansion()))
        known.misses = sorted(known.misses, key=lambda m: m[:3])[:KEPT]

    def _telling(self) -> list[tuple[int, Expansion]]:
        """Near misses that say something: where most worlds come as close, the rule points nowhere."""
        return [
            (world, switches)
            for name, near in sorted(self._nearest.items())
            if name not in self._broken and 2 * near.worlds < self._worlds
            for _, _, world, switches in near.misses
        ]
