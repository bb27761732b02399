"""People behind a bar: looked for part by part, and of those only one page is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from turbulence_app.domain.analysis import Sort, Wanted
from turbulence_app.domain.errors import CancelledError
from turbulence_app.engine.census.people import Column, People, together
from turbulence_app.engine.census.run import OnDone, Part, ShouldStop
from turbulence_app.engine.census.select import matcher, rank, slowest
from turbulence_app.engine.nodes import Plan

LISTED = 10_000
"""How many people can be paged to in an order that all of them must be looked at for."""


@dataclass
class Found:
    """People in order. ``total``: how many there are, once everybody was looked at; else None."""

    people: People | None = None
    longest: Column | None = None
    ranks: Column | None = None
    seen: int = 0
    total: int | None = None

    def __len__(self) -> int:
        return 0 if self.people is None else len(self.people)


def find(
    plan: Plan, parts: Iterable[Part], wanted: Wanted, sort: Sort, enough: int, on_done: OnDone, should_stop: ShouldStop
) -> Found:
    """The first of them. By number the search ends as soon as ``enough`` are found; in any other order the first
    :data:`LISTED` are kept. Raises ``CancelledError``.
    """
    matches = matcher(plan, wanted)
    found = Found()
    for people, waits in parts:
        if should_stop():
            raise CancelledError("stopped")
        on_done(len(people))
        at = matches(people, waits).nonzero()[0]
        longest = slowest(people, waits, wanted, plan)
        _keep(found, people.take(at), longest.take(at), sort)
        if sort == "user" and len(found) >= enough:
            return found
    found.total = found.seen
    return found


def _keep(found: Found, people: People, longest: Column, sort: Sort) -> None:
    found.seen += len(people)
    ranks = rank(people, longest, sort)
    if found.people is None or found.longest is None or found.ranks is None:
        found.people, found.longest, found.ranks = people, longest, ranks
    elif len(people):
        found.people = together([found.people, people])
        found.longest = np.concatenate([found.longest, longest])
        found.ranks = np.concatenate([found.ranks, ranks])
    if sort != "user":
        order = np.lexsort((found.people.user, found.ranks))[:LISTED]
        found.people, found.longest, found.ranks = found.people.take(order), found.longest[order], found.ranks[order]
