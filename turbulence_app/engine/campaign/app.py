"""A batch on the app target: worlds one after the other, in an engine process that holds the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.seeds import Slice
from turbulence_app.engine.campaign.world_inputs import world_inputs
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.world.audit import audit
from turbulence_app.engine.world.execute import pack
from turbulence_app.engine.world.host import Host

RECYCLED = 4_000
"""Worlds after which the engine process is replaced: an application that is imported again for each of them (it is no
factory) leaves classes in the caches of libraries, some hundred kilobytes each time."""
BATCH = "turbulence_app.engine.campaign.app_batch:batch_here"
BUILD = "turbulence_app.engine.campaign.app_batch:build_here"


class AppRunner:
    """Runs batches of one campaign in one engine process of its own."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings, place: AppPlace) -> None:
        compile_plan(world_inputs(inputs, settings, 0, None))
        self._opened = {**pack(inputs, place), "settings": settings.model_dump(mode="json")}
        self._host: Host | None = None
        self._worlds = 0

    def run(self, part: Slice, expansion: Expansion | None, should_stop: Callable[[], bool]) -> Batch | None:
        """One batch; None where it was stopped in between."""
        payload: dict[str, Any] = {
            "number": part.number,
            "first": part.first,
            "worlds": part.worlds,
            "expansion": expansion.model_dump(mode="json") if expansion is not None else None,
        }
        if self._host is not None and self._worlds >= RECYCLED:
            self._host.close()
            self._host = None
        self._worlds = self._worlds + part.worlds if self._host is not None else part.worlds
        if self._host is None:
            self._host = Host()
            payload["campaign"] = self._opened
        found = self._host.call(BATCH, payload, should_stop=should_stop)
        return Batch.model_validate_json(found) if found is not None else None

    def close(self) -> None:
        """End the engine process."""
        if self._host is not None:
            self._host.close()


def inspect(inputs: RunInputs, settings: CampaignSettings, place: AppPlace, should_stop: Callable[[], bool]) -> str:
    """See that one seed is one world, and say which build of the application this is.

    Raises ``InputError`` for an application that cannot be run or is not deterministic.
    """
    some = world_inputs(inputs, settings, 0, None)
    with Host() as host:
        audit(some, place, host=host, should_stop=should_stop)
        build: str = host.call(BUILD, pack(some, place), should_stop=should_stop)
    return build
