"""Clusters, earlier campaigns and the audit as tables."""

from __future__ import annotations

from turbulence_app.domain.campaign import AuditRow, CampaignHeadline, Cluster
from turbulence_app.domain.run import Verdict
from turbulence_app.gui.places.run.campaign.state import faults_words, least_coverage, noticed_words
from turbulence_app.gui.places.run.tables import STATUS_TOKEN, VERDICT_TOKEN, VERDICT_WORDS
from turbulence_app.gui.widgets.rows import Column, RowsView


def cluster_view() -> RowsView[Cluster]:
    """Causes, the most frequent first."""
    return RowsView(
        "Causes",
        "Failures with one cause in one line; Enter or a double click opens the failure that stands for it.",
        [
            Column("invariant", lambda c: c.invariant, lambda _c: "bad"),
            Column("step", lambda c: c.step or "end"),
            Column("faults", faults_words, stretch=True, tip=lambda c: c.message or faults_words(c)),
            Column("worlds", lambda c: f"{c.worlds:,}"),
            Column("first", lambda c: f"{c.first_world:,}", tip=lambda c: f"World {c.first_world:,}, seed {c.seed}"),
            Column("failure", _proof, _proof_token, tip=lambda c: c.note or _proof(c)),
        ],
    )


def _proof(cluster: Cluster) -> str:
    if cluster.representative is None or not cluster.representative.run_id:
        return "run it ↗"
    return "open ↗" if cluster.verified else "not verified ↗"


def _proof_token(cluster: Cluster) -> str:
    kept = cluster.representative is not None and bool(cluster.representative.run_id)
    return "warn" if kept and not cluster.verified else ""


def campaign_view() -> RowsView[CampaignHeadline]:
    """Campaigns, newest first."""
    return RowsView(
        "Earlier campaigns",
        "Campaigns of this project, newest first; a click shows one again.",
        [
            Column("campaign", lambda h: h.campaign_id),
            Column("when", lambda h: h.created_at[:16].replace("T", " ")),
            Column("scenario", lambda h: h.scenario or h.workflow, stretch=True),
            Column("worlds", lambda h: f"{h.worlds:,}"),
            Column("per second", lambda h: f"{h.worlds_per_second:,.0f}" if h.worlds_per_second else ""),
            Column("causes", lambda h: f"{h.clusters}" + (f", {h.new_clusters} new" if h.new_clusters else "")),
            Column("least covered", least_coverage),
            Column("verdict", _verdict, _verdict_token),
        ],
    )


def _verdict(headline: CampaignHeadline) -> str:
    if headline.status != "done":
        return headline.status
    return "passed" if headline.passed else f"{headline.failing_worlds:,} fail" if headline.failing_worlds else "sleeps"


def _verdict_token(headline: CampaignHeadline) -> str:
    if headline.status != "done":
        return STATUS_TOKEN.get(headline.status, "")
    return "good" if headline.passed else "bad" if headline.failing_worlds else "warn"


def rule_view() -> RowsView[Verdict]:
    """Invariants of a campaign, with how often each was really exercised."""
    return RowsView(
        "Invariants of the campaign",
        "What must hold in every world. Never exercised means: nobody came where it could have broken.",
        [
            Column("invariant", lambda v: v.name),
            Column("verdict", lambda v: VERDICT_WORDS[v.status], lambda v: VERDICT_TOKEN[v.status]),
            Column("exercised by", lambda v: f"{v.exercised:,} people" if v.exercised else "nobody"),
            Column("rule", lambda v: v.says or v.expression, stretch=True),
        ],
    )


def audit_view() -> RowsView[AuditRow]:
    """Planted bugs, and who noticed them."""
    return RowsView(
        "Oracle audit",
        "Each planted bug alone: which invariants break, and in which world first.",
        [
            Column("planted bug", lambda a: a.bug or "none (baseline)", tip=lambda a: a.says or a.bug),
            Column("noticed", _noticed, _noticed_token),
            Column("first", lambda a: f"{a.first_world:,}" if a.first_world is not None else ""),
            Column("by", noticed_words),
            Column("what it does", lambda a: a.says or a.note, stretch=True),
        ],
    )


def _noticed(row: AuditRow) -> str:
    if not row.bug:
        return "finds nothing" if not row.failing else "breaks by itself"
    return f"in {row.failing:,} of {row.worlds:,} worlds" if row.found else f"by nobody in {row.worlds:,}"


def _noticed_token(row: AuditRow) -> str:
    if not row.bug:
        return "good" if not row.failing else "bad"
    return "good" if row.found else "warn"
