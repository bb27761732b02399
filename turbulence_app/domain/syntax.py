"""The syntax tree of expressions: a closed vocabulary of functions and fields, and frozen nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

STEP_FUNCTIONS = frozenset(
    {"failures", "count", "effects", "attempts", "visits", "waited_ms", "reached", "share", "violations"}
)
"""Functions whose first argument names a step (``violations``: an invariant), as a quoted string."""
GATE_FUNCTIONS = frozenset({"p50", "p90", "p95", "p99", "mean", "rate", "share", "violations"})
WORLD_FUNCTIONS = frozenset({"total", "probe", "python"})
"""Functions about all users of a world and about the service itself; for invariants, where real code answers."""
PLAIN_FUNCTIONS = frozenset(
    {"len", "min", "max", "abs", "lower", "upper", "contains", "startswith", "endswith", "int", "float", "str", "round"}
)
FUNCTIONS = STEP_FUNCTIONS | GATE_FUNCTIONS | PLAIN_FUNCTIONS | WORLD_FUNCTIONS
STEP_FIELDS = frozenset(
    {"failed", "status", "json", "headers", "answer", "latency_ms", "waited_ms", "attempts", "effects", "visits"}
)
GATE_NAMES = frozenset({"users", "completed", "abandoned", "failed", "pass_rate", "completion"})


class Tree:
    """Base of all nodes; ``code`` and ``found`` are where an evaluator may keep what it made of one."""

    __slots__ = ("code", "found")
    code: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Literal(Tree):
    """A constant: number, string, truth value or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Items(Tree):
    """A list."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Name(Tree):
    """A variable; ``default`` stands in where it is missing (the original's ``{{ x | default:1 }}``)."""

    name: str
    default: str | int | float | bool | None = None


@dataclass(frozen=True, slots=True)
class StepField(Tree):
    """What is known of a step: ``pay.failed``, ``pay.status``, ``pay.json`` and so on."""

    step: str
    field: str


@dataclass(frozen=True, slots=True)
class Attribute(Tree):
    """A key of an object or an index of a list; missing ones are null."""

    base: Node
    key: str | int


@dataclass(frozen=True, slots=True)
class Rendered(Tree):
    """A template inside quotes: the value as text."""

    value: Node


@dataclass(frozen=True, slots=True)
class Call(Tree):
    """A function of the closed list."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Tree):
    """Negation (logical)."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Logic(Tree):
    """``and`` or ``or`` of two or more parts; gives a truth value."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Tree):
    """One comparison (a chain ``a < b < c`` becomes the ``and`` of its links)."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Tree):
    """``+ - * / // %`` of two numbers; unary minus is ``0 - x``."""

    operator: str
    left: Node
    right: Node


Node: TypeAlias = Literal | Items | Name | StepField | Attribute | Rendered | Call | Not | Logic | Compare | Arithmetic


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    match node:
        case Items(items):
            return items
        case Call(_, arguments):
            return arguments
        case Logic(_, parts):
            return parts
        case Compare(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Not(inner) | Rendered(inner) | Attribute(inner, _):
            return (inner,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)
