"""Which number of a policy moves completion most: each is moved a stated way, everybody keeps their draws.

A share is moved by ten points (the others of its decision keep their proportions), a time is divided and multiplied
by one and a half, a count goes one down and one up. A number in which several compilations disagree (``ranges``) is
moved through that range instead: there it is known how far it may be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from turbulence_app.domain.policy import DecisionPolicy, Policy, Spread
from turbulence_app.domain.quantity import Exponential, Lognormal, Percentiles, Quantity, Table, Uniform
from turbulence_app.domain.workflow import RangeParameter, Workflow
from turbulence_app.insight.parts import part_of, put_part

POINTS = 0.10
FACTOR = 1.5
Z = 1.959963984540054
"""Of a two-sided interval at 95 %."""


@dataclass(frozen=True, slots=True)
class Move:
    """One number, its two other values, and the policies that have them. ``part`` is the path of its part."""

    path: str
    part: str
    low: float
    high: float
    below: Policy
    above: Policy
    guessed: bool = False
    """Whether the ends are those between which several compilations lie."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A difference of two shares of the same people, with its 95 % interval."""

    difference: float
    low: float
    high: float


def shift(gained: int, lost: int, users: int) -> Shift:
    """The difference of completion where ``gained`` users complete only now and ``lost`` only before.

    Interval of A. Agresti and Y. Min, *Simple improved confidence intervals for comparing matched proportions*,
    Statistics in Medicine 24 (2005): half a person more in each cell of the table of pairs.
    """
    if users <= 0:
        return Shift(0.0, -1.0, 1.0)
    n, apart = users + 2, gained - lost
    half = Z * math.sqrt(max(0.0, (gained + lost + 1) - apart * apart / n)) / n
    middle = apart / n
    return Shift(apart / users, max(-1.0, middle - half), min(1.0, middle + half))


def moves(policy: Policy, workflow: Workflow) -> tuple[Move, ...]:
    """Every number that can be moved, in the policy's order; what has no room to move is left out."""
    found = [*_decisions(policy, workflow), *_times(policy), *_counts(policy), *_shares(policy)]
    found += _amounts(policy, workflow)
    return tuple(move for move in found if move.below != policy or move.above != policy)


def scaled(quantity: Quantity, factor: float) -> Quantity:
    """A quantity with every value times ``factor``."""
    if isinstance(quantity, Uniform):
        return Uniform(min=quantity.min * factor, max=quantity.max * factor)
    if isinstance(quantity, Percentiles):
        p99 = None if quantity.p99 is None else quantity.p99 * factor
        return Percentiles(p50=quantity.p50 * factor, p95=quantity.p95 * factor, p99=p99)
    if isinstance(quantity, Exponential):
        return Exponential(kind="exponential", mean=quantity.mean * factor)
    if isinstance(quantity, Lognormal):
        return Lognormal(kind="lognormal", median=quantity.median * factor, p95=quantity.p95 * factor)
    if isinstance(quantity, Table):
        return Table(kind="table", values=tuple(value * factor for value in quantity.values))
    return float(quantity) * factor


def middle(quantity: Quantity) -> float:
    """One number that stands for a quantity: where half of its values lie below."""
    if isinstance(quantity, Uniform):
        return (quantity.min + quantity.max) / 2
    if isinstance(quantity, Percentiles):
        return quantity.p50
    if isinstance(quantity, Exponential):
        return quantity.mean
    if isinstance(quantity, Lognormal):
        return quantity.median
    if isinstance(quantity, Table):
        return quantity.values[len(quantity.values) // 2]
    return float(quantity)


def reweighted(options: dict[str, float], option: str, share: float) -> dict[str, float]:
    """The weights with one option at ``share`` of the whole; the others keep their proportions."""
    rest = math.fsum(weight for name, weight in options.items() if name != option)
    others = [name for name in options if name != option]
    return {
        name: share if name == option else (1 - share) * (weight / rest if rest > 0 else 1 / len(others))
        for name, weight in options.items()
    }


def _decisions(policy: Policy, workflow: Workflow) -> Iterator[Move]:
    for name in workflow.decisions():
        given = policy.decisions.get(name)
        if given is None or len(given.options) < 2:
            continue
        # with two options, moving the one is moving the other
        options = list(given.options)[-1:] if len(given.options) == 2 else list(given.options)
        for option in options:
            yield _option(policy, name, given, option)


def _option(policy: Policy, name: str, given: DecisionPolicy, option: str) -> Move:
    total = math.fsum(given.options.values())
    share = given.options[option] / total if total > 0 else 1 / len(given.options)
    path = f"decisions.{name}.options.{option}"
    low, high, guessed = _ends(policy.ranges.get(path), max(0.0, share - POINTS), min(1.0, share + POINTS))

    def at(value: float) -> Policy:
        options = reweighted(dict(given.options), option, value)
        return put_part(policy, f"decisions.{name}", given.model_copy(update={"options": options}))

    return Move(path, f"decisions.{name}", low, high, at(low), at(high), guessed)


def _times(policy: Policy) -> Iterator[Move]:
    paths = ["patience.step_wait_seconds", "patience.visit_seconds", "pacing.think_ms"]
    paths += [f"pacing.steps.{name}" for name in policy.pacing.steps]
    for path in (*paths, "forms.typing_ms_per_char"):
        quantity = part_of(policy, path)
        if quantity is None:
            continue
        least, most = policy.ranges.get(f"{path}.min"), policy.ranges.get(f"{path}.max")
        if least is not None and most is not None:
            below: Quantity = Uniform(min=least.min, max=max(least.min, most.min))
            above: Quantity = Uniform(min=least.max, max=max(least.max, most.max))
        else:
            below, above = scaled(quantity, 1 / FACTOR), scaled(quantity, FACTOR)
        guessed = least is not None and most is not None
        policies = put_part(policy, path, below), put_part(policy, path, above)
        yield Move(path, path, middle(below), middle(above), *policies, guessed)


def _counts(policy: Policy) -> Iterator[Move]:
    for path in ("retries.default", *(f"retries.steps.{name}" for name in policy.retries.steps)):
        count = int(part_of(policy, path))
        low, high, guessed = _ends(policy.ranges.get(path), max(0, count - 1), min(50, count + 1))
        low, high = round(low), round(high)
        yield Move(path, path, low, high, put_part(policy, path, low), put_part(policy, path, high), guessed)


def _shares(policy: Policy) -> Iterator[Move]:
    paths = ["forms.correction_probability", "forms.skip_optional", *(f"toggles.{name}" for name in policy.toggles)]
    for path in paths:
        share = float(part_of(policy, path))
        low, high, guessed = _ends(policy.ranges.get(path), max(0.0, share - POINTS), min(1.0, share + POINTS))
        yield Move(path, path, low, high, put_part(policy, path, low), put_part(policy, path, high), guessed)


def _amounts(policy: Policy, workflow: Workflow) -> Iterator[Move]:
    allowed = workflow.all_parameters()
    for name, value in policy.parameters.items():
        bounds = allowed.get(name)
        if not isinstance(value, RangeParameter) or not isinstance(bounds, RangeParameter):
            continue
        path = f"parameters.{name}"
        below = RangeParameter(type="range", min=max(bounds.min, value.min - 1), max=max(bounds.min, value.max - 1))
        above = RangeParameter(type="range", min=min(bounds.max, value.min + 1), max=min(bounds.max, value.max + 1))
        ends = (below.min + below.max) / 2, (above.min + above.max) / 2
        yield Move(path, path, *ends, put_part(policy, path, below), put_part(policy, path, above))


def _ends(spread: Spread | None, low: float, high: float) -> tuple[float, float, bool]:
    return (low, high, False) if spread is None else (spread.min, spread.max, True)
