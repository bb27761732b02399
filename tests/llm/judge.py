"""Whether a value answers a JSON schema, by the specification (draft 2020-12) and in decimal: the tests' own judge.

It shares no code with the program's check, knows nothing of grammars, and is as literal as it can be: each keyword that
is there is asked by itself.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "integer": lambda v: isinstance(v, int | float) and not isinstance(v, bool) and v == int(v),
}


def answers(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None) -> bool:
    """All keywords hold."""
    root = schema if root is None else root
    if schema.get("nullable") and value is None:
        return True
    return all(KEYWORDS[key](value, said, schema, root) for key, said in schema.items() if key in KEYWORDS)


def _type(value, said, _schema, _root):
    return any(TYPES[kind](value) for kind in ([said] if isinstance(said, str) else said))


def _equal(a, b):
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def _number(holds):
    def ask(value, said, _schema, _root):
        return not TYPES["number"](value) or holds(Decimal(str(value)), Decimal(str(said)))

    return ask


def _length(kind, holds):
    return lambda value, said, _schema, _root: not isinstance(value, kind) or holds(len(value), said)


def _items(value, said, schema, root):
    if not isinstance(value, list):
        return True
    rest = value[len(schema.get("prefixItems", ())) :]
    return not rest if said is False else all(answers(item, said, root) for item in rest)


def _places(value, said, _schema, root):
    return not isinstance(value, list) or all(answers(v, s, root) for v, s in zip(value, said, strict=False))


def _properties(value, said, _schema, root):
    return not isinstance(value, dict) or all(answers(value[k], s, root) for k, s in said.items() if k in value)


def _additional(value, said, schema, _root):
    return not isinstance(value, dict) or said is not False or set(value) <= set(schema.get("properties", {}))


KEYWORDS = {
    "type": _type,
    "enum": lambda value, said, _schema, _root: any(_equal(value, one) for one in said),
    "const": lambda value, said, _schema, _root: _equal(value, said),
    "anyOf": lambda value, said, _schema, root: any(answers(value, way, root) for way in said),
    "oneOf": lambda value, said, _schema, root: sum(answers(value, way, root) for way in said) == 1,
    "allOf": lambda value, said, _schema, root: all(answers(value, way, root) for way in said),
    "$ref": lambda value, said, _schema, root: answers(value, root["$defs"][said.removeprefix("#/$defs/")], root),
    "minimum": _number(lambda number, least: number >= least),
    "maximum": _number(lambda number, most: number <= most),
    "exclusiveMinimum": _number(lambda number, least: number > least),
    "exclusiveMaximum": _number(lambda number, most: number < most),
    "multipleOf": _number(lambda number, step: number % step == 0),
    "minLength": _length(str, lambda length, least: length >= least),
    "maxLength": _length(str, lambda length, most: length <= most),
    "minItems": _length(list, lambda length, least: length >= least),
    "maxItems": _length(list, lambda length, most: length <= most),
    "items": _items,
    "prefixItems": _places,
    "properties": _properties,
    "required": lambda value, said, _schema, _root: not isinstance(value, dict) or set(said) <= set(value),
    "additionalProperties": _additional,
}
