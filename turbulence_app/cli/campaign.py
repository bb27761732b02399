"""``campaign``: many worlds over seeds, what broke and why, and what was never tried."""

from __future__ import annotations

from pathlib import Path

import click

from turbulence_app.cli import campaign_report
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.cli.stores import kept, stored
from turbulence_app.domain.campaign import MAX_WORLDS, CampaignReport, CampaignSettings
from turbulence_app.domain.errors import ExitStatus, InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.service import audits, campaigns, plain, projects
from turbulence_app.service import inputs as building
from turbulence_app.service.opening import Database
from turbulence_app.service.trend import headlines

WORLDS = 1000
AUDIT_WORLDS = 2000
TREND = 10


@click.command()
@click.argument("scenario", required=False)
@click.option("--seeds", "--worlds", "seeds", type=click.IntRange(1, MAX_WORLDS), help=f"Worlds (default {WORLDS}).")
@click.option("--users", type=click.IntRange(1, 1000), help="People in each world (default 5).")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Of the campaign; each world's is made from it.")
@click.option("--target", type=click.Choice(("model", "app", "http")))
@click.option("--swarm", is_flag=True, help="Switch random subsets of faults, personas and options off.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Stop after so long, keep what is done.")
@click.option("--coverage", type=click.Choice(("smoke", "default", "nightly")), help="Threshold: 50, 80 or 90 %.")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes; 0: one per processor.")
@click.option("--on", "cluster", metavar="dask://HOST:PORT", default="", help="Run the worlds on a Dask cluster.")
@click.option("--resume", metavar="ID", help="Go on with a campaign that was interrupted; last: the newest.")
@click.option("--audit", is_flag=True, help="Plant known bugs, one at a time: which invariants notice?")
@click.option("--trend", is_flag=True, help="The last campaigns and what changed between them.")
@click.option("--show", metavar="ID", help="The report of a campaign again.")
@common
def campaign(
    console: Console,
    *,
    scenario: str | None,
    seeds: int | None,
    users: int | None,
    seed: int | None,
    target: str | None,
    swarm: bool,
    minutes: float | None,
    coverage: str | None,
    workers: int | None,
    cluster: str,
    resume: str | None,
    audit: bool,
    trend: bool,
    show: str | None,
) -> int:
    """Many small worlds of a SCENARIO: failures grouped by cause, what triggers them, and what was never tried.

    Exit status 1 where an invariant broke or the coverage is below its threshold.
    """
    if sum(map(bool, (resume, audit, trend, show))) > 1:
        raise InputError("--resume, --audit, --trend and --show are four different things", "use one of them")
    if resume and any(v is not None for v in (scenario, seeds, users, seed, target, coverage)):
        raise InputError("a resumed campaign has its scenario, seeds and users already", "give --resume alone")
    if trend or show:
        with stored(console) as database:
            return _trend(console, database) if trend else _shown(console, campaigns.report(database, str(show)))
    ways = campaigns.Ways(workers or 0, minutes, cluster)
    if resume:
        with stored(console) as database, cancellable() as stop, ProgressLine(console, "worlds") as progress:
            done = campaigns.resume(resume, database, ways=ways, on_event=progress, should_stop=stop.is_set)
        return _shown(console, done.report)
    made, root, default = _inputs(console, scenario, seed, target)
    said = {"worlds": seeds or (AUDIT_WORLDS if audit else WORLDS), "users": users or 5, "seed": made.seed}
    settings = CampaignSettings.model_validate({**said, "swarm": swarm, "coverage": coverage or "default"})
    ways = campaigns.Ways(default if workers is None else workers, minutes, cluster)
    if audit:
        return _audit(console, made, settings, root, ways)
    with kept(console, root) as database, cancellable() as stop, ProgressLine(console, "worlds") as progress:
        done = campaigns.campaign(
            made, settings, database, ways=ways, project=str(root), on_event=progress, should_stop=stop.is_set
        )
    return _shown(console, done.report)


def _inputs(
    console: Console, scenario: str | None, seed: int | None, target: str | None
) -> tuple[RunInputs, Path, int]:
    folder = projects.open_project(console.root)
    said = building.Overrides(seed=seed, target=target)  # type: ignore[arg-type]
    return building.build_inputs(folder, scenario, None, said), folder.root, folder.project.run.workers


def _shown(console: Console, report: CampaignReport) -> int:
    console.document(campaign_report.document(report))
    for line in campaign_report.lines(console, report):
        console.say(line)
    manifest = report.manifest
    if console.quiet:
        console.result(f"{manifest.campaign_id} {manifest.digest}")
    if manifest.status == "cancelled":
        return ExitStatus.CANCELLED
    return ExitStatus.HOLDS if report.passed else ExitStatus.BROKEN


def _trend(console: Console, database: Database) -> int:
    found = headlines(database, TREND)
    console.document({"campaigns": [plain.noun(headline) for headline in found]})
    for line in campaign_report.trend(console, found):
        console.say(line)
    return ExitStatus.HOLDS


def _audit(console: Console, made: RunInputs, settings: CampaignSettings, root: Path, ways: campaigns.Ways) -> int:
    with cancellable() as stop, ProgressLine(console, "audit") as progress:
        done = audits.audit(made, settings, project=str(root), ways=ways, on_event=progress, should_stop=stop.is_set)
        stopped = stop.is_set()
    console.document({**plain.noun(done), "caught": done.caught, "total": len(done.rows)})
    for line in campaign_report.audit(console, done):
        console.say(line)
    console.result(f"your invariants catch {done.caught} of {len(done.rows)} planted bugs")
    if stopped:
        return ExitStatus.CANCELLED
    holds = done.caught == len(done.rows) and not done.baseline.found
    return ExitStatus.HOLDS if holds else ExitStatus.BROKEN
