"""The safe expression language of conditions, invariants and gates: a parser and a frozen syntax tree, nothing else.

There is no way from an expression to Python: the parser knows a closed list of operators, functions and literals, and
evaluation (see :mod:`turbulence_app.engine.scalar`) walks the tree. ``and``, ``or`` and ``not`` give truth values. The
original's spellings are understood: ``context.get('x')``, ``context['x']``, ``{{ x | default:1 }}``, ``body``,
``headers``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from turbulence_app.domain.calls import check_call, total_of
from turbulence_app.domain.syntax import (
    FUNCTIONS,
    GATE_FUNCTIONS,
    GATE_NAMES,
    STEP_FIELDS,
    STEP_FUNCTIONS,
    WORLD_FUNCTIONS,
    Arithmetic,
    Attribute,
    Call,
    Compare,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    Rendered,
    StepField,
    children,
    walk,
)
from turbulence_app.domain.tokens import ExpressionError, Token, tokenize

__all__ = [
    "Arithmetic", "Attribute", "Call", "Compare", "Expression", "ExpressionError", "Items", "Literal", "Logic",
    "Name", "Node", "Not", "Rendered", "StepField", "parse", "total_of",
]  # fmt: skip

MAX_LENGTH = 2000
MAX_DEPTH = 50
NOT_STEPS = frozenset({"context", "body", "headers", "entry", "variation"})
_TEMPLATE = re.compile(r"^\s*\{\{(.*)\}\}\s*$", re.DOTALL)


@dataclass(frozen=True)
class Expression:
    """A parsed expression: its text and its tree."""

    source: str
    root: Node

    def names(self) -> frozenset[str]:
        """Variables that it reads (not steps, not functions)."""
        return self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(node.name for node in self.nodes if isinstance(node, Name))

    def steps(self) -> frozenset[str]:
        """Steps that it refers to, as ``pay.failed`` or as ``effects('pay')``."""
        return self._steps

    @cached_property
    def _steps(self) -> frozenset[str]:
        found = {node.step for node in self.nodes if isinstance(node, StepField)}
        for node in self.nodes:
            if isinstance(node, Call) and node.function in STEP_FUNCTIONS - {"violations"} and node.arguments:
                first = node.arguments[0]
                if isinstance(first, Literal) and isinstance(first.value, str):
                    found.add(first.value)
            elif isinstance(node, Call) and node.function == "total":
                found.add(total_of(node)[0])
        return frozenset(found)

    @property
    def is_of_world(self) -> bool:
        """Whether it speaks of all users of a world or of the service itself (``total``, ``probe``, ``python``)."""
        return bool(self.functions() & WORLD_FUNCTIONS)

    def functions(self) -> frozenset[str]:
        """Functions that it calls."""
        return self._functions

    @cached_property
    def _functions(self) -> frozenset[str]:
        return frozenset(node.function for node in self.nodes if isinstance(node, Call))

    @property
    def is_gate(self) -> bool:
        """Whether it speaks of a whole run (``p95(...)``, ``rate(...)``, ``completed``) rather than of one user."""
        return any(
            (isinstance(node, Call) and node.function in GATE_FUNCTIONS)
            or (isinstance(node, Name) and node.name in GATE_NAMES)
            for node in self.nodes
        )

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes of the tree, the root first."""
        return tuple(walk(self.root))


@lru_cache(maxsize=4096)
def parse(source: str) -> Expression:
    """Parse ``source``; raise :class:`ExpressionError` with the position and the mend."""
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"expression of {len(source)} characters", f"use at most {MAX_LENGTH}", 0)
    root = _Parser(source, 0).parse()
    if _height(root) > 2 * MAX_DEPTH:
        raise ExpressionError(f"expression nested deeper than {2 * MAX_DEPTH}", "split it into two steps", 0)
    return Expression(source, root)


def _height(root: Node) -> int:
    """Levels of the tree, counted without recursion: a long sum is deep on its left."""
    height, level = 0, [root]
    while level:
        height += 1
        level = [child for node in level for child in children(node)]
    return height


class _Parser:
    """Recursive descent, weakest binding first: or, and, not, comparison, sum, product, sign, postfix, primary."""

    def __init__(self, source: str, depth: int) -> None:
        self._tokens = tokenize(source)
        self._at = 0
        self._depth = depth

    def parse(self) -> Node:
        """The whole text as one expression."""
        node = self._or()
        if self._token.kind != "end":
            raise self._unexpected("an operator such as == or and")
        return node

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._token
        what = "the end" if token.kind == "end" else repr(token.text)
        mend = "write == to compare" if token.text == "=" else f"expected {wanted}"
        return ExpressionError(f"unexpected {what} at position {token.position + 1}", mend, token.position)

    def _take(self, *texts: str) -> str | None:
        if self._token.kind in ("operator", "word") and self._token.text in texts:
            self._at += 1
            return self._tokens[self._at - 1].text
        return None

    def _expect(self, text: str) -> None:
        if self._take(text) is None:
            raise self._unexpected(repr(text))

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            position = self._token.position
            raise ExpressionError(f"expression nested deeper than {MAX_DEPTH}", "split it into two steps", position)

    def _or(self) -> Node:
        self._deeper()
        parts = [self._and()]
        while self._take("or", "||"):
            parts.append(self._and())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Logic("or", tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while self._take("and", "&&"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else Logic("and", tuple(parts))

    def _not(self) -> Node:
        negations = 0
        while self._take("not", "!"):
            negations += 1
        node = self._comparison()
        if not negations:
            return node
        return Not(node) if negations % 2 else Not(Not(node))

    def _comparison(self) -> Node:
        left = self._sum()
        links: list[Node] = []
        while operator := self._comparator():
            right = self._sum()
            links.append(Compare(operator, left, right))
            left = right
        if not links:
            return left
        return links[0] if len(links) == 1 else Logic("and", tuple(links))

    def _comparator(self) -> str | None:
        if (operator := self._take("==", "!=", "<=", ">=", "<", ">", "in")) is not None:
            return operator
        if self._take("is"):
            return "!=" if self._take("not") else "=="
        if self._token.text == "not" and self._tokens[self._at + 1].text == "in":
            self._at += 2
            return "not in"
        return None

    def _sum(self) -> Node:
        node = self._product()
        while operator := self._take("+", "-"):
            node = Arithmetic(operator, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._sign()
        while operator := self._take("*", "/", "//", "%"):
            node = Arithmetic(operator, node, self._sign())
        return node

    def _sign(self) -> Node:
        negative = False
        while sign := self._take("-", "+"):
            negative ^= sign == "-"
        node = self._postfix()
        if not negative:
            return node
        if isinstance(node, Literal) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return Literal(-node.value)
        return Arithmetic("-", Literal(0), node)

    def _postfix(self) -> Node:
        primary = node = self._primary()
        while True:
            if self._take("."):
                node = self._member(node, node is primary)
            elif self._take("["):
                key = self._token.value
                if self._token.kind not in ("string", "number") or isinstance(key, float):
                    raise self._unexpected("a quoted key or an index")
                self._at += 1
                self._expect("]")
                node = _key(node, key)
            else:
                return node

    def _member(self, base: Node, first: bool) -> Node:
        if self._token.kind != "word":
            raise self._unexpected("a name after the point")
        name = self._token.text
        self._at += 1
        if name == "get" and self._take("("):
            key = self._token
            if key.kind != "string":
                raise self._unexpected("a quoted name")
            self._at += 1
            default = self._default() if self._take(",") else None
            self._expect(")")
            found = _key(base, key.text)
            return Name(found.name, default) if isinstance(found, Name) else found
        if first and isinstance(base, Name) and base.name not in NOT_STEPS and name in STEP_FIELDS:
            return StepField(base.name, name)
        return _key(base, name)

    def _default(self) -> str | int | float | bool | None:
        node = self._sum()
        if not isinstance(node, Literal):
            raise self._unexpected("a constant as the default")
        return node.value

    def _primary(self) -> Node:
        token = self._token
        if token.kind == "template":
            self._at += 1
            return _template(token)
        if token.kind == "string":
            self._at += 1
            inner = _TEMPLATE.match(token.text)
            if inner is None:
                return Literal(token.text)
            return Rendered(_template(Token("template", inner[1].strip(), token.position)))
        if token.kind == "number":
            self._at += 1
            if len(token.text) > 30 or token.value == float("inf"):
                raise ExpressionError(
                    f"number too large at position {token.position + 1}", "write less", token.position
                )
            return Literal(token.value)
        if self._take("("):
            node = self._or()
            self._expect(")")
            return node
        if self._take("["):
            return Items(self._arguments("]"))
        if token.kind == "word":
            return self._word(token)
        raise self._unexpected("a value")

    def _word(self, token: Token) -> Node:
        constants: dict[str, bool | None] = {
            "true": True, "false": False, "null": None, "none": None,
            "True": True, "False": False, "None": None,
        }  # fmt: skip
        if token.text in constants:
            self._at += 1
            return Literal(constants[token.text])
        if token.text in ("and", "or", "in", "is"):
            raise self._unexpected("a value")
        self._at += 1
        if not self._take("("):
            return Name(token.text)
        if token.text not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            message = f"unknown function {token.text!r} at position {token.position + 1}"
            raise ExpressionError(message, f"use one of {known}", token.position)
        call = Call(token.text, self._arguments(")"))
        check_call(call, token.position)
        return call

    def _arguments(self, closing: str) -> tuple[Node, ...]:
        found: list[Node] = []
        if self._take(closing):
            return ()
        while True:
            found.append(self._or())
            if self._take(closing):
                return tuple(found)
            self._expect(",")


def _key(base: Node, key: str | int) -> Node:
    """``base.key``: a variable of the context, or a key of a value."""
    if isinstance(base, Name) and isinstance(key, str):
        if base.name == "context":
            return Name(key)
        if base.name == "entry" and key == "seed_data":
            return Name("context")
        if base.name == "variation":
            return Name(key)
    return Attribute(base, key)


def _template(token: Token) -> Node:
    """``{{ a.b | default:x }}``."""
    path, _, filters = token.text.partition("|")
    node = _Parser(path, 1).parse()
    kind, _, default = filters.strip().partition(":")
    if not filters:
        return node
    if kind.strip() != "default":
        raise ExpressionError(f"unknown filter {kind.strip()!r}", "only default:value is known", token.position)
    text = default.strip()
    value = _Parser(text, 1).parse() if text else Literal("")
    constant = value.value if isinstance(value, Literal) else text
    return Name(node.name, constant) if isinstance(node, Name) else node
