"""When users arrive: schedules compiled to integers, for one user and for many with the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import isqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.scenario import Arrivals

Times = NDArray[np.int64]
Words = NDArray[np.uint64]
MAX_INTERVAL_US = 1 << 37
MAX_CLOCK_US = 1 << 58
KNOTS = 4096
UNITS = 1 << 32
"""Positions inside one round of a curve: ``KNOTS`` intervals of 2^20 units."""
PRECISION = 80
"""Bits behind the point of a square root."""


class Schedule(Protocol):
    """Arrival times of a run, in microseconds of its clock, rising with the user's number."""

    @property
    def draws(self) -> bool:
        """Whether a user's word moves the arrival."""
        ...

    def earliest(self, user: int) -> int:
        """The first moment at which the user may arrive, whatever the draw."""
        ...

    def one(self, user: int, word: int) -> int:
        """The arrival of one user, given the word of the draw."""
        ...

    def many(self, users: Words, words: Words) -> Times:
        """The arrivals of many users."""
        ...


@dataclass(frozen=True, slots=True)
class Steady:
    """One user per interval, evenly spread inside it.

    Intervals of ``fp`` units of 2^-``shift`` microseconds; 0: all at once.
    """

    fp: int
    shift: int

    @property
    def us(self) -> int:
        """Whole microseconds of an interval."""
        return self.fp >> self.shift

    @property
    def draws(self) -> bool:
        """Only where there is an interval to be spread over."""
        return self.us > 0

    def earliest(self, user: int) -> int:
        """Where the user's interval begins."""
        return user * self.fp >> self.shift

    def one(self, user: int, word: int) -> int:
        """The interval's begin, and a part of it."""
        return self.earliest(user) + ((word >> 8) * self.us >> 24)

    def many(self, users: Words, words: Words) -> Times:
        """As :meth:`one`."""
        arrived: Times = ((users * np.uint64(self.fp)) >> np.uint64(self.shift)).view(np.int64)
        if self.draws:
            arrived += (((words >> np.uint64(8)) * np.uint64(self.us)) >> np.uint64(24)).view(np.int64)
        return arrived


@dataclass(frozen=True, slots=True)
class Bursts:
    """``size`` users together, every ``every_us`` microseconds; nothing is drawn."""

    size: int
    every_us: int
    draws: bool = False

    def earliest(self, user: int) -> int:
        """The burst that the user belongs to."""
        return user // self.size * self.every_us

    def one(self, user: int, _word: int) -> int:
        """The burst that the user belongs to."""
        return self.earliest(user)

    def many(self, users: Words, _words: Words) -> Times:
        """As :meth:`one`."""
        return ((users // np.uint64(self.size)) * np.uint64(self.every_us)).view(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A rate that changes along straight lines, round after round.

    ``times`` are the moments of a round at which equal shares of its users have come. A user's position is in units of
    a round's 2^32, ``fp`` of 2^-``shift`` units per user; between two moments the way is straight.
    """

    fp: int
    shift: int
    period_us: int
    times: Times
    plain: tuple[int, ...]
    draws: bool = True

    def earliest(self, user: int) -> int:
        """Where the user's place on the curve begins."""
        return self._at(user * self.fp >> self.shift)

    def one(self, user: int, word: int) -> int:
        """A place between the user's and the next one's."""
        return self._at((user * self.fp >> self.shift) + ((word >> 8) * (self.fp >> self.shift) >> 24))

    def _at(self, position: int) -> int:
        turn, inside = position >> 32, position & UNITS - 1
        i, f = inside >> 20, inside & (1 << 20) - 1
        return turn * self.period_us + self.plain[i] + ((self.plain[i + 1] - self.plain[i]) * f >> 20)

    def many(self, users: Words, words: Words) -> Times:
        """As :meth:`one`."""
        position = (users * np.uint64(self.fp)) >> np.uint64(self.shift)
        # the interval may have more than 40 bits, and the word's 24 must not push it out of 64
        step = self.fp >> self.shift
        high, low = step >> 32, step & UNITS - 1
        spread = words >> np.uint64(8)
        position += ((spread * np.uint64(high)) << np.uint64(8)) + ((spread * np.uint64(low)) >> np.uint64(24))
        inside = (position & np.uint64(UNITS - 1)).view(np.int64)
        i, f = inside >> 20, inside & (1 << 20) - 1
        low_end = self.times.take(i)
        arrived: Times = (position >> np.uint64(32)).view(np.int64) * self.period_us
        arrived += low_end + ((self.times.take(i + 1) - low_end) * f >> 20)
        return arrived


def compile_arrivals(arrivals: Arrivals, users: int) -> Schedule:
    """The schedule of a run's users; raises :class:`InputError` where they come too rarely for the clock.

    On the model target users are independent, so a closed crowd comes at once.
    """
    if arrivals.kind == "closed":
        return Steady(0, 0)
    if arrivals.kind == "bursts":
        every = int(Fraction(arrivals.every_seconds or 0.0) * 10**6)
        size = arrivals.size or 1
        if users // size * every >= MAX_CLOCK_US:
            raise _too_rare("raise size or lower every_seconds or users")
        return Bursts(size, every)
    if arrivals.kind == "curve":
        return _curve(arrivals.points, users)
    exact = Fraction(10**6) / Fraction(arrivals.rate_per_second or 50.0)
    if exact >= MAX_INTERVAL_US or exact * users >= MAX_CLOCK_US:
        raise _too_rare("raise rate_per_second or lower users")
    shift = max(0, min(20, 30 - int(exact).bit_length()))
    return Steady(int(exact * (1 << shift)), shift)


def _too_rare(mend: str) -> InputError:
    return InputError("users arrive too rarely to fit into the clock", mend)


def _curve(points: tuple[tuple[float, float], ...], users: int) -> Curve:
    total, times = _round(points)
    period = times[-1]
    per_user = UNITS / total
    if per_user * users >= 1 << 62 or (users / total + 1) * period >= MAX_CLOCK_US:
        raise _too_rare("raise the rates of the curve or lower users")
    shift = max(0, min(20, 62 - int(per_user * users).bit_length()))
    return Curve(int(per_user * (1 << shift)), shift, period, np.array(times, np.int64), times)


@lru_cache(maxsize=64)
def _round(points: tuple[tuple[float, float], ...]) -> tuple[Fraction, tuple[int, ...]]:
    """How many users come in one round of a curve, and the moments at which equal shares of them have."""
    exact = [(Fraction(seconds) * 10**6, Fraction(rate) / 10**6) for seconds, rate in points]
    total = sum(((r0 + r1) / 2 * (t1 - t0) for (t0, r0), (t1, r1) in pairwise(exact)), Fraction(0))
    return total, _moments(exact, total)


def _moments(points: list[tuple[Fraction, Fraction]], total: Fraction) -> tuple[int, ...]:
    """When equal shares of a round's users have come: the integral of a line of rates, solved for the time.

    With rate r0 at a segment's begin and slope s, n users have come after 2n / (r0 + sqrt(r0^2 + 2 s n)).
    """
    found: list[int] = []
    before = Fraction(0)
    for (t0, r0), (t1, r1) in pairwise(points):
        area = (r0 + r1) / 2 * (t1 - t0)
        while len(found) < KNOTS and total * len(found) / KNOTS < before + area:
            n = total * len(found) / KNOTS - before
            root = _root(r0 * r0 + 2 * (r1 - r0) / (t1 - t0) * n)
            found.append(int(t0 + (2 * n / (r0 + root) if n else 0)))
        before += area
    return (*found, int(points[-1][0]))


def _root(square: Fraction) -> Fraction:
    return Fraction(isqrt(int(square * (1 << 2 * PRECISION))), 1 << PRECISION)
