"""``proxy``: a scenario's faults between others."""

from __future__ import annotations

from pathlib import Path

import click

from turbulence_app.cli import live, render
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, common
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.insight import words
from turbulence_app.service import projects
from turbulence_app.service.proxies import Proxied, serve


@click.command()
@click.argument("scenario", required=False)
@click.option(
    "--listen",
    type=click.IntRange(0, 65_535),
    default=0,
    metavar="PORT",
    help="The port on this machine that others talk to; 0: any free one.",
)
@click.option("--service", metavar="NAME", help="The service to stand in front of; needed where there are several.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), help="Other than the scenario's.")
@click.option("--seconds", type=click.FloatRange(0, 86_400, min_open=True), help="End by itself after so long.")
@live.system
@common
def proxy(
    console: Console,
    *,
    scenario: str | None,
    listen: int,
    service: str | None,
    seed: int | None,
    seconds: float | None,
    sut: Path | None,
    profile: str | None,
    allow_host: tuple[str, ...],
) -> int:
    """Put the faults of a SCENARIO between others: point a browser or a test suite at the port.

    What strikes is drawn by the number of the request. Ends with Ctrl-C, or after --seconds, and says what it did.
    """  # fmt: skip
    folder = projects.open_project(console.root)
    said = live.said(sut, profile, allow_host, None)

    def ready(port: int, where: str) -> None:
        console.note(f"listening at http://127.0.0.1:{port}, in front of {where}; Ctrl-C ends it")

    with cancellable() as stop:
        done = serve(
            folder, scenario, service=service, port=listen, seed=seed, said=said, seconds=seconds,
            ready=ready, should_stop=stop.is_set,
        )  # fmt: skip
    console.document(document(done))
    for note in done.left_out:
        console.note(f"note: {note}")
    console.result(
        f"{words.count(done.requests)} requests, {words.count(done.forwarded)} sent on"
        + (f", {words.count(done.unreachable)} without an answer" if done.unreachable else "")
    )
    rows = [("fault", "struck"), *((label, words.count(struck)) for label, _, struck in done.faults)]
    for line in render.table(console, rows, frozenset({1})) if done.faults else ():
        console.say(line)
    return ExitStatus.HOLDS


def document(done: Proxied) -> dict[str, object]:
    """What a proxy did, as JSON."""
    return {
        "requests": done.requests,
        "forwarded": done.forwarded,
        "unreachable": done.unreachable,
        "faults": [{"label": label, "kind": kind, "struck": struck} for label, kind, struck in done.faults],
        "left_out": list(done.left_out),
    }
