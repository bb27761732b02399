"""``run``, ``verify`` and ``replay``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from turbulence_app.cli import documents, live, render
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, called, common
from turbulence_app.cli.demo import story_line
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.cli.stores import kept, stored
from turbulence_app.domain.errors import CancelledError, ExitStatus, InputError
from turbulence_app.domain.events import RunFinished
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import Summary
from turbulence_app.domain.scenario import MAX_USERS
from turbulence_app.domain.trace import Draw, UserTrace
from turbulence_app.insight import words
from turbulence_app.service import inputs as building
from turbulence_app.service import plain, runs
from turbulence_app.service.asked import asked, policies_of
from turbulence_app.service.live import NOTHING_SAID, Live, place_of, replay_against_service
from turbulence_app.service.opening import Database

WORKERS = click.option(
    "--workers", type=click.IntRange(0, 256), default=None, help="Engine processes; 0: one per processor."
)


@dataclass(frozen=True, slots=True)
class Gate:
    """An expression of the command line over the whole run, and what came of it."""

    option: str
    expression: str
    passed: bool
    value: str


@click.command()
@click.argument("scenario", required=False)
@click.option("--workflow", "workflow", metavar="F", help="A workflow file, or a workflow's id in the project.")
@click.option("--policies", "policy_files", metavar="F", multiple=True, type=click.Path(path_type=Path))
@click.option("--target", type=click.Choice(("model", "app", "http")))
@click.option("--users", type=click.IntRange(1, MAX_USERS), help="People.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1))
@click.option("--fail-on", metavar="EXPR", multiple=True, help="Exit 1 if EXPR holds for the run.")
@click.option("--require", metavar="EXPR", multiple=True, help="Exit 1 unless EXPR holds for the run.")
@live.options
@WORKERS
@common
def run(
    console: Console,
    *,
    scenario: str | None,
    workflow: str | None,
    policy_files: tuple[Path, ...],
    target: str | None,
    users: int | None,
    seed: int | None,
    fail_on: tuple[str, ...],
    require: tuple[str, ...],
    sut: Path | None,
    profile: str | None,
    allow_host: tuple[str, ...],
    time_scale: float | None,
    workers: int | None,
) -> int:
    """Let the crowd loose: a SCENARIO of the project (default: the project's), or a workflow with policies."""
    system = live.said(sut, profile, allow_host, time_scale)
    said = building.Overrides(users=users, seed=seed, target=target, policies=policies_of(policy_files), live=system)  # type: ignore[arg-type]
    wanted = asked(console.root, scenario, workflow, policy_files, said, workers)
    for note in wanted.notes:
        console.note(f"note: {note}")
    live.said(sut, profile, allow_host, time_scale, wanted.inputs.target == "http")
    check_gates(wanted.inputs, (*fail_on, *require))
    with kept(console, wanted.root) as database, cancellable() as stop, ProgressLine(console, "people") as progress:
        done = runs.run(
            wanted.inputs,
            database,
            workers=wanted.workers,
            project=str(wanted.root),
            place=place_of(wanted.inputs, wanted.root, system),
            on_event=progress,
            should_stop=stop.is_set,
        )
    judged = [*_gates("--fail-on", fail_on, done.summary), *_gates("--require", require, done.summary)]
    console.document(
        {**documents.run(done), "gates": [{"option": g.option, "expression": g.expression, "passed": g.passed,
                                           "value": g.value} for g in judged]}
    )  # fmt: skip
    for line in report(console, done, judged):
        console.say(line)
    if console.quiet:
        console.result(f"{done.manifest.run_id} {done.manifest.digest}")
    if done.manifest.status == "cancelled":
        return ExitStatus.CANCELLED
    holds = done.summary.holds and all(gate.passed for gate in judged)
    return ExitStatus.HOLDS if holds else ExitStatus.BROKEN


@click.command()
@click.argument("name", metavar="RUN", default="last")
@WORKERS
@common
def verify(console: Console, name: str, workers: int | None) -> int:
    """Compute a RUN again from what is stored and compare; names the first user and draw that differ. Exit 1 then."""
    with (
        stored(console) as database,
        cancellable() as stop,
        ProgressLine(console, "verifying") as progress,
    ):
        done = runs.verify(database, name, workers=workers or 0, on_event=progress, should_stop=stop.is_set)
        stopped = stop.is_set()
    if stopped and done.difference is None:
        raise CancelledError("stopped before the end; no difference so far")
    console.document(plain.verified(done))
    if done.difference is None:
        partly = " (as far as it came)" if done.partial else ""
        console.result(f"{done.run_id}: the same, bit for bit{partly}")
        console.say(console.style(f"  digest {done.digest}" if done.digest else "  no digest: it was stopped", "dim"))
        if done.recording:
            told = "from the recording, which is all of a live run that can be verified; the service was not asked"
            console.say(console.style(f"  {told}", "dim"))
        return ExitStatus.HOLDS
    console.result(f"{done.run_id}: differs at {done.difference}")
    return ExitStatus.BROKEN


@click.command()
@click.argument("name", metavar="[RUN/USER]", default=runs.NEWEST)
@click.option("--draws", is_flag=True, help="Also every random draw, by its address.")
@click.option("--live", "against", is_flag=True, help="Against the service as it is now, not from the recording.")
@live.options
@common
def replay(
    console: Console,
    *,
    name: str,
    draws: bool,
    against: bool,
    sut: Path | None,
    profile: str | None,
    allow_host: tuple[str, ...],
    time_scale: float | None,
) -> int:
    """One user of a run again, alone, with every event. RUN/USER, or a failure such as f-0001 (default: the newest).

    A user of a live run is replayed from what was recorded: exactly, and without asking the service; with --live
    against the service, and the first divergence is shown (exit status 1).
    """
    with stored(console) as database:
        run_name, user = runs.address(database, name)
        system = live.said(sut, profile, allow_host, time_scale, against)
        if against:
            return _against(console, database, run_name, user, system)
        if system != NOTHING_SAID:
            raise InputError("--sut and --profile say where a service is, and none is asked", "add --live")
        done = runs.replay(database, run_name, user)
    console.document(plain.replayed(done))
    trace = done.trace
    console.result(
        f"{done.run_id}/{trace.user}  {trace.persona}: {trace.outcome} after "
        f"{words.milliseconds((trace.ended_us - trace.arrived_us) / 1000)}, {_sameness(done.same)}"
    )
    for line in visit(console, trace):
        console.say(line)
    for draw in trace.draws if draws else ():
        console.say(draw_line(console, draw))
    return ExitStatus.BROKEN if done.same is False else ExitStatus.HOLDS


def _against(console: Console, database: Database, run_name: str, user: int, said: Live) -> int:
    """A user against the service as it is now."""
    again = replay_against_service(database, run_name, user, console.root, said)
    trace = again.trace
    console.document(plain.live_again(again))
    took = words.milliseconds((trace.ended_us - trace.arrived_us) / 1000)
    told = live.diverged(again)
    console.result(f"{again.run_id}/{trace.user}  {trace.persona}: {trace.outcome} after {took}; {told}")
    for line in visit(console, trace):
        console.say(line)
    return ExitStatus.BROKEN if again.divergence else ExitStatus.HOLDS


def report(console: Console, done: RunFinished, asked: Sequence[Gate]) -> Iterator[str]:
    """A run for people: what it was, the funnel, verdicts, failures, and what to do with them."""
    manifest, summary = done.manifest, done.summary
    yield render.run_line(console, manifest)
    if manifest.status == "cancelled":
        yield console.style(f"  stopped after {words.count(summary.users)} users; what was done is kept", "warn")
    yield ""
    yield from render.funnel(console, summary)
    yield ""
    yield from render.outcome(console, summary)
    yield from live.remarks(console, summary)
    yield console.style(f"  digest {manifest.digest}", "dim") if manifest.digest else ""
    if summary.faults:
        yield ""
        yield from live.faults(console, summary)
    if summary.verdicts or asked:
        yield ""
        yield from render.verdicts(console, summary)
    for gate in asked:
        sign = console.glyph("✓", "ok") if gate.passed else console.glyph("✗", "x")
        style = "good" if gate.passed else "bad"
        mark = console.style(sign, style, "bold")
        yield f"  {mark} {gate.option} {gate.expression}  {console.style(gate.value, 'dim')}"
    if done.failures:
        yield ""
        yield from render.failures(console, done.failures)
        yield console.style(f"  {called()} shrink {done.failures[0].failure_id} makes one small", "dim")


def visit(console: Console, trace: UserTrace) -> Iterator[str]:
    """A whole visit, event by event."""
    for event in trace.events:
        yield story_line(console, event)
    for name in trace.violations:
        yield f"  {console.style(console.glyph('✗', 'x'), 'bad', 'bold')} {name}"


def draw_line(console: Console, draw: Draw) -> str:
    """One draw: its address, the word drawn, what it came to mean."""
    return console.style(f"    {draw.address:<40} {draw.word:>10}  {draw.value}", "dim")


def check_gates(made: RunInputs, expressions: Sequence[str]) -> None:
    """Refuse an expression that cannot be evaluated before the run, not after it."""
    for expression in expressions:
        building.check_gate(expression, made)


def _gates(option: str, expressions: Sequence[str], summary: Summary) -> Iterator[Gate]:
    for expression in expressions:
        holds, value = building.judge(expression, summary)
        yield Gate(option, expression, holds != (option == "--fail-on"), value)


def _sameness(same: bool | None) -> str:
    if same is None:
        return "not compared: the run kept no digest of this user"
    return "the same as in the run, bit for bit" if same else "NOT the same as in the run"
