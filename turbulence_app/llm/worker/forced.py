"""What a grammar leaves no choice about: the text that must come next, so that no model need be asked for it.

Keys, colons and brackets of an answer are most of its tokens. A grammar in the notation that
:mod:`turbulence_app.llm.grammar` writes is followed character by character, as a set of stacks (what is open, innermost
first); where all of them agree on the next character, it is forced. Of any other notation nothing is said to be forced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MOST = 400
"""Longest forced text that is looked for at once."""
_TOKEN = re.compile(
    r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|\[(?P<set>(?:[^\]\\]|\\.)+)\]|(?P<name>[a-z][a-z0-9-]*)'
    r"|\{(?P<low>\d+)(?:,(?P<high>\d+))?\}|(?P<mark>[()|?]))"
)
_ESCAPED = re.compile(r"\\(.)")
Entry = tuple["_Node", int, int]
Stack = tuple[Any, ...]
"""``(entry, rest)``, or ``()`` when nothing is open any more."""


class _Node:
    """``kind``: text, set, name, all (one after another), any (alternatives), times (``low`` to ``high`` of one)."""

    __slots__ = ("high", "kind", "low", "of", "parts", "text")

    def __init__(self, kind: str, text: str = "", of: frozenset[str] = frozenset(), *parts: _Node) -> None:
        self.kind, self.text, self.of, self.parts = kind, text, of, parts
        self.low = self.high = 0


class Path:
    """One text on its way through a grammar. Raises ``ValueError`` for a notation that it does not know."""

    def __init__(self, grammar: str) -> None:
        lines = (line.split(" ::= ", 1) for line in grammar.splitlines() if line.strip())
        self._rules = {name: _Parser(body).whole() for name, body in lines}
        self._stacks = self._opened({((self._rules["root"], 0, 0), ())})

    def write(self, text: str) -> None:
        """Goes on by ``text``, which the grammar admits."""
        for character in text:
            after = {step for stack in self._stacks if stack for step in _past(stack, character)}
            self._stacks = self._opened(after)

    def forced(self) -> str:
        """The text that must follow; ``""`` where there is a choice, or the end is possible."""
        kept, found = self._stacks, ""
        while len(found) < MOST and (character := self._only()):
            found += character
            self.write(character)
        self._stacks = kept
        return found

    def _only(self) -> str:
        seen = ""
        for stack in self._stacks:
            if not stack:
                return ""
            (node, at, _), _ = stack
            next_ = node.text[at] if node.kind == "text" else ""
            if not next_ and len(node.of) == 1:
                (next_,) = node.of
            if not next_ or seen not in ("", next_):
                return ""
            seen = next_
        return seen

    def _opened(self, stacks: set[Stack]) -> set[Stack]:
        """The same with nothing but characters on top."""
        ready: set[Stack] = set()
        seen: set[Stack] = set()
        waiting = list(stacks)
        while waiting:
            stack = waiting.pop()
            if stack in seen:
                continue
            seen.add(stack)
            if not stack or stack[0][0].kind == "set" or (stack[0][0].kind == "text" and stack[0][0].text):
                ready.add(stack)
            else:
                waiting += self._within(stack)
        return ready

    def _within(self, stack: Stack) -> Iterator[Stack]:
        (node, low, high), rest = stack
        if node.kind == "name":
            yield (self._rules[node.text], 0, 0), rest
        elif node.kind == "any":
            for part in node.parts:
                yield _entry(part), rest
        elif node.kind == "all":
            for part in reversed(node.parts):
                rest = (_entry(part), rest)
            yield rest
        elif node.kind == "text":
            yield rest
        else:
            if low == 0:
                yield rest
            if high > 0:
                yield _entry(node.parts[0]), ((node, max(0, low - 1), high - 1), rest)


def _entry(node: _Node) -> Entry:
    return node, node.low, node.high


def _past(stack: Stack, character: str) -> Iterator[Stack]:
    (node, at, _), rest = stack
    if node.kind == "set" and character in node.of:
        yield rest
    elif node.kind == "text" and node.text[at] == character:
        yield ((node, at + 1, 0), rest) if at + 1 < len(node.text) else rest


class _Parser:
    def __init__(self, body: str) -> None:
        self._body, self._at = body, 0
        self._found: list[re.Match[str]] = []
        while self._at < len(body.rstrip()):
            match = _TOKEN.match(body, self._at)
            if match is None:
                raise ValueError(f"unknown notation at {body[self._at : self._at + 20]!r}")
            self._found.append(match)
            self._at = match.end()
        self._next = 0

    def whole(self) -> _Node:
        node = self._alternatives()
        if self._next != len(self._found):
            raise ValueError("unbalanced")
        return node

    def _alternatives(self) -> _Node:
        ways = [self._sequence()]
        while self._mark() == "|":
            self._next += 1
            ways.append(self._sequence())
        return ways[0] if len(ways) == 1 else _Node("any", "", frozenset(), *ways)

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._next < len(self._found) and self._mark() not in ("|", ")"):
            match = self._found[self._next]
            self._next += 1
            if match["low"] is not None or match["mark"] == "?":
                low, high = (0, 1) if match["mark"] else (int(match["low"]), int(match["high"] or match["low"]))
                node = _Node("times", "", frozenset(), parts.pop())
                node.low, node.high = low, high
                parts.append(node)
            else:
                parts.append(self._atom(match))
        return parts[0] if len(parts) == 1 else _Node("all", "", frozenset(), *parts)

    def _atom(self, match: re.Match[str]) -> _Node:
        if match["text"] is not None:
            return _Node("text", _ESCAPED.sub(r"\1", match["text"]))
        if match["set"] is not None:
            return _Node("set", "", _characters(match["set"]))
        if match["name"]:
            return _Node("name", match["name"])
        inner = self._alternatives()
        if self._mark() != ")":
            raise ValueError("unbalanced")
        self._next += 1
        return inner

    def _mark(self) -> str:
        return (self._found[self._next]["mark"] or "") if self._next < len(self._found) else ""


def _characters(text: str) -> frozenset[str]:
    if text.startswith("^"):
        raise ValueError("a set of all but some characters has no end")
    found: list[str] = []
    plain = [(m[1] or m[0], bool(m[1])) for m in re.finditer(r"\\(.)|.", text)]
    i = 0
    while i < len(plain):
        if i + 2 < len(plain) and plain[i + 1] == ("-", False):
            found += map(chr, range(ord(plain[i][0]), ord(plain[i + 2][0]) + 1))
            i += 3
        else:
            found.append(plain[i][0])
            i += 1
    return frozenset(found)
