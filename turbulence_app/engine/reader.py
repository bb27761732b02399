"""What the vectorised executor prepares once per plan, and how it reads a group's columns in expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.expressions import Call, Literal, Name, Node, StepField
from turbulence_app.engine.answers import MISSING, Answer, Check
from turbulence_app.engine.group import Group
from turbulence_app.engine.names import BUILT_IN, visit_leaves
from turbulence_app.engine.nodes import Choose, Loop, Plan, PlanNode, Request, Split, Verify
from turbulence_app.engine.scalar import Leaf
from turbulence_app.engine.vector import Bools, Codes, Const, Numbers, Value, truth, values

Need = tuple[Any, ...]
_FIELDS = {
    "failed": "failed", "status": "ans", "json": "ans", "answer": "ans", "headers": "ans",
    "latency_ms": "waited", "waited_ms": "waited",
    "attempts": "attempts", "effects": "effects", "visits": "visits", "reached": "visits", "failures": "failures",
}  # fmt: skip


def tables(plan: Plan) -> Tables:
    """The tables of a plan, made on first use."""
    found: Tables | None = plan.cache.get("tables")
    if found is None:
        found = plan.cache["tables"] = Tables(plan)
    return found


class Tables:
    """Look-up arrays by answer code, pools of variables, and which columns are worth keeping."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.numbers = {n.name: n.number for n in plan.nodes}
        answers = plan.answers
        self.failed = np.array([a.failed for a in answers])
        self.came = np.array([a.came for a in answers])
        self.acts = np.array([int(a.came and a.status is not None and 200 <= a.status < 300) for a in answers])
        self.bounded = plan.longest > plan.max_steps
        self.read: set[str] = set()
        self.needs: set[Need] = set()
        for tree in plan.trees:
            for leaf in visit_leaves(tree):
                self._need(leaf)
        for node in plan.nodes:
            if isinstance(node, Request) and any(f.nth is not None for f in (*node.faults, *node.quiet)):
                self.needs.add(("attempts", node.number))
            if isinstance(node, Verify):
                self.needs.add(("last answer",))
        for rule in plan.rules:
            if len(rule.steps) > 1 and rule.then is None:
                self.needs |= {("visits", s) for s in rule.steps}
        self.counts = [[n for n in self.needs if n[0] == "count" and n[1] == i] for i in range(len(plan.nodes))]
        """The counters of answers that each step has to keep."""
        self._pools: dict[str, list[Any]] = {}
        self._codes: dict[str, dict[tuple[str, str], int]] = {}
        self._option_codes: dict[int, NDArray[np.int16]] = {}
        for node in plan.nodes:
            self._register(node)
        for initial in plan.initials.values():
            if initial.name in plan.variables:
                for kind, given in initial.kinds:
                    for value in (False, True) if kind == "toggle" else given if kind == "choice" else (given,):
                        self.pool_code(initial.name, value)
        self.statuses = tuple(a.status for a in answers)
        self.bodies = tuple(a.json for a in answers)
        self.answer_names = tuple(a.name or None for a in answers)
        self._checks: dict[int, Bools] = {}
        asked = (*((r.tree, r.then) for r in plan.rules), *((f.when,) for f in plan.faults))
        lasting = [tree for trees in asked for tree in trees if tree is not None]
        self.kept: frozenset[Need] = _ALWAYS | _LOOKED | frozenset(k for tree in lasting for k in self._keys(tree))
        self.kept |= {("look path", word) for word in range(-(-len(plan.nodes) // 64) or 1)}
        self.kept |= {need for need in self.needs if need[0] == "visits" or need == ("last answer",)}
        self.kept |= {(key, i) for i in range(len(plan.rules)) for key in ("broken", "open", "promised")}
        """Columns that matter to the end of a visit."""
        self.dropped = self._dropped()
        self.spent = {
            node.number: dropped - {k for arm in (*node.if_true, *node.if_false) for k in self._read_in(arm)}
            for node, dropped in zip(plan.flow, self.dropped, strict=True)
            if isinstance(node, Split)
        }
        """For every outermost branch: columns that nothing reads once its condition is known."""
        self.stamps = ((np.arange(len(answers)) << 48) ^ (self.acts << 56)).view(np.uint64)

    def _keys(self, tree: Node) -> set[Need]:
        """Columns that an expression reads."""
        found: set[Need] = set()
        for leaf in visit_leaves(tree):
            match leaf:
                case Name(name, _):
                    found |= {("var", name), ("init", name)}
                case StepField(step, field):
                    found.add((_FIELDS[field], self.numbers[step]))
                case Call("count", (Literal(step), *rest)):
                    named = rest[0].value if rest and isinstance(rest[0], Literal) else None
                    found.add(("count", self.numbers[str(step)], named))
                case Call(function, (Literal(step), *_)):
                    found.add((_FIELDS[function], self.numbers[str(step)]))
        return found

    def _dropped(self) -> tuple[frozenset[Need], ...]:
        """For every node of the outermost flow: columns that nothing reads after it."""
        after: set[Need] = set()
        found: list[frozenset[Need]] = []
        everything = frozenset(k for tree in self.plan.trees for k in self._keys(tree)) - self.kept
        for node in reversed(self.plan.flow):
            found.append(everything - after)
            after |= self._read_in(node)
        return tuple(reversed(found))

    def _read_in(self, node: PlanNode) -> set[Need]:
        """Columns that a node and what is inside it reads."""
        found = {k for tree in _trees(node) for k in self._keys(tree)}
        if any(isinstance(n, Request) and n.extract for n in _inside(node)):
            # an answer without the value brings back the one that the visit began with
            found |= {k for tree in self.plan.trees for k in self._keys(tree) if k[0] == "init"}
        return found

    def _need(self, leaf: Leaf) -> None:
        match leaf:
            case Name(name, _):
                if name in ("body", "status_code"):
                    self.needs.add(("last answer",))
                self.read.add(name)
            case StepField(step, field):
                self.needs.add((_FIELDS[field], self.numbers[step]))
            case Call("count", (Literal(step), *rest)):
                number = self.numbers[str(step)]
                named = rest[0].value if rest and isinstance(rest[0], Literal) else None
                self.needs.add(("count", number, named))
            case Call(function, (Literal(step), *_)):
                self.needs.add((_FIELDS[function], self.numbers[str(step)]))

    def _register(self, node: Any) -> None:
        if isinstance(node, Choose):
            codes = [self.pool_code(node.output, option) for option in node.options]
            self._option_codes[node.number] = np.array(codes, np.int16)
        elif isinstance(node, Request):
            for name, found in node.extract:
                for value in found.values():
                    if value is not MISSING:
                        self.pool_code(name, value)

    def pool_code(self, name: str, value: Any) -> int:
        """The code of a variable's value; 0 is null."""
        pool = self._pools.setdefault(name, [None])
        codes = self._codes.setdefault(name, {_identity(None): 0})
        key = _identity(value)
        if key not in codes:
            codes[key] = len(pool)
            pool.append(value)
        return codes[key]

    def pool(self, name: str) -> tuple[Any, ...]:
        """All values that a variable can have, by code."""
        return tuple(self._pools.get(name, [None]))

    def option_codes(self, node: Choose) -> NDArray[np.int16]:
        """Codes of a decision's options."""
        return self._option_codes[node.number]

    def by_answer(self, check: Check) -> Bools:
        """The answer's part of a check, by answer code."""
        found = self._checks.get(id(check))
        if found is None:
            answers: tuple[Answer, ...] = self.plan.answers
            found = self._checks[id(check)] = np.array([check.by_answer(a) for a in answers])
        return found


_ALWAYS: frozenset[Need] = frozenset(
    {"users", "t", "h", "deadline", ("faults",), ("assertion failed",), ("violated",), ("last step",)}  # type: ignore[arg-type]
)
_LOOKED = {("look went",), *((f"look {name}",) for name in ("place", "since", "choice", "answer", "waited", "retries"))}
"""What :mod:`turbulence_app.engine.census` notes of a visit, where it looks on."""


def _inside(node: PlanNode) -> Iterator[PlanNode]:
    yield node
    if isinstance(node, Split):
        for inner in (*node.if_true, *node.if_false):
            yield from _inside(inner)
    elif isinstance(node, Loop):
        for inner in node.body:
            yield from _inside(inner)


def _trees(node: PlanNode) -> Iterator[Node]:
    """Every expression that a node and what is inside it reads."""
    for one in _inside(node):
        if one.guard is not None:
            yield one.guard
        match one:
            case Split() | Loop():
                yield one.condition
            case Choose():
                yield from (when for cases in one.cases for when, _ in cases)
            case Verify():
                yield from (t for t in (one.check.context, one.check.rule) if t is not None)
            case Request():
                check = one.wait.check if one.wait is not None else None
                if check is not None:
                    yield from (t for t in (check.context, check.rule) if t is not None)


def _identity(value: Any) -> tuple[str, str]:
    return type(value).__name__, repr(value)


class Reader:
    """Reads expressions over a group of one persona."""

    def __init__(self, plan: Plan, persona: int) -> None:
        self.plan, self.persona, self.tables = plan, persona, tables(plan)

    def truth(self, tree: Node, group: Group) -> bool | Bools:
        """Whether an expression holds for the group's users."""
        return truth(tree, lambda leaf: self.leaf(leaf, group))

    def check(self, check: Check, group: Group, codes: NDArray[Any] | None = None) -> bool | Bools:
        """Whether an expectation holds, of the last answer or of the answers in ``codes``."""
        last = group.column("last answer") if codes is None else codes
        holds = self.tables.by_answer(check).take(last)
        if check.context is not None:
            holds &= self._found(check, values(check.context, lambda leaf: self.leaf(leaf, group)))
        if check.rule is not None:
            holds &= self.truth(check.rule, group)
        return holds

    def _found(self, check: Check, found: Value) -> bool | Bools:
        only = Check(check.expect, check.context)

        def one(value: Any) -> bool:
            return only.by_visit(lambda _: value)

        match found:
            case Const(value):
                return one(value)
            case Codes(codes, pool):
                return np.array([one(v) for v in pool]).take(codes)
            case Numbers(numbers, nullable):
                distinct, inverse = np.unique(numbers, return_inverse=True)
                known = [None if nullable and v != v else v for v in distinct.tolist()]  # noqa: PLR0124
                return np.array([one(v) for v in known]).take(inverse)

    def leaf(self, leaf: Leaf, group: Group) -> Value:
        """What a leaf of an expression is for everybody in the group."""
        tables_ = self.tables
        match leaf:
            case Name(name, _):
                return self._name(name, group)
            case StepField(step, field):
                return self._step(tables_.numbers[step], field, group)
            case Call("count", (Literal(step), *rest)):
                named = rest[0].value if rest and isinstance(rest[0], Literal) else None
                return _count(group, ("count", tables_.numbers[str(step)], named))
            case Call("reached", (Literal(step), *_)):
                number = tables_.numbers[str(step)]
                if not group.has("visits", number):
                    return Const(False)
                return Numbers(group.column("visits", number) > 0)
            case Call(function, (Literal(step), *_)):
                return self._step(tables_.numbers[str(step)], function, group)
        return Const(None)

    def _name(self, name: str, group: Group) -> Value:
        plan = self.plan
        if name in plan.variables:
            if not group.has("var", name):
                return Const(None)
            return Codes(group.column("var", name), self.tables.pool(name))
        initial = plan.initials.get(name)
        if initial is not None:
            kind, given = initial.kinds[self.persona]
            if kind == "value":
                return Const(given)
            column = group.column("init", name)
            return Codes(column, tuple(given)) if kind == "choice" else Numbers(column)
        return self._built_in(name, group) if name in BUILT_IN else Const(None)

    def _built_in(self, name: str, group: Group) -> Value:
        match name:
            case "outcome":
                return Const(group.outcome)
            case "elapsed_ms":
                return Numbers(group.t / 1000.0)
            case "persona":
                return Const(self.plan.personas[self.persona].name)
            case "step":
                if group.last == -2:
                    return Codes(group.lasts() + 1, ("", *(n.name for n in self.plan.nodes)))
                return Const(self.plan.nodes[group.last].name if group.last >= 0 else "")
            case "headers":
                return Const({})
            case "body" | "status_code":
                pool = self.tables.bodies if name == "body" else self.tables.statuses
                return Codes(group.column("last answer"), pool) if group.has("last answer") else Const(None)
        return Const(None)

    def _step(self, number: int, field: str, group: Group) -> Value:
        if field == "headers":
            return Const({})  # modelled answers have none
        column = _FIELDS[field]
        if not group.has(column, number):
            if column == "failed":
                return Const(False)
            return Const(None if column in ("ans", "waited") else 0)
        found = group.column(column, number)
        match field:
            case "status":
                return Codes(found, self.tables.statuses)
            case "json":
                return Codes(found, self.tables.bodies)
            case "answer":
                return Codes(found, self.tables.answer_names)
            case "latency_ms" | "waited_ms":
                return Numbers(np.where(found == 0, np.nan, (found - 1) / 1000.0), nullable=True)
        return Numbers(found)


def _count(group: Group, key: Need) -> Value:
    return Numbers(group.column(*key)) if group.has(*key) else Const(0)
