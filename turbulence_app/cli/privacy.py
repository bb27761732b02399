"""``privacy``: the page that a security officer can sign."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from turbulence_app.cli.console import Console, common
from turbulence_app.domain.errors import ExitStatus, InputError
from turbulence_app.insight import words
from turbulence_app.service.home import data_home
from turbulence_app.service.privacy import Page, privacy_page, save
from turbulence_app.service.projects import is_project

_SPAN = re.compile(r"([0-9]{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
MOST_TOLD = 8


@click.command()
@click.option("--since", metavar="WHEN", help="Look at the ledger from then on: 24h, 7d, 2026-01-31, 2026-01-31T12:00.")
@click.option(
    "--save", "file", metavar="FILE", type=click.Path(path_type=Path), help="Also write it as HTML, to print."
)
@common
def privacy(console: Console, since: str | None, file: Path | None) -> int:
    """What is in force, what was touched, what leaves: a page to sign. Every lock is tried out now.

    Exit 1 if something is not as it should be: a lock that does not hold, an attempt to leave this machine since WHEN,
    a folder that others can look into.
    """
    moment = when(since, datetime.now(UTC)) if since else None
    page = privacy_page(data_home(), console.root if is_project(console.root) else None, moment)
    if file is not None:
        save(page, file)
        console.note(f"written: {file}")
    console.document(page.document())
    if console.quiet:
        console.result("ok" if page.ok else page.problems[0])
    else:
        _tell(console, page)
    return ExitStatus.HOLDS if page.ok else ExitStatus.BROKEN


def when(text: str, now: datetime) -> datetime:
    """A moment out of a span before now, a date, or a date with a time. Raises ``InputError``."""
    if span := _SPAN.fullmatch(text.strip()):
        try:
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    try:
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo else found.astimezone()
    except (ValueError, OverflowError):  # the first day of all has no time zones
        raise InputError(f"--since {text!r} is no moment", "for example 24h, 7d or 2026-01-31") from None


def _tell(console: Console, page: Page) -> None:
    program = page.installation
    console.say(console.style("Turbulence: privacy on this machine", "bold"))
    console.say(
        console.style(f"{page.date}, Turbulence {program.version}, Python {program.python}, {program.system}", "dim")
    )
    _in_force(console, page)
    _touched(console, page)
    _head(console, "What leaves")
    console.say(f"  {page.promise}")
    for line in page.exceptions:
        console.say(f"  - {line}")
    _head(console, "Personal data before a prompt")
    kinds = ", ".join(kind.lower().replace("_", " ") for kind in page.redacted_kinds)
    console.say(f"  placeholders for: {kinds}. Not found:")
    for line in page.redaction_limits:
        console.say(console.style(f"  - {line}", "dim"))
    _head(console, "Data at rest")
    for one in page.at_rest:
        size = words.bytes_(one.size_bytes) if one.rights else "not there"
        console.say(f"  {one.rights or '-':<10} {size:>9}  {one.path}")
        console.say(console.style(f"  {'':<21} {one.what}; to erase: {one.erase}", "dim"))
    _head(console, "Installation")
    console.say(f"  {program.files} files, {program.digest}")
    console.say(
        console.style("  " + ", ".join(f"{name} {version}" for name, version in program.packages.items()), "dim")
    )
    console.say()
    for line in page.problems:
        console.say(f"{console.style(console.glyph('✗', 'no'), 'bad')} {line}")
    if page.ok:
        console.say(f"{console.style(console.glyph('✓', 'ok'), 'good')} everything is as it should be")
    console.say("\nName: ______________________  Date: ____________  Signature: ______________________")


def _head(console: Console, text: str) -> None:
    console.say()
    console.say(console.style(text, "bold"))


def _in_force(console: Console, page: Page) -> None:
    _head(console, "What is in force (tried out now)")
    state = "on, and holds" if page.lock.on and page.lock.holds else "NOT in force"
    console.say(f"  egress lock: {state}; hosts on the list: {', '.join(page.lock.allowed) or 'none'}")
    for one in page.containment:
        good, sign = ("good", console.glyph("✓", "ok")) if one.closed else ("bad", console.glyph("✗", "no"))
        native = "also native code and children" if one.kernel else "native code and children are not held"
        console.say(f"  {console.style(sign, good)} {one.process}: reaches {one.reach}; {one.level}, {native}")


def _touched(console: Console, page: Page) -> None:
    seen, sockets = page.ledger, page.ledger.sockets
    _head(console, f"What was touched ({seen.entries:,} entries, {seen.since or '-'} to {seen.until or '-'})")
    console.say(
        f"  sockets: {sockets.this_machine:,} to this machine, {sockets.allowed:,} to hosts on the list, "
        f"{sockets.refused:,} refused"
    )
    for refused in sockets.refused_targets[:MOST_TOLD]:
        console.say(console.style(f"    refused {refused['at']} {refused['process']}: {refused['to']}", "warn"))
    for area in seen.files:
        console.say(f"  files: {area.name}: {area.read:,} read, {area.written:,} written")
    for model in seen.models:
        tail = f"{model['answers']} answers, {model['level']}"
        console.say(f"  model: {model['backend']} {model['model']} {model['digest'][:23]} ({tail})")
    for program, count in list(seen.programs.items())[:MOST_TOLD]:
        console.say(f"  child process: {program} ({count})")
    for pull in seen.pulls[:MOST_TOLD]:
        console.say(f"  download by Ollama: {pull['at']} {pull['what']}")
