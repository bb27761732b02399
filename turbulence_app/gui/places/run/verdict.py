"""What a run came to, in one line, and what to do next. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from turbulence_app.domain.run import RunManifest, Summary, Verdict
from turbulence_app.gui.places.run.state import Live

Tone = Literal["", "good", "warn", "bad"]
Next = Literal["failures", "analysis", "invariants", "start", ""]
ICONS: dict[Tone, str] = {"": "activity", "good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}


@dataclass(frozen=True, slots=True)
class Told:
    """A headline, what stands behind it, and up to two things to do."""

    tone: Tone
    headline: str
    detail: str
    first: tuple[Next, str] = ("", "")
    second: tuple[Next, str] = ("", "")


FAILURES: tuple[Next, str] = ("failures", "Open the failures")
INVARIANTS: tuple[Next, str] = ("invariants", "Show the invariants")
WHY: tuple[Next, str] = ("analysis", "Who leaves, and why")


def told(live: Live, broken: int = 0) -> Told | None:
    """The verdict of a run; while it lasts, how many invariants are ``broken`` so far; None before there was any."""
    if live.busy and live.summary is None:
        return Told("", "Starting", "The first results come in a moment.")
    if live.busy:
        words = f"{broken} {_invariants(broken)} broken so far" if broken else "Nothing broken so far"
        return Told("bad" if broken else "", words, _subject(live.manifest))
    if live.phase == "error":
        headline = "The run broke off" if live.manifest else "The run did not start"
        return Told("bad", headline, live.message, ("start", "Try again"))
    if live.phase != "ended" or live.summary is None or live.manifest is None:
        return None
    return _of(live.summary, live.manifest)


def ready(users: int, subject: str, *, can: bool) -> Told:
    """What stands here before anything has run."""
    if not can:
        return Told("", "Not ready to run", f"{subject}: see what is missing above.")
    return Told("", "Ready to run", f"{users:,} users, {subject}: press Start.")


def _of(summary: Summary, manifest: RunManifest) -> Told:
    broken = [v for v in summary.verdicts if v.status == "broken"]
    asleep = [v for v in summary.verdicts if v.status == "never_exercised"]
    total, cut = len(summary.verdicts), _cut(summary, manifest)
    if broken:
        first = FAILURES if any(v.violations for v in broken) else INVARIANTS
        detail = "  ·  ".join(_words(v) for v in broken[:3]) + _more(broken)
        return Told("bad", f"{len(broken)} of {total} {_invariants(total)} broken{cut}", detail, first, WHY)
    if cut:
        detail = "What was done is kept; nothing was broken so far."
        return Told("warn", f"Stopped{cut}", detail, ("start", "Run it again"), WHY)
    if asleep:
        names = ", ".join(v.name for v in asleep[:3]) + _more(asleep)
        headline = f"{total - len(asleep)} of {total} {_invariants(total)} hold, {len(asleep)} never exercised"
        return Told("warn", headline, f"Nobody came where {names} could have broken.", INVARIANTS, WHY)
    if not total:
        return Told("warn", "Nothing had to hold", "The workflow has no invariants: the run can break nothing.", WHY)
    headline = f"All {total} invariants hold" if total > 1 else "The invariant holds"
    return Told("good", headline, _subject(manifest), WHY)


def _subject(manifest: RunManifest | None) -> str:
    return f"{manifest.scenario or manifest.workflow}, seed {manifest.seed}" if manifest is not None else ""


def _cut(summary: Summary, manifest: RunManifest) -> str:
    if manifest.status == "done":
        return ""
    return f" after {summary.users:,} of {manifest.users:,} users"


def _invariants(total: int) -> str:
    return "invariant" if total == 1 else "invariants"


def _words(verdict: Verdict) -> str:
    if verdict.kind == "gate":
        return f"{verdict.name}: {verdict.value}" if verdict.value else verdict.name
    if verdict.violations:
        return f"{verdict.name}: {verdict.violations:,} {'person' if verdict.violations == 1 else 'people'}"
    return f"{verdict.name}: it never happened"


def _more(verdicts: list[Verdict]) -> str:
    return f" and {len(verdicts) - 3} more" if len(verdicts) > 3 else ""
