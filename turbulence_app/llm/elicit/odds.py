"""From what a model finds probable to shares and ranges. Pure arithmetic on natural logarithms.

A model's probabilities of words are not shares of people: long, rare or oddly worded answers lose whoever is asked
about. So only the *change* counts that the persona makes. With ``p`` the model's share of an answer for the persona,
``q`` its share for nobody in particular, and ``b`` what somebody neutral does in this workflow (from the rules)::

    weight = b * (p / q) ** exponent        (then divided by the sum)

Dividing by ``q`` is contextual calibration (Zhao et al. 2021, "Calibrate before use") and, seen from the answer,
scoring by pointwise mutual information (Holtzman et al. 2021, "Surface form competition"). Whoever differs from nobody
in particular in nothing gets exactly the neutral weights.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

EXPONENT = 1.0
"""How far a change of odds is believed: as it is, where one or two words tell the answers apart."""
WHOLE_EXPONENT = 0.6
"""The same where every word of longer answers counts: their evidence overlaps, and models are surer than they are
right. Fitted on the development personas (90 expectations of the likeliest option, a model of 270 million parameters):
the mean logarithm of the expected option's weight was -0.94 with 0.25, -0.85 with 0.5, -0.86 with 0.75, -0.92 with 1
and -1.28 with 2."""
MOST = 8.0
"""A change of odds beyond e to this is no longer told from certainty: no option becomes impossible."""


def change(persona: Sequence[float], nobody: Sequence[float]) -> tuple[float, ...]:
    """By how much the persona changes the logarithm of each answer's share; adding a constant changes nothing later."""
    return tuple(p - q for p, q in zip(persona, nobody, strict=True))


def tilted(base: Sequence[float], changes: Sequence[float], exponent: float = EXPONENT) -> tuple[float, ...]:
    """Shares that sum to 1: the neutral ones (not negative, some above 0), each times its change."""
    top = max(c for b, c in zip(base, changes, strict=True) if b > 0)
    raw = [b * math.exp(max(-MOST, exponent * (c - top))) for b, c in zip(base, changes, strict=True)]
    total = math.fsum(raw)
    return tuple(weight / total for weight in raw)


def moved(base: Sequence[float], shares: Sequence[float]) -> float:
    """How much the shares say that the neutral ones do not (Kullback-Leibler divergence, nats; 0 is nothing)."""
    return math.fsum(s * math.log(s / b) for b, s in zip(base, shares, strict=True) if s > 0 and b > 0)


def around(values: Sequence[float], low: float, high: float) -> tuple[float, ...]:
    """A neutral distribution over a rising scale: log-normal with ``low`` and ``high`` as its quartiles.

    Each value stands for the values that are nearer to it (in ratio) than to its neighbours; the ends for all beyond.
    """
    middle = (math.log(low) + math.log(high)) / 2
    spread = max((math.log(high) - math.log(low)) / (2 * _QUARTILE), _LEAST_SPREAD)
    cuts = [_normal((cut - middle) / spread) for cut in _cuts(values)]
    edges = [0.0, *cuts, 1.0]
    return tuple(b - a for a, b in itertools.pairwise(edges))


def quantile(values: Sequence[float], shares: Sequence[float], at: float) -> float:
    """The value below which the part ``at`` of the people lie: linear in the logarithm inside what a value stands for.

    The first and the last value stand for as much beyond them as on their inner side.
    """
    cuts = _cuts(values)
    logs = [math.log(v) for v in values]
    edges = [2 * logs[0] - cuts[0], *cuts, 2 * logs[-1] - cuts[-1]]
    below = 0.0
    for i, share in enumerate(shares):
        if below + share >= at and share > 0:
            part = (at - below) / share
            return math.exp(edges[i] + part * (edges[i + 1] - edges[i]))
        below += share
    return math.exp(edges[-1])


def _cuts(values: Sequence[float]) -> list[float]:
    return [(math.log(a) + math.log(b)) / 2 for a, b in itertools.pairwise(values)]


def _normal(z: float) -> float:
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


_QUARTILE = 0.6744897501960817
"""The upper quartile of the standard normal distribution."""
_LEAST_SPREAD = 0.25
