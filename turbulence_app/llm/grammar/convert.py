"""The walk through a schema that writes the rules of its grammar and measures its longest text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from turbulence_app.llm.grammar import schemas
from turbulence_app.llm.grammar.errors import GrammarError
from turbulence_app.llm.grammar.numbers import literal, number
from turbulence_app.llm.grammar.schemas import OF_TYPE

TEXT = r"[ !#-;=-Z\]-~]"
"""One character of a string: printable ASCII without ``"``, backslash, ``<`` and ``[``."""
TEXT_CHARACTERS = frozenset(chr(c) for c in range(0x20, 0x7F)) - frozenset('"\\<[')

MAX_STRING = 400
MAX_ITEMS = 64
"""llama.cpp multiplies a repetition by what it repeats and refuses more than 2,000; beyond that it counts no more."""
MAX_CHARS = 200_000
"""Longest text of any grammar."""
MAX_DEPTH = 12
"""Objects and arrays inside each other: what the reader of answers takes."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar and the length of the longest text that it admits (characters, all of them ASCII)."""

    text: str
    max_chars: int


def to_grammar(schema: dict[str, Any]) -> Grammar:
    """Converts a schema. Raises :class:`GrammarError` for any keyword, type or missing bound it does not know."""
    writer = _Writer(schema)
    whole = writer.visit(schema, "$")
    return Grammar("\n".join([f"root ::= {whole.body}", *writer.lines(), f"char ::= {TEXT}"]) + "\n", whole.longest)


class _Piece(NamedTuple):
    """An expression, its longest text, and how deep objects and arrays lie inside each other in it."""

    body: str
    longest: int
    deep: int = 0


class _Writer:
    """Rules by their body, so that the same body keeps one name; definitions are converted once."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._rules: dict[str, str] = {}
        self._defined: dict[str, _Piece] = {}
        self._open: list[str] = []

    def lines(self) -> list[str]:
        return [f"{name} ::= {body}" for body, name in self._rules.items()]

    def visit(self, schema: Any, path: str) -> _Piece:
        """The expression for ``schema`` and its longest text."""
        if not isinstance(schema, dict):
            raise GrammarError(f"{path}: not a schema")
        found = schemas.plain(schema, self._root, path)
        piece = self._visit(found, path)
        if piece.longest > MAX_CHARS:
            raise GrammarError(f"{path}: its longest text has {piece.longest} characters, {MAX_CHARS} are the most")
        if piece.deep > MAX_DEPTH:
            raise GrammarError(f"{path}: nested more than {MAX_DEPTH} deep")
        return piece

    def _visit(self, schema: dict[str, Any], path: str) -> _Piece:
        if "$ref" in schema:
            return self._reference(schema, path)
        if "enum" in schema or "const" in schema:
            _only(schema, {"enum", "const", "type"}, path)
            texts = [schemas.text_of(value) for value in schemas.listed(schema, path)]
            return _Piece(f"({' | '.join(map(literal, texts))})", max(map(len, texts)))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._alternatives(schema, key, path)
        kind = schema.get("type")
        if not isinstance(kind, str) or kind not in OF_TYPE:
            raise GrammarError(f"{path}: no grammar for type {kind!r}")
        _only(schema, {"type"} | OF_TYPE[kind], path)
        if kind == "null":
            return _Piece('"null"', 4)
        if kind == "boolean":
            return _Piece('("true" | "false")', 5)
        if kind in ("integer", "number"):
            return _Piece(*number(schema, path))
        if kind == "string":
            low, high = _bounds(schema, "minLength", "maxLength", MAX_STRING, path)
            return _Piece(f'"\\"" char{{{low},{high}}} "\\""', high + 2)
        return self._array(schema, path) if kind == "array" else self._object(schema, path)

    def _reference(self, schema: dict[str, Any], path: str) -> _Piece:
        _only(schema, {"$ref"}, path)
        name, inner = schemas.target(schema["$ref"], self._root, path)
        if name in self._open:
            raise GrammarError(f"{path}: {name} refers to itself; its texts would have no end")
        if name not in self._defined:
            self._open.append(name)
            piece = self.visit(inner, path)
            self._open.pop()
            self._defined[name] = piece._replace(body=self._rule(piece.body))
        return self._defined[name]

    def _alternatives(self, schema: dict[str, Any], key: str, path: str) -> _Piece:
        _only(schema, {key}, path)
        ways = schema[key]
        if not isinstance(ways, list) or not ways:
            raise GrammarError(f"{path}: {key} without alternatives")
        found = [self.visit(way, f"{path}|{i}") for i, way in enumerate(ways)]
        if key == "oneOf":
            pairs = ((a, b) for i, a in enumerate(ways) for b in ways[:i])
            if not all(schemas.disjoint(a, b, self._root, path) for a, b in pairs):
                raise GrammarError(f"{path}: the alternatives of oneOf may overlap; say anyOf, or tell them apart")
        body = " | ".join(piece.body for piece in found)
        return _Piece(f"({body})", max(piece.longest for piece in found), max(piece.deep for piece in found))

    def _array(self, schema: dict[str, Any], path: str) -> _Piece:
        if "prefixItems" in schema:
            return self._tuple(schema, path)
        low, high = _bounds(schema, "minItems", "maxItems", MAX_ITEMS, path)
        if not isinstance(schema.get("items"), dict):
            raise GrammarError(f"{path}: an array needs items")
        if high == 0:
            return _Piece('"[]"', 2, 1)
        inner = self.visit(schema["items"], f"{path}[]")
        item = self._rule(inner.body)
        more = f' ("," {item}){{{max(low - 1, 0)},{high - 1}}}' if high > 1 else ""
        inside = f"({item}{more})" if low else f"({item}{more})?"
        return _Piece(f'"[" {inside} "]"', 2 + high * inner.longest + high - 1, 1 + inner.deep)

    def _tuple(self, schema: dict[str, Any], path: str) -> _Piece:
        """All of ``prefixItems``, one after another, and nothing more."""
        places = schema["prefixItems"]
        if not isinstance(places, list) or not 0 < len(places) <= MAX_ITEMS or schema.get("items", False) is not False:
            raise GrammarError(f"{path}: prefixItems is a list of schemas, and items: false")
        if not schema.get("minItems", 0) <= len(places) <= schema.get("maxItems", len(places)):
            raise GrammarError(f"{path}: minItems and maxItems do not admit {len(places)} items")
        found = [self.visit(inner, f"{path}[{i}]") for i, inner in enumerate(places)]
        inside = ' "," '.join(piece.body for piece in found)
        longest = 1 + len(found) + sum(piece.longest for piece in found)
        return _Piece(self._rule(f'"[" {inside} "]"'), longest, 1 + max(piece.deep for piece in found))

    def _object(self, schema: dict[str, Any], path: str) -> _Piece:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            raise GrammarError(f"{path}: an object needs additionalProperties: false")
        if unknown := sorted(set(schema.get("required", ())) - set(properties)):
            raise GrammarError(f"{path}: required but not defined: {', '.join(unknown)}")
        parts: list[str] = []
        longest, deep = 2, 0
        for name, inner in properties.items():
            piece = self.visit(inner, f"{path}.{name}")
            key = ("," if parts else "") + json.dumps(name, ensure_ascii=True) + ":"
            parts.append(f"{literal(key)} {piece.body}")
            longest, deep = longest + len(key) + piece.longest, max(deep, piece.deep)
        if not parts:
            return _Piece('"{}"', 2, 1)
        return _Piece(self._rule(f'"{{" {" ".join(parts)} "}}"'), longest, deep + 1)

    def _rule(self, body: str) -> str:
        return self._rules.setdefault(body, f"r{len(self._rules)}")


def _only(schema: dict[str, Any], known: set[str] | frozenset[str], path: str) -> None:
    if unknown := sorted(set(schema) - known):
        raise GrammarError(f"{path}: no grammar for {', '.join(unknown)}")


def _bounds(schema: dict[str, Any], low_key: str, high_key: str, most: int, path: str) -> tuple[int, int]:
    low, high = schema.get(low_key, 0), schema.get(high_key)
    if type(low) is not int or type(high) is not int or not 0 <= low <= high <= most:
        raise GrammarError(f"{path}: needs 0 <= {low_key} <= {high_key} <= {most}")
    return low, high
