"""``cache``: what is kept of models' answers, what it saved, and throwing some of it away."""

from __future__ import annotations

from typing import Any

import click

from turbulence_app.cli.console import Console, common
from turbulence_app.domain.errors import ExitStatus
from turbulence_app.insight import words
from turbulence_app.service import cache as keeping
from turbulence_app.service.home import data_home
from turbulence_app.service.models import list_models
from turbulence_app.service.opening import kept
from turbulence_app.service.projects import open_project


@click.group()
def cache() -> None:
    """Kept answers of models: statistics, and clearing."""


@cache.command()
@common
def stats(console: Console) -> int:
    """What is kept, by kind and model, and what it saved so far."""
    with kept(open_project(console.root).root) as database:
        found = keeping.statistics(database, lambda: list_models(data_home()))
    console.document(found)
    noun = "answer" if found["entries"] == 1 else "answers"
    entries = f"{words.count(found['entries'])} {noun}, {words.bytes_(found['bytes'])}"
    hits = sum(found["hits"].values()) + found["similar"]
    console.result(f"{entries}; {words.count(hits)} of {words.count(found['requests'])} requests answered from it")
    for line in _shelves(console, found):
        console.say(line)
    for line in _counters(found):
        console.say(console.style(f"  {line}", "dim"))
    return ExitStatus.HOLDS


@cache.command()
@click.option("--model", metavar="M", help="Answers of this model: a name, or the beginning of a digest.")
@click.option("--kind", metavar="K", help="Answers of this kind (policy, ...).")
@click.option("--older-than", metavar="SPAN", help="Answers not used for so long: 12h, 30d, 8w.")
@click.option("--stale", is_flag=True, help="Answers of models that are gone.")
@common
def clear(console: Console, *, model: str | None, kind: str | None, older_than: str | None, stale: bool) -> int:
    """Throw kept answers away: all, or those that fit every option that is given."""
    wanted = keeping.Wanted(model, kind, older_than, stale)
    with kept(open_project(console.root).root) as database:
        done = keeping.clear(database, wanted, lambda: list_models(data_home()))
    console.document(done)
    count = done["removed"]
    console.result(f"{words.count(count)} {'answer is' if count == 1 else 'answers are'} forgotten")
    return ExitStatus.HOLDS


def _shelves(console: Console, found: dict[str, Any]) -> list[str]:
    """One line for each kind and model."""
    lines = []
    for shelf in found["shelves"]:
        name = f"{shelf['backend']} {shelf['model']}".strip()
        size = f"{words.count(shelf['entries']):>6}  {words.bytes_(shelf['bytes']):>9}"
        gone = console.style("  its model is not on the list", "warn") if shelf["stale"] else ""
        lines.append(f"  {shelf['kind']:<10} {name:<32} {size}  hits {words.count(shelf['hits'])}{gone}")
    return lines


def _counters(found: dict[str, Any]) -> list[str]:
    """What is worth a line, where anything was counted."""
    if not found["requests"]:
        return ["nothing was asked yet"]
    hits, audit = found["hits"], found["false_hits"]
    lines = [
        f"hits: {hits['raw']} by text, {hits['canonical']} by what it is made of, {hits['store']} from disk; "
        f"{found['similar']} similar, {found['joined']} joined, {found['misses']} asked",
        f"saved: {found['ms_saved'] / 1000:.1f} s of models, {words.count(found['tokens_saved'])} tokens",
    ]
    if audit["audited"]:
        lines.append(
            f"similar answers checked: {audit['audited']}, other: {audit['disagreed']} "
            f"(share {100 * audit['low']:.1f} to {100 * audit['high']:.1f} %)"
        )
    return lines
