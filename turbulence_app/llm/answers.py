"""Model output is data: bounded reading of JSON text, and a check against the same schema that asked for it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


class AnswerError(ValueError):
    """The text is not an answer: too long, not JSON, nested too deep, or not a number."""


def parse_answer(text: str, max_chars: int) -> Any:
    """Reads one JSON value. Raises :class:`AnswerError` for anything else: NaN, doubled keys, depth above 12."""
    if len(text) > max_chars:
        raise AnswerError(f"the answer has {len(text)} characters, {max_chars} are allowed")
    depth = deepest = 0
    for character in text:
        depth += (character in "{[") - (character in "}]")
        deepest = max(deepest, depth)
    if deepest > 12:
        raise AnswerError(f"the answer is nested {deepest} deep")
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_doubles, parse_int=_short_integer)
    except AnswerError:
        raise
    except ValueError as error:
        raise AnswerError(f"the answer is not JSON: {error}") from error


def violations(value: Any, schema: dict[str, Any], path: str = "answer") -> list[str]:
    """What in ``value`` breaks ``schema`` (the keywords that :mod:`turbulence_app.llm.grammar` knows), in words."""
    if "anyOf" in schema:
        ways = [violations(value, way, path) for way in schema["anyOf"]]
        return [] if any(not way for way in ways) else min(ways, key=len)
    if "enum" in schema or "const" in schema:
        allowed = [schema["const"]] if "const" in schema else schema["enum"]
        same = any(type(value) is type(a) and value == a for a in allowed)
        return [] if same else [f"{path} must be one of {', '.join(map(repr, allowed[:8]))}"]
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{path} must be {_article(kind)}, not {_short(value)}"]
    if kind == "object":
        return _object(value, schema, path)
    if kind == "array":
        found = _size(len(value), schema, "minItems", "maxItems", f"{path} has {len(value)} items,")
        for i, item in enumerate(value[: schema.get("maxItems", 1000)]):
            found += violations(item, schema["items"], f"{path}[{i}]")
        return found
    if kind == "string":
        return _size(len(value), schema, "minLength", "maxLength", f"{path} has {len(value)} characters,")
    return _size(value, schema, "minimum", "maximum", f"{path} is {value},") if kind == "integer" else []


def _object(value: dict[str, Any], schema: dict[str, Any], path: str) -> list[str]:
    properties: dict[str, Any] = schema.get("properties", {})
    found = [f"{path}.{name[:60]} is not defined" for name in value if name not in properties][:8]
    for name, inner in properties.items():
        if name in value:
            found += violations(value[name], inner, f"{path}.{name}")
        else:
            found.append(f"{path}.{name} is missing")
    return found


def _size(size: int, schema: dict[str, Any], low: str, high: str, words: str) -> list[str]:
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


def _no_constant(name: str) -> NoReturn:
    raise AnswerError(f"the answer holds {name}, which is not a number")


def _short_integer(digits: str) -> int:
    if len(digits) > 20:
        raise AnswerError(f"the answer holds a number of {len(digits)} digits")
    return int(digits)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise AnswerError(f"the answer gives {name[:60]!r} twice")
        found[name] = value
    return found
