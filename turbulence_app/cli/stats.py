"""``models stats``: what models were asked, how it went, and what is watched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from turbulence_app.cli.console import Console, common
from turbulence_app.cli.render import codes, head, milliseconds, table
from turbulence_app.cli.stores import stored
from turbulence_app.domain.errors import ExitStatus, InputError
from turbulence_app.insight import words
from turbulence_app.service.telemetry import set_thresholds
from turbulence_app.service.telemetry_report import report

RIGHT = frozenset(range(1, 12))


@click.command()
@click.option("--minutes", metavar="N", type=click.IntRange(1, 20_160), default=60, help="How far back (default: 60).")
@click.option(
    "--limit",
    "limits",
    metavar="NAME=NUMBER",
    multiple=True,
    help="Change a threshold from now on: a number, `off` or `on`. Shares are from 0 to 1.",
)
@common
def stats(console: Console, minutes: int, limits: tuple[str, ...]) -> int:
    """What models were asked in this project, from the store. Exit 1 while an alarm is on."""
    with stored(console) as database:
        if limits:
            set_thresholds(database, [_limit(text) for text in limits])
        found = report(database, minutes)
    console.document(found)
    total = found["total"]
    asked = f"{words.count(total['requests'])} request{'s' * (total['requests'] != 1)} in {minutes} min"
    console.result(
        f"{asked}, {words.share(total['hits'], total['requests'])} from the cache,"
        f" p95 {milliseconds(total['p95_ms'])}, {len(found['alerts'])} alarms"
    )
    for line in _pages(console, found):
        console.say(line)
    return ExitStatus.BROKEN if found["alerts"] else ExitStatus.HOLDS


def _limit(text: str) -> dict[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise InputError(f"{text!r} is not NAME=NUMBER", "for example --limit slow=5000")
    if value in ("on", "off"):
        return {"name": name, "on": value == "on"}
    try:
        return {"name": name, "over": float(value)}
    except ValueError:
        raise InputError(f"{value!r} is not a number", f"for example --limit {name}=0.2, or off") from None


def _pages(console: Console, found: dict[str, Any]) -> Iterator[str]:
    for alert in found["alerts"]:
        since = datetime.fromtimestamp(alert["since"], UTC).strftime("%H:%M UTC")
        yield console.style(f"{console.glyph('▲', '!')} {alert['name']}: {alert['says']}, since {since}", "warn")
    if found["by_source"]:
        yield from head(console, "Where answers came from")
        yield from table(console, [("source", "requests", *_HEAD), *_sources(found)], RIGHT)
    if found["models"]:
        yield from head(console, "Models")
        columns = ("model", "calls", "failed", *_HEAD, "tokens in", "out", "out/s")
        yield from table(console, [columns, *map(_model, found["models"])], RIGHT)
    odd = [(what, found["total"][what]) for what in ("fallbacks", "errors", "retried") if found["total"][what]]
    if odd:
        yield from head(console, "What went wrong")
        yield from (f"  {what:<10} {codes(counts)}" for what, counts in odd)
    yield from _saved(console, found)
    if found["breakers"]:
        yield from head(console, "Breakers")
        yield from (f"  {row['backend']} {row['model']}: {_breaker(row)}" for row in found["breakers"])
    yield from head(console, "Watched")
    yield from (f"  {_watched(row, found['measures'])}" for row in found["thresholds"])


_HEAD = ("p50", "p95", "p99", "max")


def _sources(found: dict[str, Any]) -> list[tuple[str, ...]]:
    rows = sorted(found["by_source"].items(), key=lambda item: -item[1]["requests"])
    return [(source, words.count(row["requests"]), *_times(row)) for source, row in rows]


def _model(row: dict[str, Any]) -> tuple[str, ...]:
    name = f"{row['provider']} {row['model']}".strip()
    counts = (words.count(row["tokens_in"]), words.count(row["tokens_out"]), f"{row['tokens_per_s']:.1f}")
    return (name, words.count(row["calls"]), words.count(row["failed"]), *_times(row), *counts)


def _times(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(milliseconds(row[f"{name}_ms"]) for name in _HEAD)


def _saved(console: Console, found: dict[str, Any]) -> Iterator[str]:
    total = found["total"]
    if total["saved_ms"]:
        tokens = words.count(total["saved_tokens"])
        yield from head(console, "Saved by the cache")
        yield f"  {words.milliseconds(total['saved_ms'])} of a model's time, {tokens} tokens"


def _breaker(row: dict[str, Any]) -> str:
    again = f", tried again in {row['retry_in']:.0f} s" if row.get("state") == "open" and "retry_in" in row else ""
    return f"{row.get('state', '?')}{again}, opened {row.get('opened', 0)} times"


def _watched(row: dict[str, Any], measures: dict[str, str]) -> str:
    limit = f"{100 * row['over']:g} %" if "share" in row["measure"] else f"{row['over']:g}"
    off = "" if row["on"] else " (off)"
    return f"{row['name']:<10} more than {limit} {measures[row['measure']]} in {row['minutes']} min{off}"
