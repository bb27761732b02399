"""One world as a run of its own, on targets where a world is more than its people."""

from __future__ import annotations

from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.seeds import mixed
from turbulence_app.engine.campaign.swarm import switched


def world_inputs(inputs: RunInputs, settings: CampaignSettings, world: int, expansion: Expansion | None) -> RunInputs:
    """The run that a world is: its people, its seed, what is switched on in it."""
    changed = switched(inputs, expansion) if expansion is not None else inputs
    update = {"users": settings.users, "seed": mixed(settings.seed, world), "stop": type(inputs.stop)()}
    return changed.model_copy(update=update)
