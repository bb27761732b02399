"""``turbulence demo``: the first thing that a new person sees, told as a story."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence

import click

from turbulence_app.cli import documents, render
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, called, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.scenario import MAX_USERS
from turbulence_app.domain.trace import TraceEvent
from turbulence_app.domain.workflow import Workflow
from turbulence_app.insight import sizes, words
from turbulence_app.insight.phrases import Phrase, phrases, traced
from turbulence_app.service.demo import Demo
from turbulence_app.service.demo import demo as do
from turbulence_app.service.home import data_home

USERS = 20_000
PHRASES = 3


@click.command()
@click.option("--users", type=click.IntRange(1, MAX_USERS), default=USERS, show_default=True, help="People.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Another crowd of the same kind.")
@click.option("--workers", type=click.IntRange(0, 256), default=0, help="Engine processes; 0: one per processor.")
@common
def demo(console: Console, users: int, seed: int | None, workers: int) -> int:
    """The whole main job on the built-in sample: words in, crowd through, breakage out."""

    def told(_flow: Workflow, personas: Sequence[Persona], policies: Sequence[Policy]) -> None:
        for line in (*opening(console, len(personas), users), *people(console, personas, policies)):
            console.say(line)

    with cancellable() as stop, ProgressLine(console, "people through the checkout") as progress:
        done = do(
            data_home(),
            project=console.root if console.project else None,
            users=users,
            seed=seed,
            workers=workers,
            on_event=progress,
            on_policies=told,
            should_stop=stop.is_set,
        )
    for line in story(console, done):
        console.say(line)
    console.document(documents.demo(done))
    if console.quiet:
        console.result(done.finished.manifest.digest)
    if done.finished.manifest.status == "cancelled":
        return ExitStatus.CANCELLED
    broken = done.replayed is not None and not done.replayed.reproduced
    return ExitStatus.BROKEN if broken else ExitStatus.HOLDS


def opening(console: Console, kinds: int, users: int) -> Iterator[str]:
    """What is about to happen."""
    yield console.style(console.glyph("≋ Turbulence", "Turbulence"), "bold", "accent")
    yield f"{kinds} kinds of people, described in words, become a crowd of {words.count(users)}."


def people(console: Console, personas: Sequence[Persona], policies: Sequence[Policy]) -> Iterator[str]:
    """Each persona with the numbers that tell most, and the words that they came from."""
    first = policies[0].provenance
    spent = sum(policy.provenance.elapsed_ms or 0.0 for policy in policies)
    aside = f"{first.model or first.backend}, on this machine, {words.milliseconds(spent)}"
    yield from render.head(console, "1  Personas become policies", aside)
    for persona, policy in zip(personas, policies, strict=True):
        said, total = traced(policy)
        quiet = console.style(f"{said} of {total} numbers traced to words", "dim")
        yield f"  {console.style(persona.title, 'bold')}  {quiet}"
        for phrase in phrases(policy)[:PHRASES]:
            yield phrase_line(console, phrase)


def phrase_line(console: Console, phrase: Phrase) -> str:
    """``waits 4–10 s for an answer   "abandons if it takes too long"``."""
    left = f"    {render.clip(console, phrase.words, 44):<44}"
    if phrase.said is None:
        return left + console.style("  assumed", "dim")
    room = max(console.width - 50, 16)
    return left + "  " + console.style(f"“{render.clip(console, ' '.join(phrase.said.split()), room)}”", "accent")


def story(console: Console, done: Demo) -> Iterator[str]:
    """The run, what broke, how small it gets, whether it comes again, and what to try."""
    manifest, summary = done.finished.manifest, done.finished.summary
    pace = words.count(round(summary.users / manifest.elapsed_s)) if manifest.elapsed_s else "?"
    yield from render.head(
        console,
        f"2  {words.count(summary.users)} people go through {manifest.workflow!r}",
        f"{manifest.elapsed_s:.2f} s, {pace} people/s, {manifest.scenario or 'no faults'}",
    )
    yield from render.funnel(console, summary)
    yield ""
    yield from render.outcome(console, summary)
    yield console.style(f"  digest {manifest.digest}", "dim")
    if manifest.status == "cancelled":
        yield from ("", "Stopped. What was done is kept.")
        return
    yield from render.head(console, "3  What must always hold, and does it?")
    yield from render.verdicts(console, summary)
    yield from _smallest(console, done)
    yield from _next(console, done)


def _smallest(console: Console, done: Demo) -> Iterator[str]:
    if done.failure is None or done.shrunk is None or done.replayed is None:
        yield ""
        yield "  Nobody broke a rule this time. Try more people: --users 200000"
        return
    found, small = done.failure, done.shrunk
    yield from render.head(
        console,
        f"4  One of them, made as small as it gets: {found.invariant}",
        f"user {words.count(found.user)}, {found.persona}",
    )
    arrow = console.glyph("→", "->")
    size = f"{sizes.found(small)} {arrow} {sizes.smallest(small)}"
    proof = sizes.proof(small)
    yield f"  {console.style(size, 'bold', 'good')}" + (f"; {proof}" if proof else "")
    tried = f"{words.count(small.candidates)} candidates, each really run, in {words.milliseconds(small.elapsed_ms)}"
    tried += f"; {len(small.story)} events tell it"
    yield console.style(f"  {tried}", "dim")
    for event in small.story:
        yield story_line(console, event)
    for choice in small.choices:
        yield f"    it takes: {choice.meaning}"
    verdict = done.replayed
    sign = console.style(console.glyph("✓", "ok") if verdict.reproduced else console.glyph("✗", "x"), "bold")
    says = "replayed: the same bits, and it breaks again" if verdict.reproduced else "replayed: NOT the same"
    yield f"  {sign} {says}"


def story_line(console: Console, event: TraceEvent) -> str:
    """One event of a story: when, where, what."""
    style = {"violation": ("bad", "bold"), "fault": ("warn",), "give_up": ("warn",), "effect": ("good",)}
    who = f"user {event.data['user']:<4} " if "user" in event.data else ""
    text = f"    {words.clock(event.at_us)}  {who}{event.step:<18}  {words.event(event)}"
    return console.style(render.clip(console, text, console.width), *style.get(event.kind, ()))


def _next(console: Console, done: Demo) -> Iterator[str]:
    yield from render.head(console, "What next")
    folder = shlex.quote(str(done.root))
    manifest = done.finished.manifest
    name = called()
    tries = [
        ("the same in a window", name),
        ("this run once more, bit for bit", f"{name} verify {manifest.run_id} --project {folder}"),
        ("your own project", f"{name} init my-shop"),
    ]
    if done.failure is not None:
        user = f"{done.failure.run_id}/{done.failure.user}"
        tries.insert(1, ("everything that this person did", f"{name} replay {user} --project {folder}"))
    for why, command in tries:
        if len(command) + 36 > console.width:
            yield console.style(f"  {why}", "dim")
            yield from textwrap.wrap(command, 10_000, initial_indent="    ")
        else:
            yield f"  {console.style(why.ljust(32), 'dim')}  {command}"
