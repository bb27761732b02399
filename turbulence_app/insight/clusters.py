"""Failures grouped by cause."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from turbulence_app.domain.batch import Batch, Hit
from turbulence_app.domain.campaign import Cluster, Expansion
from turbulence_app.domain.failure import Failure

Cause = tuple[str, str, tuple[str, ...], str]
Family = tuple[str, str, str]


@dataclass
class Grouped:
    """Everything with one cause; ``first`` is its first failure, in the order of worlds."""

    first: Hit
    expansion: Expansion | None
    worlds: int = 0
    users: int = 0

    def cluster(self) -> Cluster:
        """As a report shows it; nobody ran its representative again yet."""
        hit = self.first
        return Cluster(
            cluster_id=cluster_id(hit.cause),
            invariant=hit.invariant,
            step=hit.step,
            faults=hit.faults,
            message=hit.message,
            worlds=self.worlds,
            users=self.users,
            first_world=hit.first_world,
            seed=hit.seed,
            expansion=self.expansion,
            representative=Failure(
                user=hit.user, persona=hit.persona, invariant=hit.invariant, step=hit.step, at_us=hit.at_us
            ),
        )


class Causes:
    """All causes of a campaign so far; batches come in order."""

    def __init__(self) -> None:
        self.found: dict[Cause, Grouped] = {}

    def add(self, batch: Batch) -> None:
        """One more batch."""
        for hit in batch.hits:
            group = self.found.setdefault(hit.cause, Grouped(hit, batch.expansion))
            group.worlds += hit.worlds
            group.users += hit.users

    def ordered(self) -> list[Grouped]:
        """The most frequent first; equals by their first world.

        Of the sets of faults under which the same thing broke at the same place, the smallest are the causes: what
        broke under more faults than those counts for the first of them (a world in which several users failed under
        different faults then counts for each).
        """
        causes: dict[Family, list[tuple[frozenset[str], Grouped]]] = {}
        for group in sorted(self.found.values(), key=lambda g: (len(g.first.faults), -g.worlds, g.first.cause)):
            faults = frozenset(group.first.faults)
            alike = causes.setdefault(family(group.first.cause), [])
            mine = next((cause for smaller, cause in alike if smaller <= faults), None)
            if mine is None:
                alike.append((faults, replace(group)))
            else:
                mine.worlds += group.worlds
                mine.users += group.users
        found = [group for alike in causes.values() for _, group in alike]
        return sorted(found, key=lambda g: (-g.worlds, g.first.first_world, g.first.cause))


def family(cause: Cause) -> Family:
    """What broke, where, and what was seen, whatever the faults."""
    invariant, step, _, message = cause
    return invariant, step, message


def cluster_id(cause: Cause) -> str:
    """Ten hexadecimal digits that stand for a cause, the same in every campaign."""
    invariant, step, faults, message = cause
    text = "\n".join((invariant, step, *sorted(faults), message))
    return hashlib.sha256(text.encode()).hexdigest()[:10]
