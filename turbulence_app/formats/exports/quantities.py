"""Quantities and what a visit begins with, as Python source."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.inputs import Member
from turbulence_app.domain.quantity import Exponential, Lognormal, Percentiles, Quantity, Table, Uniform
from turbulence_app.domain.workflow import RangeParameter, Workflow


def sampled(quantity: Quantity) -> str:
    """Python that draws one value, in the quantity's own unit."""
    match quantity:
        case Uniform(min=low, max=high):
            return f"between({low:g}, {high:g})"
        case Percentiles(p50=p50, p95=p95, p99=p99):
            third = f", (0.99, {p99:g})" if p99 is not None else ""
            return f"percentiles((0.5, {p50:g}), (0.95, {p95:g}){third})"
        case Lognormal(median=median, p95=p95):
            return f"percentiles((0.5, {median:g}), (0.95, {p95:g}))"
        case Exponential(mean=mean):
            return f"random.expovariate(1 / {mean:g})"
        case Table(values=values):
            return f"table({', '.join(f'{value:g}' for value in values)})"
    return f"{quantity:g}"


def beginnings(workflow: Workflow, member: Member) -> dict[str, str]:
    """What a visit of a persona begins with: name to Python that draws it, in the order of precedence."""
    policy = member.policy
    found: dict[str, str] = {}
    for name, default in workflow.all_parameters().items():
        chosen = policy.parameters.get(name, default)
        one_of = isinstance(chosen, RangeParameter)
        found[name] = f"random.randint({chosen.min}, {chosen.max})" if one_of else _choice(chosen.values)  # type: ignore[union-attr]
    toggles = {t.name: t.probability for t in (workflow.variation.toggles if workflow.variation else ())}
    for name, share in {**toggles, **policy.toggles}.items():
        found.setdefault(name, f"random.random() < {share:g}")
    for name, value in workflow.entry.seed_data.items():
        found.setdefault(name, _choice(value) if isinstance(value, list | tuple) and value else repr(value))
    for name, values in policy.data.items():
        found.setdefault(name, _choice(values) if values else "None")
    found["persona"] = repr(member.persona)
    return found


def _choice(values: Any) -> str:
    return f"random.choice({list(values)!r})"
