"""The policy panel as data: rows out of a policy and its workflow, edits as policy to policy. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from turbulence_app.domain.policy import Case, Policy
from turbulence_app.domain.workflow import (
    BranchStep,
    ChoiceParameter,
    EndStep,
    FormStep,
    RangeParameter,
    RepeatStep,
    Step,
    Workflow,
)
from turbulence_app.gui.places.personas.spans import Span, quantity_at, span_of

Origin = Literal["said", "assumed", "edited"]
EDITED = "edited "
"""Notes of a policy's provenance that begin so name what was changed by hand since it was compiled."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a number is what it is: the words it came from, nothing (assumed), or a hand that changed it."""

    origin: Origin
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option of a decision, with its share now and when it was last approved."""

    name: str
    says: str
    share: float
    approved: float | None
    leaves: bool


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision and its options."""

    path: str
    title: str
    prompt: str
    options: tuple[OptionRow, ...]
    reason: Reason
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RangeRow:
    """Something between two numbers (patience, think time, typing, a parameter)."""

    path: str
    title: str
    unit: str
    span: Span
    approved: Span | None
    bounds: tuple[float, float]
    reason: Reason
    whole: bool = False
    log: bool = True
    absent: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A probability of its own (a toggle, a correction, a skipped field)."""

    path: str
    title: str
    share: float
    approved: float | None
    reason: Reason
    says: str = ""


@dataclass(frozen=True, slots=True)
class CountRow:
    """How often a failed step is tried again."""

    path: str
    title: str
    count: int
    approved: int | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that the policy panel shows, in its order."""

    decisions: tuple[DecisionRow, ...] = ()
    patience: tuple[RangeRow, ...] = ()
    retries: tuple[CountRow, ...] = ()
    pacing: tuple[RangeRow, ...] = ()
    forms: tuple[RangeRow | ShareRow, ...] = ()
    parameters: tuple[RangeRow, ...] = ()
    toggles: tuple[ShareRow, ...] = ()


def panel_of(policy: Policy, workflow: Workflow, approved: Policy | None) -> Panel:
    """Rows for everything that the workflow lets a policy say."""
    return Panel(
        decisions=tuple(_decision(name, policy, workflow, approved) for name in workflow.decisions()),
        patience=(
            _range(policy, approved, "patience.step_wait_seconds", "Waits for one answer", "s", (0.5, 120)),
            _range(policy, approved, "patience.visit_seconds", "Whole visit", "s", (5, 3600)),
        ),
        retries=tuple(_retries(policy, approved, workflow)),
        pacing=tuple(_pacing(policy, approved)),
        forms=_forms(policy, approved) if any(isinstance(step, FormStep) for step in workflow.steps()) else (),
        parameters=tuple(_parameters(policy, approved, workflow)),
        toggles=tuple(
            ShareRow(
                f"toggles.{name}", words(name), share,
                None if approved is None else approved.toggles.get(name), reason_of(policy, f"toggles.{name}"),
            )
            for name, share in _toggles(policy, workflow).items()
        ),
    )  # fmt: skip


def words(name: str) -> str:
    """An identifier as a person would say it."""
    return name.replace("_", " ").replace("-", " ").replace(".", " ")


def title(name: str) -> str:
    """An identifier as a heading."""
    said = words(name)
    return said[:1].upper() + said[1:]


def reason_of(policy: Policy, path: str) -> Reason:
    """The reason recorded for a path, or for the nearest path above it."""
    if f"{EDITED}{path}" in policy.provenance.notes:
        return Reason("edited")
    parts = path.split(".")
    for size in range(len(parts), 0, -1):
        key = ".".join(parts[:size])
        if key in policy.evidence:
            phrase = policy.evidence[key]
            return Reason("said", phrase) if phrase else Reason("assumed")
    return Reason("assumed")


def shares_of(policy: Policy, decision: str, names: Iterable[str]) -> dict[str, float]:
    """Options of a decision as shares that sum to 1 (even where the policy is silent)."""
    named = list(names)
    given = policy.decisions.get(decision)
    weights = {name: given.options.get(name, 0.0) if given else 1.0 for name in named}
    if given:
        weights |= {name: weight for name, weight in given.options.items() if name not in weights}
    total = sum(weights.values())
    return {name: weight / total if total > 0 else 1 / max(1, len(weights)) for name, weight in weights.items()}


def leaving_options(workflow: Workflow) -> set[tuple[str, str]]:
    """Pairs of decision and option after which the visit ends as abandoned, as far as the branches tell."""
    variables = {step.output_var: step.decision for step in workflow.decisions().values()}
    found: set[tuple[str, str]] = set()
    for step in workflow.steps():
        if not isinstance(step, BranchStep):
            continue
        match = re.fullmatch(r"\s*\(?\s*(\w+)\s*==\s*['\"]([\w.\-]+)['\"]\s*\)?\s*", step.condition)
        if match and match[1] in variables and _abandons(step.if_true):
            found.add((variables[match[1]], match[2]))
    return found


def _abandons(steps: tuple[Step, ...]) -> bool:
    for step in steps:
        if isinstance(step, EndStep):
            return step.outcome == "abandoned"
        if isinstance(step, BranchStep | RepeatStep):
            return False
    return False


def _decision(name: str, policy: Policy, workflow: Workflow, approved: Policy | None) -> DecisionRow:
    step = workflow.decisions()[name]
    shares = shares_of(policy, name, step.options)
    before = shares_of(approved, name, step.options) if approved is not None else {}
    leaving = leaving_options(workflow)
    return DecisionRow(
        path=f"decisions.{name}",
        title=title(name),
        prompt=step.prompt,
        options=tuple(
            OptionRow(option, step.options.get(option, ""), share, before.get(option), (name, option) in leaving)
            for option, share in shares.items()
        ),
        reason=reason_of(policy, f"decisions.{name}"),
        cases=tuple(_case(case) for case in _cases(policy, name)),
    )


def _cases(policy: Policy, decision: str) -> tuple[Case, ...]:
    given = policy.decisions.get(decision)
    return given.cases if given else ()


def _case(case: Case) -> str:
    total = sum(case.options.values()) or 1.0
    said = ", ".join(f"{words(name)} {weight / total:.0%}" for name, weight in case.options.items() if weight > 0)
    return f"if {case.when}: {said}"


def _range(
    policy: Policy, approved: Policy | None, path: str, name: str, unit: str, bounds: tuple[float, float]
) -> RangeRow:
    quantity = quantity_at(policy, path)
    before = quantity_at(approved, path) if approved is not None else None
    endless = Span(bounds[1], bounds[1], ("for ever", "for ever"), fixed=True)
    span = span_of(quantity) if quantity is not None else endless
    return RangeRow(
        path=path,
        title=name,
        unit=unit,
        span=span,
        approved=None if before is None else span_of(before),
        bounds=(min(bounds[0], span.low), max(bounds[1], span.high)),
        reason=reason_of(policy, path),
        absent=quantity is None,
    )


def _retries(policy: Policy, approved: Policy | None, workflow: Workflow) -> Iterable[CountRow]:
    before = approved.retries if approved is not None else None
    yield CountRow(
        "retries.default", "Any failed step", policy.retries.default, None if before is None else before.default,
        reason_of(policy, "retries.default"),
    )  # fmt: skip
    names = [step.name for step in workflow.steps() if step.name in policy.retries.steps]
    for name in names:
        count = policy.retries.steps[name]
        was = None if before is None else before.steps.get(name, before.default)
        yield CountRow(f"retries.steps.{name}", title(name), count, was, reason_of(policy, f"retries.steps.{name}"))


def _pacing(policy: Policy, approved: Policy | None) -> Iterable[RangeRow]:
    yield _range(policy, approved, "pacing.think_ms", "Thinks before a step", "ms", (10, 60_000))
    for name in policy.pacing.steps:
        path = f"pacing.steps.{name}"
        yield _range(policy, approved, path, f"Thinks before {words(name)}", "ms", (10, 60_000))


def _forms(policy: Policy, approved: Policy | None) -> tuple[RangeRow | ShareRow, ...]:
    before = approved.forms if approved is not None else None
    correction = None if before is None else before.correction_probability
    skip = None if before is None else before.skip_optional
    return (
        _range(policy, approved, "forms.typing_ms_per_char", "Types one character in", "ms", (20, 2000)),
        ShareRow(
            "forms.correction_probability", "Corrects a field", policy.forms.correction_probability, correction,
            reason_of(policy, "forms.correction_probability"),
        ),
        ShareRow(
            "forms.skip_optional", "Skips optional fields", policy.forms.skip_optional, skip,
            reason_of(policy, "forms.skip_optional"),
        ),
    )  # fmt: skip


def _parameters(policy: Policy, approved: Policy | None, workflow: Workflow) -> Iterable[RangeRow]:
    for name, allowed in workflow.all_parameters().items():
        path = f"parameters.{name}"
        value = policy.parameters.get(name, allowed)
        before = approved.parameters.get(name, allowed) if approved is not None else None
        if isinstance(value, RangeParameter):
            low, high = (allowed.min, allowed.max) if isinstance(allowed, RangeParameter) else (value.min, value.max)
            was = Span(before.min, before.max) if isinstance(before, RangeParameter) else None
            bounds = (float(min(low, value.min)), float(max(high, value.max)))
            span = Span(value.min, value.max)
            yield RangeRow(path, title(name), "", span, was, bounds, reason_of(policy, path), whole=True, log=False)
        elif isinstance(value, ChoiceParameter):
            says = ", ".join(str(item) for item in value.values)
            span = Span(0, len(value.values), fixed=True)
            yield RangeRow(path, title(name), "", span, None, (0, 1), reason_of(policy, path), says=says)


def _toggles(policy: Policy, workflow: Workflow) -> dict[str, float]:
    known = {toggle.name: toggle.probability for toggle in (workflow.variation.toggles if workflow.variation else ())}
    return {**known, **policy.toggles}
