"""Campaigns as text: causes, triggers, coverage and what sleeps, near misses, the trend, the audit's table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from turbulence_app.cli import render
from turbulence_app.cli.console import Console, called
from turbulence_app.domain.campaign import (
    AuditReport,
    AuditRow,
    CampaignHeadline,
    CampaignReport,
    Cluster,
    CoverageItem,
    Influence,
)
from turbulence_app.domain.run import Summary
from turbulence_app.insight import words
from turbulence_app.service import plain

MOST_CLUSTERS = 10
MOST_INFLUENCES = 8
MOST_ASLEEP = 6


def document(report: CampaignReport) -> dict[str, Any]:
    """The JSON document of ``--json``."""
    found = {"campaign_id": report.manifest.campaign_id, "digest": report.manifest.digest}
    return {**found, **plain.noun(report), "holds": report.holds, "passed": report.passed}


def lines(console: Console, report: CampaignReport) -> Iterator[str]:
    """The whole report."""
    yield from _head(console, report)
    yield from _clusters(console, report)
    yield from render.head(console, "Invariants")
    yield from render.verdicts(console, Summary(verdicts=report.verdicts))
    yield from _influences(console, report)
    yield from _coverage(console, report)
    yield from _near(console, report)
    for note in report.notes:
        yield console.style(f"  note: {note}", "warn")
    yield from _next(console, report)


def _head(console: Console, report: CampaignReport) -> Iterator[str]:
    manifest, settings = report.manifest, report.manifest.settings
    what = manifest.workflow + (f" / {manifest.scenario}" if manifest.scenario else "")
    rate = manifest.worlds_done / manifest.elapsed_s if manifest.elapsed_s > 0 else 0
    parts = [
        what,
        f"{words.count(manifest.worlds_done)} worlds of {settings.users}",
        f"seed {settings.seed}",
        "swarm" if settings.swarm else "",
        f"{manifest.elapsed_s:.2f} s",
        f"{words.count(round(rate))} worlds/s",
    ]
    middle = f" {console.glyph('·', '-')} ".join(part for part in parts if part)
    yield f"{console.style(manifest.campaign_id, 'bold')}  {console.style(middle, 'dim')}"
    if manifest.worlds_done < settings.worlds:
        why = "stopped" if manifest.status != "done" else "the time was over"
        done, asked = words.count(manifest.worlds_done), words.count(settings.worlds)
        yield console.style(f"  {why} after {done} of {asked} worlds; --resume {manifest.campaign_id} goes on", "warn")
    if manifest.digest:
        yield console.style(f"  digest {manifest.digest}", "dim")
    if not manifest.reproducible:
        yield console.style("  a live service: these worlds are not reproducible", "warn")


def _clusters(console: Console, report: CampaignReport) -> Iterator[str]:
    failing, done = report.failing_worlds, report.manifest.worlds_done
    found = report.clusters
    title = f"{_amount(len(found), 'cause')} in {words.count(failing)} failing worlds" if found else "Nothing broke"
    yield from render.head(console, title, f"{words.share(failing, done)} of the worlds" if found else "")
    if not found:
        return
    rows: list[tuple[str, ...]] = [("cause", "failure", "worlds", "first", "invariant", "at step", "faults")]
    rows += [_cluster(cluster) for cluster in found[:MOST_CLUSTERS]]
    seen = [(c.representative.message if c.representative else "") or c.message for c in found[:MOST_CLUSTERS]]
    yield from render.told(console, render.table(console, rows, frozenset({2, 3})), seen)
    for cluster in found[:MOST_CLUSTERS]:
        if cluster.note:
            yield console.style(f"  {cluster.cluster_id}: {cluster.note}", "warn")
    if len(found) > MOST_CLUSTERS:
        yield console.style(f"  and {words.count(len(found) - MOST_CLUSTERS)} more (--json has all)", "dim")


def _amount(number: int, what: str) -> str:
    return f"{words.count(number)} {what}" + ("" if number == 1 else "s")


def _cluster(cluster: Cluster) -> tuple[str, ...]:
    kept = cluster.representative
    address = f"{kept.run_id}/{kept.failure_id or kept.user}" if kept is not None and kept.run_id else ""
    return (
        cluster.cluster_id,
        address + ("" if cluster.verified or not address else " (not verified)"),
        words.count(cluster.worlds),
        words.count(cluster.first_world),
        cluster.invariant,
        cluster.step or "the end",
        ", ".join(cluster.faults) or "none",
    )


def _influences(console: Console, report: CampaignReport) -> Iterator[str]:
    telling = [i for i in report.influences if i.direction != "neutral" and not i.cluster_id]
    if not telling:
        return
    yield from render.head(console, "What makes worlds fail", "failing share with it and without, 95 % intervals")
    rows: list[tuple[str, ...]] = [("", "feature", "with", "", "without", "")]
    for influence in telling[:MOST_INFLUENCES]:
        rows.append(_influence(influence))
    yield from render.table(console, rows, frozenset({2, 4}))


def _influence(influence: Influence) -> tuple[str, ...]:
    on, off = influence.on, influence.off
    return (
        influence.direction,
        f"{influence.kind} {influence.feature}",
        _percent(on.share),
        f"[{_percent(on.low)}, {_percent(on.high)}]",
        _percent(off.share),
        f"[{_percent(off.low)}, {_percent(off.high)}]",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _coverage(console: Console, report: CampaignReport) -> Iterator[str]:
    if not report.coverage.items:
        return
    level = report.coverage.level
    threshold = _percent(report.coverage.items[0].threshold)
    yield from render.head(console, "Coverage", f"{level}: at least {threshold} of each")
    for item in report.coverage.items:
        yield from _item(console, item)


def _item(console: Console, item: CoverageItem) -> Iterator[str]:
    sign, style = (console.glyph("✓", "ok"), "good") if item.passed else (console.glyph("✗", "x"), "bad")
    bar = console.style(console.bar(item.share, 20), style)
    figures = f"{words.count(item.covered)} of {words.count(item.total)}" if item.total else "nothing to cover"
    yield f"  {console.style(sign, style, 'bold')} {item.dimension:<10}  {bar}  {_percent(item.share):>6}  {figures}"
    if item.asleep:
        more = f" and {len(item.asleep) - MOST_ASLEEP} more" if len(item.asleep) > MOST_ASLEEP else ""
        names = ", ".join(item.asleep[:MOST_ASLEEP])
        yield console.style(render.clip(console, f"      asleep: {names}{more}", console.width), "warn")


def _near(console: Console, report: CampaignReport) -> Iterator[str]:
    broken = {verdict.name for verdict in report.verdicts if verdict.status == "broken"}
    near = [miss for miss in report.near_misses if miss.invariant not in broken]
    if not near:
        return
    yield from render.head(console, "Nearest misses", "how far from breaking, where it held")
    rows = [("invariant", "distance", "first world", "worlds")]
    rows += [(miss.invariant, f"{miss.distance:g}", words.count(miss.world), words.count(miss.worlds)) for miss in near]
    yield from render.table(console, rows, frozenset({1, 2, 3}))


def _next(console: Console, report: CampaignReport) -> Iterator[str]:
    kept = next((c.representative for c in report.clusters if c.representative and c.representative.failure_id), None)
    if kept is None:
        return
    name = f"{kept.run_id}/{kept.failure_id}"
    yield ""
    yield console.style(f"  {called()} shrink {name} makes the first one small", "dim")
    yield console.style(f"  {called()} replay {kept.run_id}/{kept.user} tells its story", "dim")


def trend(console: Console, found: Sequence[CampaignHeadline]) -> Iterator[str]:
    """One line per campaign, the newest first, with what changed since the one of its scenario before."""
    rows = [("campaign", "", "scenario", "worlds", "failing", "causes", "coverage", "worlds/s", "when")]
    for one in found:
        change = f" +{one.new_clusters}" if one.new_clusters else ""
        change += f" -{one.gone_clusters}" if one.gone_clusters else ""
        least = min(one.coverage.values(), default=0.0)
        rows.append(
            (
                one.campaign_id,
                "passed" if one.passed else one.status if one.status != "done" else "not passed",
                (one.scenario or one.workflow) + ("" if one.target == "model" else f" on {one.target}"),
                words.count(one.worlds),
                words.count(one.failing_worlds),
                f"{one.clusters}{change}",
                _percent(least),
                words.count(round(one.worlds_per_second)),
                one.created_at[:16].replace("T", " "),
            )
        )
    yield from render.table(console, rows, frozenset({3, 4, 6, 7}))
    if not found:
        yield "  no campaign yet"


def audit(console: Console, report: AuditReport) -> Iterator[str]:
    """Bug by bug: found or not, in which world, by which invariants."""
    what = report.workflow + (f" / {report.scenario}" if report.scenario else "")
    aside = f"{what}, at most {words.count(report.worlds)} worlds of {report.users} for each bug"
    yield from render.head(console, "Which invariants notice which bug", aside)
    rows: list[tuple[str, ...]] = [("bug", "noticed", "in world", "worlds run", "by")]
    rows += [_row(row) for row in (report.baseline, *report.rows)]
    yield from render.table(console, rows, frozenset({2, 3}))
    for row in (report.baseline, *report.rows):
        if row.note:
            yield console.style(f"  {row.bug}: {row.note}", "warn")


def _row(row: AuditRow) -> tuple[str, ...]:
    by = ", ".join(f"{name} ({words.count(worlds)})" for name, worlds in row.invariants.items())
    first = "" if row.first_world is None else words.count(row.first_world)
    return row.bug, "yes" if row.found else "no", first, words.count(row.worlds), by
