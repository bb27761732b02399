"""Where the voters of a consensus disagree about a persona, the widest first."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Width:
    """One number that is not certain. ``width`` is 0 (all of one mind) to 1: for shares the difference in points, for
    times and counts the part of the highest by which the lowest is below it."""

    path: str
    low: float
    high: float
    width: float


def widths(policy: Policy) -> tuple[Width, ...]:
    """The ranges of a policy by their width, widest first (of equal ones in the order of the policy)."""
    found = [Width(path, r.min, r.max, width(path, r.min, r.max)) for path, r in policy.ranges.items()]
    return tuple(sorted(found, key=lambda w: -w.width))


def width(path: str, low: float, high: float) -> float:
    """How far apart two values of a number are, comparable between numbers of different units."""
    if is_share(path):
        return round(high - low, 6)
    top = max(abs(low), abs(high))
    return round(min(1.0, (high - low) / top), 6) if top else 0.0


def is_share(path: str) -> bool:
    """Whether a number of a policy is a share, 0 to 1."""
    parts = path.split(".")
    return parts[0] in ("decisions", "toggles") or path in ("forms.correction_probability", "forms.skip_optional")
