"""One representative of each cause, really run again and kept as a run of its own: for shrink, replay and capsules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

from turbulence_app.domain.campaign import CampaignReport, Cluster
from turbulence_app.domain.errors import KnownError
from turbulence_app.domain.events import RunFinished
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.again import first_inputs
from turbulence_app.engine.execute import Execution, execute
from turbulence_app.engine.place import AppPlace, Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import execute_user
from turbulence_app.service import runs
from turbulence_app.service.runs import ShouldStop
from turbulence_app.store.database import Database

Executor = Callable[..., Execution]
STOPPED = "stopped before it was run again"
"""The note of a cause that nobody ran again."""


def keep_representatives(
    database: Database, inputs: RunInputs, report: CampaignReport, place: Place | None, should_stop: ShouldStop
) -> CampaignReport:
    """The report with a stored and verified representative for each cluster; causes of one run share it.

    What cannot be run again says why in its ``note``; the rest is left alone once ``should_stop`` says so.
    """
    with _executor(place) as executor:
        return _all(database, inputs, report, _Again(place, executor), should_stop)


@dataclass(frozen=True, slots=True)
class _Again:
    """Where and how the runs are repeated."""

    place: Place | None
    executor: Executor


@contextmanager
def _executor(place: Place | None) -> Iterator[Executor]:
    """What repeats the runs: applications stay in one engine process, and were seen to be deterministic already."""
    if not isinstance(place, AppPlace):
        yield execute
        return
    from turbulence_app.engine.world.execute import execute_app
    from turbulence_app.engine.world.host import Host

    with Host() as host:

        def again(inputs: RunInputs, *, should_stop: ShouldStop | None = None, **_: object) -> Execution:
            return execute_app(inputs, place, audited=False, host=host, should_stop=should_stop)

        yield again


def _all(
    database: Database, inputs: RunInputs, report: CampaignReport, again: _Again, should_stop: ShouldStop
) -> CampaignReport:
    made: dict[str, Cluster] = {}
    for _, same in groupby(sorted(report.clusters, key=lambda c: c.seed), key=lambda c: c.seed):
        clusters = list(same)
        if should_stop():
            made |= {c.cluster_id: c.model_copy(update={"note": STOPPED}) for c in clusters}
            continue
        made |= {c.cluster_id: c for c in _kept(database, inputs, report, clusters, again)}
    return report.model_copy(update={"clusters": tuple(made[c.cluster_id] for c in report.clusters)})


def _kept(
    database: Database, inputs: RunInputs, report: CampaignReport, clusters: list[Cluster], again: _Again
) -> list[Cluster]:
    manifest = report.manifest
    first = first_inputs(inputs, manifest.settings, clusters[0])
    try:
        done = runs.run(
            first,
            database,
            workers=1,
            project=manifest.project,
            place=again.place,
            campaign=manifest.campaign_id,
            executor=again.executor,
        )
    except KnownError as error:
        return [cluster.model_copy(update={"note": str(error)}) for cluster in clusters]
    return [_verified(first, done, cluster) for cluster in clusters]


def _verified(inputs: RunInputs, done: RunFinished, cluster: Cluster) -> Cluster:
    """Whether the failure is there again; on the model target also its user, alone."""
    wanted = cluster.representative
    if wanted is None:
        return cluster
    found = next((f for f in done.failures if (f.user, f.invariant) == (wanted.user, wanted.invariant)), None)
    if found is None and inputs.target == "http":
        found = next((f for f in done.failures if (f.invariant, f.step) == (wanted.invariant, wanted.step)), None)
    if found is None:
        kept = wanted.model_copy(update={"run_id": done.manifest.run_id})
        where = f"it did not fail again in run {done.manifest.run_id}"
        if inputs.target == "model" and _alone(inputs, wanted):
            return cluster.model_copy(update={"representative": kept, "verified": True})
        return cluster.model_copy(update={"representative": kept, "note": where})
    good = found.step == wanted.step and (inputs.target != "model" or _alone(inputs, wanted))
    note = "" if good else f"failed again, but at {found.step or 'the end'}"
    if good and inputs.target == "http":
        note = "a live service failed again in the same way; that is no proof that it always will"
    return cluster.model_copy(update={"representative": found, "verified": good, "note": note})


def _alone(inputs: RunInputs, failure: Failure) -> bool:
    broken = execute_user(compile_plan(inputs), failure.user).broken.get(failure.invariant)
    return broken is not None and broken[1] == failure.step
