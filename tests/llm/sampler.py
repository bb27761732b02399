"""A small reader of GBNF that draws random strings from a grammar and recognises its words: the tests' own judge.

It knows the notation that llama.cpp documents (literals, classes, groups, alternatives, ``{m,n}`` and ``?``), and
shares no code with the converter.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

Node = tuple[Any, ...]


class Gbnf:
    """A parsed grammar."""

    def __init__(self, text: str) -> None:
        lines = [line.split(" ::= ", 1) for line in text.splitlines() if line.strip()]
        self.rules = {name: _Parser(body).alternatives() for name, body in lines}

    def draw(self, rng: random.Random, *, long: bool = False) -> str:
        """One word; ``long`` repeats as often as allowed."""
        return self._draw(self.rules["root"], rng, long)

    def accepts(self, text: str) -> bool:
        """Whether the whole text is a word of the grammar (backtracking)."""
        return any(end == len(text) for end in self._match(self.rules["root"], text, 0))

    def longest(self) -> str:
        """A word of the greatest length."""
        return self._longest(self.rules["root"])

    def _longest(self, node: Node) -> str:
        kind = node[0]
        if kind == "or":
            return max((self._longest(way) for way in node[1]), key=len)
        if kind == "seq":
            return "".join(self._longest(part) for part in node[1])
        if kind == "text":
            return str(node[1])
        if kind == "class":
            return min(node[1])
        return self._longest(self.rules[node[1]]) if kind == "ref" else self._longest(node[1]) * node[3]

    def _draw(self, node: Node, rng: random.Random, long: bool) -> str:
        kind = node[0]
        if kind == "or":
            return self._draw(rng.choice(node[1]), rng, long)
        if kind == "seq":
            return "".join(self._draw(part, rng, long) for part in node[1])
        if kind == "text":
            return str(node[1])
        if kind == "class":
            return rng.choice(sorted(node[1]))
        if kind == "ref":
            return self._draw(self.rules[node[1]], rng, long)
        times = node[3] if long else rng.randint(node[2], node[3])
        return "".join(self._draw(node[1], rng, long) for _ in range(times))

    def _match(self, node: Node, text: str, at: int) -> Iterator[int]:
        kind = node[0]
        if kind == "or":
            for way in node[1]:
                yield from self._match(way, text, at)
        elif kind == "seq":
            yield from self._sequence(node[1], text, at)
        elif kind == "text":
            if text.startswith(node[1], at):
                yield at + len(node[1])
        elif kind == "class":
            if at < len(text) and text[at] in node[1]:
                yield at + 1
        elif kind == "ref":
            yield from self._match(self.rules[node[1]], text, at)
        else:
            yield from self._repeat(node, text, at, 0)

    def _sequence(self, parts: tuple[Node, ...], text: str, at: int) -> Iterator[int]:
        if not parts:
            yield at
            return
        for middle in self._match(parts[0], text, at):
            yield from self._sequence(parts[1:], text, middle)

    def _repeat(self, node: Node, text: str, at: int, count: int) -> Iterator[int]:
        if count < node[3]:
            for middle in self._match(node[1], text, at):
                yield from self._repeat(node, text, middle, count + 1)
        if count >= node[2]:
            yield at


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def alternatives(self) -> Node:
        ways = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            ways.append(self.sequence())
        return ("or", tuple(ways))

    def sequence(self) -> Node:
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom()))
        return ("seq", tuple(parts))

    def atom(self) -> Node:
        first = self.text[self.at]
        if first == "(":
            self.at += 1
            inner = self.alternatives()
            assert self.peek() == ")", self.text[self.at :]
            self.at += 1
            return inner
        if first == '"':
            return ("text", self.quoted())
        if first == "[":
            return ("class", self.characters())
        start = self.at
        while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] == "-"):
            self.at += 1
        assert self.at > start, f"unexpected {self.text[start:]!r}"
        return ("ref", self.text[start : self.at])

    def repeated(self, node: Node) -> Node:
        if self.text[self.at : self.at + 1] == "?":
            self.at += 1
            return ("times", node, 0, 1)
        if self.text[self.at : self.at + 1] == "{":
            end = self.text.index("}", self.at)
            low, _, high = self.text[self.at + 1 : end].partition(",")
            self.at = end + 1
            return ("times", node, int(low), int(high or low))
        return node

    def quoted(self) -> str:
        found, self.at = "", self.at + 1
        while self.text[self.at] != '"':
            self.at += self.text[self.at] == "\\"
            found += self.text[self.at]
            self.at += 1
        self.at += 1
        return found

    def characters(self) -> frozenset[str]:
        found: list[str] = []
        self.at += 1
        while self.text[self.at] != "]":
            span = self.text[self.at] == "-" and found and self.text[self.at + 1] != "]"
            self.at += bool(span)
            self.at += self.text[self.at] == "\\"
            last = self.text[self.at]
            found += map(chr, range(ord(found[-1]) + 1, ord(last) + 1)) if span else [last]
            self.at += 1
        self.at += 1
        return frozenset(found)

    def peek(self) -> str:
        while self.text[self.at : self.at + 1] == " ":
            self.at += 1
        return self.text[self.at : self.at + 1]
