"""One thing of a run changed, everything else as it was: the same visit again, and many worlds beside it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.postmortem import Claim
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrinking.flips import case_of
from turbulence_app.engine.shrinking.visit import run_visit

TRIALS = 200
"""Worlds per claim; the same seeds for all of them."""
_STEP = 0x9E37_79B9_7F4A_7C15
"""Distance of one trial's seed to the next, modulo 2^64 (the golden ratio, so that seeds spread evenly)."""
_SCALED = frozenset({"min", "max", "p50", "p95", "p99", "mean", "median"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the visit itself still breaks, and in how many of so many worlds."""

    breaks: bool
    failed: int
    of: int


def altered(inputs: RunInputs, claim: Claim) -> RunInputs | None:
    """The inputs with the one change; None where there is nothing of that name to change."""
    plain = inputs.model_dump(mode="json", by_alias=True)
    change = {
        "without_retry": _without_retry,
        "double_patience": _double_patience,
        "half_latency": _half_latency,
        "always_option": _always_option,
    }.get(claim.kind)
    if change is None or not change(plain, claim):
        return None
    return RunInputs.model_validate(plain)


def judge(
    inputs: RunInputs, small: Shrunk, claims: tuple[Claim, ...], should_stop: Callable[[], bool], trials: int = TRIALS
) -> tuple[Outcome, dict[str, Outcome | None]]:
    """The failure as it is, and under each claim (by its key; None: it cannot be changed here). Model target only.

    The visit itself runs on its own draws; the worlds are the minimal case with everything else drawn anew.
    """
    plan = compile_plan(inputs)
    base = _outcome(plan, small, None, should_stop, trials)
    found: dict[str, Outcome | None] = {}
    for claim in claims:
        if should_stop():
            break
        found[claim.key] = _under(plan, inputs, small, claim, should_stop, trials)
    return base, found


def _under(
    plan: Plan, inputs: RunInputs, small: Shrunk, claim: Claim, should_stop: Callable[[], bool], trials: int
) -> Outcome | None:
    if claim.kind == "without_fault":
        number = next((fault.number for fault in plan.faults if fault.label == claim.subject), None)
        return None if number is None else _outcome(plan, small, number, should_stop, trials)
    other = altered(inputs, claim)
    return None if other is None else _outcome(compile_plan(other), small, None, should_stop, trials)


def _outcome(plan: Plan, small: Shrunk, off: int | None, should_stop: Callable[[], bool], trials: int) -> Outcome:
    faults = frozenset(fault.number for fault in plan.faults if fault.number != off)
    user, rule = small.failure.user, small.failure.invariant
    breaks = rule in run_visit(plan, user, faults=faults).broken
    case = case_of(small) if off is None else case_of(small).without_fault(off)
    choices = {**small.fixed, **case.choices}
    other = copy.copy(plan)
    failed = done = 0
    for number in range(1, trials + 1):
        if should_stop():
            break
        other.seed = (plan.seed + number * _STEP) % 2**64
        failed += rule in run_visit(other, user, choices=choices, faults=faults).broken
        done += 1
    return Outcome(breaks, failed, done)


def _without_retry(plain: dict[str, Any], claim: Claim) -> bool:
    """Nobody tries the step again: neither the people nor the client."""
    found = False
    if not any(step["name"] == claim.subject for step in _steps(plain["workflow"]["flow"])):
        return False
    for member in plain["crowd"]:
        retries = member["policy"]["retries"]
        if retries["steps"].get(claim.subject, retries["default"]):
            retries["steps"][claim.subject] = 0
            found = True
    for step in _steps(plain["workflow"]["flow"]):
        if step["name"] == claim.subject and step.get("retry"):
            step["retry"] = None
            found = True
    return found


def _double_patience(plain: dict[str, Any], claim: Claim) -> bool:
    found = False
    for member in plain["crowd"]:
        patience = member["policy"]["patience"]
        if member["persona"] == claim.subject:
            for key, value in patience.items():
                if value is not None:
                    patience[key] = scaled(value, 2.0)
                    found = True
    return found


def _half_latency(plain: dict[str, Any], claim: Claim) -> bool:
    for step in _steps(plain["workflow"]["flow"]):
        if step["name"] == claim.subject and step.get("model"):
            step["model"]["latency_ms"] = scaled(step["model"]["latency_ms"], 0.5)
            return True
    return False


def _always_option(plain: dict[str, Any], claim: Claim) -> bool:
    found = False
    for member in plain["crowd"]:
        decision = member["policy"]["decisions"].get(claim.subject)
        if decision is not None and claim.option in decision["options"]:
            decision["options"] = {name: float(name == claim.option) for name in decision["options"]}
            decision["cases"] = []
            found = True
    return found


def scaled(quantity: Any, by: float) -> Any:
    """A quantity as it is written, all its values times ``by``."""
    if isinstance(quantity, Mapping):
        return {
            key: value * by
            if key in _SCALED and value is not None
            else [v * by for v in value]
            if key == "values"
            else value
            for key, value in quantity.items()
        }
    return quantity * by


def _steps(flow: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every step, also those inside others."""
    found: list[dict[str, Any]] = []
    for step in flow:
        found.append(step)
        for key in ("if_true", "if_false", "steps"):
            if isinstance(step.get(key), list):
                found += _steps([inner for inner in step[key] if isinstance(inner, dict) and "name" in inner])
    return found
