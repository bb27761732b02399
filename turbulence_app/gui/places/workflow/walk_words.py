"""A stop of a walk in words and numbers: what happened, how long it took, what was left. Qt-free."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from turbulence_app.domain.trace import TraceEvent
from turbulence_app.domain.walk import Stop, Walk
from turbulence_app.gui.trace_words import TONES, Tone

OUTCOMES = {"completed": "completes", "abandoned": "leaves", "failed": "fails"}
REASONS = {
    "left": "of their own will", "step_patience": "tired of waiting for an answer",
    "visit_patience": "out of patience for the visit", "step_failed": "a step failed",
    "assertion_failed": "a check failed", "max_steps": "too many steps",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: when (microseconds of the visit), what, and its tone."""

    at_us: int
    words: str
    tone: Tone


def duration(us: int) -> str:
    """``812 ms``, ``1.4 s``, ``2 min 05 s``."""
    if us < 1_000:
        return f"{us} µs" if us else "0 ms"
    if us < 1_000_000:
        return f"{us / 1000:.0f} ms"
    if us < 60_000_000:
        return f"{us / 1e6:.1f} s"
    minutes, rest = divmod(us // 1_000_000, 60)
    return f"{minutes} min {rest:02} s"


def happenings(stop: Stop) -> list[Happening]:
    """What happened at a stop, in order."""
    return [Happening(e.at_us, _words(e), TONES.get(e.kind, "dim")) for e in stop.events]


def _words(event: TraceEvent) -> str:
    data, detail = event.data, event.detail
    again = f", attempt {event.attempt + 1}" if event.attempt else ""
    match event.kind:
        case "arrive":
            return f"arrives: {detail}"
        case "think":
            return f"thinks for {duration(_us(data, 'took_us'))}"
        case "type":
            corrected = ", with a correction" if data.get("corrected") else ""
            return f"types {detail} in {duration(_us(data, 'took_us'))}{corrected}"
        case "request":
            return f"asks{again}"
        case "answer":
            status = f" {data['status']}" if data.get("status") else ""
            return f"answer {detail}{status} after {duration(_us(data, 'waited_us'))}"
        case "give_up":
            return f"gives up after {duration(_us(data, 'waited_us'))}"
        case "fault":
            changed = ", which changed nothing" if data.get("changed") is False else ""
            return f"fault: {detail}{changed}"
        case "backoff":
            return f"waits {duration(_us(data, 'took_us'))} before trying again"
        case "retry":
            return "tries again"
        case "decide":
            return f"decides: {detail}"
        case "branch":
            return "yes" if detail == "true" else "no"
        case "assert":
            return f"the check {detail}"
        case "skip":
            return f"passes {event.step} by: its condition is false"
        case "step_failed":
            return f"the step fails ({detail.replace('gave_up', 'gave up waiting')})"
        case "violation":
            return f"breaks {detail}" + (f": {data['seen']}" if data.get("seen") else "")
        case "end":
            why = REASONS.get(str(data.get("reason", "")), "")
            return OUTCOMES.get(detail, detail) + (f", {why}" if why else "")
    return detail or event.kind.replace("_", " ")


def _us(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key, 0)
    return int(value) if isinstance(value, int | float) else 0


def headline(walk: Walk) -> str:
    """The whole visit in one line."""
    why = REASONS.get(walk.reason, "")
    broken = f" · breaks {', '.join(walk.violations)}" if walk.violations else ""
    return f"{OUTCOMES[walk.outcome]} after {duration(walk.ended_us)}" + (f", {why}" if why else "") + broken


def value_words(value: Any) -> str:
    """A variable's value in one line."""
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def visits(walk: Walk, index: int) -> dict[str, int]:
    """How often each step was visited up to and with a stop."""
    found: dict[str, int] = {}
    for stop in walk.stops[: index + 1]:
        if stop.step:
            found[stop.step] = stop.nth
    return found


def ways(walk: Walk, index: int) -> dict[tuple[str, str], int]:
    """From step to step, up to a stop."""
    found: dict[tuple[str, str], int] = {}
    steps = [stop.step for stop in walk.stops[: index + 1] if stop.step]
    for source, target in pairwise(steps):
        found[source, target] = found.get((source, target), 0) + 1
    return found
