"""The JSON schema of a policy answer: what a model may say about a persona in one workflow, and nothing else.

Closed and finite: every name is the workflow's, every number a bounded integer, every phrase bounded ASCII. It is
flatter than :class:`turbulence_app.domain.policy.Policy`, with the reason before the numbers, because models write
better numbers after they have quoted what they go by. :mod:`turbulence_app.assist.policy_answer` turns it into one.
"""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.workflow import ChoiceParameter, Parameter, RangeParameter, Workflow
from turbulence_app.llm.surface import Surface, choice_values, policy_surface

Schema = dict[str, Any]

STEP_WAIT_S = (1, 300)
VISIT_S = (10, 7200)
THINK_MS = (0, 60_000)
PAUSE_MS = (0, 600_000)
TYPING_MS = (20, 1500)
MOST_RETRIES = 5
PHRASE = 60
"""Characters of a quoted phrase; half of it where there are many decisions, so that a 4k context holds the answer."""
MANY_DECISIONS = 12


def policy_schema(workflow: Workflow) -> Schema:
    """The schema for this workflow; the order of the properties is the order in which they are written."""
    surface = policy_surface(workflow)
    because = _because(surface)
    properties: dict[str, Schema] = {}
    if surface.decisions:
        decisions = {
            name: _closed({"because": because, "percent": _closed(dict.fromkeys(d.options, whole(0, 100)))})
            for name, d in surface.decisions.items()
        }
        properties["decisions"] = _closed(decisions)
    properties["step_wait_seconds"] = _closed({"because": because, **_range(*STEP_WAIT_S)})
    properties["visit_seconds"] = _closed({"because": because, **_range(*VISIT_S)})
    properties["think_ms"] = _closed({"because": because, **_range(*THINK_MS)})
    tries = whole(0, MOST_RETRIES)
    retries: dict[str, Schema] = {"because": because, "default": tries}
    if surface.requests:
        retries["steps"] = _closed(dict.fromkeys(surface.requests, tries))
    properties["retries"] = _closed(retries)
    if surface.pauses:
        properties["pauses"] = _closed(dict.fromkeys(surface.pauses, _closed(_range(*PAUSE_MS))))
    if surface.fields:
        properties["forms"] = _closed({"because": because, **_forms()})
    if parameters := {name: found for name, p in surface.parameters.items() if (found := _parameter(p))}:
        properties["parameters"] = _closed(parameters)
    if surface.toggles:
        properties["toggles"] = _closed(dict.fromkeys(surface.toggles, whole(0, 100)))
    return _closed(properties)


def whole(low: int, high: int) -> Schema:
    """An integer from ``low`` to ``high``."""
    return {"type": "integer", "minimum": low, "maximum": high}


def _closed(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _range(low: int, high: int) -> dict[str, Schema]:
    return {"min": whole(low, high), "max": whole(low, high)}


def _because(surface: Surface) -> Schema:
    longest = PHRASE if len(surface.decisions) <= MANY_DECISIONS else PHRASE // 2
    return {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 1, "maxLength": longest}]}


def _forms() -> dict[str, Schema]:
    return {
        "typing_ms_per_char": _closed(_range(*TYPING_MS)),
        "correction_percent": whole(0, 100),
        "skip_optional_percent": whole(0, 100),
    }


def _parameter(parameter: Parameter) -> Schema | None:
    """A narrower range, or some of the values; None where the values have no short names."""
    if isinstance(parameter, RangeParameter):
        return _closed(_range(parameter.min, parameter.max))
    assert isinstance(parameter, ChoiceParameter)
    values = choice_values(parameter)
    if not values:
        return None
    chosen = {"type": "array", "items": {"enum": list(values)}, "minItems": 1, "maxItems": len(values)}
    return _closed({"values": chosen})
