"""A batch on the model target: all its worlds in one vectorised run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.counts import counts
from turbulence_app.engine.campaign.lookout import Lookout
from turbulence_app.engine.campaign.seeds import Slice, mixed
from turbulence_app.engine.campaign.swarm import switched
from turbulence_app.engine.crowd import Chunk
from turbulence_app.engine.digests import block_digests, run_digest
from turbulence_app.engine.execute import GRAIN
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.summary import summarise
from turbulence_app.engine.tally import Tally

ShouldStop = Callable[[], bool]


class ModelRunner:
    """Runs batches of one campaign in this process. People of a batch's worlds share one clock and one run of numbers.

    A batch is, bit for bit, the run of :meth:`inputs_of`: that is what repeats a failure of it.
    """

    def __init__(self, inputs: RunInputs, settings: CampaignSettings) -> None:
        self.inputs, self.settings = inputs, settings
        self._plan = compile_plan(batch_inputs(inputs, settings, Slice(0, 0, 1), None))

    def run(self, part: Slice, expansion: Expansion | None, should_stop: ShouldStop) -> Batch | None:
        """One batch; None where it was stopped in between."""
        plan = self._compiled(part, expansion)
        lookout = Lookout(plan, part, self.settings.users, near=self.settings.swarm)
        tally, blocks = Tally(plan), []
        grain = GRAIN * len(plan.personas)
        for start in range(0, plan.users, grain):
            chunk = Chunk(plan, start, min(grain, plan.users - start))
            chunk.watch = lookout
            if should_stop() or not chunk.run(should_stop):
                return None
            tally.merge(chunk.tally)
            blocks.extend(block_digests(chunk))
        summary = summarise(plan, tally)
        failing, broken = lookout.failing()
        return Batch(
            number=part.number,
            first_world=part.first,
            worlds=part.worlds,
            seed=plan.seed,
            digest=run_digest(blocks),
            users=summary.users,
            requests=summary.requests,
            failing=failing,
            broken=broken,
            hits=lookout.hits(plan.seed),
            counts=counts(plan, summary),
            near=lookout.near(),
            expansion=expansion,
            notes=tuple(f"{rule.name} was not asked: {rule.asleep}" for rule in plan.rules if rule.asleep),
        )

    def close(self) -> None:
        """Nothing to give back."""

    def _compiled(self, part: Slice, expansion: Expansion | None) -> Plan:
        if expansion is not None and expansion.off:
            return compile_plan(batch_inputs(self.inputs, self.settings, part, expansion))
        seed, users = mixed(self.settings.seed, part.number), part.worlds * self.settings.users
        return dataclasses.replace(self._plan, seed=seed, users=users)


def batch_inputs(inputs: RunInputs, settings: CampaignSettings, part: Slice, expansion: Expansion | None) -> RunInputs:
    """The run that a batch is: the people of all its worlds, one world after the other."""
    changed = switched(inputs, expansion) if expansion is not None else inputs
    update = {"users": part.worlds * settings.users, "seed": mixed(settings.seed, part.number)}
    return changed.model_copy(update={**update, "stop": type(inputs.stop)()})
