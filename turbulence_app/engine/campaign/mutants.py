"""Mistakes planted into a workflow, one at a time: what the model target's audit asks the invariants to notice.

Each is something that real services and their clients get wrong, said in the model's own terms. A mutant that changes
nothing in a workflow is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from turbulence_app.domain.faults import Fault
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.workflow import AssertStep, BranchStep, HttpStep, RepeatStep, Retry, Step, Workflow

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ATTEMPTS = 10
"""What ``retry without bound`` comes to."""
OFTEN = 0.05
"""How often the trouble comes that a mistake needs to show."""
Change: TypeAlias = Callable[[Step], Step]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bug by name, what it is in words, and the inputs that have it."""

    bug: str
    says: str
    inputs: RunInputs


def mutants(inputs: RunInputs) -> tuple[Mutant, ...]:
    """Everything that can be planted into these inputs, step by step."""
    found: list[Mutant] = []
    for step in inputs.workflow.steps():
        found.extend(_of_step(inputs, step))
    return tuple(found)


def _of_step(inputs: RunInputs, step: Step) -> Iterator[Mutant]:
    name = step.name
    if isinstance(step, HttpStep) and step.model is not None and step.method in WRITES:
        lost = Fault(kind="response_lost", name="audit answer lost", step=name, probability=OFTEN)
        twice = Fault(kind="duplicate", name="audit arrives twice", step=name, probability=OFTEN)
        idle = Fault(kind="error_status", name="audit nothing done", step=name, probability=OFTEN, status=200)
        forgetful, stubborn = _changed(inputs, name, _forgetful), _changed(inputs, name, _stubborn)
        if step.idempotent or step.model.idempotent:
            says = "A request that is sent again takes effect again."
            yield Mutant(f"lost_idempotency: {name}", says, _with(forgetful, lost))
        yield Mutant(
            f"double_apply: {name}", "A request that arrives twice takes effect twice.", _with(forgetful, twice)
        )
        says = "The client asks again and again, whatever the answer was."
        yield Mutant(f"unbounded_retry: {name}", says, _with(stubborn, lost))
        yield Mutant(f"lost_write: {name}", "The service says yes and does nothing.", _with(inputs, idle))
    if isinstance(step, AssertStep):
        yield Mutant(f"skipped_check: {name}", "A check that is not made any more.", _changed(inputs, name, _skipped))


def _forgetful(step: Step) -> Step:
    if not isinstance(step, HttpStep) or step.model is None:
        return step
    return step.model_copy(update={"idempotent": False, "model": step.model.model_copy(update={"idempotent": False})})


def _stubborn(step: Step) -> Step:
    statuses = tuple(range(400, 600))
    retry = Retry(max_attempts=ATTEMPTS, on_status=statuses, on_timeout=True, delay_ms=0)
    return step.model_copy(update={"retry": retry})


def _skipped(step: Step) -> Step:
    return step.model_copy(update={"when": "false", "condition": None})


def _with(inputs: RunInputs, fault: Fault) -> RunInputs:
    return inputs.model_copy(update={"faults": (*inputs.faults, fault)})


def _changed(inputs: RunInputs, name: str, change: Change) -> RunInputs:
    flow = tuple(_in(step, name, change) for step in inputs.workflow.flow)
    workflow: Workflow = inputs.workflow.model_copy(update={"flow": flow})
    return inputs.model_copy(update={"workflow": workflow})


def _in(step: Step, name: str, change: Change) -> Step:
    if step.name == name:
        return change(step)
    if isinstance(step, BranchStep):
        arms = {arm: tuple(_in(s, name, change) for s in getattr(step, arm)) for arm in ("if_true", "if_false")}
        return step.model_copy(update=arms)
    if isinstance(step, RepeatStep):
        return step.model_copy(update={"steps": tuple(_in(s, name, change) for s in step.steps)})
    return step
