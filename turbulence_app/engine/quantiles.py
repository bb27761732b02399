"""Quantities compiled to integers: what varies becomes a table of microseconds, and a draw is a look-up.

A table has 1,024 intervals, linear in between. It is built with additions, multiplications, divisions and square roots
on doubles alone, which every machine rounds alike; the libraries' own ``log`` and ``exp`` differ between processors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.quantity import Exponential, Lognormal, Percentiles, Quantity, Table, Uniform

KNOTS = 1024
CAP_US = 1 << 40
"""Longest single duration (12.7 days): keeps every sum of a visit inside 64 bits."""
TAIL = 0.1353352832366127 / KNOTS
"""The last knot stands at probability 1 - e^-2/1024, which keeps an exponential's mean."""
LN2 = 0.6931471805599453
MIDDLE = 1 << 31
Array = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sampler:
    """A compiled quantity in microseconds: constant (``span`` 0, no table), uniform integers, or a table."""

    low: int
    span: int = 0
    knots: Times | None = None
    steps: Times | None = None
    bases: Times | None = None
    """``knots[i] - i * steps[i]`` where no product of a step and a word leaves 64 bits."""
    plain: tuple[int, ...] = ()

    @property
    def constant(self) -> bool:
        """Whether it draws nothing."""
        return self.span == 0 and self.knots is None

    @property
    def most(self) -> int:
        """No value is above it."""
        return self.low + self.span if self.knots is None else self.plain[-1]

    def value(self, word: int) -> int:
        """Microseconds for one word."""
        if self.knots is None:
            return self.low + (self.span * word >> 32)
        i, f = word >> 22, word & 0x3FFFFF
        return self.plain[i] + ((self.plain[i + 1] - self.plain[i]) * f >> 22)

    def values(self, words: NDArray[np.uint64]) -> Times:
        """Microseconds for many words; the same integers as :meth:`value`."""
        if self.knots is None or self.steps is None:
            uniform: Times = ((words * np.uint64(self.span)) >> np.uint64(32)).view(np.int64)
            uniform += self.low
            return uniform
        i = (words >> np.uint64(22)).view(np.int64)
        out = self.steps.take(i, mode="wrap")
        if self.bases is not None:
            # steps[i] * f >> 22 = (steps[i] * word >> 22) - i * steps[i]: one pass less than cutting f out of the word
            out *= words.view(np.int64)
            out >>= 22
            out += self.bases.take(i, mode="wrap")
            return out
        out *= (words & np.uint64(0x3FFFFF)).view(np.int64)
        out >>= 22
        out += self.knots.take(i, mode="wrap")
        return out


@lru_cache(maxsize=4096)
def compile_quantity(quantity: Quantity, unit_us: int) -> Sampler:
    """The sampler of a quantity whose numbers count ``unit_us`` microseconds each."""
    if isinstance(quantity, int | float):
        return Sampler(_whole(quantity * unit_us))
    if isinstance(quantity, Uniform):
        low, high = _whole(quantity.min * unit_us), _whole(quantity.max * unit_us)
        span = high - low + 1
        if span == 1:
            return Sampler(low)
        # larger spans would leave 64 bits when multiplied by a word
        return Sampler(low, span) if span < 1 << 31 else _table(np.array([float(low), float(high)]))
    if isinstance(quantity, Table):
        return _table(np.array(quantity.values, np.float64) * unit_us)
    return _tabulate(_curve(quantity) * unit_us)


def _whole(value: float) -> int:
    return min(int(value + 0.5), CAP_US)


def _tabulate(values: Array) -> Sampler:
    clipped = np.minimum(values, float(CAP_US))
    knots = np.floor(clipped + 0.5).astype(np.int64)
    knots = np.maximum.accumulate(knots)
    steps: Times = np.diff(knots)
    bases: Times | None = None
    if int(steps.max()) < 1 << 31:
        bases = knots[:-1] - np.multiply(steps, np.arange(KNOTS), dtype=np.int64)
    return Sampler(int(knots[0]), 0, knots, steps, bases, tuple(knots.tolist()))


def _table(values: Array) -> Sampler:
    """Equally spaced values, brought to the table's own spacing."""
    place = np.arange(KNOTS + 1, dtype=np.float64) * ((values.size - 1) / KNOTS)
    left = np.minimum(place.astype(np.int64), values.size - 2)
    return _tabulate(values[left] + (values[left + 1] - values[left]) * (place - left))


def _curve(quantity: Exponential | Lognormal | Percentiles) -> Array:
    if isinstance(quantity, Exponential):
        return _unit_exponential() * quantity.mean
    scores = _scores()
    if isinstance(quantity, Lognormal):
        median, p95, p99 = quantity.median, quantity.p95, None
    else:
        median, p95, p99 = quantity.p50, quantity.p95, quantity.p99
    z95, z99 = 1.6448536269514722, 2.3263478740408408
    logs = log(np.array([median, p95, p99 or p95]))
    slope = (logs[1] - logs[0]) / z95
    curve = logs[0] + slope * scores
    if p99 is not None:
        tail = (logs[2] - logs[1]) / (z99 - z95)
        curve = np.where(scores > z95, logs[1] + tail * (scores - z95), curve)
    return exp(np.clip(curve, -40.0, 40.0))


def _probabilities() -> Array:
    p = np.arange(KNOTS + 1, dtype=np.float64) / KNOTS
    p[-1] = 1.0 - TAIL
    return p


@lru_cache(maxsize=1)
def _unit_exponential() -> Array:
    return 0.0 - log(1.0 - _probabilities())


@lru_cache(maxsize=1)
def _scores() -> Array:
    p = _probabilities()
    p[0] = TAIL
    return normal_score(p)


def log(x: Array) -> Array:
    """Natural logarithm of positive doubles, from + - * / alone (atanh series), good to about 1e-15."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < 0.7071067811865476
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    power = exponent - low
    s = (mantissa - 1.0) / (mantissa + 1.0)
    square = s * s
    total = np.zeros_like(s)
    for k in range(23, 0, -2):
        total = total * square + 1.0 / k
    result: Array = power * LN2 + 2.0 * s * total
    return result


def exp(x: Array) -> Array:
    """Exponential of doubles within +-700, from + - * / alone (halved range, Taylor series)."""
    power = np.floor(x / LN2 + 0.5)
    rest = x - power * LN2
    total = np.ones_like(rest)
    for k in range(16, 0, -1):
        total = total * rest / k + 1.0
    result: Array = np.ldexp(total, power.astype(np.int32))
    return result


_A = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02, -3.066479806614716e01,
      2.506628277459239e00)  # fmt: skip
_B = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01, -1.328068155288572e01,
      1.0)  # fmt: skip
_C = (-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e00, -2.549732539343734e00,
      4.374664141464968e00, 2.938163982698783e00)  # fmt: skip
_D = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00, 1.0)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    total = np.zeros_like(x)
    for c in coefficients:
        total = total * x + c
    return total


def normal_score(p: Array) -> Array:
    """Quantile of the standard normal distribution (P. J. Acklam's rational approximation, relative error 1.2e-9)."""
    q = p - 0.5
    r = q * q
    centre = _polynomial(_A, r) * q / _polynomial(_B, r)
    tail = np.minimum(p, 1.0 - p)
    root = np.sqrt(-2.0 * log(tail))
    edge = _polynomial(_C, root) / _polynomial(_D, root)
    return np.where(tail < 0.02425, np.where(q < 0, edge, 0.0 - edge), centre)
