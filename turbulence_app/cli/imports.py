"""``import``: what other tools wrote, as files of a project."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path
from typing import Literal

import click

from turbulence_app.cli import render
from turbulence_app.cli.cancel import cancellable
from turbulence_app.cli.console import Console, called, common
from turbulence_app.cli.progress import ProgressLine
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.insight import words
from turbulence_app.service import imports, plain

OUT = click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write there, not into the project.")
ID = click.option("--id", "name", metavar="NAME", help="The workflow's id (default: from what is read).")


@click.group(name="import")
def import_() -> None:
    """Bring in what other tools wrote. Nothing that is there is overwritten."""


@import_.command(name="openapi")
@click.argument("source", metavar="FILE|URL")
@OUT
@ID
@click.option("--app", metavar="MODULE:NAME", help="The ASGI application that the app target imports.")
@click.option("--only", metavar="PATH", multiple=True, help="Only paths that begin so, for example /orders.")
@common
def import_openapi(
    console: Console, *, source: str, out: Path | None, name: str | None, app: str | None, only: tuple[str, ...]
) -> int:
    """An OpenAPI 3 document (JSON or YAML): a workflow through its resources that runs at once.

    A URL has to be on this computer, for example http://127.0.0.1:8000/openapi.json.
    """
    root = _root(console, out)
    return tell(console, root, imports.openapi(root, source, name=name, app=app, only=only))


@import_.command(name="har")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@OUT
@ID
@click.option("--host", "hosts", metavar="HOST", multiple=True, help="A host of the service (default: the page's).")
@common
def import_har(
    console: Console, *, files: tuple[Path, ...], out: Path | None, name: str | None, hosts: tuple[str, ...]
) -> int:
    """Recordings of a browser (HAR): a journey with its real pauses. Several FILEs become distributions."""
    root = _root(console, out)
    return tell(console, root, imports.har(root, files, name=name, hosts=hosts))


@import_.command(name="log")
@click.argument("source", metavar="FILE|RUN")
@click.option("--workflow", metavar="F", help="A workflow file, or a workflow's id in the project.")
@click.option("--unit", type=click.Choice(("s", "ms", "us")), help="Of times that do not say their own unit.")
@common
def import_log(console: Console, *, source: str, workflow: str | None, unit: Literal["s", "ms", "us"] | None) -> int:
    """What a service really did becomes the model of a workflow, in its file: latencies and shares of answers.

    FILE is a CSV (user,event,time,status,latency_ms) or an access log in common or combined format; RUN is a run on
    the http target, for example `last`.
    """
    with cancellable() as stop, ProgressLine(console, "reading") as progress:
        written = imports.log(
            console.root,
            source,
            workflow=workflow,
            unit=unit,
            named=bool(console.project),
            on_event=progress,
            should_stop=stop.is_set,
        )
    rows = [("step", "answers", "median", "outcomes")]
    for fitted in written.fitted:
        shares = ", ".join(f"{name} {share:.4g}" for name, share in fitted.outcomes.items())
        middle = "" if fitted.median_ms is None else precise(fitted.median_ms)
        rows.append((fitted.step, words.count(max(fitted.answers, fitted.timed)), middle, shares))
    for line in render.table(console, rows, frozenset({1, 2})):
        console.say(line)
    return tell(console, console.root, written)


@import_.command(name="turbulence")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@common
def import_turbulence(console: Console, path: Path) -> int:
    """Files of the original Turbulence (scenario, SUT, personas, policies) into this project."""
    return tell(console, console.root, imports.turbulence(console.root, path))


def precise(milliseconds: float) -> str:
    """Below ten milliseconds, hundredths count."""
    return f"{milliseconds:.2f} ms" if milliseconds < 10 else words.milliseconds(milliseconds)


def tell(console: Console, root: Path, written: imports.Written) -> int:
    """What an import made and what it could not carry over."""
    files = [str(file) for file in written.files]
    console.document(plain.imported(written))
    for file in files:
        console.say(f"written: {file}")
    if written.notes:
        console.say()
        console.say("What is different here, or could not be carried over:")
    for note in written.notes:
        console.say(textwrap.fill(note, console.width, initial_indent="  - ", subsequent_indent="    "))
    if console.quiet:
        console.result("\n".join(files))
    elif files:
        place = "" if root == Path.cwd() else f" --project {shlex.quote(str(root))}"
        console.say()
        console.say(f"Next: {called()} run {shlex.quote(written.workflow)}{place}")
    return ExitStatus.HOLDS


def _root(console: Console, out: Path | None) -> Path:
    return console.root if out is None else out.expanduser().absolute()
