"""When to raise the alarm, as data: a measure over a rolling window, a limit, and a lower one that ends the alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.llm.telemetry.document import Document
from turbulence_app.llm.telemetry.names import ERRORS, FALLBACKS, OPENED, REQUEST_NS, RETRIES

MINUTES = (1, 5, 60)
"""Lengths of the rolling windows."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """An alarm begins above ``over`` and ends at ``clear`` or below, so that it does not flutter at the limit.

    ``least`` requests must be in the window; ``minutes`` is one of 1, 5, 60. The unit is the measure's.
    """

    name: str
    measure: str
    minutes: int
    over: float
    clear: float
    least: int = 10
    on: bool = True

    def to_plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def _share(name: str) -> Callable[[Document], float]:
    return lambda document: document.total(name) / max(1, document.total(REQUEST_NS))


def _milliseconds(quantile: float) -> Callable[[Document], float]:
    return lambda document: document.histogram(REQUEST_NS).quantile(quantile) / 1e6


MEASURES: Mapping[str, tuple[str, Callable[[Document], float]]] = {
    "fallback_share": ("of requests took a fallback", _share(FALLBACKS)),
    "error_share": ("of requests had no answer", _share(ERRORS)),
    "retry_share": ("retries per request", _share(RETRIES)),
    "p95_ms": ("ms at the 95th percentile", _milliseconds(0.95)),
    "p99_ms": ("ms at the 99th percentile", _milliseconds(0.99)),
    "breaker_opened": ("× a breaker opened", lambda document: float(document.total(OPENED))),
}
"""What can be watched: words for people, and how it is read from a document."""

USUAL = (
    Threshold("fallbacks", "fallback_share", 5, over=0.2, clear=0.1),
    Threshold("errors", "error_share", 5, over=0.05, clear=0.01),
    Threshold("slow", "p95_ms", 5, over=120_000, clear=90_000),
    Threshold("breaker", "breaker_opened", 5, over=0, clear=0, least=0),
)
"""What is watched until the user says otherwise. ``slow`` is the usual budget of an answer."""


def checked(given: Iterable[Mapping[str, Any]], base: tuple[Threshold, ...] = USUAL) -> tuple[Threshold, ...]:
    """Thresholds out of plain data, over ``base``: those that are not named stay. Raises ``InputError``."""
    found = {threshold.name: threshold for threshold in base}
    for one in given:
        name = one.get("name")
        if not isinstance(name, str) or not name.isidentifier() or len(name) > 40:
            raise InputError(f"{name!r} is not a name of a threshold", "a word of letters, digits and _")
        found[name] = _one(found.get(name) or Threshold(name, "", 5, 0.0, 0.0), one)
    return tuple(found.values())


def _one(base: Threshold, given: Mapping[str, Any]) -> Threshold:
    unknown = sorted(set(given) - set(asdict(base)))
    if unknown:
        raise InputError(f"a threshold has no {unknown[0]!r}", f"it has {', '.join(asdict(base))}")
    made = replace(base, **given)
    numbers = (made.over, made.clear, made.least)
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n < 1e12 for n in numbers):
        raise InputError(f"threshold {made.name} has a limit that is not a number from 0 to 1e12", "over, clear, least")
    if "over" in given and "clear" not in given:
        made = replace(made, clear=made.over * (base.clear / base.over if base.over else 1.0))
    if not isinstance(made.measure, str) or made.measure not in MEASURES:
        raise InputError(f"threshold {made.name} measures {made.measure!r}", f"use one of {', '.join(MEASURES)}")
    if not isinstance(made.minutes, int) or isinstance(made.minutes, bool) or made.minutes not in MINUTES:
        raise InputError(f"threshold {made.name} looks at {made.minutes!r} minutes", "use 1, 5 or 60")
    if made.clear > made.over:
        raise InputError(f"threshold {made.name} ends above its limit", "clear must be at most over")
    if not isinstance(made.on, bool):
        raise InputError(f"threshold {made.name}: on is true or false")
    return made
