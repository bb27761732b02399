"""The crowd as rows, in the order and by the words that a person wants; shares that are moved. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from turbulence_app.insight.words import brief_percent

FIND_FROM = 8
"""Personas from which on there is a field to find one."""
MOST_SHARE = 0.99


@dataclass(frozen=True, slots=True)
class CrowdRow:
    """One persona of the mix. ``fixed`` shares come from the project file and are not edited here."""

    id: str
    name: str
    share: float
    color: str
    status: str
    fixed: bool = False
    fare: str = ""
    words: str = ""
    """The description, to be found by."""

    @property
    def percent(self) -> str:
        """The share, with a tenth where a whole number would say nothing."""
        return brief_percent(self.share)

    @property
    def sentence(self) -> str:
        """For who hears it."""
        return ", ".join(part for part in (self.name, f"{self.percent} of the crowd", self.status, self.fare) if part)


def ordered(rows: Sequence[CrowdRow], order: Sequence[str]) -> list[CrowdRow]:
    """In a person's own order; who is not in it comes after, as before."""
    place = {name: number for number, name in enumerate(order)}
    return sorted(rows, key=lambda row: place.get(row.id, len(place)))


def moved(order: Sequence[str], persona: str, by: int) -> list[str]:
    """The order with one persona some places further down (or up)."""
    names = list(order)
    if persona not in names:
        return names
    at = names.index(persona)
    names.insert(min(len(names) - 1, max(0, at + by)), names.pop(at))
    return names


def matching(rows: Sequence[CrowdRow], query: str) -> list[CrowdRow]:
    """Rows that every word of the query stands in: in the name, the state, or the description."""
    wanted = query.casefold().split()
    if not wanted:
        return list(rows)
    texts = [(row, f"{row.name} {row.status} {row.words}".casefold()) for row in rows]
    found = [row for row, text in texts if all(word in text for word in wanted)]
    return sorted(found, key=lambda row: not all(word in row.name.casefold() for word in wanted))


def weight_for(share: float, rest: float) -> float | None:
    """The weight that gives somebody ``share`` of the crowd when the others weigh ``rest``; None without others."""
    share = min(MOST_SHARE, max(0.0, share))
    return share * rest / (1 - share) if rest > 0 else None


def parted(first: float, second: float, share: float) -> tuple[float, float]:
    """Two weights of the same sum, the first with ``share`` of it."""
    total = first + second
    share = min(1.0, max(0.0, share))
    return total * share, total * (1 - share)


def borders(shares: Sequence[float]) -> list[float]:
    """Where each piece but the last ends, as shares of the whole."""
    found, at = [], 0.0
    for share in shares[:-1]:
        at += share
        found.append(at)
    return found


def sums_to(weights: Mapping[str, float], without: int = 0) -> str:
    """What the weights sum to, in words: they need not be 100. ``without`` a policy somebody cannot come: say that."""
    if without:
        return f"{without} without a policy left out" if without < len(weights) else ""
    total = sum(weights.values())
    return f"weights sum to {total:,.4g}" if weights else ""
