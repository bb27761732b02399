"""Addresses of choices, and the loops whose rounds they belong to.

An address is ``step#visit.attempt:purpose``, in a world of several users ``USER/step#visit.attempt:purpose``. ``visit``
is the mixed-radix number of the enclosing loops' rounds, so moving a round is arithmetic on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class Address(NamedTuple):
    """The parts of an address; ``user`` is ``""`` where there is one user only."""

    user: str
    step: str
    visit: int
    attempt: int
    purpose: str

    def __str__(self) -> str:
        """As it is written."""
        who = f"{self.user}/" if self.user else ""
        return f"{who}{self.step}#{self.visit}.{self.attempt}:{self.purpose}"

    @property
    def group(self) -> str:
        """The purpose without its number: all ``turn<n>`` are one group, faults stay apart."""
        return self.purpose if self.purpose.startswith("fault") else self.purpose.rstrip("0123456789")


@lru_cache(maxsize=65_536)
def parse(address: str) -> Address:
    """The parts of an address. Names of steps may hold anything but ``#`` and ``/``.

    Raises:
        ValueError: this is no address.
    """
    head, sharp, rest = address.rpartition("#")
    numbers, colon, purpose = rest.partition(":")
    visit, dot, attempt = numbers.partition(".")
    who, slash, step = head.partition("/")
    if not (sharp and colon and dot and purpose and visit.isdigit() and attempt.isdigit()):
        raise ValueError(f"{address!r} is not step#visit.attempt:purpose")
    if not (slash and who.isdigit()):
        who, step = "", head
    return Address(who, step, int(visit), int(attempt), purpose)


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: its bound, and for each step inside (nested ones too) how many visit numbers one round spans."""

    times: int
    spans: Mapping[str, int]


class Round(NamedTuple):
    """One round of a loop: of which user, in which round of the enclosing loops, and its own number."""

    user: str
    outer: int
    number: int


def round_of(loop: Loop, address: str) -> Round | None:
    """The round of ``loop`` that an address lies in; None outside of the loop."""
    parts = parse(address)
    span = loop.spans.get(parts.step)
    if span is None:
        return None
    outer, number = divmod(parts.visit // span, loop.times)
    return Round(parts.user, outer, number)


def moved(loop: Loop, address: str, rounds: int) -> str:
    """The same choice ``rounds`` rounds later (earlier, where negative)."""
    parts = parse(address)
    return str(parts._replace(visit=parts.visit + rounds * loop.spans[parts.step]))
