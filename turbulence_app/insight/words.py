"""Numbers as people read them: counts, shares, times. Pure; the same words on the command line and in reports."""

from __future__ import annotations

from turbulence_app.domain.trace import TraceEvent


def count(value: int) -> str:
    """``20,000``."""
    return f"{value:,}"


def many(value: int, noun: str) -> str:
    """``1 event``, ``6 events``."""
    return f"{value:,} {noun}{'s' * (value != 1)}"


def share(part: float, whole: float) -> str:
    """``61.2 %``; the extremes are not rounded into: ``<0.1 %`` is not nobody, ``>99.9 %`` is not everybody."""
    if whole <= 0:
        return "–"
    value = 100 * part / whole
    if 0 < value < 0.05:
        return "<0.1 %"
    if 99.95 <= value < 100:
        return ">99.9 %"
    return f"{value:.1f} %"


def percent(part: float, digits: int = 0) -> str:
    """A share, 0 to 1, with so many decimals: ``66 %``. Per cent is a unit, so a space stands before it."""
    return f"{100 * part:.{digits}f} %"


def brief_percent(part: float) -> str:
    """``48 %``, and ``2.5 %`` where a whole number would say too little."""
    value = 100 * part
    return percent(part, 0 if value >= 9.95 or abs(value - round(value)) < 0.05 else 1)


def milliseconds(value: float) -> str:
    """``85 ms``, ``1.2 s``, ``41 s``, ``2 min 3 s``, ``1 h 5 min``."""
    if value < 999.5:
        return f"{value:.0f} ms"
    seconds = value / 1000
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def clock(microseconds: int) -> str:
    """Time since a user's arrival: ``00:12.410`` (minutes, seconds, milliseconds)."""
    milli = microseconds // 1000
    minutes, rest = divmod(milli, 60_000)
    return f"{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def bytes_(value: int) -> str:
    """``2.4 GB``, decimal units."""
    amount = float(value)
    for unit in ("B", "kB", "MB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


_TOLD = {
    "arrive": "arrives",
    "think": "thinks",
    "type": "types",
    "request": "asks",
    "effect": "the service acts",
    "answer": "answer",
    "fault": "trouble",
    "give_up": "gives up waiting",
    "retry": "tries again",
    "backoff": "waits before trying again",
    "decide": "decides",
    "branch": "the condition is",
    "loop": "goes round",
    "assert": "checks",
    "skip": "skipped",
    "step_failed": "the step has failed",
    "violation": "BREAKS",
    "end": "the visit ends",
}
_SAID_ALREADY = frozenset({"gave_up", "the service acts"})


def event(what: TraceEvent) -> str:
    """A trace event as half a sentence: ``asks (attempt 2)``, ``answer: ok``, ``decides: retry``."""
    told = _TOLD.get(what.kind, what.kind)
    detail = "" if what.detail in _SAID_ALREADY else what.detail
    if detail.startswith(told):
        return detail
    if what.kind in ("request", "answer") and what.attempt > 0:
        told += f" (attempt {what.attempt + 1})"
    return f"{told} {detail}" if what.kind == "branch" else f"{told}: {detail}" if detail else told
