"""Driving a campaign: hand batches to whoever is free, take them back, and give them out in order."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.guide import Guide
from turbulence_app.engine.campaign.seeds import Slice, slices
from turbulence_app.engine.digests import ENGINE_VERSION


class Crew(Protocol):
    """Who computes batches: this process, others here, or a cluster."""

    def free(self) -> bool:
        """Whether another batch may be started now."""
        ...

    def start(self, part: Slice, expansion: Expansion | None) -> None:
        """Begin a batch."""
        ...

    def finished(self, should_stop: Callable[[], bool]) -> Iterable[Batch]:
        """Batches that are done, in any order; waits a moment if none is. Raises ``MachineError`` where they cannot be.

        Where it computes in the calling process, ``should_stop`` is asked several times a second.
        """
        ...

    def close(self) -> None:
        """End everything at once."""
        ...


def drive(
    inputs: RunInputs,
    settings: CampaignSettings,
    crew: Crew,
    *,
    known: Mapping[int, Batch] | None = None,
    should_stop: Callable[[], bool] | None = None,
    over: Callable[[], bool] | None = None,
) -> Iterator[Batch]:
    """All batches of a campaign, in order.

    ``known`` are batches that were done before, by number. ``should_stop`` gives up at once; ``over`` (the time budget)
    starts no more and waits for those that run, so that what was done is a whole beginning.
    """
    stop, budget = should_stop or (lambda: False), over or (lambda: False)
    guide, waiting = Guide(inputs, settings), dict(known or {})
    ahead = deque(slices(settings, inputs.target))
    following = running = 0
    ending = False
    while True:
        while following in waiting:
            batch = waiting.pop(following)
            guide.learn(batch)
            following += 1
            yield batch
        ending = ending or budget()
        if stop() or not (running or (ahead and not ending)):
            return
        while ahead and not ending and crew.free() and (ahead[0].number in waiting or guide.ready(ahead[0])):
            part = ahead.popleft()
            if part.number not in waiting and part.number >= following:
                crew.start(part, guide.expansion(part))
                running += 1
        if running:
            for batch in crew.finished(stop):
                waiting[batch.number] = batch
                running -= 1


def campaign_digest(batches: Iterable[tuple[int, int, str]]) -> str:
    """The digest of a campaign over (first world, worlds, digest) of its batches, in order."""
    total = hashlib.sha256(f"turbulence campaign {ENGINE_VERSION}".encode())
    for first, worlds, digest in batches:
        total.update(f"{first}:{worlds}:{digest}\n".encode())
    return total.hexdigest()
