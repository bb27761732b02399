"""Invariants compiled: what is asked, when, and what this target cannot ask."""

from __future__ import annotations

from typing import TypeAlias

from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.domain.expressions import Call, Literal, Not, parse
from turbulence_app.domain.expressions import Node as Tree
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Invariant, InvariantKind, OncePer, Within
from turbulence_app.engine.names import Names, visit_leaves
from turbulence_app.engine.nodes import Rule

Base: TypeAlias = tuple[str, InvariantKind, str, str]


def compile_rules(inputs: RunInputs, names: Names) -> tuple[Rule, ...]:
    """The workflow's rules and the scenario's; raises :class:`InputError` for one that cannot be read.

    A rule whose ``targets`` leave this one out is not among them; one that this target cannot ask is, asleep.
    """
    rules: dict[str, Rule] = {}
    for invariant in (*inputs.workflow.invariants, *inputs.invariants):
        if inputs.target not in invariant.targets:
            continue
        if invariant.name in rules:
            raise InputError(f"two invariants are called {invariant.name!r}", "rename one of them")
        rules[invariant.name] = _rule(invariant, inputs, names)
    return tuple(rules.values())


def left_out(inputs: RunInputs) -> tuple[str, ...]:
    """Notes on the rules that are for other targets only."""
    found = [i for i in (*inputs.workflow.invariants, *inputs.invariants) if inputs.target not in i.targets]
    return tuple(f"{i.name} is a rule for {' and '.join(i.targets)}: not asked on {inputs.target}" for i in found)


def _rule(invariant: Invariant, inputs: RunInputs, names: Names) -> Rule:
    name, where = invariant.name, f"invariant {invariant.name}"
    base: Base = (name, invariant.kind, invariant.expression, invariant.says)
    if invariant.kind == "gate":
        names.check_gate(invariant.expression, name)
        return Rule(*base, None, (), frozenset())
    asleep = _asleep(invariant, inputs, where)
    if asleep:
        return Rule(*base, None, (), frozenset(), asleep=asleep)
    if invariant.within is not None:
        return _within(base, invariant.within, names, where)
    if invariant.once_per is not None:
        return _once_per(base, invariant.once_per, names, where)
    tree = names.tree(invariant.expression, where, world=True)
    expression = parse(invariant.expression)
    at_world_end = invariant.kind == "at_end" and expression.is_of_world
    if at_world_end:
        _refuse_people(tree, names, where)
    return Rule(
        *base,
        Not(tree) if invariant.kind == "never" else tree,
        _numbers(names, tree),
        names.changes(tree),
        at_world_end=at_world_end,
        probes=_probes(tree),
    )


def _within(base: Base, given: Within, names: Names, where: str) -> Rule:
    after, then = names.tree(given.after, where, world=True), names.tree(given.then, where, world=True)
    one, two = names.changes(after), names.changes(then)
    return Rule(
        *base,
        after,
        _numbers(names, after),
        None if one is None or two is None else one | two,
        then=then,
        within_us=int(given.seconds * 1_000_000),
        probes=_probes(after) + _probes(then),
    )


def _once_per(base: Base, given: OncePer, names: Names, where: str) -> Rule:
    if given.step not in names.steps:
        raise InputError(f"{where}: no step is called {given.step!r}", f"steps: {', '.join(names.steps)}")
    if not names.asks(given.step):
        raise InputError(f"{where}: step {given.step!r} makes no request", "name an http step")
    key = names.tree(given.key, where)
    return Rule(*base, None, (names.number(given.step),), frozenset(), key=key)


def _numbers(names: Names, tree: Tree) -> tuple[int, ...]:
    return tuple(sorted(names.number(s) for s in names.steps_of(tree)))


def _asleep(invariant: Invariant, inputs: RunInputs, where: str) -> str:
    """Why this target cannot ask the rule; empty where it can."""
    used: set[str] = set()
    for source in invariant.sources:
        try:
            used |= parse(source).functions()
        except KnownError as error:
            raise InputError(f"{where}: {error.problem.message}", error.problem.mend) from error
    if inputs.target == "model":
        if invariant.kind == "once_per":
            return "users of the model target share nothing"
        if "total" in used:
            return "total() speaks of a world that users share, which the model target has not"
        if "probe" in used:
            return "probe() needs a real service, which the model target has not"
    if "python" in used and inputs.target != "app":
        return f"python() needs the application in this process, which the {inputs.target} target has not"
    return ""


def _probes(tree: Tree) -> tuple[Call, ...]:
    return tuple(leaf for leaf in visit_leaves(tree) if isinstance(leaf, Call) and leaf.function == "probe")


def _refuse_people(tree: Tree, names: Names, where: str) -> None:
    """A rule about the world's end has nobody whose visit it could ask about."""
    private = names.private(tree)
    if private:
        mend = "write total('step.effects') and the like, or ask it with always"
        raise InputError(f"{where}: asked once at the world's end, it cannot know {private}", mend)


def probe_of(call: Call) -> tuple[str | None, str]:
    """Service and path of ``probe('/path'[, 'service'])``."""
    words = [str(a.value) for a in call.arguments if isinstance(a, Literal)]
    return (words[1] if len(words) > 1 else None), words[0]
