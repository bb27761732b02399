"""From a cause to the run that repeats its first failure."""

from __future__ import annotations

from turbulence_app.domain.campaign import CampaignSettings, Cluster
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.model import batch_inputs
from turbulence_app.engine.campaign.seeds import Slice, batch_worlds
from turbulence_app.engine.campaign.world_inputs import world_inputs


def first_inputs(inputs: RunInputs, settings: CampaignSettings, cluster: Cluster) -> RunInputs:
    """The run in which the first failure of a cluster happened: its whole batch on the model target, else its world."""
    if inputs.target != "model":
        return world_inputs(inputs, settings, cluster.first_world, cluster.expansion)
    size = batch_worlds(settings, inputs.target)
    number = cluster.first_world // size
    part = Slice(number, number * size, min(size, settings.worlds - number * size))
    return batch_inputs(inputs, settings, part, cluster.expansion)
