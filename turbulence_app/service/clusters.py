"""One representative of each cause, really run again and kept as a run of its own: for shrink, replay and capsules."""

from __future__ import annotations

from itertools import groupby

from turbulence_app.domain.campaign import CampaignReport, Cluster
from turbulence_app.domain.errors import KnownError
from turbulence_app.domain.events import RunFinished
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.again import first_inputs
from turbulence_app.engine.place import Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import execute_user
from turbulence_app.service import runs
from turbulence_app.service.runs import ShouldStop
from turbulence_app.store.database import Database


def keep_representatives(
    database: Database, inputs: RunInputs, report: CampaignReport, place: Place | None, should_stop: ShouldStop
) -> CampaignReport:
    """The report with a stored and verified representative for each cluster; causes of one run share it.

    What cannot be run again says why in its ``note``; the rest is left alone once ``should_stop`` says so.
    """
    made: dict[str, Cluster] = {}
    for _, same in groupby(sorted(report.clusters, key=lambda c: c.seed), key=lambda c: c.seed):
        clusters = list(same)
        if should_stop():
            made |= {c.cluster_id: c.model_copy(update={"note": "stopped before it was run again"}) for c in clusters}
            continue
        made |= {c.cluster_id: c for c in _kept(database, inputs, report, clusters, place)}
    return report.model_copy(update={"clusters": tuple(made[c.cluster_id] for c in report.clusters)})


def _kept(
    database: Database, inputs: RunInputs, report: CampaignReport, clusters: list[Cluster], place: Place | None
) -> list[Cluster]:
    manifest = report.manifest
    again = first_inputs(inputs, manifest.settings, clusters[0])
    try:
        done = runs.run(
            again, database, workers=1, project=manifest.project, place=place, campaign=manifest.campaign_id
        )
    except KnownError as error:
        return [cluster.model_copy(update={"note": str(error)}) for cluster in clusters]
    return [_verified(again, done, cluster) for cluster in clusters]


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
