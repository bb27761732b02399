"""The policy panel as data: rows out of a policy and its workflow, edits as policy to policy. No Qt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import (
    BranchStep,
    ChoiceParameter,
    DecideStep,
    EndStep,
    FormStep,
    RangeParameter,
    RepeatStep,
    Step,
    Workflow,
)
from turbulence_app.gui.places.personas.panel_rows import (
    CaseRow,
    ChoiceRow,
    CountRow,
    DecisionRow,
    ListRow,
    OptionRow,
    Panel,
    RangeRow,
    Reason,
    ShareRow,
)
from turbulence_app.gui.places.personas.spans import Span, quantity_at, shape_of, span_of
from turbulence_app.insight.parts import part_of

EDITED = "edited "
"""Notes of a policy's provenance that begin so name what was changed by hand since it was compiled."""
_RETRIED = ("http", "grpc", "form")


def panel_of(policy: Policy, workflow: Workflow, approved: Policy | None) -> Panel:
    """Rows for everything that the workflow lets a policy say."""
    leaving = leaving_options(workflow)
    return Panel(
        decisions=tuple(_decision(step, policy, approved, leaving) for step in workflow.decisions().values()),
        patience=(
            _range(policy, approved, "patience.step_wait_seconds", "Waits for one answer", "s", (0.5, 120)),
            _range(policy, approved, "patience.visit_seconds", "Whole visit", "s", (5, 3600)),
        ),
        retries=tuple(_retries(policy, approved)),
        pacing=tuple(_pacing(policy, approved)),
        forms=_forms(policy, approved) if any(isinstance(step, FormStep) for step in workflow.steps()) else (),
        parameters=tuple(_parameters(policy, approved, workflow)),
        toggles=tuple(
            _share(policy, approved, f"toggles.{name}", title(name), share)
            for name, share in _toggles(policy, workflow).items()
        ),
        data=tuple(_data(policy, approved)),
        steps=tuple(dict.fromkeys(step.name for step in workflow.steps() if step.type in _RETRIED)),
    )


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


def _decision(step: DecideStep, policy: Policy, approved: Policy | None, leaving: set[tuple[str, str]]) -> DecisionRow:
    name = step.decision
    path = f"decisions.{name}"
    before = shares_of(approved, name, step.options) if approved is not None else {}
    were = _cases(approved, name) if approved is not None else {}

    def options(shares: Mapping[str, float], was: Mapping[str, float]) -> tuple[OptionRow, ...]:
        return tuple(
            OptionRow(option, step.options.get(option, ""), share, was.get(option), (name, option) in leaving)
            for option, share in shares.items()
        )

    return DecisionRow(
        path=path,
        title=title(name),
        prompt=step.prompt,
        options=options(shares_of(policy, name, step.options), before),
        reason=reason_of(policy, path),
        cases=tuple(
            CaseRow(when, options(shares, were.get(when, {})))
            for when, shares in _cases(policy, name, step.options).items()
        ),
        changed=_changed(policy, approved, path),
    )


def _cases(policy: Policy, decision: str, names: Iterable[str] = ()) -> dict[str, dict[str, float]]:
    """Shares under each condition, the decision's other options at 0; of equal conditions only the first can match."""
    given, found = policy.decisions.get(decision), dict[str, dict[str, float]]()
    for case in given.cases if given else ():
        weights = {name: case.options.get(name, 0.0) for name in names} | dict(case.options)
        total = sum(weights.values())
        shares = {name: weight / total if total > 0 else 1 / max(1, len(weights)) for name, weight in weights.items()}
        found.setdefault(case.when, shares)
    return found


def _changed(policy: Policy, approved: Policy | None, path: str) -> bool:
    return approved is not None and part_of(policy, path) != part_of(approved, path)


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
        shape="" if quantity is None else shape_of(quantity),
        removable=".steps." in path,
        changed=_changed(policy, approved, path),
    )


def _share(policy: Policy, approved: Policy | None, path: str, name: str, share: float) -> ShareRow:
    was = None if approved is None else part_of(approved, path)
    return ShareRow(path, name, share, was, reason_of(policy, path), _changed(policy, approved, path))


def _retries(policy: Policy, approved: Policy | None) -> Iterable[CountRow]:
    before = approved.retries if approved is not None else None
    path = "retries.default"
    yield CountRow(
        path, "Any failed step", policy.retries.default, None if before is None else before.default,
        reason_of(policy, path), changed=_changed(policy, approved, path),
    )  # fmt: skip
    for name, count in policy.retries.steps.items():
        path = f"retries.steps.{name}"
        was = None if before is None else before.steps.get(name, before.default)
        changed = _changed(policy, approved, path)
        yield CountRow(path, title(name), count, was, reason_of(policy, path), removable=True, changed=changed)


def _pacing(policy: Policy, approved: Policy | None) -> Iterable[RangeRow]:
    yield _range(policy, approved, "pacing.think_ms", "Before any step", "ms", (10, 60_000))
    for name in policy.pacing.steps:
        path = f"pacing.steps.{name}"
        yield _range(policy, approved, path, f"Before {words(name)}", "ms", (10, 60_000))


def _forms(policy: Policy, approved: Policy | None) -> tuple[RangeRow | ShareRow, ...]:
    now = policy.forms
    return (
        _range(policy, approved, "forms.typing_ms_per_char", "Types one character in", "ms", (20, 2000)),
        _share(policy, approved, "forms.correction_probability", "Corrects a field", now.correction_probability),
        _share(policy, approved, "forms.skip_optional", "Skips optional fields", now.skip_optional),
    )


def _parameters(policy: Policy, approved: Policy | None, workflow: Workflow) -> Iterable[RangeRow | ChoiceRow]:
    for name, allowed in workflow.all_parameters().items():
        path = f"parameters.{name}"
        value = policy.parameters.get(name, allowed)
        before = approved.parameters.get(name, allowed) if approved is not None else None
        reason, changed = reason_of(policy, path), before is not None and before != value
        if isinstance(value, RangeParameter):
            low, high = (allowed.min, allowed.max) if isinstance(allowed, RangeParameter) else (value.min, value.max)
            was = Span(before.min, before.max) if isinstance(before, RangeParameter) else None
            bounds = (float(min(low, value.min)), float(max(high, value.max)))
            span = Span(value.min, value.max)
            yield RangeRow(path, title(name), "", span, was, bounds, reason, whole=True, log=False, changed=changed)
        elif isinstance(value, ChoiceParameter):
            every = allowed.values if isinstance(allowed, ChoiceParameter) else value.values
            was_used = before.values if isinstance(before, ChoiceParameter) else value.values
            shown = tuple((said(item), item in value.values, item in was_used) for item in every)
            yield ChoiceRow(path, title(name), shown, reason, changed)


def said(value: Any) -> str:
    """A value as it is written, words without quotation marks."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _data(policy: Policy, approved: Policy | None) -> Iterable[ListRow]:
    for name, values in policy.data.items():
        path = f"data.{name}"
        text = ", ".join(said(value) for value in values)
        yield ListRow(path, title(name), text, reason_of(policy, path), _changed(policy, approved, path))


def _toggles(policy: Policy, workflow: Workflow) -> dict[str, float]:
    known = {toggle.name: toggle.probability for toggle in (workflow.variation.toggles if workflow.variation else ())}
    return {**known, **policy.toggles}
