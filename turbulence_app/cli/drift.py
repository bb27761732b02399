"""``drift``: the model against the service, on the same people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from turbulence_app.cli import render
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.imports import precise
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.cli.stores import kept, stored
from turbulence_app.domain.drift import Drift, StepDrift
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.insight import words
from turbulence_app.service import drift as comparing
from turbulence_app.service import plain, projects


@click.command()
@click.argument("name", metavar="RUN|SCENARIO", default="last")
@click.option("--workflow", metavar="F", type=click.Path(path_type=Path), help="Whose models are meant.")
@click.option("--users", type=click.IntRange(1), help="At most so many people.")
@click.option(
    "--threshold", type=click.FloatRange(0, 1), default=comparing.THRESHOLD, show_default=True,
    help="How far above chance a step may be from the service.",
)  # fmt: skip
@common
def drift(console: Console, *, name: str, workflow: Path | None, users: int | None, threshold: float) -> int:
    """How far the model is from the service: latencies, outcomes, funnel, on the same people with the same draws.

    RUN is one on the http or the app target (default: the last run); a SCENARIO is run first. Exit 1 where a step is
    further away than the threshold.
    """
    wanted = comparing.Wanted(name, workflow, users, threshold)
    here = projects.is_project(console.root)
    with (
        kept(console, console.root) if here else stored(console) as database,
        cancellable() as stop,
        ProgressLine(console, "people") as progress,
    ):
        found = comparing.drift(database, console.root, wanted, on_event=progress, should_stop=stop.is_set)
    console.document({**plain.noun(found), "holds": found.holds})
    for line in report(console, found):
        console.say(line)
    verdict = "holds" if found.holds else "drifts"
    console.result(f"{found.run_id}: the model {verdict}, {found.score:.3f} above chance (allowed {found.threshold:g})")
    return ExitStatus.HOLDS if found.holds else ExitStatus.BROKEN


def report(console: Console, found: Drift) -> Iterator[str]:
    """Steps, worst first, then where people parted."""
    yield f"{words.count(found.users)} people of run {found.run_id} ({found.target}) on the model, with the same draws"
    yield ""
    head = ("step", "over chance", "KS", "chance", "p50 model", "real", "p95 model", "real", "answers", "reached")
    yield from render.table(console, [head, *(_row(step) for step in found.steps)], frozenset(range(1, 10)))
    yield ""
    ends = sorted({*found.model_outcomes, *found.real_outcomes})
    told = ", ".join(f"{e} {found.model_outcomes.get(e, 0):.1%}/{found.real_outcomes.get(e, 0):.1%}" for e in ends)
    yield f"ends, model/real: {told}"
    if found.parted:
        yield f"{words.count(found.parted)} people went another way; the first:"
    for parting in found.partings[:5]:
        yield f"  user {parting.user} at {parting.step}: {parting.model} | really {parting.real}"
    for note in found.notes:
        yield console.style(f"note: {note}", "dim")


def _row(step: StepDrift) -> tuple[str, ...]:
    return (
        step.step,
        f"{step.score:.3f}",
        "" if step.ks is None else f"{step.ks:.3f}",
        f"{step.ks_floor:.3f}",
        *map(_time, (step.model_p50, step.real_p50, step.model_p95, step.real_p95)),
        "" if step.outcome_distance is None else f"{step.outcome_distance:.3f}",
        f"{step.model_reached:.0%}/{step.real_reached:.0%}",
    )


def _time(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else precise(milliseconds)
