"""What schemas say in several ways, said in one: references followed, lists of types and ``nullable`` as alternatives.

The converter and the check of answers (:mod:`turbulence_app.llm.conform`) both read schemas through this.
"""

from __future__ import annotations

import json
from typing import Any

from turbulence_app.llm.grammar.errors import GrammarError

ANNOTATIONS = frozenset({"title", "description", "default", "examples", "$defs", "definitions", "deprecated"})
OF_TYPE: dict[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems"}),
    "string": frozenset({"minLength", "maxLength"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    "boolean": frozenset(),
    "null": frozenset(),
}
_POINTERS = ("#/$defs/", "#/definitions/")


def plain(schema: dict[str, Any], root: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema without ``nullable``, lists of types or an ``allOf`` of one; a ``$ref`` stays a ``$ref``."""
    found = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    if found.pop("nullable", False) is True:
        return {"anyOf": [found, {"type": "null"}]}
    if isinstance(found.get("allOf"), list) and len(found["allOf"]) == 1 and len(found) == 1:
        return plain(found["allOf"][0], root, path)
    kinds = found.get("type")
    if isinstance(kinds, list):
        return {"anyOf": [_one_type(found, kind, kinds) for kind in kinds]} if kinds else found
    return found


def target(reference: Any, root: dict[str, Any], path: str) -> tuple[str, dict[str, Any]]:
    """Name and schema that a ``$ref`` means. Only definitions of the schema itself can be meant."""
    for pointer in _POINTERS:
        if isinstance(reference, str) and reference.startswith(pointer):
            name = reference.removeprefix(pointer).replace("~1", "/").replace("~0", "~")
            found = root.get(pointer[2:-1], {}).get(name)
            if isinstance(found, dict):
                return reference, found
    raise GrammarError(f"{path}: {reference!r} is not defined")


def listed(schema: dict[str, Any], path: str) -> list[Any]:
    """The scalars of ``enum`` or ``const``, those of the ``type`` if one is given too."""
    values = [schema["const"]] if "const" in schema else schema["enum"]
    if not isinstance(values, list) or not all(isinstance(v, str | int | float) or v is None for v in values):
        raise GrammarError(f"{path}: an enumeration holds strings, numbers, Booleans or null, nothing else")
    kept = [v for v in values if "type" not in schema or is_type(v, schema["type"])]
    if not kept or any(isinstance(v, float) and v - v != 0 for v in kept):
        raise GrammarError(f"{path}: an enumeration needs at least one value, and no infinite one")
    return kept


def is_type(value: Any, kind: Any) -> bool:
    """Whether a JSON value is of a type; 1 is a number too, and no Boolean is a number."""
    if isinstance(value, bool):
        return bool(kind == "boolean")
    if kind == "integer":
        return isinstance(value, int)
    if kind == "number":
        return isinstance(value, int | float)
    known: dict[str, type] = {"object": dict, "array": list, "string": str, "null": type(None)}
    return kind in known and isinstance(value, known[kind])


def same(a: Any, b: Any) -> bool:
    """Equality of JSON scalars: 1 equals 1.0, but not true."""
    return isinstance(a, bool) == isinstance(b, bool) and type(a) in _alike(type(b)) and bool(a == b)


def disjoint(a: dict[str, Any], b: dict[str, Any], root: dict[str, Any], path: str) -> bool:
    """Whether certainly no value satisfies both schemas: then ``oneOf`` means the same as ``anyOf``."""
    a, b = _resolved(a, root, path), _resolved(b, root, path)
    values = [listed(s, path) if "enum" in s or "const" in s else None for s in (a, b)]
    if values[0] is not None and values[1] is not None:
        return not any(same(x, y) for x in values[0] for y in values[1])
    for some, other in ((values[0], b), (values[1], a)):
        if some is not None:
            return "type" in other and not any(is_type(value, other["type"]) for value in some)
    kinds = {a.get("type"), b.get("type")}
    if None in kinds or kinds == {"integer", "number"}:
        return False
    return len(kinds) == 2 or (kinds == {"object"} and _told_apart(a, b, root, path))


def _told_apart(a: dict[str, Any], b: dict[str, Any], root: dict[str, Any], path: str) -> bool:
    """Whether some property that both need has values that exclude each other (a discriminator)."""
    shared = set(a.get("required", ())) & set(b.get("required", ()))
    ours, theirs = a.get("properties", {}), b.get("properties", {})
    return any(disjoint(ours[n], theirs[n], root, path) for n in shared if n in ours and n in theirs)


def _resolved(schema: dict[str, Any], root: dict[str, Any], path: str) -> dict[str, Any]:
    seen: set[str] = set()
    found = plain(schema, root, path)
    while "$ref" in found:
        name, inner = target(found["$ref"], root, path)
        if name in seen:
            raise GrammarError(f"{path}: {name} refers to itself")
        seen.add(name)
        found = plain(inner, root, path)
    return found


def _one_type(schema: dict[str, Any], kind: Any, kinds: list[Any]) -> dict[str, Any]:
    """The part of a schema with several types that speaks of one of them."""
    others: set[str] = set().union(*(OF_TYPE.get(str(k), frozenset()) for k in kinds))
    own = OF_TYPE.get(str(kind), frozenset())
    return {key: value for key, value in schema.items() if key not in others or key in own} | {"type": kind}


def _alike(kind: type) -> tuple[type, ...]:
    return (int, float) if kind in (int, float) else (kind,)


def text_of(value: Any) -> str:
    """A scalar as the grammar writes it."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)
