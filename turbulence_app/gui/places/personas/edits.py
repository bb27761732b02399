"""Edits by hand: policy to policy. Every edit is remembered as one and takes the approval away."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from turbulence_app.domain.expressions import parse
from turbulence_app.domain.policy import Case, DecisionPolicy, Policy
from turbulence_app.domain.tokens import ExpressionError
from turbulence_app.domain.workflow import ChoiceParameter, RangeParameter, Workflow
from turbulence_app.gui.places.personas.spans import quantity_at, with_quantity, with_shape, with_span
from turbulence_app.gui.places.personas.state import EDITED, said, shares_of
from turbulence_app.insight.parts import differing, part_of, put_part, take

STEP = 0.001
"""Shares are kept to a tenth of a per cent."""


NEW_CASE = "elapsed_ms > 60000"
"""What a case that was just added asks: a minute of the visit is over."""


def set_share(policy: Policy, workflow: Workflow, decision: str, option: str, share: float, when: str = "") -> Policy:
    """Give one option a share, of the decision or of its case ``when``; the others keep their proportions."""
    names = workflow.decisions()[decision].options
    if when:
        return _with_case(policy, decision, when, lambda case: case.model_copy(
            update={"options": _shared(_whole(case.options, names), option, share)}))  # fmt: skip
    made = _shared(shares_of(policy, decision, names), option, share)
    cases = policy.decisions[decision].cases if decision in policy.decisions else ()
    decisions = {**policy.decisions, decision: DecisionPolicy(options=made, cases=cases)}
    return edited(policy.model_copy(update={"decisions": decisions}), f"decisions.{decision}")


def _whole(weights: Mapping[str, float], names: Mapping[str, str]) -> dict[str, float]:
    """Every option's weight as a share of 1; those that are not named have none."""
    every = {name: weights.get(name, 0.0) for name in names} | dict(weights)
    total = sum(every.values())
    return {name: weight / total if total > 0 else 1 / len(every) for name, weight in every.items()}


def _shared(shares: Mapping[str, float], option: str, share: float) -> dict[str, float]:
    share = min(1.0, max(0.0, share))
    others = {name: value for name, value in shares.items() if name != option}
    rest = sum(others.values())
    if not others:  # a decision with a single option has nothing to give the rest to
        return {option: 1.0}
    each = {name: (1 - share) * (value / rest if rest > 0 else 1 / len(others)) for name, value in others.items()}
    return {name: round(share if name == option else each[name], 6) for name in shares}


def add_case(policy: Policy, workflow: Workflow, decision: str) -> Policy:
    """Another case of a decision, with the decision's own shares; a second new one waits until the first has a name."""
    names = workflow.decisions()[decision].options
    given = policy.decisions.get(decision) or DecisionPolicy(options=shares_of(policy, decision, names))
    if any(case.when == NEW_CASE for case in given.cases):
        return policy
    case = Case(when=NEW_CASE, options=shares_of(policy, decision, names))
    return _with_decision(policy, decision, given.model_copy(update={"cases": (*given.cases, case)}))


def set_when(policy: Policy, decision: str, when: str, words: str) -> Policy:
    """Give a case another condition. Raises ``ExpressionError`` for one that cannot be read."""
    parse(words)
    return _with_case(policy, decision, when, lambda case: case.model_copy(update={"when": words}))


def drop_case(policy: Policy, decision: str, when: str) -> Policy:
    """Take a case out."""
    return _with_case(policy, decision, when, lambda _case: None)


def _with_case(policy: Policy, decision: str, when: str, change: Callable[[Case], Case | None]) -> Policy:
    given = policy.decisions.get(decision)
    place = next((i for i, case in enumerate(given.cases) if case.when == when), None) if given else None
    if given is None or place is None:
        return policy
    made = change(given.cases[place])
    cases = (*given.cases[:place], *(() if made is None else (made,)), *given.cases[place + 1 :])
    return _with_decision(policy, decision, given.model_copy(update={"cases": cases}))


def _with_decision(policy: Policy, decision: str, given: DecisionPolicy) -> Policy:
    decisions = {**policy.decisions, decision: given}
    return edited(policy.model_copy(update={"decisions": decisions}), f"decisions.{decision}")


def set_span(policy: Policy, path: str, low: float, high: float) -> Policy:
    """Move the ends of a range."""
    if path.startswith("parameters."):
        made = RangeParameter(type="range", min=round(min(low, high)), max=round(max(low, high)))
        parameters = {**policy.parameters, path.removeprefix("parameters."): made}
        return edited(policy.model_copy(update={"parameters": parameters}), path)
    quantity = quantity_at(policy, path)
    return edited(with_quantity(policy, path, with_span(quantity if quantity is not None else low, low, high)), path)


def set_forever(policy: Policy, path: str) -> Policy:
    """Take a limit of patience away."""
    return edited(with_quantity(policy, path, None), path)


def set_probability(policy: Policy, path: str, share: float) -> Policy:
    """Change a probability that stands alone."""
    share = round(min(1.0, max(0.0, share)), 4)
    head, name = path.split(".", 1)
    if head == "toggles":
        return edited(policy.model_copy(update={"toggles": {**policy.toggles, name: share}}), path)
    return edited(policy.model_copy(update={"forms": policy.forms.model_copy(update={name: share})}), path)


def set_count(policy: Policy, path: str, count: int) -> Policy:
    """Change how often a step is tried again."""
    count = min(50, max(0, count))
    name = path.removeprefix("retries.")
    if name == "default":
        retries = policy.retries.model_copy(update={"default": count})
    else:
        steps = {**policy.retries.steps, name.removeprefix("steps."): count}
        retries = policy.retries.model_copy(update={"steps": steps})
    return edited(policy.model_copy(update={"retries": retries}), path)


def set_shape(policy: Policy, path: str, shape: str) -> Policy:
    """Make a quantity another kind, about as large as it was."""
    quantity = quantity_at(policy, path)
    if quantity is None or with_shape(quantity, shape) == quantity:
        return policy
    return edited(with_quantity(policy, path, with_shape(quantity, shape)), path)


def add_step(policy: Policy, section: str, step: str) -> Policy:
    """A number of its own for a step, at first the one that it had anyway."""
    if section == "retries":
        return edited(put_part(policy, f"retries.steps.{step}", policy.retries.default), f"retries.steps.{step}")
    return edited(put_part(policy, f"pacing.steps.{step}", policy.pacing.think_ms), f"pacing.steps.{step}")


def drop_step(policy: Policy, path: str) -> Policy:
    """The step has no number of its own any more."""
    return edited(put_part(policy, path, None), path)


def set_choice(policy: Policy, workflow: Workflow, path: str, value: str, on: bool) -> Policy:
    """Use a value of a parameter, or use it no more; one stays."""
    name = path.removeprefix("parameters.")
    allowed = workflow.all_parameters()[name]
    now = policy.parameters.get(name, allowed)
    if not isinstance(now, ChoiceParameter):
        return policy
    every = allowed.values if isinstance(allowed, ChoiceParameter) else now.values
    kept = tuple(item for item in every if (on if said(item) == value else item in now.values))
    if not kept:
        return policy
    return edited(put_part(policy, path, ChoiceParameter(type="choice", values=kept)), path)


def set_list(policy: Policy, path: str, text: str) -> Policy:
    """Type the values of ``data``, apart by commas; numbers and ``true`` are what they look like. Empty: as it was."""
    pieces = [piece.strip() for piece in text.split(",")]
    values = tuple(_value(piece, part_of(policy, path) or ()) for piece in pieces if piece)
    return edited(put_part(policy, path, values), path) if values else policy


def _value(piece: str, before: tuple[Any, ...]) -> Any:
    """What a person means: a value as it was before, else JSON, else words."""
    kept = next((value for value in before if said(value) == piece), None)
    if kept is not None:
        return kept
    try:
        value = json.loads(piece)
    except ValueError:
        return piece
    return value if isinstance(value, int | float) and math.isfinite(value) else piece


def revert(policy: Policy, approved: Policy, path: str) -> Policy:
    """One part as it was approved; a policy that is then the approved one again is it, signature and all."""
    made = take(policy, approved, path)
    if not differing(approved, made):
        return approved
    notes = tuple(note for note in made.provenance.notes if note != f"{EDITED}{path}")
    kept = [note for note in approved.provenance.notes if note == f"{EDITED}{path}"]
    provenance = made.provenance.model_copy(update={"notes": (*notes, *kept), "approved_by": None, "approved_at": None})
    return made.model_copy(update={"provenance": provenance})


def adopt(policy: Policy, other: Policy, path: str) -> Policy:
    """One part of another policy, taken by hand."""
    return edited(take(policy, other, path), path) if part_of(policy, path) != part_of(other, path) else policy


def readable(words: str) -> str:
    """What is wrong with a condition; "" where it can be read."""
    try:
        parse(words)
    except ExpressionError as error:
        return str(error)
    return ""


def edited(policy: Policy, path: str) -> Policy:
    """Note that ``path`` was changed by hand, and that nobody approved the result yet."""
    note = f"{EDITED}{path}"
    notes = policy.provenance.notes if note in policy.provenance.notes else (*policy.provenance.notes, note)
    provenance = policy.provenance.model_copy(update={"notes": notes, "approved_by": None, "approved_at": None})
    return policy.model_copy(update={"provenance": provenance})
