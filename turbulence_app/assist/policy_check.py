"""The last word on a policy document: a policy can only name what its workflow defines, and must say everything.

Errors refuse the document; warnings (evidence that is not in the description, for example) are mended and noted.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from turbulence_app.assist.evidence import quoted
from turbulence_app.domain.errors import Problem
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Exponential, Lognormal, Percentiles, Quantity, Table, Uniform
from turbulence_app.domain.workflow import ChoiceParameter, Parameter, RangeParameter, Workflow
from turbulence_app.llm.surface import Surface, policy_surface

MOST_WAIT_S = 3600
MOST_VISIT_S = 86_400
MOST_PAUSE_MS = 3_600_000
MOST_TYPING_MS = 10_000
_SECTIONS = {"decisions", "patience", "retries", "pacing", "forms", "parameters", "toggles", "data"}


def validate_policy(doc: dict[str, Any], workflow: Workflow, persona: Persona) -> tuple[Policy | None, list[Problem]]:
    """The policy that ``doc`` is for this persona in this workflow, or None; and everything that was found.

    ``persona_id`` and ``workflow`` may be absent; other ones are refused.
    """
    surface, problems = policy_surface(workflow), list[Problem]()
    evidence = doc.get("evidence", {})
    known, dropped = _evidence(evidence, persona)
    try:
        policy = Policy.model_validate({"persona_id": persona.id, "workflow": workflow.id, **doc, "evidence": known})
    except (ValidationError, RecursionError) as error:
        return None, _of_pydantic(error)
    _belongs(policy, persona, workflow, problems)
    _decisions(policy, surface, problems)
    _numbers(policy, surface, problems)
    _parameters(policy.parameters, surface.parameters, problems)
    _names("toggle", policy.toggles, surface.toggles, problems)
    _names("data", policy.data, surface.data, problems)
    problems += [Problem(f"evidence.{p} names nothing of this policy") for p in known if not _points(p, surface)]
    failed = any(p.severity == "error" for p in problems)
    return (None if failed else policy), problems + dropped


def _evidence(given: Any, persona: Persona) -> tuple[dict[str, str | None], list[Problem]]:
    """The phrases that the description really says; the others become None, with a warning."""
    if not isinstance(given, dict):
        return {}, []
    kept: dict[str, str | None] = {}
    dropped = []
    for path, phrase in given.items():
        found = quoted(phrase, persona.description) if isinstance(phrase, str) else None
        kept[str(path)] = found
        if phrase is not None and found is None:
            message = (
                f"evidence.{path}: {str(phrase)[:80]!r} is not in the description, so the number counts as assumed"
            )
            dropped.append(Problem(message, "quote the description", severity="warning"))
    return kept, dropped


def _of_pydantic(error: Exception) -> list[Problem]:
    if not isinstance(error, ValidationError):
        return [Problem("the document is nested too deep")]
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [Problem(f"{'.'.join(str(part) for part in e['loc']) or 'policy'}: {e['msg']}") for e in found[:20]]


def _belongs(policy: Policy, persona: Persona, workflow: Workflow, problems: list[Problem]) -> None:
    if policy.persona_id != persona.id:
        problems.append(Problem(f"the policy is of {policy.persona_id!r}, not of {persona.id!r}"))
    if policy.workflow != workflow.id:
        problems.append(Problem(f"the policy is for workflow {policy.workflow!r}, not for {workflow.id!r}"))


def _decisions(policy: Policy, surface: Surface, problems: list[Problem]) -> None:
    _names("decision", policy.decisions, surface.decisions, problems)
    for name, decision in surface.decisions.items():
        given = policy.decisions.get(name)
        if given is None:
            problems.append(Problem(f"decisions.{name} is missing", f"give weights for {', '.join(decision.options)}"))
            continue
        if missing := [o for o in decision.options if o not in given.options]:
            problems.append(Problem(f"decisions.{name} says nothing about {', '.join(missing)}", "give it a weight"))
        _weights(f"decisions.{name}", given.options, decision.options, problems)
        for i, case in enumerate(given.cases):
            _weights(f"decisions.{name}.cases[{i}]", case.options, decision.options, problems)
            _condition(f"decisions.{name}.cases[{i}].when", case.when, problems)


def _weights(path: str, weights: dict[str, float], options: dict[str, str], problems: list[Problem]) -> None:
    if unknown := sorted(set(weights) - set(options)):
        problems.append(Problem(f"{path}: no option is called {', '.join(unknown)}", f"use {', '.join(options)}"))
    if not math.fsum(weights.values()) > 0:
        problems.append(Problem(f"{path}: the weights sum to nothing", "give at least one option a weight above 0"))


def _condition(path: str, source: str, problems: list[Problem]) -> None:
    from turbulence_app.domain.expressions import ExpressionError, parse

    try:
        parse(source)
    except ExpressionError as error:
        problems.append(Problem(f"{path}: {error}"))


def _numbers(policy: Policy, surface: Surface, problems: list[Problem]) -> None:
    _names("step", policy.retries.steps, surface.requests, problems, "retries.steps: ")
    _names("step", policy.pacing.steps, surface.steps, problems, "pacing.steps: ")
    limits: list[tuple[str, Quantity | None, float]] = [
        ("patience.step_wait_seconds", policy.patience.step_wait_seconds, MOST_WAIT_S),
        ("patience.visit_seconds", policy.patience.visit_seconds, MOST_VISIT_S),
        ("pacing.think_ms", policy.pacing.think_ms, MOST_PAUSE_MS),
        ("forms.typing_ms_per_char", policy.forms.typing_ms_per_char, MOST_TYPING_MS),
    ]
    limits += [(f"pacing.steps.{name}", quantity, MOST_PAUSE_MS) for name, quantity in policy.pacing.steps.items()]
    for path, quantity, most in limits:
        if quantity is not None and (top := _top(quantity)) > most:
            problems.append(Problem(f"{path}: {top:g} is more than anybody's {most:g}", f"at most {most:g}"))


def _top(quantity: Quantity) -> float:
    """A high value that the quantity really takes."""
    if isinstance(quantity, Uniform):
        return quantity.max
    if isinstance(quantity, Percentiles | Lognormal):
        return quantity.p95
    if isinstance(quantity, Exponential):
        return quantity.mean
    return quantity.values[-1] if isinstance(quantity, Table) else quantity


def _parameters(given: dict[str, Parameter], defined: dict[str, Parameter], problems: list[Problem]) -> None:
    _names("parameter", given, defined, problems)
    for name, parameter in given.items():
        within = defined.get(name)
        if within is None:
            continue
        if isinstance(parameter, RangeParameter) and isinstance(within, RangeParameter):
            if parameter.min < within.min or parameter.max > within.max:
                message = f"parameters.{name}: {parameter.min} to {parameter.max} leaves {within.min} to {within.max}"
                problems.append(Problem(message, f"stay within {within.min} to {within.max}"))
        elif isinstance(parameter, ChoiceParameter) and isinstance(within, ChoiceParameter):
            if any(value not in within.values for value in parameter.values):
                problems.append(Problem(f"parameters.{name}: not one of the workflow's values", "use its values"))
        else:
            problems.append(Problem(f"parameters.{name} must be a {within.type}, not a {parameter.type}"))


def _names(kind: str, given: Any, defined: Any, problems: list[Problem], where: str = "") -> None:
    """Refuses what the workflow does not define."""
    if unknown := sorted(str(name) for name in given if name not in defined):
        known = ", ".join(list(defined)[:12]) or "none at all"
        problems.append(
            Problem(f"{where}the workflow has no {kind} called {', '.join(unknown[:8])}", f"it has: {known}")
        )


def _points(path: str, surface: Surface) -> bool:
    """Whether a dotted path of evidence leads to something that a policy of this workflow says."""
    section, _, rest = path.partition(".")
    if section not in _SECTIONS:
        return False
    if section == "decisions":
        return any(rest == name or rest.startswith(f"{name}.") for name in surface.decisions)
    if section in ("retries", "pacing"):
        kind, _, step = rest.partition(".")
        known = surface.requests if section == "retries" else surface.steps
        return (not step and kind in ("", "default", "think_ms", "steps")) or (kind == "steps" and step in known)
    if section in ("parameters", "toggles", "data"):
        return not rest or rest in _known(section, surface)
    fields = {
        "patience": ("step_wait_seconds", "visit_seconds"),
        "forms": ("typing_ms_per_char", "correction_probability", "skip_optional"),
    }
    return not rest or rest in fields[section]


def _known(section: str, surface: Surface) -> Collection[str]:
    if section == "data":
        return surface.data
    return surface.parameters if section == "parameters" else surface.toggles
