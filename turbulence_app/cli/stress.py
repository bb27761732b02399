"""``stress``: the gateway under load, with models that misbehave on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.cli.render import codes, head, milliseconds, table
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.insight import words
from turbulence_app.service.home import data_home
from turbulence_app.service.stress.run import stress as put_under_stress
from turbulence_app.service.stress.settings import BACKENDS, FAULTS, StressSettings, faults_of

USUAL = StressSettings()
SHARE = "Share of questions, 0 to 1, that were answered before and so are"
SPOILT = "Share of the model's answers, 0 to 1, that are spoilt"
PRETENDED = "What a model without weights takes for an answer"
BACKEND = (
    "A mock model (default), or a real one. With --faults, llamacpp and ollama are a process that speaks their "
    "protocol and misbehaves."
)


@click.command()
@click.option("--seconds", metavar="N", type=float, default=USUAL.seconds, help="How long (default: 10).")
@click.option("--hit-rate", metavar="R", type=float, default=USUAL.hit_rate, help=f"{SHARE} known (default: 0.7).")
@click.option("--budget-ms", metavar="B", type=int, default=USUAL.budget_ms, help="Per answer (default: 2000).")
@click.option("--agents", metavar="K", type=int, default=USUAL.agents, help="Who asks at a time (default: 4).")
@click.option("--seed", metavar="S", type=int, default=USUAL.seed, help="Of questions and faults (default: 42).")
@click.option("--faults", metavar="F,...", default="", help=f"Some of {','.join(FAULTS)}; or all.")
@click.option("--fault-rate", metavar="R", type=float, default=USUAL.fault_rate, help=f"{SPOILT} (default: 0.1).")
@click.option("--backend", type=click.Choice(BACKENDS), default=USUAL.backend, help=BACKEND)
@click.option("--model", metavar="M", help="Which model of a real backend.")
@click.option("--latency-ms", metavar="N", type=float, default=USUAL.latency_ms, help=f"{PRETENDED} (default: 20).")
@click.option("--parallel", metavar="N", type=int, default=USUAL.parallel, help="Questions at a time (default: 4).")
@click.option("--late-ms", metavar="N", type=int, help="How late an answer may be (default: 250; 1500 with processes).")
@common
def stress(console: Console, faults: str, **given: Any) -> int:
    """The gateway under load: latency, throughput, fallbacks, breakers.

    Exit status 1 if a request had no answer, was later than its budget allows, or something was not given back.
    """
    settings = StressSettings(**given, faults=faults_of(faults))
    with cancellable() as stop, ProgressLine(console, "requests") as progress:
        done = put_under_stress(settings, data_home(), on_event=progress, should_stop=stop.is_set)
    found = done.plain()
    console.document(found)
    console.result(_headline(found))
    for line in _pages(console, found):
        console.say(line)
    if done.cancelled:
        return ExitStatus.CANCELLED
    return ExitStatus.HOLDS if done.holds else ExitStatus.BROKEN


def _headline(found: dict[str, Any]) -> str:
    verdict = "stopped" if found["cancelled"] else "holds" if found["holds"] else "does not hold"
    share = words.share(found["total"]["hits"], found["total"]["requests"])
    p95 = milliseconds(found["latency"]["p95_ms"])
    return (
        f"{verdict}: {found['plans_per_s']:.0f} plans/s for {found['seconds']:.1f} s, p95 {p95}, {share} from the cache"
    )


def _pages(console: Console, found: dict[str, Any]) -> Iterator[str]:
    for problem in found["problems"]:
        yield console.style(f"{console.glyph('✗', 'x')} {problem}", "bad")
    settings = found["settings"]
    yield from head(console, "Latency", f"{settings['agents']} agents, budget {settings['budget_ms']} ms")
    yield from table(console, [("", "requests", "p50", "p95", "p99", "max"), *_rows(found)], frozenset(range(1, 6)))
    yield from head(console, "Where answers came from")
    yield f"  {codes(found['total']['sources'])}"
    yield from head(console, "What went wrong")
    yield from (f"  {what:<10} {said or 'nothing'}" for what, said in _wrong(found))


def _rows(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for what, times, number in (
        ("all", found["latency"], found["total"]["requests"]),
        ("known questions", found["hit_latency"], found["asked_known"]),
        ("new questions", found["miss_latency"], found["asked_new"]),
        ("waiting for a place", found["queue"], found["queue"]["waited"]),
    ):
        shown = (milliseconds(times[f"{name}_ms"]) for name in ("p50", "p95", "p99", "max"))
        yield (what, words.count(number), *shown)


def _wrong(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    total = found["total"]
    calls, failed = (sum(row[name] for row in found["models"]) for name in ("calls", "failed"))
    yield "injected", codes(found["injected"])
    yield "calls", f"{calls} to the model, {failed} failed, {found['timeouts']} of them not in time"
    yield "retries", codes(total["retried"])
    yield "repairs", f"{total['repairs']}"
    yield "breakers", f"opened {total['breaker_openings']} times"
    yield "fallbacks", codes(total["fallbacks"])
    yield "errors", codes(total["errors"])
    yield "budget", f"{found['over_budget']} requests later than {found['tolerance_ms']} ms after it"
