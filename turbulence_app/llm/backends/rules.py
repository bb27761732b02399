"""The backend that is always there: a neutral person, from the structure of the workflow and the persona's hints."""

from __future__ import annotations

from typing import Any, ClassVar

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.surface import Decision, Surface, policy_surface

GIVES_UP_SHARE = 0.1
"""Weight of an option that ends an unfinished visit, against 1 for any other: somebody neutral came to finish."""
_LEVELS = {"very_low": -2, "low": -1, "short": -1, "slow": -1, "medium": 0, "normal": 0, "none": -2}
_LEVELS |= {"high": 1, "long": 1, "fast": 1, "very_high": 2, "true": 1, "yes": 1, "false": -1, "no": -1}
_PATIENCE = ("patience", "timeout_tolerance", "tolerance", "wait_tolerance")
_SPEED = ("speed", "pace", "typing_speed", "tech_savvy", "skill")
_PERSISTENCE = ("persistence", "retries", "retry_tendency")


class RulesBackend:
    """Deterministic and without any vocabulary: equal chances, except for what the flow itself calls giving up."""

    name = "rules"
    modes: ClassVar[tuple[str, ...]] = ("rules",)
    model = ""
    digest = "rules-1"

    def policy_document(self, persona: Persona, workflow: Workflow) -> dict[str, Any]:
        """A whole policy as plain data. Hints (``patience: low``, ``retries: 2``, ``speed: high``) bend it."""
        surface = policy_surface(workflow)
        patience, speed = _level(persona, _PATIENCE), _level(persona, _SPEED)
        longer, quicker = 2.0**patience, 2.0**-speed
        visit = 120 + 15 * len(surface.steps)
        document: dict[str, Any] = {
            "decisions": {name: {"options": _weights(d)} for name, d in surface.decisions.items()},
            "patience": {
                "step_wait_seconds": _range(10 * longer, 30 * longer),
                "visit_seconds": _range(visit * longer, 4 * visit * longer),
            },
            "retries": {"default": _retries(persona)},
            "pacing": {"think_ms": _range(500 * quicker, 3000 * quicker)},
            "toggles": dict(surface.toggles),
        }
        if surface.pauses:
            document["pacing"]["steps"] = {name: _range(1000 * quicker, 5000 * quicker) for name in surface.pauses}
        if surface.fields:
            document["forms"] = _forms(quicker)
        document["evidence"] = dict.fromkeys(_paths(surface))
        return document


def _forms(quicker: float) -> dict[str, Any]:
    typing = _range(150 * quicker, 300 * quicker)
    return {"typing_ms_per_char": typing, "correction_probability": 0.05, "skip_optional": 0.5}


def _weights(decision: Decision) -> dict[str, float]:
    raw = {name: GIVES_UP_SHARE if name in decision.gives_up else 1.0 for name in decision.options}
    total = sum(raw.values())
    return {name: round(weight / total, 4) for name, weight in raw.items()}


def _paths(surface: Surface) -> list[str]:
    paths = [f"decisions.{name}" for name in surface.decisions]
    paths += ["patience.step_wait_seconds", "patience.visit_seconds", "retries.default", "pacing.think_ms"]
    return paths + (["forms"] if surface.fields else [])


def _range(low: float, high: float) -> dict[str, int]:
    return {"min": max(1, round(low)), "max": max(1, round(high))}


def _level(persona: Persona, names: tuple[str, ...]) -> int:
    """What the first of these hints says, from -2 (very low) to 2 (very high); 0 where nothing is said."""
    for name in names:
        if name in persona.hints:
            return _LEVELS.get(str(persona.hints[name]).strip().lower().replace(" ", "_").replace("-", "_"), 0)
    return 0


def _retries(persona: Persona) -> int:
    for name in _PERSISTENCE:
        value = persona.hints.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return min(5, max(0, value))
    return max(0, min(5, 1 + _level(persona, _PERSISTENCE)))
