"""Where failures come from: runs that broke something, and campaigns with their causes. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from turbulence_app.domain.campaign import CampaignHeadline, CampaignReport
from turbulence_app.domain.run import RunManifest
from turbulence_app.gui.places.failures.state import Group

Kind = Literal["run", "campaign"]


@dataclass(frozen=True, slots=True)
class Source:
    """A run or a campaign that can be looked through."""

    kind: Kind
    key: str
    words: str


def run_sources(reply: Any) -> list[Source]:
    """Runs that kept failures, newest first."""
    items = reply.get("runs", []) if isinstance(reply, Mapping) else reply
    found: list[Source] = []
    for item in items:
        manifest, failures = RunManifest.model_validate(item["manifest"]), int(item.get("failures") or 0)
        if failures:
            found.append(
                Source("run", manifest.run_id, f"{manifest.run_id} · {manifest.scenario or manifest.workflow}")
            )
    return found


def campaign_sources(headlines: Iterable[CampaignHeadline]) -> list[Source]:
    """Campaigns that found something, newest first."""
    return [
        Source("campaign", one.campaign_id, f"{one.campaign_id} · {one.scenario or one.workflow}")
        for one in headlines
        if one.clusters
    ]


def cluster_groups(report: CampaignReport) -> list[Group]:
    """A campaign's causes as groups; each holds the failure that stands for it, where one is kept."""
    return [
        Group(
            cluster.invariant,
            cluster.step,
            cluster.representative.persona if cluster.representative is not None else "",
            (cluster.representative,) if cluster.representative is not None else (),
            faults=cluster.faults,
            count=cluster.worlds,
            cluster_id=cluster.cluster_id,
            note=cluster.note or cluster.message,
        )
        for cluster in report.clusters
    ]
