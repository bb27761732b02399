"""What a persona is like in numbers: the few that say most, for a line under the words. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Quantity
from turbulence_app.domain.workflow import FormStep, Workflow
from turbulence_app.gui.places.personas.panel_rows import Origin
from turbulence_app.gui.places.personas.spans import span_of
from turbulence_app.gui.places.personas.state import reason_of
from turbulence_app.insight.words import percent


@dataclass(frozen=True, slots=True)
class Trait:
    """One number: what it is, its value with the unit, where it came from, and the row that shows it."""

    path: str
    label: str
    value: str
    origin: Origin


def portrait(policy: Policy, workflow: Workflow) -> tuple[Trait, ...]:
    """Patience, persistence and pace, in the order in which they matter to a visit."""
    made = [
        ("patience.step_wait_seconds", "waits", _seconds(policy.patience.step_wait_seconds, 1)),
        ("patience.visit_seconds", "whole visit", _seconds(policy.patience.visit_seconds, 1)),
        ("retries.default", "tries again", f"{policy.retries.default} ×"),
        ("pacing.think_ms", "thinks", _seconds(policy.pacing.think_ms, 1000)),
    ]
    if any(isinstance(step, FormStep) for step in workflow.steps()):
        made.append(("forms.skip_optional", "skips optional", percent(policy.forms.skip_optional)))
    return tuple(Trait(path, label, value, reason_of(policy, path).origin) for path, label, value in made)


def _seconds(quantity: Quantity | None, per_second: float) -> str:
    """Both ends in the unit that suits the larger one."""
    if quantity is None:
        return "no limit"
    span = span_of(quantity)
    low, high = span.low / per_second, span.high / per_second
    if high >= 120:
        return _ends(low / 60, high / 60, "min")
    return _ends(low, high, "s") if high >= 1 else _ends(low * 1000, high * 1000, "ms")


def _ends(low: float, high: float, unit: str) -> str:
    one, two = _short(low), _short(high)
    return f"{one} {unit}" if one == two else f"{one}–{two} {unit}"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"
