"""From a model's answer (the shape of :mod:`turbulence_app.assist.policy_schema`) to a policy document.

Works part by part, so that one bad decision does not cost the others. Percentages become weights that sum to 1; a
range that was written the wrong way round is turned, with a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.errors import Problem
from turbulence_app.llm.answers import violations

_RANGES = {
    "step_wait_seconds": ("patience", "step_wait_seconds"),
    "visit_seconds": ("patience", "visit_seconds"),
    "think_ms": ("pacing", "think_ms"),
}


@dataclass
class Decoded:
    """The parts of an answer that fit the schema, as a policy document; and what does not fit."""

    document: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put(self, section: str, name: str, value: Any) -> None:
        """Sets one value of a section."""
        self.document.setdefault(section, {})[name] = value

    def quote(self, path: str, because: Any) -> None:
        """The words that a number came from."""
        self.put("evidence", path, because)

    def range(self, value: dict[str, Any], path: str) -> dict[str, int]:
        """``{min, max}``, in order."""
        low, high = value["min"], value["max"]
        if low > high:
            self.notes.append(f"{path}: min {low} and max {high} were the wrong way round")
            low, high = high, low
        return {"min": low, "max": high}


def decode(answer: Any, schema: dict[str, Any]) -> Decoded:
    """Everything in ``answer`` that fits ``schema``, with problems for the rest."""
    found = Decoded()
    if not isinstance(answer, dict):
        found.problems.append(Problem("the answer is not a JSON object", "write one object"))
        return found
    properties: dict[str, Any] = schema["properties"]
    found.problems += [Problem(f"{name[:60]} is not defined") for name in answer if name not in properties]
    for name, inner in properties.items():
        if name == "decisions":
            _decisions(answer.get(name), inner, found)
        elif _fits(answer.get(name), inner, name, found):
            _part(name, answer[name], found)
    return found


def _fits(value: Any, schema: dict[str, Any], path: str, found: Decoded) -> bool:
    wrong = [f"{path} is missing"] if value is None else violations(value, schema, path)
    found.problems += [Problem(message) for message in wrong]
    return not wrong


def _decisions(value: Any, schema: dict[str, Any], found: Decoded) -> None:
    given = value if isinstance(value, dict) else {}
    properties: dict[str, Any] = schema["properties"]
    found.problems += [Problem(f"decisions.{name[:60]} is not defined") for name in given if name not in properties]
    for name, inner in properties.items():
        path = f"decisions.{name}"
        if not _fits(given.get(name), inner, path, found):
            continue
        percent = given[name]["percent"]
        total = sum(percent.values())
        if not total:
            found.problems.append(Problem(f"{path}: all percentages are 0; they must add up to 100"))
            continue
        options = {option: round(share / total, 4) for option, share in percent.items()}
        found.put("decisions", name, {"options": options})
        found.quote(path, given[name]["because"])


def _part(name: str, value: dict[str, Any], found: Decoded) -> None:
    if name in _RANGES:
        section, key = _RANGES[name]
        found.put(section, key, found.range(value, name))
        found.quote(f"{section}.{key}", value["because"])
    elif name == "retries":
        found.document["retries"] = {"default": value["default"], "steps": dict(value.get("steps", {}))}
        found.quote("retries.default", value["because"])
    elif name == "pauses":
        steps = {step: found.range(pause, f"pauses.{step}") for step, pause in value.items()}
        found.put("pacing", "steps", steps)
    elif name == "forms":
        found.put("forms", "typing_ms_per_char", found.range(value["typing_ms_per_char"], "typing_ms_per_char"))
        found.put("forms", "correction_probability", value["correction_percent"] / 100)
        found.put("forms", "skip_optional", value["skip_optional_percent"] / 100)
        found.quote("forms", value["because"])
    elif name == "toggles":
        found.document["toggles"] = {toggle: percent / 100 for toggle, percent in value.items()}
    else:
        _parameters(value, found)


def _parameters(value: dict[str, Any], found: Decoded) -> None:
    for name, given in value.items():
        if "values" in given:
            distinct = list(dict.fromkeys((type(v).__name__, v) for v in given["values"]))
            found.put("parameters", name, {"type": "choice", "values": [v for _, v in distinct]})
        else:
            found.put("parameters", name, {"type": "range", **found.range(given, f"parameters.{name}")})
