"""Whose callback it is: every piece of work of the application belongs to a request, or to the application as a whole.

The owner travels in a context variable, so that whatever a request starts (tasks, timers, futures) stays its own. It is
who draws: scheduling draws and random numbers of a request depend on nobody else's.
"""

from __future__ import annotations

import hashlib
import random
from contextvars import ContextVar

from turbulence_app.engine.draws import Draws
from turbulence_app.engine.purposes import MAX_TURNS, site

APP_SITE = "@app"
APP = site(APP_SITE)
APP_USER = (1 << 32) - 1
"""The number under which the application itself draws; no user has it."""

HALF = 1 << 31
TRAVEL_US, TRAVEL_SPREAD_US = 200, 1600
"""A message is on its way for 0.2 to 1.8 ms."""


def delay_us(word: int) -> int:
    """How long a ready callback waits for its turn, in microseconds, rising with the word.

    Half of the words: not at all, first come first served. The others: 1 us to 65 ms, every octave equally likely, so
    that near requests overtake each other often, and now and then those that are many milliseconds apart.
    """
    if word < HALF:
        return 0
    octave = word >> 27 & 15
    return (1 << octave) + ((word & 0x7FFFFFF) << octave >> 27)


class Owner:
    """One request that is being served (an attempt of a user's step), or the application outside of requests."""

    __slots__ = ("attempt", "draws", "name", "number", "place", "seed", "stream", "turns", "user")

    def __init__(self, seed: int, user: int, draws: Draws, name: str, place: int, number: int, attempt: int) -> None:
        self.seed, self.user, self.draws, self.name = seed, user, draws, name
        self.place, self.number, self.attempt = place, number, attempt
        self.turns = -1
        """Scheduling draws so far; -1: the request's task has not begun, and it begins on arrival."""
        self.stream: Stream | None = None

    def turn(self) -> int:
        """The delay of the owner's next callback that is ready to run, drawn."""
        number = self.turns
        self.turns = number + 1
        if number < 0 or number >= MAX_TURNS:
            return 0
        draws = self.draws
        word = draws.word(self.name, self.place, self.number, self.attempt, f"turn{number}", neutral=0)
        if word < HALF:
            return 0
        delay = delay_us(word)
        draws.meant(delay)
        return delay

    def entropy(self) -> Stream:
        """Its random numbers."""
        if self.stream is None:
            self.stream = Stream(f"{self.seed}/{self.user}/{self.name}#{self.number}.{self.attempt}")
        return self.stream

    def __str__(self) -> str:
        if self.name == APP_SITE:
            return "the application outside of requests"
        return f"user {self.user}, step {self.name}"


OWNER: ContextVar[Owner | None] = ContextVar("turbulence_owner", default=None)


class Stream:
    """An endless stream of random bits: SHA-256 of a key and a counter."""

    __slots__ = ("_bits", "_counter", "_key", "_left")

    def __init__(self, key: str) -> None:
        self._key = hashlib.sha256(key.encode())
        self._counter = self._bits = self._left = 0

    def bits(self, k: int) -> int:
        """The next ``k`` bits as a number."""
        while self._left < k:
            block = self._key.copy()
            block.update(self._counter.to_bytes(8, "little"))
            self._bits |= int.from_bytes(block.digest(), "little") << self._left
            self._left += 256
            self._counter += 1
        found = self._bits & ((1 << k) - 1)
        self._bits >>= k
        self._left -= k
        return found

    def bytes(self, n: int) -> bytes:
        """The next ``n`` bytes."""
        return self.bits(8 * n).to_bytes(n, "little")

    def uniform(self) -> float:
        """A number in [0, 1) with 53 bits, as the standard library makes them."""
        return self.bits(53) * 2.0**-53

    def generator(self) -> random.Random:
        """A generator of the standard library that starts from here."""
        return random.Random(self.bits(128))
