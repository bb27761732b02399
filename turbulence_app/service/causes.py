"""One cause of a campaign, run again and kept on demand: for campaigns that were stopped before they did it."""

from __future__ import annotations

from turbulence_app.domain.campaign import CampaignReport
from turbulence_app.domain.errors import InputError
from turbulence_app.service.campaigns import report
from turbulence_app.service.clusters import keep_representatives
from turbulence_app.service.places import place_for
from turbulence_app.service.runs import ShouldStop
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import Database


def keep(database: Database, name: str, cluster_id: str, should_stop: ShouldStop | None = None) -> CampaignReport:
    """Run the first world of a cause again, alone, and keep its failure; the campaign's report with it.

    Raises ``InputError`` for a campaign that still runs, or a cause that it does not have.
    """
    store = CampaignStore(database)
    campaign_id = store.resolve(name)
    found = report(database, campaign_id)
    if found.manifest.status == "running":
        raise InputError(f"campaign {campaign_id} is still running", "stop it, or wait until it is done")
    cluster = next((one for one in found.clusters if one.cluster_id == cluster_id), None)
    if cluster is None:
        known = ", ".join(one.cluster_id for one in found.clusters) or "none"
        raise InputError(f"campaign {campaign_id} has no cause {cluster_id!r}", f"it has: {known}")
    inputs = store.inputs(campaign_id)
    place = place_for(inputs, found.manifest.project)
    alone = found.model_copy(update={"clusters": (cluster,)})
    kept = keep_representatives(database, inputs, alone, place, should_stop or (lambda: False)).clusters[0]
    clusters = tuple(kept if one.cluster_id == cluster_id else one for one in found.clusters)
    done = found.model_copy(update={"clusters": clusters})
    store.finish(done)
    return done
