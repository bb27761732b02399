"""What the Telemetry place knows, and how the service's report becomes curves, rows and words. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from turbulence_app.gui.models import model_words

Report = Mapping[str, Any]

SPANS: tuple[tuple[str, int, str], ...] = (
    ("hour", 60, "1 h"),
    ("six", 360, "6 h"),
    ("day", 1440, "24 h"),
    ("fortnight", 20_160, "14 d"),
)
"""Key, minutes, words of the lengths of time that can be looked at."""
MOST_POINTS = 360
"""Minutes are added up into at most so many points of a curve."""

SOURCE_WORDS = {
    "cache_l0": "cache, in memory",
    "cache_l1": "cache, same question",
    "cache_l2": "cache, on disk",
    "cache_similar": "cache, similar question",
    "joined": "shared with an equal question",
    "model": "a model",
    "repaired": "a model, repaired once",
    "builtin": "the built-in model",
    "rules": "rules",
    "none": "no answer",
    "stopped": "stopped",
}
CACHED = frozenset({"cache_l0", "cache_l1", "cache_l2", "cache_similar", "joined"})
ASKED = frozenset({"model", "repaired", "builtin"})
REASON_WORDS = {
    "absent": "not here",
    "file": "model file",
    "busy": "too busy",
    "timeout": "no answer in time",
    "crash": "process died",
    "garbage": "not an answer",
    "prompt_too_long": "prompt too long",
    "refused": "refused by us",
    "invalid": "invalid answer",
    "breaker_open": "left alone for a while",
    "budget": "budget used up",
}


@dataclass(frozen=True, slots=True)
class Curves:
    """Points over time. ``at`` in seconds since the first point, ``start`` its moment (seconds since 1970)."""

    start: int
    at: tuple[float, ...]
    latency: dict[str, tuple[float, ...]]
    """``p50``, ``p95``, ``p99`` in milliseconds; 0 where nothing was asked."""
    answered: dict[str, tuple[float, ...]]
    """Requests per point: ``cache``, ``asked``, ``fallback``, ``failed``."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Who answered how often and how fast."""

    source: str
    words: str
    requests: int
    share: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm that is on, or was. ``until`` 0 means it still is."""

    name: str
    says: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A code and how often it was the reason: for a fallback, an error, or another try."""

    what: str
    code: str
    words: str
    times: int


def curves(report: Report) -> Curves:
    """The report's minutes, those without traffic too."""
    first, last = int(report.get("from", 0)), int(report.get("to", 0))
    step = max(1, -(-(last - first + 1) // MOST_POINTS))
    points: dict[int, list[Mapping[str, Any]]] = {}
    for row in report.get("series", ()):
        points.setdefault((int(row["minute"]) - first) // step, []).append(row)
    places = range((last - first) // step + 1)
    # over several minutes the slowest one counts: a peak must not be averaged away
    latency = {
        name: tuple(max((float(row[f"{name}_ms"]) for row in points.get(place, ())), default=0.0) for place in places)
        for name in ("p50", "p95", "p99")
    }
    answered = {
        name: tuple(float(sum(_part(row, name) for row in points.get(place, ()))) for place in places)
        for name in ("cache", "asked", "fallback", "failed")
    }
    return Curves(60 * first, tuple(60.0 * step * place for place in places), latency, answered)


def _part(row: Mapping[str, Any], name: str) -> int:
    hits, fallbacks, failed = (int(row.get(key, 0)) for key in ("hits", "fallback_requests", "error_requests"))
    rest = int(row.get("answered", 0)) - hits - fallbacks
    return {"cache": hits, "asked": max(0, rest), "fallback": fallbacks, "failed": failed}[name]


def source_rows(report: Report) -> list[SourceRow]:
    """Where answers came from, most frequent first."""
    given: Mapping[str, Mapping[str, Any]] = report.get("by_source", {})
    total = sum(int(row["requests"]) for row in given.values())
    rows = [
        SourceRow(
            source, SOURCE_WORDS.get(source, source), int(row["requests"]), int(row["requests"]) / total,
            float(row["p50_ms"]), float(row["p95_ms"]),
        )
        for source, row in given.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.requests, row.source))


def reason_rows(report: Report) -> list[ReasonRow]:
    """Fallbacks, errors and further tries by their codes, most frequent first."""
    total: Mapping[str, Any] = report.get("total", {})
    kinds = (("fallback", "fallbacks"), ("no answer", "errors"), ("another try", "retried"))
    rows = [
        ReasonRow(what, code, REASON_WORDS.get(code, code.replace("_", " ")), int(times))
        for what, key in kinds
        for code, times in total.get(key, {}).items()
    ]
    return sorted(rows, key=lambda row: -row.times)


def alarm_rows(report: Report) -> list[AlarmRow]:
    """Alarms: those that are on first, then the past ones, newest first."""
    on = [AlarmRow(str(a["name"]), str(a["says"]), float(a["since"]), 0.0) for a in report.get("alerts", ())]
    past = [
        AlarmRow(str(a["name"]), str(a["says"]), float(a["since"]), float(a["until"]))
        for a in report.get("past_alerts", ())
    ]
    return [*on, *sorted(past, key=lambda alarm: -alarm.until)]


def health(report: Mapping[str, Any]) -> tuple[str, str, str]:
    """Cache and breakers for the status line: words, tone, and a line per breaker that is not closed."""
    total = report.get("total", {})
    if not total.get("requests"):
        return "", "", ""
    hits = f"cache {share(float(total.get('hit_rate', 0)))} hit"
    breakers = list(report.get("breakers", ()))
    if not breakers:
        return hits, "", "No model was asked lately."
    bad = [b for b in breakers if b.get("state") != "closed"]
    lines = [f"{b.get('backend')} · {b.get('model')}: {breaker_words(b)[0]}" for b in bad]
    words = f"{len(bad)} breaker{'s' * (len(bad) != 1)} open" if bad else "breaker closed"
    return f"{hits} · {words}", "warn" if bad else "", "\n".join(lines) or "Every model that was asked answers."


def breaker_words(state: Mapping[str, Any]) -> tuple[str, str]:
    """A breaker's state and the theme's colour for it."""
    if state.get("state") == "open":
        return f"open · again in {float(state.get('retry_in', 0)):.0f} s", "bad"
    if state.get("state") == "half_open":
        return "half-open · testing", "warn"
    failed, calls = int(state.get("failures", 0)), int(state.get("calls", 0))
    return f"closed · {failed} of {calls} failed" if failed else "closed", "good"


def breaker_opened(state: Mapping[str, Any]) -> str:
    """How often it opened, in words; "" for never."""
    opened = int(state.get("opened", 0))
    return f"{opened}×" if opened else ""


def who(backend: str, model: str) -> str:
    """A backend with its model, in words."""
    return model_words(backend, model)


def calm(report: Report) -> bool:
    """Whether nothing was asked in the time that is looked at."""
    return not report.get("total", {}).get("requests", 0)


def share(value: float) -> str:
    """``0 %``, ``0.4 %``, ``37 %``."""
    percent = 100 * value
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def duration(ms: float) -> str:
    """``0.9 ms``, ``38 ms``, ``2.4 s``, ``3 min``: two figures that mean something."""
    if ms < 0.0005:
        return "0 ms"
    if ms < 1:
        return f"{1000 * ms:.3g} µs"
    if ms < 10:
        return f"{ms:.1f} ms"
    if ms < 1000:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    return (
        f"{seconds:.1f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.1f} h"
    )


def count(number: float) -> str:
    """``950``, ``12,400``, ``1.3 M``."""
    return f"{number / 1e6:.1f} M" if number >= 1e6 else f"{number:,.0f}"


def moment(seconds: float, now: float) -> str:
    """A moment in local time: the day too where it is another one."""
    at, today = datetime.fromtimestamp(seconds), datetime.fromtimestamp(now)
    return at.strftime("%H:%M:%S") if at.date() == today.date() else at.strftime("%d %b %H:%M")


def clock_of(start: int, minutes: int) -> Any:
    """Words for a tick of an axis whose zero is ``start``."""
    pattern = "%H:%M" if minutes <= 1440 else "%d %b"

    def words(seconds: float) -> str:
        return datetime.fromtimestamp(start + seconds).strftime(pattern)

    return words


def limit_words(threshold: Mapping[str, Any], measures: Mapping[str, str]) -> str:
    """What a limit is about: ``of requests took a fallback, within 5 min``."""
    measure = str(threshold.get("measure", ""))
    return f"{measures.get(measure, measure)}, within {threshold.get('minutes')} min"


def is_share(measure: str) -> bool:
    """Whether a measure is a share, shown in per cent."""
    return measure.endswith("_share")


def cache_levels(stats: Mapping[str, Any]) -> Sequence[tuple[str, int]]:
    """Hits by level with their words, those that happened."""
    hits: Mapping[str, int] = {**stats.get("hits", {}), "similar": stats.get("similar", 0)}
    names = (("raw", "in memory"), ("canonical", "same question"), ("store", "on disk"), ("similar", "similar"))
    return [(words, int(hits[key])) for key, words in names if hits.get(key)]
