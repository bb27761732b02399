"""Seeing a minimal reproduction again, on whichever target it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from pydantic import ValidationError

from turbulence_app.domain.capsule import Capsule
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.recording import Recording
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.place import AppPlace, HttpPlace, Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.shrinking.addresses import parse
from turbulence_app.engine.shrinking.again import Reproduced, reproduce_visit, reproduced
from turbulence_app.service.live import permitted

if TYPE_CHECKING:
    from turbulence_app.engine.shrinking.remote import Process

RECOVERS = "recovers"
"""The built-in rule of a liveness phase."""


def reproduce(
    capsule: Capsule, place: Place | None, *, live: bool = False, process: Process | None = None
) -> Reproduced:
    """Run a capsule. One of a live run is run against its recording, or against the service (``live``).

    ``process`` is where applications are run, if there is one already. Raises ``InputError`` where it names what its
    inputs do not have, or needs a project.
    """
    if capsule.target != capsule.inputs.target:
        raise InputError(f"target {capsule.target}, but inputs for {capsule.inputs.target}", "give both the same")
    if live and capsule.target != "http":
        raise InputError(f"target {capsule.target} needs no service", "leave --live out")
    plan = compile_plan(capsule.inputs)
    words = words_of(capsule)
    _refuse(capsule, plan, words)
    if capsule.target == "app":
        with process_of(process) as where:
            return _app(capsule, words, place, where)
    if capsule.target == "http":
        return _http(capsule, words, place, live)
    return reproduce_visit(plan, capsule.seen.invariant, capsule.users[0], words, frozenset(capsule.faults))


def words_of(capsule: Capsule) -> dict[str, int]:
    """All words of a capsule over the neutral baseline."""
    return {**capsule.fixed, **{choice.address: choice.word for choice in capsule.choices}}


def _refuse(capsule: Capsule, plan: Plan, words: Mapping[str, int]) -> None:
    known = {rule.name for rule in plan.rules if rule.kind not in ("gate", "sometimes")}
    if capsule.seen.invariant not in known | ({RECOVERS} if capsule.inputs.liveness is not None else set()):
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


def process_of(process: Process | None) -> AbstractContextManager[Process]:
    """The process that there is, else one for as long as it is needed."""
    from turbulence_app.engine.shrinking.remote import Process

    return nullcontext(process) if process is not None else Process()


def _app(capsule: Capsule, words: Mapping[str, int], place: Place | None, process: Process) -> Reproduced:
    from turbulence_app.engine.world.spec import WorldSpec

    if not isinstance(place, AppPlace):
        raise InputError("the app target needs a project to import the application from", "check it in its project")
    spec = WorldSpec(
        capsule.inputs.seed, capsule.users, words, True, frozenset(capsule.faults), capsule.until_us, capsule.fresh
    )
    return process.reproduce(capsule.inputs, place, capsule.seen.invariant, spec)


def _http(capsule: Capsule, words: Mapping[str, int], place: Place | None, live: bool) -> Reproduced:
    from turbulence_app.engine.shrinking.recorded import LiveVisits, RecordedVisits

    recording = _recording(capsule)
    faults = frozenset(capsule.faults)
    if live:
        here = place if isinstance(place, HttpPlace) else HttpPlace()
        with permitted(here):
            visit = LiveVisits(capsule.inputs, here, recording)(words, True, faults)
    else:
        try:
            visit = RecordedVisits(capsule.inputs, recording)(words, True, faults)
        except ValueError as error:
            raise InputError(f"recorded: {error}", "shrink the failure again and save it") from None
    if visit is None:
        raise InputError("the recording in it does not answer this visit", "shrink the failure again, or use --live")
    return reproduced(visit, capsule.seen.invariant)


def _recording(capsule: Capsule) -> Recording:
    if len(capsule.recorded) != 1:
        raise InputError("a capsule of the http target holds one recording", "shrink the failure again and save it")
    try:
        return Recording.model_validate(capsule.recorded[0])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"recorded: {place}: {first['msg']}", "shrink the failure again and save it") from None
