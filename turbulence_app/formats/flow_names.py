"""Which texts of a workflow speak of a step, and the same texts with another name in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from turbulence_app.domain.expressions import ExpressionError
from turbulence_app.domain.invariants import KINDS
from turbulence_app.domain.syntax import STEP_FIELDS, STEP_FUNCTIONS
from turbulence_app.domain.tokens import Token, tokenize
from turbulence_app.formats.tree import Node

Kind = Literal["expression", "template", "name"]
Span = tuple[int, int]
"""Where a name stands in a text: from, to (end excluded)."""

_STEP_NAMED = STEP_FUNCTIONS - {"violations"}
_MEASURED = frozenset({"p50", "p90", "p95", "p99", "mean", "rate", "total"})
"""Functions whose text is ``step.field``."""
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_LISTS = ("if_true", "if_false", "steps")
_TEMPLATES = ("path", "headers", "query", "json", "message", "metadata")


@dataclass(frozen=True, slots=True)
class Site:
    """A text that may speak of steps, and whose it is in words."""

    node: Node
    kind: Kind
    owner: str
    step: str = ""
    """The step that it belongs to, '' for an invariant's."""


def sites(root: Node) -> Iterator[Site]:
    """Every text of a workflow that may speak of steps, in the order of the file."""
    for key in ("flow", "assertions"):
        yield from _of_steps(root.entries.get(key))
    invariants = root.entries.get("invariants")
    for rule in invariants.items if invariants else ():
        yield from of_invariant(rule)


def _of_steps(entry: Node | None) -> Iterator[Site]:
    for step in entry.items if entry is not None else ():
        yield from of_step(step)


def of_step(step: Node) -> Iterator[Site]:
    """The texts of one step and of those inside it."""
    name = str(_text(step, "name"))
    for key, words in (("when", "when of"), ("condition", "condition of"), ("while", "while of")):
        if isinstance(_text(step, key), str):
            yield Site(step.entries[key], "expression", f"the {words} {name!r}", name)
    expect = step.entries.get("expect")
    if expect is not None and isinstance(_text(expect, "expression"), str):
        yield Site(expect.entries["expression"], "expression", f"what {name!r} expects", name)
    for key in _TEMPLATES:
        if key in step.entries:
            yield from (Site(node, "template", f"the {key} of {name!r}", name) for node in _leaves(step.entries[key]))
    for key in _LISTS:
        yield from _of_steps(step.entries.get(key))


def of_invariant(rule: Node) -> Iterator[Site]:
    """The texts of one invariant, of a workflow or of a scenario."""
    owner = f"invariant {_text(rule, 'name')!r}"
    for kind in KINDS:
        node = rule.entries.get(kind)
        if node is None:
            continue
        if isinstance(node.value, str):
            yield Site(node, "expression", owner)
        for key in ("after", "then", "key"):
            if isinstance(_text(node, key), str):
                yield Site(node.entries[key], "expression", owner)
        if isinstance(_text(node, "step"), str):
            yield Site(node.entries["step"], "name", owner)


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node.value, str):
        yield node
    for child in (*node.entries.values(), *node.items):
        yield from _leaves(child)


def _text(node: Node, key: str) -> object:
    child = node.entries.get(key)
    return child.value if child is not None else None


def spans(source: str, kind: Kind, step: str) -> list[Span]:
    """Where a text names a step."""
    if kind == "name":
        return [(0, len(source))] if source == step else []
    if kind == "expression":
        return _in_expression(source, step)
    return [
        (match.start(1) + start, match.start(1) + end)
        for match in _TEMPLATE.finditer(source)
        for start, end in _in_expression(match[1].partition("|")[0], step)
    ]


def renamed(source: str, kind: Kind, old: str, new: str) -> str:
    """The text with another name for a step."""
    for start, end in reversed(spans(source, kind, old)):
        source = source[:start] + new + source[end:]
    return source


def in_field_form(source: str, kind: Kind, step: str) -> bool:
    """Whether the text says ``step.failed`` and the like, which only a plain word can stand in."""
    return any(
        source[end : end + 1] == "." and source[start - 1 : start] != "'" for start, end in spans(source, kind, step)
    )


def is_word(name: str) -> bool:
    """Whether a name can stand in front of ``.failed``."""
    return _WORD.match(name) is not None


def _in_expression(source: str, step: str) -> list[Span]:
    try:
        tokens = tokenize(source)
    except ExpressionError:
        return []
    found: list[Span] = []
    for i, token in enumerate(tokens):
        before = tokens[i - 1].text if i else ""
        after = [t.text for t in tokens[i + 1 : i + 3]]
        if token.kind == "template":
            inner = source.index("{{", token.position) + 2
            found += [(inner + a, inner + b) for a, b in _in_expression(source[inner:].partition("}}")[0], step)]
        elif token.kind == "word" and token.text == step and before != "." and after[:1] == ["."]:
            if after[1] in STEP_FIELDS:
                found.append((token.position, token.position + len(step)))
        elif token.kind == "string" and before == "(" and i > 1:
            found += _in_string(token, tokens[i - 2].text, step, source)
    return found


def _in_string(token: Token, function: str, step: str, source: str) -> list[Span]:
    start = token.position + 1
    written = source[start : start + len(step)] == step
    named = function in _STEP_NAMED and token.text == step
    measured = function in _MEASURED and token.text.rpartition(".")[0] == step
    return [(start, start + len(step))] if written and (named or measured) else []


def option_spans(source: str, variable: str, option: str) -> list[Span]:
    """Where an expression compares a decision's variable with an option."""
    try:
        tokens = tokenize(source)
    except ExpressionError:
        return []
    if not any(t.kind == "word" and t.text == variable for t in tokens):
        return []
    return [
        (t.position + 1, t.position + 1 + len(option))
        for t in tokens
        if t.kind == "string" and t.text == option and source[t.position + 1 :].startswith(option)
    ]
