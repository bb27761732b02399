"""``shrink`` and ``check-capsule``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from turbulence_app.cli import documents, render
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.demo import story_line
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.cli.stores import stored
from turbulence_app.domain.capsule import Expect
from turbulence_app.domain.errors import ExitStatus, InputError
from turbulence_app.domain.failure import Shrunk, Why
from turbulence_app.insight import sizes, words
from turbulence_app.service import capsules, failures, plain, runs, shrinking
from turbulence_app.service.capsules import Checked


@click.command()
@click.argument("name", metavar="[FAILURE]", default=runs.NEWEST)
@click.option("--save", is_flag=True, help="Keep it as a capsule, a regression test: capsules/NAME.json.")
@click.option("--out", type=click.Path(path_type=Path), help="Keep the capsule in this file instead.")
@click.option("--why", is_flag=True, help="Also how often it fails without each thing, all else drawn anew.")
@click.option("--live", is_flag=True, help="A live run: really ask the service, not the recording (it will act).")
@common
def shrink(console: Console, *, name: str, save: bool, out: Path | None, why: bool, live: bool) -> int:
    """The smallest visit that still breaks; every candidate is really run.

    FAILURE: f-0001, RUN/f-0001 or RUN/USER; RUN or CAMPAIGN, its first; nothing, the newest.
    """
    with stored(console) as database, cancellable() as stop, ProgressLine(console, "shrinking") as progress:
        root = console.root
        small = shrinking.shrink(database, name, project=root, live=live, on_event=progress, should_stop=stop.is_set)
        stopped = stop.is_set()
        path = None
        if save or out is not None:
            path, _ = capsules.save(database, root, name, best=small, file=out)
        reasons = failures.why(database, name, project=root, should_stop=stop.is_set) if why and not stopped else None
    more = {"why": plain.noun(reasons)} if reasons is not None else {}
    console.document({**documents.shrunk(small), "capsule": str(path) if path else None, **more})
    for line in _shrunk(console, small):
        console.say(line)
    for line in _why(console, reasons) if reasons is not None else ():
        console.say(line)
    if console.quiet:
        console.result(_headline(console, small))
    if path is not None:
        console.say(f"  kept: {path}")
    return ExitStatus.CANCELLED if stopped and not small.minimal else ExitStatus.HOLDS


def _headline(console: Console, small: Shrunk) -> str:
    arrow = console.glyph("→", "->")
    return (
        f"{small.failure.invariant}: {sizes.found(small)} {arrow} {sizes.smallest(small)}; "
        f"{words.count(small.candidates)} candidates in {words.milliseconds(small.elapsed_ms)}"
    )


def _shrunk(console: Console, small: Shrunk) -> Iterator[str]:
    yield _headline(console, small)
    for event in small.story:
        yield story_line(console, event)
    if len(small.users) > 1:
        yield console.style(f"    it takes: users {', '.join(map(str, small.users))}", "dim")
    if small.minimal and not small.choices:
        yield console.style("    it takes nothing out of the ordinary on this seed", "dim")
    for choice in small.choices:
        yield console.style(f"    it takes: {choice.meaning}  [{choice.address}]", "dim")
    for line in small.proof:
        yield console.style(f"    {line}", "dim")
    for note in small.notes:
        yield console.style(f"  note: {note}", "warn")


def _why(console: Console, reasons: Why) -> Iterator[str]:
    yield from render.head(console, "Why", f"{reasons.failed} of {reasons.of} worlds fail, all else drawn anew")
    styles = {"necessary": "bad", "contributes": "warn", "neutral": "dim", "suppressor": "good"}
    for row in reasons.rows:
        share = f"{words.share(row.failed, row.of)} [{100 * row.low:.1f}, {100 * row.high:.1f}]"
        yield f"  {console.style(row.verdict.ljust(12), styles[row.verdict])} without {row.meaning}: {share} fail"
    for note in reasons.notes:
        yield console.style(f"  note: {note}", "warn")


@click.command("check-capsule")
@click.argument("paths", metavar="[F|DIR]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--expect", type=click.Choice(("fails", "passes")), help="Instead of what the files expect.")
@click.option("--update", is_flag=True, help="Write into the files what is seen now, as what they expect.")
@click.option("--live", is_flag=True, help="Capsules of live runs: really ask the service, not the recording.")
@common
def check_capsule(console: Console, *, paths: tuple[Path, ...], expect: Expect | None, update: bool, live: bool) -> int:
    """Run capsules again, without any model: files, or folders of them (default: the project's capsules/).

    Exit 1 where what is seen is not what the capsule expects: `fails` while the defect is there, `passes` once it is
    mended.
    """
    if expect is not None and update:
        raise InputError("--expect and --update together", "give one of them")
    where = paths or (capsules.own_folder(console.root),)
    with cancellable() as stop, ProgressLine(console, "capsules") as progress:
        done = capsules.check_all(
            where,
            root=console.root,
            expect=expect,
            update=update,
            live=live,
            on_event=progress,
            should_stop=stop.is_set,
        )
        stopped = stop.is_set()
    console.document(
        {"capsules": [plain.checked(one) for one in done], "as_expected": all(c.as_expected for c in done)}
    )
    for one in done:
        for line in _checked(console, one):
            console.say(line)
    good = sum(one.as_expected for one in done)
    console.result(f"{good} of {len(done)} as expected")
    if stopped:
        return ExitStatus.CANCELLED
    if any(one.problem is not None for one in done):
        return ExitStatus.INPUT
    return ExitStatus.HOLDS if good == len(done) else ExitStatus.BROKEN


def _checked(console: Console, one: Checked) -> Iterator[str]:
    if one.problem is not None:
        yield console.style(f"  {console.glyph('✗', 'x')} {one.problem}", "bad")
        return
    sign, style = (console.glyph("✓", "ok"), "good") if one.as_expected else (console.glyph("✗", "x"), "bad")
    wanted = "" if one.as_expected else f", expected: {one.expected}"
    exact = ", bit for bit as recorded" if one.same and one.seen == "fails" else ""
    took = console.style(words.milliseconds(one.elapsed_ms), "dim")
    yield f"  {console.style(sign, style, 'bold')} {one.name}: {one.invariant} {one.seen}{exact}{wanted}  {took}"
    for note in one.notes:
        yield console.style(f"      {note}", "dim")
