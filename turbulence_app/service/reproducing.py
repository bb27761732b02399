"""Seeing a minimal reproduction again, on whichever target it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from turbulence_app.domain.capsule import Capsule
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.place import Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrinking.addresses import parse
from turbulence_app.engine.shrinking.again import Reproduced, reproduce_visit


def reproduce(capsule: Capsule, place: Place | None) -> Reproduced:
    """Run a capsule. Raises ``InputError`` where it names what its inputs do not have, or needs a project."""
    if capsule.target != capsule.inputs.target:
        raise InputError(f"target {capsule.target}, but inputs for {capsule.inputs.target}", "give both the same")
    plan = compile_plan(capsule.inputs)
    words = words_of(capsule)
    _refuse(capsule, plan, words)
    return RUNNERS[capsule.target](capsule, plan, words, place)


def words_of(capsule: Capsule) -> dict[str, int]:
    """All words of a capsule over the neutral baseline."""
    return {**capsule.fixed, **{choice.address: choice.word for choice in capsule.choices}}


def _refuse(capsule: Capsule, plan: Plan, words: Mapping[str, int]) -> None:
    if capsule.seen.invariant not in {rule.name for rule in plan.rules if rule.kind not in ("gate", "sometimes")}:
        raise InputError(f"no invariant {capsule.seen.invariant!r} that a visit can break", "it must be in `inputs`")
    if any(not 0 <= number < len(plan.faults) for number in capsule.faults):
        raise InputError(f"a fault beyond the {len(plan.faults)} of the inputs", "correct `faults`")
    if any(not 0 <= user < 2**32 for user in capsule.users):
        raise InputError("a user's number is out of range", "correct `users`")
    for address in words:
        try:
            parse(address)
        except ValueError as error:
            raise InputError(str(error), "correct the address") from None


def _model(capsule: Capsule, plan: Plan, words: Mapping[str, int], _place: Place | None) -> Reproduced:
    return reproduce_visit(plan, capsule.seen.invariant, capsule.users[0], words, frozenset(capsule.faults))


def _elsewhere(capsule: Capsule, _plan: Plan, _words: Mapping[str, int], _place: Place | None) -> Reproduced:
    raise InputError(f"capsules of target {capsule.target} cannot be checked here", "check those of the model target")


RUNNERS: dict[str, Callable[[Capsule, Plan, Mapping[str, int], Place | None], Reproduced]] = {
    "model": _model,
    "app": _elsewhere,
    "http": _elsewhere,
}
"""By target: what runs a capsule."""
