"""Compiling: a workflow, the policies of a crowd and the faults become one plan of integers, or a clear error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.engine.arrival_times import compile_arrivals
from turbulence_app.engine.build_rules import compile_rules, left_out
from turbulence_app.engine.build_steps import StepBuilder
from turbulence_app.engine.names import Names
from turbulence_app.engine.nodes import Loop, PersonaPlan, Plan, PlanNode, Split
from turbulence_app.engine.purposes import site
from turbulence_app.engine.quantiles import compile_quantity
from turbulence_app.engine.weights import thresholds


def compile_plan(inputs: RunInputs) -> Plan:
    """The plan of a run, for any target.

    Raises :class:`InputError` for whatever cannot run: a decision without a policy, an unknown step, two steps of one
    name, a step or a fault that needs another target.
    """
    _refuse(inputs)
    names = Names(inputs)
    builder = StepBuilder(inputs, names)
    flow = builder.flow()
    plan = Plan(
        inputs=inputs,
        seed=inputs.seed,
        users=inputs.users,
        personas=_personas(inputs.crowd),
        flow=flow,
        nodes=tuple(builder.nodes),
        answers=tuple(builder.answers),
        initials={},
        variables=names.variables,
        faults=builder.faults,
        rules=(),
        max_steps=inputs.workflow.max_steps,
        stop_on_assertion=inputs.workflow.stop_when.any_assertion_fails,
        stop_on_failure=inputs.workflow.stop_when.any_action_fails,
        arrival=compile_arrivals(inputs.arrivals, inputs.users),
        in_loop=frozenset(_looped(flow, False)),
        longest=_longest(flow),
    )
    plan.rules = compile_rules(inputs, names)
    plan.initials = names.initials()
    plan.trees = tuple(names.trees)
    plan.notes = left_out(inputs) + tuple(f"{r.name} is not asked: {r.asleep}" for r in plan.rules if r.asleep)
    plan.numbers = {node.name: node.number for node in plan.nodes}
    return plan


def _refuse(inputs: RunInputs) -> None:
    sites: dict[int, str] = {}
    for step in (*inputs.workflow.steps(), *inputs.workflow.assertions):
        other = sites.get(site(step.name))
        if other == step.name:
            raise InputError(f"two steps are called {step.name!r}", "give each step a name of its own")
        if other is not None:
            raise InputError(f"steps {other!r} and {step.name!r} would share their draws", "rename one of them")
        sites[site(step.name)] = step.name


def _personas(crowd: Sequence[Member]) -> tuple[PersonaPlan, ...]:
    if not any(m.weight > 0 for m in crowd):
        raise InputError("the weights of the crowd sum to nothing", "give at least one persona a weight above 0")
    found = []
    for member, cut in zip(crowd, thresholds([m.weight for m in crowd]), strict=True):
        visit, step = member.policy.patience.visit_seconds, member.policy.patience.step_wait_seconds
        found.append(
            PersonaPlan(
                member.persona,
                cut,
                None if visit is None else compile_quantity(visit, 10**6),
                None if step is None else compile_quantity(step, 10**6),
            )
        )
    return tuple(found)


def _looped(flow: Sequence[PlanNode], inside: bool) -> Iterator[int]:
    for node in flow:
        if inside:
            yield node.number
        if isinstance(node, Split):
            yield from _looped((*node.if_true, *node.if_false), inside)
        elif isinstance(node, Loop):
            yield from _looped(node.body, True)


def _longest(flow: Sequence[PlanNode]) -> int:
    total = 0
    for node in flow:
        total += 1
        if isinstance(node, Split):
            total += max(_longest(node.if_true), _longest(node.if_false))
        elif isinstance(node, Loop):
            total += node.times * _longest(node.body)
    return total
