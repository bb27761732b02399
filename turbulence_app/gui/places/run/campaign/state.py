"""What the campaign page knows, and how a report becomes rows. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from turbulence_app.domain.campaign import (
    AuditReport,
    AuditRow,
    CampaignHeadline,
    CampaignReport,
    Cluster,
    CoverageLevel,
    Dimension,
    Influence,
)
from turbulence_app.gui.chart_rows import ColumnRow, ShareRow, WhiskerRow
from turbulence_app.insight.words import percent

Phase = Literal["idle", "starting", "running", "stopping", "ended", "error"]

DIMENSIONS: dict[Dimension, str] = {
    "steps": "Steps",
    "options": "Options of decisions",
    "branches": "Branches",
    "faults": "Faults at steps",
    "invariants": "Invariants",
    "states": "States",
}
SINGULAR: dict[Dimension, str] = {
    "steps": "step",
    "options": "option",
    "branches": "branch",
    "faults": "fault",
    "invariants": "invariant",
    "states": "state",
}
LEVELS: tuple[tuple[CoverageLevel, str], ...] = (
    ("smoke", "smoke 50 %"),
    ("default", "default 80 %"),
    ("nightly", "nightly 90 %"),
)
MOST_INFLUENCES = 12
ORDER = {"trigger": 0, "suppressor": 1, "neutral": 2}


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """What the next campaign is set to. ``minutes`` None: as long as it takes."""

    worlds: int = 1000
    users: int = 5
    swarm: bool = True
    minutes: float | None = None
    coverage: CoverageLevel = "default"
    workers: int = 0


@dataclass(frozen=True, slots=True)
class CampaignLive:
    """A campaign as far as it has come."""

    phase: Phase = "idle"
    done: int = 0
    total: int = 0
    rate: float = 0.0
    eta_s: float | None = None
    failing: int = 0
    report: CampaignReport | None = None
    message: str = ""

    @property
    def busy(self) -> bool:
        """Whether a campaign is under way."""
        return self.phase in ("starting", "running", "stopping")

    @property
    def resumable(self) -> bool:
        """Whether the campaign that is shown can go on where it stopped."""
        if self.busy or self.report is None:
            return False
        manifest = self.report.manifest
        return (
            manifest.status in ("cancelled", "interrupted", "failed")
            and manifest.worlds_done < manifest.settings.worlds
        )


def eta_words(live: CampaignLive) -> str:
    """How long yet, or how long it took."""
    if live.phase in ("starting", "stopping"):
        return f"{live.phase}…"
    if live.phase == "running":
        rate = f"{live.rate:,.0f} worlds/s"
        return f"{rate} · {span(live.eta_s)} left" if live.eta_s is not None else rate
    if live.phase == "error":
        return "broke off" if live.report is not None else "did not start"
    manifest = live.report.manifest if live.report is not None else None
    if manifest is None:
        return ""
    rate = f" · {manifest.worlds_done / manifest.elapsed_s:,.0f}/s" if manifest.elapsed_s else ""
    word = "" if manifest.status == "done" else f"{manifest.status} · "
    return f"{word}{manifest.worlds_done:,} worlds in {span(manifest.elapsed_s)}{rate}"


def span(seconds: float) -> str:
    """Seconds in words: ``0.8 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def coverage_rows(report: CampaignReport | None) -> list[ShareRow]:
    """One bar per dimension that has anything to cover."""
    if report is None:
        return []
    return [
        ShareRow(
            item.dimension,
            DIMENSIONS.get(item.dimension, item.dimension),
            item.share,
            item.threshold,
            f"{item.covered:,} of {item.total:,}",
            item.passed,
        )
        for item in report.coverage.items
        if item.total
    ]


def asleep(report: CampaignReport | None, dimension: str = "") -> list[str]:
    """Names of what was never tried: of one dimension, or of all with the dimension in front."""
    items = report.coverage.items if report is not None else ()
    if dimension:
        return [name for item in items if item.dimension == dimension for name in item.asleep]
    return [f"{SINGULAR[item.dimension]}: {name}" for item in items for name in item.asleep]


def feature_words(influence: Influence) -> str:
    """``fault lost_receipt``, ``option shipping = express``."""
    return f"{influence.kind} {influence.feature.removeprefix(influence.kind + ':')}"


def influence_rows(report: CampaignReport | None, cluster_id: str = "") -> list[WhiskerRow]:
    """Triggers first, then suppressors, then what makes no difference; within each the largest difference first."""
    found = [one for one in (report.influences if report is not None else ()) if one.cluster_id == cluster_id]
    found.sort(key=lambda one: (ORDER[one.direction], -abs(one.on.share - one.off.share), one.feature))
    return [
        WhiskerRow(
            feature_words(one),
            (one.on.share, one.on.low, one.on.high),
            (one.off.share, one.off.low, one.off.high),
            one.direction,
            f"on in {one.on.worlds:,} worlds, off in {one.off.worlds:,}",
        )
        for one in found[:MOST_INFLUENCES]
    ]


def faults_words(cluster: Cluster) -> str:
    """The faults that struck, in words."""
    return ", ".join(cluster.faults) or "none"


def settings_words(report: CampaignReport) -> str:
    """What the campaign was: ``1,000 worlds of 5 people, seed 42, swarm``."""
    now = report.manifest.settings
    return f"{now.worlds:,} worlds of {now.users} people, seed {now.seed}" + (", swarm" if now.swarm else "")


def trend_rows(headlines: Iterable[CampaignHeadline], scenario: str) -> list[ColumnRow]:
    """Causes found by each campaign of a scenario, oldest first."""
    ours = [one for one in headlines if one.scenario == scenario]
    ours.sort(key=lambda one: one.created_at)
    return [
        ColumnRow(
            one.campaign_id,
            one.clusters,
            one.new_clusters,
            f"{one.campaign_id}, {one.created_at[:16].replace('T', ' ')}: {one.clusters} causes,"
            f" {one.new_clusters} new, {one.gone_clusters} gone, {one.worlds:,} worlds",
        )
        for one in ours
    ]


def least_coverage(headline: CampaignHeadline) -> str:
    """The dimension that is covered least: ``72 % options``."""
    if not headline.coverage:
        return ""
    dimension = min(headline.coverage, key=lambda name: headline.coverage[name])
    return f"{percent(headline.coverage[dimension])} {dimension}"


def read_headlines(reply: Any) -> list[CampaignHeadline]:
    """Campaigns as the service lists them."""
    items = reply.get("campaigns", []) if isinstance(reply, Mapping) else reply
    return [CampaignHeadline.model_validate(item) for item in items]


def audit_rows(report: AuditReport | None) -> list[AuditRow]:
    """The baseline first, then each planted bug."""
    return [report.baseline, *report.rows] if report is not None else []


def noticed_words(row: AuditRow) -> str:
    """Who noticed it: ``charged_once 12, goods_are_paid 3``."""
    ordered = sorted(row.invariants.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)
