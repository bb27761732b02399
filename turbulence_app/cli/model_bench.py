"""``models bench``: measure local models on the persona benchmark, so that one can choose."""

from __future__ import annotations

from collections.abc import Sequence

import click

from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.domain.bench import BenchResult, Rate
from turbulence_app.domain.errors import CancelledError, ExitStatus
from turbulence_app.insight import words
from turbulence_app.service import model_bench
from turbulence_app.service.bench_row import SECONDS
from turbulence_app.service.home import data_home

HEADS = ("model", "valid", "accuracy", "95 %", "s/policy", "p95", "CPU", "tokens/s", "same", "memory", "load")
SIGNS: dict[bool | None, tuple[str, str]] = {True: ("✓", "y"), False: ("✗", "n"), None: ("·", "-")}


@click.command()
@click.argument("names", metavar="[MODEL]...", nargs=-1)
@click.option("--backend", type=click.Choice(("builtin", "llamacpp", "ollama", "rules")), help="Only models of it.")
@click.option("--mode", type=click.Choice(("json", "logits")), help="How language models are asked.")
@click.option("--personas", type=click.IntRange(1, 10_000), metavar="N", help="How many people (default: 12 for "
              "language models, all for the rest).")  # fmt: skip
@click.option("--full", is_flag=True, help="All people of the benchmark.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=42, show_default=True)
@click.option("--seconds", type=click.FloatRange(1, 3600), default=SECONDS, show_default=True,
              help="Time for one answer.")  # fmt: skip
@click.option("--stored", is_flag=True, help="What was measured before; asks no model.")
@click.option("--missed", is_flag=True, help="Also list what was expected and does not hold.")
@common
def bench(
    console: Console,
    *,
    names: tuple[str, ...],
    backend: str | None,
    mode: str | None,
    personas: int | None,
    full: bool,
    seed: int,
    seconds: float,
    stored: bool,
    missed: bool,
) -> int:
    """Measure models on people whom none was tuned on: validity, accuracy, seconds, tokens, memory, determinism.

    A MODEL is builtin, rules, a name of `models list`, or a GGUF file; none: all that can answer here. Answers come
    past the cache. Exit status 1 where a model failed.
    """
    if stored:
        rows: Sequence[BenchResult] = model_bench.results(data_home())
        stopped = False
    else:
        wanted = model_bench.Wanted(names, backend, mode, personas, full, seed, seconds)
        with cancellable() as stop, ProgressLine(console, "measuring") as progress:
            rows = model_bench.bench(data_home(), wanted, on_event=progress, should_stop=stop.is_set)
            stopped = stop.is_set()
    if stopped and console.as_json is False:
        _tell(console, rows, missed)
    if stopped:
        raise CancelledError("stopped", f"{sum(row.status == 'done' for row in rows)} models are measured and kept")
    console.document({"bench": [row.model_dump(mode="json") for row in rows]})
    _tell(console, rows, missed)
    return ExitStatus.BROKEN if any(row.status == "failed" for row in rows) else ExitStatus.HOLDS


def _tell(console: Console, rows: Sequence[BenchResult], missed: bool) -> None:
    if not rows:
        console.result("nothing was measured yet: `turbulence models bench`")
        return
    cells = [HEADS, *(_cells(console, row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(HEADS))]
    for number, line in enumerate(cells):
        padded = [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]
        console.say(console.style("  ".join(padded).rstrip(), *(("dim",) if number == 0 else ())))
        if number and (row := rows[number - 1]).why:
            style = "bad" if row.status == "failed" else "warn"
            console.say("  " + console.style(f"{row.status}: {row.why}" if row.why != row.status else row.why, style))
            if row.mend:
                console.say("  " + console.style(row.mend, "dim"))
    for row in rows if missed else ():
        console.say("")
        console.say(console.style(row.title, "bold"))
        for text in row.missed:
            console.say(f"  {text}")
    done = [row for row in rows if row.done]
    best = max(done, key=lambda row: row.accuracy.share, default=None)
    if best is not None:
        people = f"{best.done} people, {best.accuracy.of} expectations"
        console.say(console.style(f"same: twice, in another process, with 1 and 2 threads; {people}", "dim"))
        console.result(f"most accurate: {best.title}, {words.share(best.accuracy.hits, best.accuracy.of)}")
    else:
        console.result("no model could be measured")


def _cells(console: Console, row: BenchResult) -> tuple[str, ...]:
    if not row.done:
        return (row.title, *("" for _ in HEADS[1:]))
    valid, spent, tokens, same = row.validity, row.spent, row.tokens, row.same
    return (
        row.title,
        words.share(valid.at_once, valid.of),
        words.share(row.accuracy.hits, row.accuracy.of),
        _interval(row.accuracy),
        words.milliseconds(1000 * spent.median_s),
        words.milliseconds(1000 * spent.p95_s),
        words.milliseconds(1000 * spent.cpu_s) if spent.cpu_s is not None else "",
        f"{tokens.answer_per_s:.1f}" if tokens.answer_per_s else "",
        "".join(console.glyph(*SIGNS[one]) for one in (same.again, same.processes, same.threads)),
        words.bytes_(row.memory.measured) if row.memory.measured else "",
        words.milliseconds(1000 * spent.load_s) if spent.load_s is not None else "",
    )


def _interval(rate: Rate) -> str:
    return f"{100 * rate.low:.0f}–{100 * rate.high:.0f}"
