"""The trend: campaign after campaign, each against the one of its scenario before it."""

from __future__ import annotations

from turbulence_app.domain.campaign import CampaignHeadline, CampaignReport, Dimension
from turbulence_app.service.campaigns import report
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import Database


def headlines(database: Database, limit: int = 20) -> tuple[CampaignHeadline, ...]:
    """The trend: the newest campaigns first, each against the one of its scenario before it."""
    store = CampaignStore(database)
    manifests = store.recent(limit + 1)
    reports = [report(database, manifest.campaign_id) for manifest in manifests]
    found = []
    for i, mine in enumerate(reports[:limit]):
        older = next((other for other in reports[i + 1 :] if _same_subject(mine, other)), None)
        found.append(_headline(mine, older))
    return tuple(found)


def _same_subject(one: CampaignReport, two: CampaignReport) -> bool:
    mine, other = one.manifest, two.manifest
    return (mine.workflow, mine.scenario, mine.target) == (other.workflow, other.scenario, other.target)


def _headline(mine: CampaignReport, older: CampaignReport | None) -> CampaignHeadline:
    manifest = mine.manifest
    now = {cluster.cluster_id for cluster in mine.clusters}
    before = {cluster.cluster_id for cluster in older.clusters} if older else now
    shares: dict[Dimension, float] = {item.dimension: item.share for item in mine.coverage.items}
    return CampaignHeadline(
        campaign_id=manifest.campaign_id,
        created_at=manifest.created_at,
        status=manifest.status,
        scenario=manifest.scenario,
        workflow=manifest.workflow,
        target=manifest.target,
        worlds=manifest.worlds_done,
        failing_worlds=mine.failing_worlds,
        clusters=len(now),
        new_clusters=len(now - before),
        gone_clusters=len(before - now),
        worlds_per_second=manifest.worlds_done / manifest.elapsed_s if manifest.elapsed_s > 0 else 0.0,
        coverage=shares,
        passed=mine.passed,
        digest=manifest.digest,
    )
