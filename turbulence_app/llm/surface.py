"""What a policy can name in a workflow: the one view of it that prompts, schemas, checks and rules share."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.workflow import (
    BranchStep,
    ChoiceParameter,
    DecideStep,
    EndStep,
    FormField,
    FormStep,
    GrpcStep,
    HttpStep,
    Parameter,
    Step,
    ThinkStep,
    WaitStep,
    Workflow,
)

_TEMPLATE_NAME = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)")
_PICKS = re.compile(r"""^\s*([A-Za-z_][A-Za-z0-9_.\-]*)\s*==\s*(['"])([^'"]+)\2\s*$""")
_ORIGINAL_PICKS = re.compile(r"""^\s*context\.get\((['"])([^'"]+)\1\)\s*==\s*(['"])([^'"]+)\3\s*$""")


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice of the person: the question, and what each option means in words."""

    name: str
    prompt: str
    options: dict[str, str]
    gives_up: frozenset[str] = frozenset()
    """Options that the flow itself turns straight into the end of an unfinished visit."""


@dataclass(frozen=True, slots=True)
class Surface:
    """Everything in a workflow that a policy may refer to, in the order in which it is written."""

    workflow: str
    description: str
    decisions: dict[str, Decision] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    """Steps that ask a service (they can be waited for and retried), with their words."""
    pauses: dict[str, str] = field(default_factory=dict)
    """Steps on which the person spends time of their own (forms, thinking), with their words."""
    steps: tuple[str, ...] = ()
    fields: tuple[FormField, ...] = ()
    parameters: dict[str, Parameter] = field(default_factory=dict)
    toggles: dict[str, float] = field(default_factory=dict)
    data: frozenset[str] = frozenset()


_latest: tuple[Workflow, Surface] | None = None


def policy_surface(workflow: Workflow) -> Surface:
    """Collects what a policy may name. A decision without options is left out (nothing can be said about it).

    The latest one is remembered (workflows do not change): prompt, schema, check and key of one question all ask.
    """
    global _latest  # noqa: PLW0603 - one pair, swapped whole, so threads at worst collect it twice
    known = _latest
    if known is None or known[0] is not workflow:
        known = _latest = (workflow, _collected(workflow))
    return known[1]


def _collected(workflow: Workflow) -> Surface:
    steps = tuple(workflow.steps())
    return Surface(
        workflow=workflow.id,
        description=workflow.description,
        decisions=_decisions(steps),
        requests={s.name: _words(s) for s in steps if isinstance(s, HttpStep | WaitStep | GrpcStep)},
        pauses={
            s.name: _words(s) for s in steps if isinstance(s, FormStep) or (isinstance(s, ThinkStep) and not s.time_ms)
        },
        steps=tuple(s.name for s in steps),
        fields=tuple(f for s in steps if isinstance(s, FormStep) for f in s.fields),
        parameters=workflow.all_parameters(),
        toggles={t.name: t.probability for t in workflow.variation.toggles} if workflow.variation else {},
        data=frozenset(workflow.entry.seed_data) | _template_names(workflow),
    )


def choice_values(parameter: ChoiceParameter, limit: int = 8) -> tuple[Any, ...]:
    """The values of a choice that can be picked from by name: short ASCII scalars, at most ``limit``; else none."""
    plain = all(isinstance(v, str | int | bool) for v in parameter.values)
    short = plain and all(len(str(v)) <= 40 and str(v).isascii() and str(v).isprintable() for v in parameter.values)
    return parameter.values if short and len(parameter.values) <= limit else ()


def identity(workflow: Workflow) -> dict[str, Any]:
    """What may influence a policy: the workflow without addresses, checks and rules (plain data, for cache keys)."""
    plain = workflow.plain()
    for key in ("services", "app", "invariants", "assertions", "turbulence", "stop_when"):
        plain.pop(key, None)
    return plain


def _decisions(steps: tuple[Step, ...]) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for step in steps:
        if not isinstance(step, DecideStep):
            continue
        before = found.get(step.decision)
        options = {**(before.options if before else {}), **step.options}
        prompt = (before.prompt if before else "") or step.prompt or step.description
        gives_up = (before.gives_up if before else frozenset()) | _giving_up(steps, step.output_var)
        if options:
            found[step.decision] = Decision(step.decision, prompt, options, gives_up & frozenset(options))
    return found


def _giving_up(steps: tuple[Step, ...], variable: str) -> frozenset[str]:
    """Options of ``variable`` that a branch or a guard leads straight to an ``end`` that is not completed."""
    found = set()
    for step in steps:
        if isinstance(step, BranchStep) and any(_unfinished(s) for s in step.if_true):
            found.add(_picked(step.condition, variable))
        elif _unfinished(step) and step.guard:
            found.add(_picked(step.guard, variable))
    return frozenset(option for option in found if option)


def _unfinished(step: Step) -> bool:
    return isinstance(step, EndStep) and step.outcome != "completed"


def _picked(condition: str, variable: str) -> str:
    """The option in ``variable == 'option'`` (either spelling), else ``""``."""
    if match := _PICKS.match(condition):
        return match[3] if match[1] == variable else ""
    if match := _ORIGINAL_PICKS.match(condition):
        return match[4] if match[2] == variable else ""
    return ""


def _words(step: Step) -> str:
    return step.description or step.name.replace("_", " ").replace("-", " ")


def _template_names(workflow: Workflow) -> frozenset[str]:
    """Names that some ``{{ template }}`` of the flow asks for."""
    return frozenset(_TEMPLATE_NAME.findall(json.dumps(workflow.plain().get("flow", []), default=str)))
