"""Traces in words: what a line of a replay says, and who does it. Qt-free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from turbulence_app.domain.trace import TraceEvent, UserTrace

Tone = Literal["dim", "accent", "good", "warn", "bad", "second"]

TONES: dict[str, Tone] = {
    "request": "accent",
    "retry": "accent",
    "effect": "good",
    "answer": "dim",
    "fault": "warn",
    "give_up": "warn",
    "decision": "second",
    "decide": "second",
    "step_failed": "warn",
    "violation": "bad",
    "end": "dim",
}
TURNING = frozenset({"fault", "give_up", "violation"})
"""Kinds that turn an ordinary visit into a broken one."""

KIND_WORDS = {
    "step_failed": "fails",
    "give_up": "gives up",
    "type": "types",
    "think": "thinks",
    "arrive": "arrives",
    "decide": "decides",
    "decision": "decides",
    "end": "ends",
}


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line of a timeline."""

    at_us: int
    kind: str
    step: str
    words: str
    tone: Tone
    decisive: bool


def virtual_time(at_us: int) -> str:
    """Microseconds as ``mm:ss.mmm`` (hours in front where there are any)."""
    minutes, rest = divmod(at_us // 1000, 60_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
    return f"{hours}:{tail}" if hours else tail


def trace_lines(trace: UserTrace, story: Sequence[TraceEvent] = (), step: str = "") -> list[TraceLine]:
    """A visit line by line. Decisive are the story's events where there is one, else what turned the visit.

    ``step`` is where the violation showed: its effects count as decisive too.
    """
    told = {(e.at_us, e.kind, e.step, e.attempt) for e in story}
    return [_line(event, told, step) for event in trace.events]


def story_lines(story: Sequence[TraceEvent]) -> list[TraceLine]:
    """The story alone, every line decisive."""
    return [_line(event, {(event.at_us, event.kind, event.step, event.attempt)}, "") for event in story]


def _line(event: TraceEvent, told: Collection[tuple[int, str, str, int]], step: str) -> TraceLine:
    if told:
        decisive = (event.at_us, event.kind, event.step, event.attempt) in told
    else:
        decisive = event.kind in TURNING or (event.kind == "effect" and event.step == step)
    return TraceLine(event.at_us, event.kind, event.step, _words(event), TONES.get(event.kind, "dim"), decisive)


def _words(event: TraceEvent) -> str:
    kind = KIND_WORDS.get(event.kind, event.kind.replace("_", " "))
    attempt = f" (attempt {event.attempt + 1})" if event.kind in ("request", "retry") and event.attempt else ""
    waited = event.data.get("waited_us")
    if event.kind == "give_up" and isinstance(waited, int):
        return f"gives up after {waited / 1e6:.1f} s"
    detail = event.detail.replace("gave_up", "gave up waiting")
    return f"{kind}{attempt}" + (f": {detail}" if detail else "")
