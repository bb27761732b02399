"""Whether a value answers a schema, in words for the model that is asked again: the keywords that the grammar knows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from turbulence_app.llm.grammar import schemas

MOST = 1000
"""Items of an array that are looked at where its schema has no bound."""


def violations(
    value: Any, schema: dict[str, Any], path: str = "answer", root: dict[str, Any] | None = None
) -> list[str]:
    """What in ``value`` breaks ``schema``; references are looked up in ``root`` (the schema itself unless given)."""
    root = schema if root is None else root
    found = schemas.plain(schema, root, path)
    while "$ref" in found:
        found = schemas.plain(schemas.target(found["$ref"], root, path)[1], root, path)
    for key in ("anyOf", "oneOf"):
        if key in found:
            return _alternatives(value, found[key], path, root, only_one=key == "oneOf")
    if "enum" in found or "const" in found:
        allowed = schemas.listed(found, path)
        same = any(schemas.same(value, a) for a in allowed)
        return [] if same else [f"{path} must be one of {', '.join(map(repr, allowed[:8]))}"]
    kind = found["type"]
    if not schemas.is_type(value, kind):
        return [f"{path} must be {_article(kind)}, not {_short(value)}"]
    if kind == "object":
        return _object(value, found, path, root)
    if kind == "array":
        return _array(value, found, path, root)
    if kind == "string":
        return _size(len(value), found, "minLength", "maxLength", f"{path} has {len(value)} characters,")
    return _number(value, found, path) if kind in ("integer", "number") else []


def _alternatives(value: Any, ways: list[Any], path: str, root: dict[str, Any], *, only_one: bool) -> list[str]:
    tried = [violations(value, way, path, root) for way in ways]
    good = sum(not found for found in tried)
    if good > 1 and only_one:
        return [f"{path} answers more than one of the alternatives"]
    return [] if good else min(tried, key=len)


def _object(value: dict[str, Any], schema: dict[str, Any], path: str, root: dict[str, Any]) -> list[str]:
    properties: dict[str, Any] = schema.get("properties", {})
    found = [f"{path}.{name[:60]} is not defined" for name in value if name not in properties][:8]
    for name, inner in properties.items():
        if name in value:
            found += violations(value[name], inner, f"{path}.{name}", root)
        else:
            found.append(f"{path}.{name} is missing")
    return found


def _array(value: list[Any], schema: dict[str, Any], path: str, root: dict[str, Any]) -> list[str]:
    places = schema.get("prefixItems")
    if places is not None:
        if len(value) != len(places):
            return [f"{path} has {len(value)} items, {len(places)} needed"]
        return [v for i, (item, way) in enumerate(zip(value, places, strict=True))
                for v in violations(item, way, f"{path}[{i}]", root)]  # fmt: skip
    found = _size(len(value), schema, "minItems", "maxItems", f"{path} has {len(value)} items,")
    for i, item in enumerate(value[: schema.get("maxItems", MOST)]):
        found += violations(item, schema["items"], f"{path}[{i}]", root)
    return found


def _number(value: Any, schema: dict[str, Any], path: str) -> list[str]:
    """Bounds and steps, in decimal: 0.07 is a multiple of 0.01."""
    exact = Decimal(str(value))
    if found := _size(value, schema, "minimum", "maximum", f"{path} is {value},"):
        return found
    if "exclusiveMinimum" in schema and exact <= Decimal(str(schema["exclusiveMinimum"])):
        return [f"{path} is {value}, more than {schema['exclusiveMinimum']} needed"]
    if "exclusiveMaximum" in schema and exact >= Decimal(str(schema["exclusiveMaximum"])):
        return [f"{path} is {value}, less than {schema['exclusiveMaximum']} needed"]
    if "multipleOf" in schema and exact % Decimal(str(schema["multipleOf"])):
        return [f"{path} is {value}, not a multiple of {schema['multipleOf']}"]
    return []


def _size(size: Any, schema: dict[str, Any], low: str, high: str, words: str) -> list[str]:
    if low in schema and size < schema[low]:
        return [f"{words} at least {schema[low]} needed"]
    if high in schema and size > schema[high]:
        return [f"{words} at most {schema[high]} allowed"]
    return []


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else text[:37] + "..."


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aoi" else f"a {kind}"
