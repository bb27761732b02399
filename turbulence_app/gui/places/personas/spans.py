"""Quantities as two numbers that handles can drag, whatever distribution is behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Exponential, Lognormal, Percentiles, Quantity, Table, Uniform


@dataclass(frozen=True, slots=True)
class Span:
    """Two numbers of a quantity, and what each means. ``single``: one number only. ``fixed``: not to be dragged."""

    low: float
    high: float
    names: tuple[str, str] = ("from", "to")
    single: bool = False
    fixed: bool = False


def span_of(quantity: Quantity) -> Span:
    """The numbers that say where most of a quantity lies."""
    if isinstance(quantity, Uniform):
        return Span(quantity.min, quantity.max)
    if isinstance(quantity, Percentiles):
        return Span(quantity.p50, quantity.p95, ("median", "95th percentile"))
    if isinstance(quantity, Lognormal):
        return Span(quantity.median, quantity.p95, ("median", "95th percentile"))
    if isinstance(quantity, Exponential):
        return Span(quantity.mean, quantity.mean, ("mean", "mean"), single=True)
    if isinstance(quantity, Table):
        return Span(quantity.values[0], quantity.values[-1], ("least", "most"))
    return Span(float(quantity), float(quantity), ("always", "always"), single=True)


def with_span(quantity: Quantity, low: float, high: float) -> Quantity:
    """The same kind of quantity with other numbers; a constant that is pulled apart becomes a uniform range."""
    low, high = min(low, high), max(low, high)
    if isinstance(quantity, Percentiles):
        p50 = max(low, 1e-6)
        p95 = max(high, p50)
        ratio = quantity.p99 / quantity.p95 if quantity.p99 is not None else None
        return Percentiles(p50=p50, p95=p95, p99=p95 * ratio if ratio is not None else None)
    if isinstance(quantity, Lognormal):
        median = max(low, 1e-6)
        return Lognormal(kind="lognormal", median=median, p95=max(high, median))
    if isinstance(quantity, Exponential):
        return Exponential(kind="exponential", mean=max(high, 1e-6))
    if isinstance(quantity, Table):
        return _stretched(quantity, low, high)
    if not isinstance(quantity, Uniform) and low == high:
        return low
    return Uniform(min=low, max=high)


def _stretched(table: Table, low: float, high: float) -> Table:
    """What was measured, moved and stretched evenly until it lies between the two."""
    first, last = table.values[0], table.values[-1]
    if last <= first:
        return Table(kind="table", values=(low, high))
    inner = [min(high, low + (value - first) / (last - first) * (high - low)) for value in table.values[1:-1]]
    return Table(kind="table", values=(low, *inner, high))


SHAPES = {
    "constant": "Always the same",
    "uniform": "Evenly between two",
    "percentiles": "Median and 95th percentile",
    "exponential": "Memoryless, by its mean",
    "table": "As measured",
}
"""What a quantity's two numbers are, by key: in words, as a menu says it."""


def shape_of(quantity: Quantity) -> str:
    """The key of what kind of quantity it is."""
    if isinstance(quantity, Uniform):
        return "uniform"
    if isinstance(quantity, Percentiles | Lognormal):
        return "percentiles"
    if isinstance(quantity, Exponential):
        return "exponential"
    return "table" if isinstance(quantity, Table) else "constant"


def with_shape(quantity: Quantity, shape: str) -> Quantity:
    """The quantity as another kind, about as large as it was; one of its own kind stays as it is."""
    if shape == shape_of(quantity) or shape not in SHAPES or shape == "table":
        return quantity
    span = span_of(quantity)
    low, high = span.low, span.high
    if shape == "uniform":
        return Uniform(min=nice(low / 2), max=nice(high * 1.5)) if low == high else Uniform(min=low, max=high)
    middle = (low + high) / 2 if isinstance(quantity, Uniform | Table) else low
    if shape == "percentiles":
        p50 = max(nice(middle), 1e-6)
        return Percentiles(p50=p50, p95=max(p50, high if high > p50 else nice(p50 * 3)))
    if shape == "exponential":
        return Exponential(kind="exponential", mean=max(nice(middle), 1e-6))
    return nice(middle)


def nice(value: float) -> float:
    """Rounded to two significant figures below 100 and to three above: what a hand can mean."""
    if value <= 0 or not math.isfinite(value):
        return 0.0
    digits = 1 if value < 100 else 2
    return float(round(value, digits - math.floor(math.log10(value))))


def quantity_at(policy: Policy, path: str) -> Quantity | None:
    """The quantity under a dotted path such as ``pacing.steps.address``; None where the policy says nothing."""
    head, *rest = path.split(".")
    if head == "patience":
        return policy.patience.step_wait_seconds if rest == ["step_wait_seconds"] else policy.patience.visit_seconds
    if head == "pacing":
        return policy.pacing.think_ms if rest == ["think_ms"] else policy.pacing.steps.get(".".join(rest[1:]))
    return policy.forms.typing_ms_per_char


def with_quantity(policy: Policy, path: str, value: Quantity | None) -> Policy:
    """The policy with another quantity under the path."""
    head, *rest = path.split(".")
    if head == "patience":
        return policy.model_copy(update={"patience": policy.patience.model_copy(update={rest[0]: value})})
    if head == "pacing" and rest == ["think_ms"]:
        return policy.model_copy(update={"pacing": policy.pacing.model_copy(update={"think_ms": value or 0.0})})
    if head == "pacing":
        step = ".".join(rest[1:])
        steps = {name: q for name, q in policy.pacing.steps.items() if name != step or value is not None}
        if value is not None:
            steps[step] = value  # where it stood: a row that jumps away is lost to the hand that drags it
        return policy.model_copy(update={"pacing": policy.pacing.model_copy(update={"steps": steps})})
    return policy.model_copy(update={"forms": policy.forms.model_copy(update={"typing_ms_per_char": value})})
