"""What the commands share about live services: options, and what a reader must know of a live run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from turbulence_app.cli.console import Console
from turbulence_app.cli.render import percentiles
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.run import Summary
from turbulence_app.insight import words
from turbulence_app.service.live import Live, LiveAgain

F = TypeVar("F", bound=Callable[..., Any])
SYSTEM = (
    click.option("--sut", type=click.Path(path_type=Path), metavar="F",
                 help="The system under test: a file with services and profiles (http target)."),
    click.option("--profile", metavar="P", help="The profile of the SUT file."),
    click.option("--allow-host", "allow_host", metavar="HOST", multiple=True,
                 help="A host beside this machine that the http target may talk to."),
)  # fmt: skip
PACE = click.option("--time-scale", type=click.FloatRange(0, 100), metavar="X",
                    help="Think times take X of what they are; waits stay real. 0: no thinking at all.")  # fmt: skip


def system(command: F) -> F:
    """Adds the options that say which system is talked to."""
    for option in reversed(SYSTEM):
        command = option(command)
    return command


def options(command: F) -> F:
    """Adds all options of live runs."""
    return system(PACE(command))


def said(
    sut: Path | None, profile: str | None, allow_host: tuple[str, ...], time_scale: float | None, used: bool = True
) -> Live:
    """What the options say; raises ``InputError`` for what would be said in vain (``used``: a service is asked)."""
    for name, given in (("--allow-host", allow_host), ("--time-scale", time_scale is not None)):
        if given and not used:
            raise InputError(f"{name} says something about live services, and none is asked", "leave it out")
    return Live(sut, profile, allow_host, time_scale)


def remarks(console: Console, summary: Summary) -> Iterator[str]:
    """The driver's own lateness and whatever else the numbers need."""
    if summary.driver_lag is not None:
        yield "  " + console.style(f"requests left late by: {percentiles(summary.driver_lag)}", "dim")
    listed = tuple(f"{fault.label} {told}struck" for fault in summary.faults for told in ("", "never "))
    for note in summary.notes:
        if note.startswith(listed):
            continue  # its own line among the faults says so
        yield "  " + console.style(f"note: {note}", "warn")


def faults(console: Console, summary: Summary) -> Iterator[str]:
    """What struck how often, and whether that made a difference to anybody."""
    for fault in summary.faults:
        if fault.kind == "quiet":
            continue
        told = f"struck {words.count(fault.struck)} times, {words.count(fault.users)} users"
        if not fault.struck:
            told = "never struck"
        elif fault.changed is not None:
            made = "no difference" if not fault.changed else f"a difference {words.count(fault.changed)} times"
            told += f"; made {made}"
        style = "warn" if not fault.struck or fault.changed == 0 else "dim"
        yield f"  {fault.label}  {console.style(told, style)}"


def diverged(again: LiveAgain) -> str:
    """How a user against the service compares with the recording."""
    return f"diverged at {again.divergence}" if again.divergence else "the service answered as it did in the run"
