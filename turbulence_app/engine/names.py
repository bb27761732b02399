"""What the names in expressions mean for a plan: steps, variables, and what a visit starts with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.domain.expressions import (
    Arithmetic,
    Attribute,
    Call,
    Compare,
    Expression,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    Rendered,
    StepField,
    parse,
    total_of,
)
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.syntax import WORLD_FUNCTIONS
from turbulence_app.domain.workflow import (
    DecideStep,
    GrpcStep,
    HttpStep,
    RangeParameter,
    Step,
    WaitStep,
)
from turbulence_app.engine.nodes import CERTAIN, Initial
from turbulence_app.engine.purposes import site
from turbulence_app.engine.scalar import Leaf, leaves

VISIT_FUNCTIONS = WORLD_FUNCTIONS | {"failures", "count", "effects", "attempts", "visits", "waited_ms", "reached"}
"""Functions whose value a visit (or its world) knows."""
BUILT_IN = frozenset({"outcome", "elapsed_ms", "persona", "step", "body", "headers", "status_code", "context"})
_ALWAYS_MOVING = frozenset({"outcome", "elapsed_ms", "step"})
_LAST_ANSWER = frozenset({"body", "status_code"})


def visit_leaves(tree: Node) -> tuple[Leaf, ...]:
    """What an expression reads of a visit; looked for once and kept with the tree."""
    try:
        known: tuple[Leaf, ...] = tree.found
    except AttributeError:
        known = leaves(tree, VISIT_FUNCTIONS)
        object.__setattr__(tree, "found", known)
    return known


class Names:
    """The names of one run's inputs; parses and resolves expressions against them."""

    def __init__(self, inputs: RunInputs) -> None:
        self._inputs = inputs
        workflow = inputs.workflow
        self.steps: dict[str, Step] = {s.name: s for s in (*workflow.steps(), *workflow.assertions)}
        self._numbers = {name: i for i, name in enumerate(self.steps)}
        self.writers: dict[str, set[int]] = {}
        self.used: set[str] = set()
        self.trees: list[Node] = []
        """Every resolved expression of the run, for what must be tracked."""
        for step in self.steps.values():
            for variable in _written(step):
                self.writers.setdefault(variable, set()).add(self._numbers[step.name])
        self.variables = frozenset(self.writers)

    def number(self, step: str) -> int:
        """Place of a step in the funnel."""
        return self._numbers[step]

    def tree(self, source: str, where: str, *, world: bool = False) -> Node:
        """A parsed and resolved expression about one user; raises :class:`InputError` naming ``where``.

        ``world``: it may speak of the other users and of the service, too.
        """
        expression = self._parse(source, where)
        if expression.is_of_world and not world:
            known = ", ".join(sorted(expression.functions() & WORLD_FUNCTIONS))
            raise InputError(f"{where}: people cannot know {known}()", "it belongs into an invariant")
        if expression.functions() & {"p50", "p90", "p95", "p99", "mean", "rate", "share", "violations"}:
            raise InputError(f"{where}: {source!r} speaks of the whole run", "write it as a gate")
        tree = expression.root
        if not expression.steps() <= self.steps.keys():
            tree = self._resolve(tree)
            for name in self.steps_of(tree):
                if name not in self.steps:
                    raise InputError(f"{where}: no step is called {name!r}", f"steps: {', '.join(self.steps)}")
        self.trees.append(tree)
        self.used |= expression.names()
        return tree

    def check_gate(self, source: str, where: str) -> None:
        """Refuse a gate that cannot be read."""
        self._parse(source, f"gate {where}")

    def _parse(self, source: str, where: str) -> Expression:
        try:
            return parse(source)
        except KnownError as error:
            raise InputError(f"{where}: {error.problem.message}", error.problem.mend) from error

    def _resolve(self, node: Node) -> Node:
        """``x.status`` is a key of a variable where no step is called x."""
        match node:
            case StepField(name, field) if name not in self.steps and (name in self.variables or self._known(name)):
                return Attribute(Name(name), field)
            case Attribute(base, key):
                return Attribute(self._resolve(base), key)
            case Rendered(inner):
                return Rendered(self._resolve(inner))
            case Not(inner):
                return Not(self._resolve(inner))
            case Items(items):
                return Items(tuple(self._resolve(i) for i in items))
            case Logic(operator, parts):
                return Logic(operator, tuple(self._resolve(p) for p in parts))
            case Call(function, arguments):
                return Call(function, tuple(self._resolve(a) for a in arguments))
            case Compare(operator, left, right):
                return Compare(operator, self._resolve(left), self._resolve(right))
            case Arithmetic(operator, left, right):
                return Arithmetic(operator, self._resolve(left), self._resolve(right))
        return node

    def _known(self, name: str) -> bool:
        return any(name == known for known, _, _ in self._sources())

    def steps_of(self, tree: Node) -> list[str]:
        """Names of the steps that a resolved tree refers to."""
        found: dict[str, None] = {}
        for leaf in visit_leaves(tree):
            match leaf:
                case StepField(step, _):
                    found[step] = None
                case Call("total", _):
                    found[total_of(leaf)[0]] = None
                case Call(function, (Literal(str(step)), *_)) if function not in WORLD_FUNCTIONS:
                    found[step] = None
        return list(found)

    def asks(self, step: str) -> bool:
        """Whether a step makes requests."""
        return isinstance(self.steps[step], _REQUESTS)

    def private(self, tree: Node) -> str:
        """The first thing in a tree that only a single user knows; empty where there is none."""
        for leaf in visit_leaves(tree):
            match leaf:
                case Name(name, _):
                    return repr(name)
                case StepField(step, field):
                    return f"{step}.{field}"
                case Call(function, _) if function not in WORLD_FUNCTIONS:
                    return f"{function}()"
        return ""

    def changes(self, tree: Node) -> frozenset[int] | None:
        """Numbers of the steps after which the tree's value may differ; None: after any."""
        found: set[int] = set()
        for leaf in visit_leaves(tree):
            match leaf:
                case Name(name, _) if name in _ALWAYS_MOVING:
                    return None
                case Name(name, _) if name in _LAST_ANSWER:
                    found |= {i for n, i in self._numbers.items() if isinstance(self.steps[n], _REQUESTS)}
                case Name(name, _):
                    found |= self.writers.get(name, set())
                case StepField(step, _):
                    found.add(self._numbers[step])
                case Call(function, _) if function in WORLD_FUNCTIONS:
                    return None
                case Call(_, (Literal(str(step)), *_)):
                    found.add(self._numbers[step])
        return frozenset(found)

    def track(self, tree: Node) -> None:
        """Note an expression that was not parsed here (a ``context_path``)."""
        self.trees.append(tree)
        self.used |= _names(tree)

    def initials(self) -> Mapping[str, Initial]:
        """What visits start with, for the names that some expression reads (the others cannot matter)."""
        found: dict[str, Initial] = {}
        for name, source, kinds in self._sources():
            if name in self.used and name not in BUILT_IN and name not in found:
                if name in self.variables and any(kind == "range" for kind, _ in kinds):
                    raise InputError(f"{name!r} is a parameter and is set by a step", "rename one of them")
                address = f"@{source}:{name}"
                found[name] = Initial(name, source, address, site(address), kinds)
        return found

    def _sources(self) -> Iterator[tuple[str, str, tuple[tuple[str, Any], ...]]]:
        """Parameters, toggles, entry data and the policies' data, in the order of precedence."""
        workflow, crowd = self._inputs.workflow, self._inputs.crowd
        for name, default in workflow.all_parameters().items():
            chosen = [m.policy.parameters.get(name, default) for m in crowd]
            kinds = tuple(
                ("range", (p.min, p.max)) if isinstance(p, RangeParameter) else ("choice", p.values) for p in chosen
            )
            yield name, "parameter", kinds
        toggles = {t.name: t.probability for t in (workflow.variation.toggles if workflow.variation else ())}
        for member in crowd:
            for name in member.policy.toggles:
                toggles.setdefault(name, 0.0)
        for name, share in toggles.items():
            cuts = [int(m.policy.toggles.get(name, share) * CERTAIN + 0.5) for m in crowd]
            yield name, "toggle", tuple(("toggle", cut) for cut in cuts)
        for name, value in workflow.entry.seed_data.items():
            kind = ("choice", tuple(value)) if isinstance(value, list | tuple) and value else ("value", value)
            yield name, "entry", (kind,) * len(crowd)
        for name in dict.fromkeys(n for m in crowd for n in m.policy.data):
            values = [m.policy.data.get(name) for m in crowd]
            yield name, "data", tuple(("choice", tuple(v)) if v else ("value", None) for v in values)


_REQUESTS = (HttpStep, WaitStep, GrpcStep)


def _names(tree: Node) -> set[str]:
    return {leaf.name for leaf in visit_leaves(tree) if isinstance(leaf, Name)}


def _written(step: Step) -> Iterator[str]:
    """Variables that a step sets."""
    if isinstance(step, DecideStep):
        yield step.output_var
    elif isinstance(step, _REQUESTS):
        yield from step.extract
