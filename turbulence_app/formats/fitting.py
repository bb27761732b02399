"""Measured times as quantities, and counted answers as outcomes: how recordings become models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from turbulence_app.domain.quantity import Quantity, Table, Uniform
from turbulence_app.domain.workflow import AnswerModel, ServiceModel
from turbulence_app.formats.statuses import name_of

FEW = 20
"""Below this a table says more about the sample than about the service."""
KNOTS = 129
"""Most points of a fitted table."""
TIMEOUT = "timeout"


def quantity_of(milliseconds: Sequence[float]) -> Quantity:
    """One measurement is that number, two to four are their span, more a table of their quantiles.

    Quantiles are linear between order statistics (type 7 of Hyndman and Fan, 1996), so that a table of n measurements
    with n points is the measurements themselves.
    """
    values = sorted(round(v, 3) for v in milliseconds)
    if len(values) == 1 or values[0] == values[-1]:
        return values[0]
    if len(values) < 5:
        return Uniform(min=values[0], max=values[-1])
    points = min(len(values), KNOTS)
    return Table(kind="table", values=tuple(_quantile(values, i, points - 1) for i in range(points)))


def _quantile(values: list[float], part: int, parts: int) -> float:
    whole, rest = divmod(part * (len(values) - 1), parts)
    low = values[whole]
    return low if rest == 0 else round(low + (values[whole + 1] - low) * rest / parts, 3)


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Counts as probabilities of at most six decimals that sum to 1; the largest takes what rounding leaves."""
    total = sum(counts.values())
    found = {name: round(count / total, 6) for name, count in counts.items() if count}
    largest = max(found, key=lambda name: found[name])
    found[largest] = round(1.0 - sum(p for name, p in found.items() if name != largest), 6)
    return found


def outcomes_of(statuses: Mapping[int, int], known: ServiceModel | None = None) -> dict[str, float | AnswerModel]:
    """Outcomes out of how often each status came; 0 stands for an answer that never came.

    What ``known`` says of an outcome (its name, its body) stays; only its probability is measured.
    """
    names: dict[int, str] = {}
    for name, answer in (known.outcomes if known else {}).items():
        if isinstance(answer, AnswerModel) and answer.status is not None:
            names.setdefault(answer.status, name)
    counts: Counter[str] = Counter()
    status_of: dict[str, int] = {}
    for status, count in sorted(statuses.items()):
        name = TIMEOUT if status == 0 else names.get(status) or name_of(status)
        counts[name] += count
        if count >= counts[name] - count:
            status_of[name] = status
    measured = shares(counts)
    found: dict[str, float | AnswerModel] = {}
    for name in sorted(measured, key=lambda n: (n != "ok", -measured[n], n)):
        found[name] = _answer(name, measured[name], status_of[name], known)
    return found


def _answer(name: str, p: float, status: int, known: ServiceModel | None) -> float | AnswerModel:
    given = known.outcomes.get(name) if known else None
    if isinstance(given, AnswerModel):
        return given.model_copy(update={"p": p})
    if given is not None or status == 0 or (name, status) in (("declined", 402), ("error", 500)):
        return p
    return AnswerModel(p=p, status=status)
