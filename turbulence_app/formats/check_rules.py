"""Static checks of invariants: what they may speak of, on which targets they can be asked, what never gets to them."""

from __future__ import annotations

from collections.abc import Iterator

from turbulence_app.domain.expressions import Expression, total_of
from turbulence_app.domain.invariants import Invariant, Target
from turbulence_app.domain.syntax import WORLD_FUNCTIONS, Call, Literal, Name, StepField
from turbulence_app.domain.workflow import GrpcStep, HttpStep, WaitStep
from turbulence_app.formats.check_expressions import Vocabulary, check_expression
from turbulence_app.formats.check_flow import constant
from turbulence_app.formats.check_places import Findings
from turbulence_app.formats.shape import Path, mend_name

REQUESTS = (HttpStep, WaitStep, GrpcStep)
_WHERE: dict[str, tuple[Target, ...]] = {
    "total": ("app", "http"),
    "probe": ("app", "http"),
    "once_per": ("app", "http"),
    "python": ("app",),
}
"""On which targets each can be asked."""
_NEEDS = {
    "total": "total() needs a world that users share",
    "probe": "probe() needs a real service",
    "once_per": "once_per needs a world that users share",
    "python": "python() needs the application in the engine's process",
}
_TOTALS = frozenset({"effects", "attempts", "visits", "failures"})


def check_invariants(invariants: tuple[Invariant, ...], words: Vocabulary, dead: set[str], found: Findings) -> None:
    """Note what is wrong with the invariants of a workflow or of a scenario."""
    own = words.workflow.invariants
    seen: set[str] = set() if invariants is own else {i.name for i in own}
    for index, invariant in enumerate(invariants):
        base: Path = ("invariants", index)
        if invariant.name in seen:
            found.add((*base, "name"), f"two invariants are called {invariant.name!r}", "rename one of them")
        seen.add(invariant.name)
        _check_one(invariant, base, words, dead, found)


def _check_one(invariant: Invariant, base: Path, words: Vocabulary, dead: set[str], found: Findings) -> None:
    once = invariant.once_per
    if once is not None:
        path = (*base, "once_per", "step")
        if once.step not in words.steps:
            found.unknown(path, "step", once.step, list(words.steps))
        elif not isinstance(words.steps[once.step], REQUESTS):
            found.add(path, f"step {once.step!r} makes no request, so it never succeeds", "name an http step")
    used: set[str] = {"once_per"} if once is not None else set()
    for source, path in _placed(invariant, base):
        gate, world = invariant.kind == "gate", once is None
        expression = check_expression(source, path, words, found, gate=gate, world=world)
        if expression is None:
            continue
        used |= expression.functions()
        _check_world(expression, invariant, path, words, found)
        for step in sorted(expression.steps() & dead):
            message = f"{invariant.name!r} can never be exercised: nobody reaches step {step!r}"
            found.add(path, message, "make the step reachable or remove the invariant", "warning")
        if constant(source) is not None and (invariant.within is None or path[-1] == "after"):
            message = f"{invariant.name!r} can never be exercised: it asks nothing"
            found.add(path, message, "compare something that varies", "warning")
    for what in sorted(used & _WHERE.keys()):
        if not set(invariant.targets) & set(_WHERE[what]):
            mend = f"add 'targets: [{', '.join(_WHERE[what])}]'"
            named = " and ".join(invariant.targets)
            found.add((*base, "targets"), f"{_NEEDS[what]}, which the {named} target has not", mend)


def _placed(invariant: Invariant, base: Path) -> Iterator[tuple[str, Path]]:
    """The expressions of a rule, each with its place."""
    here = (*base, invariant.kind)
    if invariant.within is not None:
        yield invariant.within.after, (*here, "after")
        yield invariant.within.then, (*here, "then")
    elif invariant.once_per is not None:
        yield invariant.once_per.key, (*here, "key")
    else:
        yield invariant.expression, here


def _check_world(expression: Expression, invariant: Invariant, path: Path, words: Vocabulary, found: Findings) -> None:
    for node in expression.nodes:
        if isinstance(node, Call) and node.function == "total":
            _check_total(node, path, words, found)
        elif isinstance(node, Call) and node.function == "probe" and len(node.arguments) > 1:
            service = node.arguments[1]
            name = str(service.value) if isinstance(service, Literal) else ""
            if words.services and name not in words.services:
                found.unknown(path, "service", name, sorted(words.services))
    if invariant.kind == "at_end" and expression.is_of_world:
        private = [_private(node) for node in expression.nodes]
        for what in dict.fromkeys(p for p in private if p):
            message = f"{invariant.name!r} is asked once, at the world's end: it cannot know {what}"
            found.add(path, message, "write total('step.effects') and the like, or ask it with always")


def _check_total(call: Call, path: Path, words: Vocabulary, found: Findings) -> None:
    step, field = total_of(call)
    if step not in words.steps:
        found.unknown(path, "step", step, list(words.steps))
    elif field not in _TOTALS and not words.can_answer(step, field):
        known = sorted(_TOTALS | words.answers(step))
        found.add(path, f"nothing of step {step!r} is called {field!r}", mend_name(field, known, "known"))


def _private(node: object) -> str:
    """What only a single user knows."""
    match node:
        case Name(name, _):
            return repr(name)
        case StepField(step, field):
            return f"{step}.{field}"
        case Call(function, (Literal(str()), *_)) if function not in WORLD_FUNCTIONS:
            return f"{function}()"
    return ""
