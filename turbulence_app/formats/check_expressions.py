"""What expressions and templates of a workflow may speak of, and what is wrong with one that does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from turbulence_app.domain.expressions import Expression, ExpressionError, parse
from turbulence_app.domain.syntax import (
    GATE_FUNCTIONS,
    GATE_NAMES,
    STEP_FIELDS,
    WORLD_FUNCTIONS,
    Attribute,
    Call,
    Compare,
    Items,
    Literal,
    Name,
    StepField,
)
from turbulence_app.domain.syntax import Node as Tree
from turbulence_app.domain.workflow import (
    DecideStep,
    GrpcStep,
    HttpStep,
    Step,
    WaitStep,
    Workflow,
)
from turbulence_app.formats.check_places import Findings
from turbulence_app.formats.shape import Path, mend_name, nearest

BUILT_IN = frozenset(
    {"outcome", "elapsed_ms", "persona", "step", "body", "headers", "status_code", "context", "entry", "variation",
     "env"}
)  # fmt: skip
OUTCOMES = ("completed", "abandoned", "failed")
ANSWERS = frozenset({"ok", "declined", "error", "timeout", "gave_up"})
DURATIONS = ("time_to_complete_ms", "time_to_leave_ms")
_REAL_ANSWER = re.compile(r"(http_[1-5]\d\d|connection_error|protocol_error)\Z")
_TEMPLATE = re.compile(r"\{\{(.{0,500}?)\}\}", re.DOTALL)


class Vocabulary:
    """The names of a workflow: steps, variables with the options they may hold, answers, invariants."""

    def __init__(self, workflow: Workflow, more: Iterable[str] = (), invariants: Iterable[str] = ()) -> None:
        self.workflow = workflow
        self.services = set(workflow.services)
        self.steps: dict[str, Step] = {}
        for step in (*workflow.steps(), *workflow.assertions):
            self.steps.setdefault(step.name, step)
        self.options: dict[str, set[str] | None] = {"outcome": set(OUTCOMES)}
        self.invariants = [i.name for i in workflow.invariants] + list(invariants)
        toggles = workflow.variation.toggles if workflow.variation else ()
        self.variables = {*workflow.all_parameters(), *workflow.entry.seed_data, *(t.name for t in toggles), *more}
        for step in self.steps.values():
            self._defined_by(step)

    def _defined_by(self, step: Step) -> None:
        if isinstance(step, DecideStep):
            self.variables.add(step.output_var)
            known = self.options.get(step.output_var, set())
            self.options[step.output_var] = known | set(step.options) if known is not None and step.options else None
        elif isinstance(step, HttpStep | WaitStep | GrpcStep):
            self.variables |= set(step.extract)

    def names(self) -> list[str]:
        """Everything that a plain word may stand for."""
        return sorted(self.variables | (BUILT_IN - {"entry", "variation", "env"}))

    def answers(self, step: str) -> set[str]:
        """The answers that a step may get, by name."""
        model = getattr(self.steps.get(step), "model", None)
        return set(ANSWERS) | (set(model.outcomes) if model is not None else set())

    def can_answer(self, step: str, answer: str) -> bool:
        """Whether a step may get an answer of this name, on any target (``http_404`` is a real one's)."""
        return answer in self.answers(step) or _REAL_ANSWER.match(answer) is not None


def check_expression(
    source: str, path: Path, words: Vocabulary, found: Findings, gate: bool = False, world: bool = False
) -> Expression | None:
    """Note what is wrong with an expression; returns it parsed, or ``None`` where it cannot be.

    ``gate``: it speaks of a whole run; ``world``: of all users of a world and of the service, too.
    """
    expression = _parsed(source, path, found)
    if expression is None:
        return None
    if gate:
        _check_gate(expression, path, words, found)
    else:
        _check_names(expression, path, words, found)
        for function in sorted(expression.functions() & GATE_FUNCTIONS):
            found.add(path, f"{function}() speaks of the whole run", "it belongs into an invariant of kind 'gate'")
    for function in sorted(expression.functions() & WORLD_FUNCTIONS) if gate or not world else ():
        mend = "use rate(), count() or violations()" if gate else "it belongs into an invariant"
        found.add(path, f"{'a gate' if gate else 'a person'} cannot know {function}()", mend)
    for tree in expression.nodes:
        _check_call(tree, path, words, found)
    return expression


def _parsed(source: str, path: Path, found: Findings) -> Expression | None:
    try:
        return parse(source)
    except ExpressionError as error:
        found.add(path, error.problem.message, error.problem.mend)
        return None


def check_templates(value: Any, path: Path, words: Vocabulary, found: Findings) -> None:
    """Note what is wrong with the ``{{ … }}`` inside a text, a mapping or a list."""
    for text, place in _texts(value, path):
        for match in _TEMPLATE.finditer(text):
            source = "{{" + match[1] + "}}"
            if "|" in source:
                _parsed(source, place, found)  # with a default a name may be missing
            else:
                check_expression(source, place, words, found)


def _texts(value: Any, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(value, str):
        yield value, path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _check_names(expression: Expression, path: Path, words: Vocabulary, found: Findings) -> None:
    defaults = {n.name for n in expression.nodes if isinstance(n, Name) and n.default is not None}
    bases = {n.base.name for n in expression.nodes if isinstance(n, Attribute) and isinstance(n.base, Name)}
    for name in sorted(expression.names() - words.variables - BUILT_IN - defaults):
        if name in words.steps and name in bases:
            fields = ", ".join(sorted(STEP_FIELDS))
            found.add(
                path, f"{expression.source!r}: nothing of that name is known of step {name!r}", f"known: {fields}"
            )
        elif name in words.steps:
            found.add(path, f"{name!r} is a step, not a value", f"write {name}.failed, {name}.status, …")
        elif name in GATE_NAMES:
            found.add(path, f"{name!r} is known of a whole run only", "it belongs into an invariant of kind 'gate'")
        else:
            found.add(path, f"nothing defines {name!r}", mend_name(name, words.names(), "defined"))
    for tree in expression.nodes:
        if isinstance(tree, StepField) and tree.step not in words.steps and tree.step not in words.variables:
            found.unknown(path, "step", tree.step, list(words.steps))
        elif isinstance(tree, Compare):
            _check_options(tree, path, words, found)


def _check_options(tree: Compare, path: Path, words: Vocabulary, found: Findings) -> None:
    """``browse_next == 'leav'`` can never hold: no option is called so."""
    for name, other in ((tree.left, tree.right), (tree.right, tree.left)):
        options = words.options.get(name.name) if isinstance(name, Name) else None
        if not options or not isinstance(name, Name):
            continue
        values = other.items if isinstance(other, Items) else (other,)
        for value in values:
            if isinstance(value, Literal) and isinstance(value.value, str) and value.value not in options:
                message = f"{name.name!r} is never {value.value!r}"
                found.add(path, message, mend_name(value.value, sorted(options), "options"))


def _check_call(tree: Tree, path: Path, words: Vocabulary, found: Findings) -> None:
    if not isinstance(tree, Call) or not tree.arguments:
        return
    first = tree.arguments[0]
    name = first.value if isinstance(first, Literal) and isinstance(first.value, str) else None
    if name is None:
        return
    if tree.function in ("failures", "count", "effects", "attempts", "visits", "waited_ms", "reached", "share"):
        if name not in words.steps:
            found.unknown(path, "step", name, list(words.steps))
        elif tree.function == "count" and len(tree.arguments) > 1:
            answer, known = tree.arguments[1], words.answers(name)
            named = answer.value if isinstance(answer, Literal) else None
            if isinstance(named, str) and not words.can_answer(name, named):
                found.add(path, f"{name!r} never answers {named!r}", mend_name(named, sorted(known), "answers"))
    elif tree.function == "violations" and name not in words.invariants:
        found.unknown(path, "invariant", name, words.invariants)


def _check_gate(expression: Expression, path: Path, words: Vocabulary, found: Findings) -> None:
    for name in sorted(expression.names() - GATE_NAMES):
        mend = mend_name(name, sorted(GATE_NAMES), "known in a gate")
        found.add(path, f"a gate cannot read {name!r}", mend)
    for tree in expression.nodes:
        if isinstance(tree, StepField):
            mend = f"write rate('{tree.step}.failed') or p95('{tree.step}.latency_ms')"
            found.add(path, f"a gate cannot read {tree.step}.{tree.field}", mend)
        elif (
            isinstance(tree, Call) and tree.function in ("p50", "p90", "p95", "p99", "mean", "rate") and tree.arguments
        ):
            first = tree.arguments[0]
            if isinstance(first, Literal) and isinstance(first.value, str):
                _check_metric(tree.function, first.value, path, words, found)


def _check_metric(function: str, metric: str, path: Path, words: Vocabulary, found: Findings) -> None:
    step, _, part = metric.rpartition(".")
    if (function == "rate" and metric in OUTCOMES) or (function != "rate" and metric in DURATIONS):
        return
    if step and step not in words.steps:
        found.unknown(path, "step", step, list(words.steps))
        return
    parts = ("failed",) if function == "rate" else ("latency_ms",)
    if not step or part not in parts:
        known = (*OUTCOMES, "step.failed") if function == "rate" else (*DURATIONS, "step.latency_ms")
        close = nearest(metric, known)
        mend = f"did you mean {close!r}?" if close else "known: " + ", ".join(known)
        found.add(path, f"{function}() cannot measure {metric!r}", mend)
