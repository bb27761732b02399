"""What is different here from the original Turbulence, for the files at hand: one plain sentence each."""

from __future__ import annotations

from collections.abc import Iterator

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.services import Sut
from turbulence_app.domain.workflow import (
    AssertStep,
    BranchStep,
    DecideStep,
    HttpStep,
    Pressure,
    PressurePolicy,
    Step,
    WaitStep,
    Workflow,
)


def notes_on(workflows: list[Workflow], sut: Sut | None, policies: list[Policy]) -> list[str]:
    """Every note that applies to these files, the losses first."""
    notes = [*_on_sut(sut)]
    for workflow in workflows:
        notes += _on_workflow(workflow)
    notes += _on_policies(workflows, policies)
    return notes


def _on_sut(sut: Sut | None) -> Iterator[str]:
    if sut is None:
        yield "There was no SUT file; services have no addresses, which the model target does not need."
        return
    for name, service in sut.services.items():
        if service.protocol == "kafka":
            yield f"Service {name!r} is Kafka: its settings are kept, but no step can use it (as in the original)."
        elif service.protocol == "grpc":
            yield f"Service {name!r} is gRPC: its settings are kept; it is modelled, not called."
    others = [name for name in sut.profiles if name != sut.default_profile]
    if sut.default_profile is not None and sut.default_profile in sut.profiles:
        yield f"The profile {sut.default_profile!r} was applied to the services, being the default."
    if others:
        yield f"Profiles are not carried over: {', '.join(others)}. Change base_url in the workflow's services instead."


def _on_workflow(workflow: Workflow) -> Iterator[str]:
    steps = list(workflow.steps())
    where = f"{workflow.id!r}"
    plain = [s.name for s in steps if isinstance(s, HttpStep | WaitStep) and s.model is None]
    if plain:
        yield (
            f"{len(plain)} steps of {where} have no 'model' yet: on the model target they answer ok after 100 ms with "
            "no body, so assertions on a body are not put to the test. Add 'model:' to the steps that matter."
        )
    if _asserts_schema([*steps, *workflow.assertions]):
        yield f"Of JSON Schemas in {where} type, enum, required, properties and items are checked, references are not."
    for name, value in workflow.entry.seed_data.items():
        if isinstance(value, list):
            yield f"The list entry.seed_data.{name} of {where} gives each user one of its values here."
    if any(s.guard is not None or isinstance(s, BranchStep) for s in steps):
        yield "A condition that cannot be evaluated counts as false here; the original ran the step then."
    if workflow.max_steps != 100:
        yield f"max_steps of {where} is obeyed here ({workflow.max_steps}); the original always stopped at 100."
    if workflow.turbulence is not None:
        yield from _on_pressure(workflow.turbulence)
    if sum(isinstance(s, DecideStep) for s in steps) > 1:
        yield "Each decision of a user is drawn for itself; the original drew the same number for all of them."
    if workflow.variation is not None:
        yield "Variation comes from the run's seed and the user's number, so any user can be replayed alone."


def _on_pressure(pressure: Pressure) -> Iterator[str]:
    levels: list[PressurePolicy] = [*pressure.services.values(), *pressure.actions.values()]
    levels += [pressure.global_] if pressure.global_ is not None else []
    if any(level.retry_count for level in levels):
        yield "retry_count stops at the first success here; the original repeated the request even then."
    if any(level.latency_ms is not None for level in levels):
        yield "Injected latency comes from the run's seed here; in the original it differed from run to run."
    if any(level.timeout_after_ms is not None for level in levels):
        yield "timeout_after_ms counts virtual time, so the same seed gives the same timeouts."


def _on_policies(workflows: list[Workflow], policies: list[Policy]) -> Iterator[str]:
    if len(policies) > 1:
        yield (
            f"The crowd is a mix of all {len(policies)} policies, evenly weighed (see 'weight' in personas/); the "
            "original used the first policy for everybody."
        )
    if any(policy.data for policy in policies):
        yield "The policies' 'data' is used here: each user gets a value of each list; the original never read it."
    known = {policy.persona_id for policy in policies}
    for workflow in workflows:
        for step in workflow.steps():
            if isinstance(step, DecideStep) and step.policy_ref is not None and step.policy_ref not in known:
                yield f"Step {step.name!r} refers to the policy {step.policy_ref!r}, which is not among the files."


def _asserts_schema(steps: list[Step]) -> bool:
    expects = [s.expect for s in steps if isinstance(s, AssertStep | WaitStep)]
    return any(expect is not None and expect.schema_ is not None for expect in expects)
