"""Edits by hand: policy to policy. Every edit is remembered as one and takes the approval away."""

from __future__ import annotations

from turbulence_app.domain.policy import DecisionPolicy, Policy
from turbulence_app.domain.workflow import RangeParameter, Workflow
from turbulence_app.gui.places.personas.spans import quantity_at, with_quantity, with_span
from turbulence_app.gui.places.personas.state import EDITED, shares_of

STEP = 0.001
"""Shares are kept to a tenth of a per cent."""


def set_share(policy: Policy, workflow: Workflow, decision: str, option: str, share: float) -> Policy:
    """Give one option a share; the others keep their proportions and the whole stays 1."""
    step = workflow.decisions()[decision]
    shares = shares_of(policy, decision, step.options)
    share = min(1.0, max(0.0, share))
    rest = sum(value for name, value in shares.items() if name != option)
    others = {name: value for name, value in shares.items() if name != option}
    for name, value in others.items():
        others[name] = (1 - share) * (value / rest if rest > 0 else 1 / len(others))
    # a decision with a single option has nothing to give the rest to
    made = {name: round(share if name == option else others[name], 6) for name in shares} if others else {option: 1.0}
    cases = policy.decisions[decision].cases if decision in policy.decisions else ()
    decisions = {**policy.decisions, decision: DecisionPolicy(options=made, cases=cases)}
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


def edited(policy: Policy, path: str) -> Policy:
    """Note that ``path`` was changed by hand, and that nobody approved the result yet."""
    note = f"{EDITED}{path}"
    notes = policy.provenance.notes if note in policy.provenance.notes else (*policy.provenance.notes, note)
    provenance = policy.provenance.model_copy(update={"notes": notes, "approved_by": None, "approved_at": None})
    return policy.model_copy(update={"provenance": provenance})
