"""Amounts that a description states: taken as they are, whatever a model thinks of them.

"Waits at most ten seconds" is a number already; asking a model how probable "half a minute" is can only blur it. The
patterns are those of the built-in model, and each amount keeps the words that it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from turbulence_app.assist.policy_check import MOST_PAUSE_MS, MOST_TYPING_MS, MOST_VISIT_S, MOST_WAIT_S
from turbulence_app.llm.builtin.quantities import Span, retries_said, time_said, typing_said
from turbulence_app.llm.builtin.text import clauses

_TIMES = {
    "answer": ("patience", "step_wait_seconds", 1.0, MOST_WAIT_S),
    "visit": ("patience", "visit_seconds", 1.0, MOST_VISIT_S),
    "think": ("pacing", "think_ms", 1000.0, MOST_PAUSE_MS),
}
MOST_RETRIES = 50
_TYPING_SPREAD = 0.8, 1.2


class Stated(NamedTuple):
    """One amount: where it belongs in a policy, what it is, and the words that say it."""

    section: str
    name: str
    value: Any
    said: str

    @property
    def path(self) -> str:
        """As evidence names it."""
        return f"{self.section}.{self.name}"


def stated(description: str) -> tuple[Stated, ...]:
    """The amounts of a description, each kind once: the first that is said of it."""
    first: dict[str, Stated] = {}
    for clause in clauses(description):
        for found in _of(clause.text):
            first.setdefault(found.path, found)
    return tuple(first.values())


def _of(text: str) -> Iterator[Stated]:
    if span := time_said(text):
        section, name, scale, most = _TIMES[span.about]
        yield Stated(section, name, _range(span, scale, most), text)
    if (tries := retries_said(text)) is not None:
        yield Stated("retries", "default", min(MOST_RETRIES, tries), text)
    if typing := typing_said(text):
        low, high = (min(MOST_TYPING_MS, round(typing * part)) for part in _TYPING_SPREAD)
        yield Stated("forms", "typing_ms_per_char", {"min": low, "max": high}, text)


def _range(span: Span, scale: float, most: float) -> dict[str, float]:
    low, high = (min(most, round(value * scale, 3)) for value in (span.low, span.high))
    return {"min": low, "max": high}
