"""Several policies of the same persona become one: the middle of every number, and how far the voters are apart.

The middle is the median, which one voter gone astray cannot move; weights are made to sum to 1 again. Where the voters
are not of one mind the policy keeps their lowest and highest number: whatever is decided on it should hold in between.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Quantity, Uniform
from turbulence_app.domain.workflow import ChoiceParameter, RangeParameter, Workflow
from turbulence_app.insight.disagreement import width
from turbulence_app.llm.surface import policy_surface

Path = tuple[str, ...]
Numbers = dict[Path, float]
LEAST_WIDTH = 0.01
"""What is closer together than this (see :func:`turbulence_app.insight.disagreement.width`) counts as one mind."""
_WHOLE = ("retries", "parameters")
"""Sections whose numbers are whole."""


def agree(policies: Sequence[Policy], workflow: Workflow) -> Policy:
    """The consensus of at least one policy, all for the same persona and workflow; unapproved, with its ``ranges``.

    What only some voters say counts for the others as what it is without them: a step's retries as the voter's
    default, a parameter as the workflow has it. Choices and conditional weights stay where half of them want them.
    """
    if not policies:
        raise InputError("a consensus needs at least one policy")
    head = policies[0]
    if len(policies) == 1:
        return head
    voted = _numbers(policies, workflow)
    middle = {path: _median(path, [numbers[path] for numbers in voted]) for path in voted[0]}
    _normal(middle)
    document: dict[str, Any] = {"persona_id": head.persona_id, "workflow": head.workflow}
    for path, value in middle.items():
        _put(document, path, value)
    document |= {"data": head.data, "evidence": _evidence(policies), "provenance": _provenance(policies)}
    _others(document, policies)
    document["ranges"] = _ranges(voted)
    return Policy.model_validate(document)


def _numbers(policies: Sequence[Policy], workflow: Workflow) -> list[Numbers]:
    """Every voter's numbers, all under the same paths."""
    surface = policy_surface(workflow)
    retried = _named(policies, lambda p: p.retries.steps)
    paced = _named(policies, lambda p: p.pacing.steps)
    ranges = {n: p for n, p in surface.parameters.items() if isinstance(p, RangeParameter)}
    found = []
    for policy in policies:
        own: Numbers = {}
        for name, decision in policy.decisions.items():
            total = math.fsum(decision.options.values())
            own |= {("decisions", name, "options", o): w / total for o, w in decision.options.items()}
        for name, quantity in (
            ("step_wait_seconds", policy.patience.step_wait_seconds),
            ("visit_seconds", policy.patience.visit_seconds),
        ):
            own |= _quantity(("patience", name), quantity)
        own["retries", "default"] = policy.retries.default
        own |= {("retries", "steps", s): policy.retries.steps.get(s, policy.retries.default) for s in retried}
        own |= _quantity(("pacing", "think_ms"), policy.pacing.think_ms)
        for step in paced:
            own |= _quantity(("pacing", "steps", step), policy.pacing.steps.get(step, policy.pacing.think_ms))
        own |= _quantity(("forms", "typing_ms_per_char"), policy.forms.typing_ms_per_char)
        own["forms", "correction_probability"] = policy.forms.correction_probability
        own["forms", "skip_optional"] = policy.forms.skip_optional
        for name in _named(policies, lambda p: p.parameters):
            if name in ranges:
                given = policy.parameters.get(name, ranges[name])
                within = given if isinstance(given, RangeParameter) else ranges[name]
                own |= {("parameters", name, "min"): within.min, ("parameters", name, "max"): within.max}
        own |= {("toggles", t): policy.toggles.get(t, p) for t, p in surface.toggles.items()}
        found.append(own)
    shared = set.intersection(*(set(own) for own in found))
    return [{path: value for path, value in own.items() if path in shared} for own in found]


def _quantity(path: Path, quantity: Quantity | None) -> Numbers:
    """A range as its ends; a fixed number is a range without extent. Other kinds have no ends to agree on."""
    if isinstance(quantity, Uniform):
        return {(*path, "min"): quantity.min, (*path, "max"): quantity.max}
    return {(*path, "min"): quantity, (*path, "max"): quantity} if isinstance(quantity, int | float) else {}


def _named(policies: Sequence[Policy], section: Callable[[Policy], Any]) -> list[str]:
    """Every name that some voter has in a section, in order."""
    return list(dict.fromkeys(name for policy in policies for name in section(policy)))


def _median(path: Path, values: list[float]) -> float:
    middle = statistics.median(values)
    return math.floor(middle + 0.5) if path[0] in _WHOLE else middle


def _normal(middle: Numbers) -> None:
    """Weights of one decision sum to 1. (If no option has a median above 0, all are equally likely.)"""
    for decision in dict.fromkeys(path[1] for path in middle if path[0] == "decisions"):
        paths = [path for path in middle if path[:2] == ("decisions", decision)]
        total = math.fsum(middle[path] for path in paths)
        for path in paths:
            middle[path] = round(middle[path] / total, 4) if total else round(1 / len(paths), 4)


def _put(document: dict[str, Any], path: Path, value: float) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value


def _others(document: dict[str, Any], policies: Sequence[Policy]) -> None:
    """What is no number: kinds of parameters, values of choices, conditional weights."""
    half = len(policies) / 2
    parameters = document.setdefault("parameters", {})
    for given in parameters.values():
        given["type"] = "range"
    for name in _named(policies, lambda p: p.parameters):
        chosen = [p.parameters[name] for p in policies if name in p.parameters]
        values = [v for c in chosen if isinstance(c, ChoiceParameter) for v in c.values]
        kept = [v for v in dict.fromkeys(values) if values.count(v) >= half] if values else []
        if kept:
            parameters[name] = {"type": "choice", "values": kept}
    for name, decision in document.get("decisions", {}).items():
        cases = [case for p in policies for case in p.decisions[name].cases]
        wanted = [when for when, count in Counter(case.when for case in cases).items() if count >= half]
        if wanted:
            first = {when: next(c for c in cases if c.when == when) for when in wanted}
            decision["cases"] = [case.plain() for case in first.values()]


def _ranges(voted: Sequence[Numbers]) -> dict[str, dict[str, float]]:
    """Lowest and highest number by dotted path where the voters differ, widest first."""
    found: dict[str, dict[str, float]] = {}
    for path in voted[0]:
        low, high = min(v[path] for v in voted), max(v[path] for v in voted)
        dotted = ".".join(path)
        if width(dotted, low, high) >= LEAST_WIDTH:
            found[dotted] = {"min": round(low, 4), "max": round(high, 4)}
    return dict(sorted(found.items(), key=lambda entry: -width(entry[0], entry[1]["min"], entry[1]["max"])))


def _evidence(policies: Sequence[Policy]) -> dict[str, str | None]:
    """For each number the phrase that most voters quote; None only where none of them has one."""
    found: dict[str, str | None] = {}
    for path in _named(policies, lambda p: p.evidence):
        quotes = Counter(said for p in policies if (said := p.evidence.get(path)))
        found[path] = quotes.most_common(1)[0][0] if quotes else None
    return found


def _provenance(policies: Sequence[Policy]) -> dict[str, Any]:
    made = [policy.provenance for policy in policies]
    models = list(dict.fromkeys(p.model for p in made if p.model))
    digests = "\n".join(f"{p.backend} {p.digest} {p.mode} {p.seed}" for p in made)
    modes = {p.mode for p in made}
    who = [f"{p.backend} {p.model}".strip() + f" ({p.mode}, seed {p.seed}, {p.source})" for p in made]
    notes = [f"consensus of {len(made)}: {'; '.join(who)}"]
    notes += dict.fromkeys(note for p in made for note in p.notes)
    return {
        "backend": made[0].backend,
        "model": " + ".join(models),
        "digest": "sha256:" + sha256(digests.encode()).hexdigest(),
        "mode": modes.pop() if len(modes) == 1 else "",
        "prompt_version": made[0].prompt_version,
        "seed": made[0].seed,
        "source": "model" if any(p.source != "rules" for p in made) else "rules",
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "elapsed_ms": round(math.fsum(p.elapsed_ms or 0.0 for p in made), 3),
        "notes": tuple(notes),
    }
