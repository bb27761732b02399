"""What is left of a failure, in words: choices with their meaning, and the proof line by line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from turbulence_app.domain.failure import Choice
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.shrinking.candidate import Minimal, Removal
from turbulence_app.engine.story import meaning


def choices_of(plan: Plan, choices: Mapping[str, int], values: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Choices with what they mean; ``values`` is what each draw came to mean."""
    return tuple(
        Choice(address=a, word=w, meaning=meaning(plan, a, values.get(a)), value=values.get(a))
        for a, w in choices.items()
    )


def proof_of(
    plan: Plan, found: Minimal, values: Mapping[str, Any], unknown: Collection[Removal] = ()
) -> tuple[str, ...]:
    """One line for each thing that was left out alone and made it pass; empty where that was not shown for all.

    ``unknown``: those of which nobody can know without asking a live service.
    """
    return tuple(
        f"without {named(plan, removal, values)}: {'nobody asked' if removal in unknown else 'passes'}"
        for removal in found.removals
    )


def named(plan: Plan, removal: Removal, values: Mapping[str, Any]) -> str:
    """What was left out, in words: ``fault response_lost``, ``user 3``, the liveness phase, or a choice's meaning."""
    if removal.kind == "choice":
        return f"“{meaning(plan, removal.what, values.get(removal.what))}”"
    if removal.kind == "fault":
        labels = {fault.number: fault.label for fault in plan.faults}
        return f"fault {labels[int(removal.what)]}"
    if removal.kind == "liveness":
        return "anybody in the liveness phase"
    return f"user {removal.what}"
