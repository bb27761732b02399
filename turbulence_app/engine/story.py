"""A minimal reproduction in words: what each choice means, and which events tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from turbulence_app.domain.trace import TraceEvent
from turbulence_app.engine.nodes import Plan

_TELLING = frozenset(
    {"arrive", "request", "effect", "fault", "give_up", "retry", "decide", "step_failed", "violation", "assert", "end"}
)
_WORDS = {
    "latency": "{step} takes {value}", "outcome": "{step} answers {value}",
    "think": "the person thinks {value} before {step}",
    "patience": "the person waits at most {value} for {step}", "visit_patience": "the person stays at most {value}",
    "choice": "at {step} the person chooses {value}", "typing": "the person types at {value} per character in {step}",
    "jitter": "{value} of jitter before {step}", "step_delay": "{value} of delay before {step}",
}  # fmt: skip
_DURATIONS = frozenset({"latency", "think", "patience", "visit_patience", "typing", "jitter", "step_delay"})


def meaning(plan: Plan, address: str, value: Any) -> str:
    """What one choice means, in words."""
    step, _, rest = address.partition("#")
    purpose = rest.rpartition(":")[2]
    shown = f"{value / 1_000_000:.3g} s" if purpose in _DURATIONS and isinstance(value, int) else str(value)
    if purpose in _WORDS:
        return _WORDS[purpose].format(step=step, value=shown)
    if purpose.startswith("fault"):
        number, _, added = purpose.removeprefix("fault").partition("_")
        label = plan.faults[int(number)].label if int(number) < len(plan.faults) else "pressure"
        return (
            f"{label}: adds {int(value) / 1000:.0f} ms"
            if added
            else f"{label} strikes {step}"
            if value
            else (f"{label} spares {step}")
        )
    if purpose == "correction":
        return f"the person corrects a field in {step}" if value else f"no correction in {step}"
    if purpose == "skip":
        return f"the person skips an optional field in {step}" if value else f"the person fills in all of {step}"
    return f"{step.lstrip('@').partition(':')[2] or step} is {value}"


def tell(events: Sequence[TraceEvent]) -> tuple[TraceEvent, ...]:
    """The events that matter for what went wrong, in order: no guards, loops, thinking, nor what simply went well."""
    violation = next((e for e in events if e.kind == "violation"), None)
    told: list[TraceEvent] = []
    for at, event in enumerate(events):
        if event.kind not in _TELLING or (event.kind == "end" and violation is not None):
            continue
        if event.kind in ("request", "effect") and violation is not None and not _matters(events, at, violation.step):
            continue
        told.append(event)
    return tuple(told)


def _matters(events: Sequence[TraceEvent], at: int, broken_at: str) -> bool:
    """A request is worth telling at the step that broke, and where something went wrong with it."""
    event = events[at]
    if event.step == broken_at:
        return True
    same = [e for e in events if (e.step, e.visit, e.attempt) == (event.step, event.visit, event.attempt)]
    return any(e.kind in ("fault", "give_up", "retry") for e in same)
