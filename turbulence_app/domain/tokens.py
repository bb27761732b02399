"""The words of the expression language, and what is wrong when one is not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from turbulence_app.domain.errors import KnownError

_PATTERN = re.compile(
    r"""\s*(?:
    (?P<template>\{\{.*?\}\})
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<operator>==|!=|<=|>=|//|&&|\|\||[-+*/%<>()\[\],.!=])
  )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class ExpressionError(KnownError):
    """An expression that cannot be understood; ``position`` counts characters from 0."""

    def __init__(self, message: str, mend: str = "", position: int = 0) -> None:
        super().__init__(message, mend)
        self.message, self.mend, self.position = message, mend, position


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its kind, its text (without quotes or braces) and where it starts."""

    kind: str
    text: str
    position: int

    @property
    def value(self) -> str | int | float:
        """The constant that a string or a number stands for."""
        if self.kind != "number":
            return self.text
        return int(self.text) if self.text.isdigit() else float(self.text)


def tokenize(source: str) -> list[Token]:
    """Split ``source`` into tokens, closed by one of kind ``end``."""
    tokens: list[Token] = []
    at, end = 0, len(source.rstrip())
    while at < end:
        found = _PATTERN.match(source, at)
        if found is None or found.lastgroup is None:
            raise _unreadable(source, at + len(source[at:]) - len(source[at:].lstrip()))
        kind = found.lastgroup
        text = found.group(kind)
        position = found.start(kind)
        if kind == "string":
            text = _ESCAPE.sub(lambda m: _ESCAPES.get(m[1], m[1]), text[1:-1])
        elif kind == "template":
            text = text[2:-2].strip()
        tokens.append(Token(kind, text, position))
        at = found.end()
    tokens.append(Token("end", "", end))
    return tokens


def _unreadable(source: str, position: int) -> ExpressionError:
    character = source[position : position + 1]
    if character in "'\"":
        return ExpressionError(f"text without a closing {character} at position {position + 1}", "close it", position)
    if character == "{":
        return ExpressionError(f"template without }}}} at position {position + 1}", "write {{ name }}", position)
    mend = "only comparison, and/or/not, arithmetic, lists and the listed functions are known"
    return ExpressionError(f"unexpected {character!r} at position {position + 1}", mend, position)
