"""A minimal reproduction in words: what each choice means, and which events tell it, for one person or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.shrinking.addresses import Address, parse

_TELLING = frozenset(
    {"arrive", "request", "effect", "fault", "give_up", "retry", "decide", "step_failed", "violation", "assert", "end"}
)
_AMONG_SEVERAL = _TELLING | {"answer"}
MAX_TOLD = 400
"""Events of a story; what comes after the violation is cut first."""
_WORDS = {
    "latency": "{step} takes {value}", "outcome": "{step} answers {value}",
    "think": "{who} thinks {value} before {step}",
    "patience": "{who} waits at most {value} for {step}", "visit_patience": "{who} stays at most {value}",
    "choice": "at {step} {who} chooses {value}", "typing": "{who} types at {value} per character in {step}",
    "jitter": "{value} of jitter before {step}", "step_delay": "{value} of delay before {step}",
    "travel": "the request of {step} travels {value}", "travel_back": "the answer of {step} travels {value}",
    "persona": "{who} is of persona {value}", "arrival": "{who} arrives at {value}",
}  # fmt: skip
_DURATIONS = frozenset(
    {"latency", "think", "patience", "visit_patience", "typing", "jitter", "step_delay", "travel", "travel_back",
     "arrival"}
)  # fmt: skip


def meaning(plan: Plan, address: str, value: Any) -> str:
    """What one choice means, in words; ``user 3`` where the address names a user, else ``the person``."""
    at = parse(address)
    told = _meaning(plan, at, value, f"user {at.user}" if at.user else "the person")
    return told if not at.user or told.startswith(f"user {at.user} ") or " user " in told else f"user {at.user}: {told}"


def _meaning(plan: Plan, at: Address, value: Any, who: str) -> str:
    step, purpose = at.step, at.purpose
    if purpose in _WORDS:
        shown = _seconds(value) if purpose in _DURATIONS else str(value)
        return _WORDS[purpose].format(step=step, value=shown, who=who)
    if purpose.startswith("fault"):
        return _fault(plan, step, purpose, value)
    if purpose.startswith("turn"):
        during = "in the background" if step == "@app" else f"during {step}"
        return f"another order of tasks {during} (turn {purpose.removeprefix('turn')})"
    if purpose == "correction":
        return f"{who} corrects a field in {step}" if value else f"no correction in {step}"
    if purpose == "skip":
        return f"{who} skips an optional field in {step}" if value else f"{who} fills in all of {step}"
    return f"{step.lstrip('@').partition(':')[2] or step} is {value}"


def _fault(plan: Plan, step: str, purpose: str, value: Any) -> str:
    number, _, what = purpose.removeprefix("fault").partition("_")
    label = plan.faults[int(number)].label if int(number) < len(plan.faults) else "pressure"
    if what == "add":
        return f"{label}: adds {int(value) / 1000:.0f} ms" if isinstance(value, int) else f"{label} adds time"
    if what == "acts":
        return f"{label}: the service {'had acted' if value else 'had not acted'} on {step}"
    return f"{label} strikes {step}" if value else f"{label} spares {step}"


def _seconds(value: Any) -> str:
    return f"{value / 1_000_000:.3g} s" if isinstance(value, int) else str(value)


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


def tell_world(traces: Sequence[UserTrace], until_us: int | None = None) -> tuple[TraceEvent, ...]:
    """Who did what, in one time line: events of several visits by the world's clock (``at_us``).

    ``data["user"]`` says whose event it is. Events after ``until_us`` (the violation, on the world's clock) are left
    out.
    """
    line: list[tuple[int, int, int, TraceEvent]] = []
    for order, trace in enumerate(traces):
        for number, event in enumerate(trace.events):
            moment = trace.arrived_us + event.at_us
            if event.kind not in _AMONG_SEVERAL or (until_us is not None and moment > until_us):
                continue
            data = {**event.data, "user": trace.user}
            line.append((moment, order, number, event.model_copy(update={"at_us": moment, "data": data})))
    line.sort(key=lambda entry: entry[:3])
    return tuple(event for *_, event in line[:MAX_TOLD])


def _matters(events: Sequence[TraceEvent], at: int, broken_at: str) -> bool:
    """A request is worth telling at the step that broke, and where something went wrong with it."""
    event = events[at]
    if event.step == broken_at:
        return True
    same = [e for e in events if (e.step, e.visit, e.attempt) == (event.step, event.visit, event.attempt)]
    return any(e.kind in ("fault", "give_up", "retry") for e in same)
