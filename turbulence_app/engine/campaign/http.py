"""A batch on the http target: one small live run. Times are real, so it is not the same twice."""

from __future__ import annotations

from collections.abc import Callable

from turbulence_app.domain.batch import Batch, Hit
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.faults import fault_names
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.counts import counts
from turbulence_app.engine.campaign.messages import alike, remark
from turbulence_app.engine.campaign.seeds import Slice, mixed
from turbulence_app.engine.campaign.world_inputs import world_inputs
from turbulence_app.engine.execute import execute
from turbulence_app.engine.place import HttpPlace
from turbulence_app.engine.plan import compile_plan


class HttpRunner:
    """Runs worlds against the service, one after the other. Its decisions and draws are the seed's."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings, place: HttpPlace) -> None:
        compile_plan(world_inputs(inputs, settings, 0, None))
        self._inputs, self._settings, self._place = inputs, settings, place

    def run(self, part: Slice, expansion: Expansion | None, should_stop: Callable[[], bool]) -> Batch | None:
        """One world; None where it was stopped in between."""
        inputs = world_inputs(self._inputs, self._settings, part.first, expansion)
        done = execute(inputs, place=self._place, should_stop=should_stop)
        if done.cancelled:
            return None
        names = fault_names(inputs.faults)
        struck = tuple(sorted(n for n, f in zip(names, done.summary.faults, strict=True) if f.struck))
        causes: dict[tuple[str, str, tuple[str, ...], str], Hit] = {}
        for failure in done.failures:
            hit = _hit(failure, struck, part.first, inputs.seed)
            known = causes.get(hit.cause)
            causes[hit.cause] = hit if known is None else known.model_copy(update={"users": known.users + 1})
        return Batch(
            number=part.number,
            first_world=part.first,
            worlds=1,
            seed=mixed(self._settings.seed, part.first),
            digest=done.digest,
            users=done.summary.users,
            requests=done.summary.requests,
            failing=int(bool(done.failures)),
            broken=dict.fromkeys(sorted({failure.invariant for failure in done.failures}), 1),
            hits=tuple(causes.values()),
            counts=counts(compile_plan(inputs), done.summary),
            expansion=expansion,
            notes=tuple(remark(note) for note in done.summary.notes),
        )

    def close(self) -> None:
        """Nothing to give back."""


def _hit(failure: Failure, struck: tuple[str, ...], world: int, seed: int) -> Hit:
    return Hit(
        invariant=failure.invariant,
        step=failure.step,
        faults=struck,
        message=alike(failure.message),
        worlds=1,
        users=1,
        first_world=world,
        seed=seed,
        user=failure.user,
        persona=failure.persona,
        at_us=failure.at_us,
    )
