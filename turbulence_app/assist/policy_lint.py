"""Contradictions between a persona's words and a policy's numbers, such as "never gives up" and a leave of 40 %.

Deterministic, and sparing: a warning that is often wrong is soon not read. Amounts that the description states are
compared as they are. Of decisions only those are judged that the built-in model traces to a clause with a firm word
(*never*, *not*, *only*, ...), and only options that the clause all but rules out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from turbulence_app.assist.policy_stated import Stated, stated
from turbulence_app.domain.errors import Problem
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Percentiles, Quantity, Uniform
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.backends.base import DocumentBackend

RULED_OUT = 0.1
"""Weight that the built-in model gives at most to an option that the words rule out."""
TOO_MUCH = 0.35
"""Weight from which on a policy contradicts that."""
_FIRM = re.compile(
    r"\b(?:never|not|no|nothing|nobody|only|refuses?|hates?|without|cannot|insists?|again and again|over and over)\b"
    r"|n['’]t\b",
    re.I,
)


def lint(policy: Policy, persona: Persona, workflow: Workflow, reader: DocumentBackend) -> list[Problem]:
    """What in ``policy`` the description speaks against, in the policy's order; ``reader`` is the built-in model.

    Each finding is a warning with the words and both numbers; none means that nothing was found, not that all is right.
    """
    reading = reader.policy_document(persona, workflow)
    said = {amount.path: amount for amount in stated(persona.description)}
    found = [*_decisions(policy, reading)]
    for path, quantity in _times(policy):
        if path in said:
            found += _apart(path, quantity, said[path])
    if (amount := said.get("retries.default")) and _other_count(policy.retries.default, amount.value):
        numbers = f"{policy.retries.default}, but the description says {amount.value}"
        found.append(_problem("retries.default", numbers, amount.said))
    return found


def _decisions(policy: Policy, reading: dict[str, Any]) -> Iterator[Problem]:
    for name, decision in policy.decisions.items():
        quote = reading["evidence"].get(f"decisions.{name}")
        read = reading["decisions"].get(name)
        if not quote or read is None:
            continue
        ours, theirs = _shares(decision.options), _shares(read["options"])
        if not _FIRM.search(quote):
            continue
        for option, share in theirs.items():
            mine = ours.get(option, 0.0)
            if share <= RULED_OUT and mine >= TOO_MUCH:
                numbers = f"{option} {100 * mine:.0f} %, but the words all but rule it out"
                yield _problem(f"decisions.{name}", numbers, quote)


def _other_count(count: int, said: int) -> bool:
    """Whether a number of retries is another one. One more or less is not: a decision may ask for that one."""
    return abs(count - said) > 1 or (said == 0 and count > 0)


def _times(policy: Policy) -> Iterator[tuple[str, Quantity]]:
    every = (
        ("patience.step_wait_seconds", policy.patience.step_wait_seconds),
        ("patience.visit_seconds", policy.patience.visit_seconds),
        ("pacing.think_ms", policy.pacing.think_ms),
        ("forms.typing_ms_per_char", policy.forms.typing_ms_per_char),
    )
    return ((path, quantity) for path, quantity in every if quantity is not None)


def _apart(path: str, quantity: Quantity, amount: Stated) -> Iterator[Problem]:
    """A range that has nothing in common with the one that is stated."""
    low, high = _ends(quantity)
    least, most = amount.value["min"], amount.value["max"]
    if high < least or low > most:
        numbers = f"{low:g} to {high:g}, but the description says {least:g} to {most:g}"
        yield _problem(path, numbers, amount.said)


def _ends(quantity: Quantity) -> tuple[float, float]:
    if isinstance(quantity, Uniform):
        return quantity.min, quantity.max
    if isinstance(quantity, Percentiles):
        return quantity.p50, quantity.p95
    if isinstance(quantity, int | float):
        return float(quantity), float(quantity)
    return 0.0, math.inf  # of any length: contradicts nothing


def _shares(options: dict[str, float]) -> dict[str, float]:
    total = math.fsum(options.values()) or 1.0
    return {name: weight / total for name, weight in options.items()}


def _problem(path: str, numbers: str, quote: str) -> Problem:
    mend = "change the number, or the description, or approve it as it is"
    return Problem(f"{path}: {numbers} (“{quote}”)", mend, severity="warning")
