"""``analyze``: a failure explained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.cli.stores import stored
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.domain.postmortem import PostMortem, TestedClaim
from turbulence_app.service import analyzing, plain, postmortems, runs

SIGNS = {"confirmed": ("✓", "ok", "good"), "refuted": ("✗", "x", "bad"), "not_testable": ("–", "-", "dim")}


@click.command()
@click.argument("name", metavar="[FAILURE|RUN]", default=runs.NEWEST)
@click.option(
    "--backend", type=click.Choice(("rules", "auto", "llamacpp", "ollama")), help="Who writes (default: rules)."
)
@click.option("--model", metavar="M", help="A model's name or file.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=42, show_default=True)
@click.option("--fresh", is_flag=True, help="Ask again, past the cache.")
@click.option("--out", type=click.Path(path_type=Path), metavar="F", help="Also write it as Markdown.")
@common
def analyze(
    console: Console, *, name: str, backend: str | None, model: str | None, seed: int, fresh: bool, out: Path | None
) -> int:
    """Explain a failure: what happened, the smallest cause, and claims that are re-simulated.

    FAILURE: f-0001, RUN/f-0001 or RUN/USER; RUN or CAMPAIGN, its first; nothing, the newest. Without --backend no
    model is asked. What a model writes is a suggestion: checked, marked, and every claim of it simulated.
    """
    chosen = backend or ("rules" if model is None else "llamacpp")
    with ExitStack() as stack:
        database = stack.enter_context(stored(console))
        stop = stack.enter_context(cancellable())
        progress = stack.enter_context(ProgressLine(console, "analyzing"))
        found = analyzing.analyze(
            database, console.root, name, backend=chosen, model=model, seed=seed, fresh=fresh, on_event=progress,
            should_stop=stop.is_set,
        )  # fmt: skip
    if out is not None:
        analyzing.save(found, out)
    console.document({**plain.noun(found), "file": str(out) if out else None})
    for line in _told(console, found):
        console.say(line)
    if console.quiet:
        console.result(found.headline)
    if out is not None:
        console.say(f"  written: {out}")
    return ExitStatus.HOLDS


def _told(console: Console, found: PostMortem) -> Iterator[str]:
    yield f"{console.style(found.headline, 'bold')}"
    yield console.style(f"  {postmortems.source_words(found)}", "dim")
    yield f"  {found.cause}"
    for line in found.happened:
        yield console.style(f"    {line}", "dim")
    if found.passes:
        yield f"  {found.passes}"
    for title, items in (("look at", found.look_at), ("try", found.try_next)):
        for item in items:
            yield f"  {console.style(title.ljust(8), 'dim')} {item}"
    for one in found.claims:
        yield _claim(console, one)
    for note in found.notes:
        yield console.style(f"  note: {note}", "warn")


def _claim(console: Console, one: TestedClaim) -> str:
    sign, plain_sign, style = SIGNS[one.verdict]
    verdict = console.style(f"{console.glyph(sign, plain_sign)} {one.verdict.replace('_', ' ').ljust(12)}", style)
    because = f" ({one.because})" if one.because else ""
    return f"  {verdict} it holds {one.claim.says}{because}: {one.detail}"
