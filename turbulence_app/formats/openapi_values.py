"""Small valid values for the schemas of an OpenAPI document: examples where there are some, else made from the rules.

Every recursion is bounded (depth, references on the way, number of values), so that cyclic and hostile schemas cost
nothing; what cannot be made is left out.
"""

from __future__ import annotations

import math
from typing import Any

from turbulence_app.formats.names import clean
from turbulence_app.formats.openapi_read import Reader
from turbulence_app.formats.patterns import example_of

MISSING: Any = object()
"""No value can be made."""
MAX_DEPTH = 8
MAX_PROPERTIES = 30
MAX_ITEMS = 5
MAX_VALUES = 400
PLENTY = 60
"""Values after which only what is required is added."""
OPTIONAL_IN_ANSWERS = 3
"""Levels of an answer that show properties that are not required: deep enough for ``{data: [{id: …}]}``."""
MAX_MERGES = 4000
MAX_CHARS = 200
_FORMATS = {
    "date": "2026-05-04", "date-time": "2026-05-04T09:30:00Z", "time": "09:30:00Z", "duration": "PT1H",
    "uuid": "3f2c8a52-6d1b-4c1e-9a57-0b8f2c4d6e01", "email": "person@example.com", "idn-email": "person@example.com",
    "uri": "https://example.com/", "url": "https://example.com/", "uri-reference": "/", "hostname": "example.com",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "byte": "dGVhcG90", "binary": "teapot", "password": "correct-horse-9",
}  # fmt: skip
_NUMERIC = ("integer", "number")


def plain(value: Any, depth: int = MAX_DEPTH, most: int = MAX_ITEMS) -> Any:
    """An example as our files can hold it: bounded in depth and length; what is beyond is left out."""
    if isinstance(value, str):
        return "".join(c for c in value[:2000] if not "\ud800" <= c <= "\udfff" and (c.isprintable() or c in "\n\t"))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else 0
    if isinstance(value, float):
        return value if math.isfinite(value) else 0.0
    if depth <= 0:
        return None
    if isinstance(value, dict):
        return {clean(k)[:200]: plain(v, depth - 1) for k, v in list(value.items())[:100]}
    return [plain(v, depth - 1) for v in value[:most]] if isinstance(value, list) else None


def media_value(reader: Reader, media: dict[str, Any] | None, *, answer: bool = False) -> Any:
    """The value of a media type object: its example, else its first one, else one made from its schema."""
    if media is None:
        return MISSING
    given = spoken_example(reader, media)
    return given if given is not MISSING else make(reader, media.get("schema"), answer=answer)


def spoken_example(reader: Reader, spec: dict[str, Any]) -> Any:
    """What the document itself gives as an example of a parameter or a media type."""
    if "example" in spec:
        return plain(spec["example"])
    examples = spec.get("examples")
    for one in examples.values() if isinstance(examples, dict) else ():
        found, _ = reader.follow(one)
        if "value" in found:
            return plain(found["value"])
    return MISSING


def make(reader: Reader, schema: Any, *, answer: bool = False) -> Any:
    """A value that the schema allows; ``answer`` makes what a service says, else what it is sent."""
    return _Maker(reader, answer).value(schema, 0, ())


def resolved(reader: Reader, schema: Any) -> dict[str, Any]:
    """A schema without its outermost reference, ``allOf`` and alternatives."""
    return _Maker(reader, answer=True).merged(schema, 0, ())[0]


def kind_of(schema: dict[str, Any]) -> str:
    """The type of a schema, told by its keywords where it does not say so."""
    given = schema.get("type")
    if isinstance(given, list):
        given = next((t for t in given if isinstance(t, str) and t != "null"), "null")
    if isinstance(given, str):
        return given
    if "properties" in schema or "required" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "minItems" in schema:
        return "array"
    if "minimum" in schema or "maximum" in schema or "multipleOf" in schema:
        return "number"
    return "string" if any(k in schema for k in ("pattern", "minLength", "maxLength", "format")) else ""


class _Maker:
    def __init__(self, reader: Reader, answer: bool) -> None:
        self.reader, self.answer = reader, answer
        self.left, self.merges = MAX_VALUES, MAX_MERGES

    def merged(
        self, schema: Any, depth: int, passed: tuple[str, ...], pick: int = 0
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The schema with references followed, ``allOf`` put together and one alternative (``pick``) taken."""
        self.merges -= 1
        if depth > MAX_DEPTH or self.merges < 0:
            return {"never": True}, passed
        found, references = self.reader.follow(schema)
        if any(reference in passed for reference in references) or (references and not found):
            return {"never": True}, passed
        passed = (*passed, *references)
        base = {k: v for k, v in found.items() if k not in ("allOf", "oneOf", "anyOf")}
        ways = _ways(found)
        parts = [*_list(found.get("allOf"))[:MAX_PROPERTIES], *ways[pick : pick + 1]]
        for part in parts:
            inner, passed = self.merged(part, depth + 1, passed)
            base = _joined(base, inner)
        return base, passed

    def value(self, schema: Any, depth: int, passed: tuple[str, ...]) -> Any:
        """A value of the schema, by the first alternative that one can be made of."""
        found, _ = self.reader.follow(schema)
        for pick in range(max(1, len(_ways(found)))):
            self.left -= 1
            if depth > MAX_DEPTH or self.left < 0 or schema is False:
                return MISSING
            value = self._one(*self.merged(schema, depth, passed, pick), depth)
            if value is not MISSING:
                return value
        return MISSING

    def _one(self, spec: dict[str, Any], passed: tuple[str, ...], depth: int) -> Any:
        if "never" in spec:
            return MISSING
        for key in ("example", "default", "const"):
            if key in spec and not (key == "default" and spec[key] is None):
                return plain(spec[key])
        for key in ("examples", "enum"):
            if isinstance(spec.get(key), list) and spec[key]:
                return plain(spec[key][0])
        match kind_of(spec):
            case "object":
                return self._object(spec, depth, passed)
            case "array":
                return self._array(spec, depth, passed)
            case "integer" | "number" as kind:
                return number_of(spec, whole=kind == "integer")
            case "boolean":
                return True
            case "null":
                return None
            case "string":
                return text_of(spec)
        return {} if spec else "text"

    def _object(self, spec: dict[str, Any], depth: int, passed: tuple[str, ...]) -> Any:
        properties = spec.get("properties")
        table = properties if isinstance(properties, dict) else {}
        required = [r for r in _list(spec.get("required")) if isinstance(r, str)]
        wanted = dict.fromkeys((*required, *self._optional(table, required, depth)))
        found: dict[str, Any] = {}
        for name in list(wanted)[:MAX_PROPERTIES]:
            inner, _ = self.reader.follow(table.get(name))
            if inner.get("writeOnly" if self.answer else "readOnly") is True:
                continue
            if name not in required and (inner.get("deprecated") is True or self.left < MAX_VALUES - PLENTY):
                continue
            value = self.value(table.get(name, {"type": "string"}), depth + 1, passed)
            if value is not MISSING:
                found[clean(name)[:200]] = value
            elif name in required:
                return MISSING
        tag, _ = self.reader.follow(spec.get("discriminator"))
        teller, mapping = tag.get("propertyName"), tag.get("mapping")
        if isinstance(teller, str) and isinstance(mapping, dict) and mapping and not found.get(teller):
            found[teller] = clean(next(iter(mapping)))
        return found

    def _optional(self, table: dict[str, Any], required: list[str], depth: int) -> list[str]:
        """What may be left out and is not: near the top, where nothing is required or a service answers; examples."""
        near = depth < (OPTIONAL_IN_ANSWERS if self.answer else 1)
        if near and (self.answer or not required):
            return list(table)
        return [n for n, s in table.items() if near and isinstance(s, dict) and "example" in s]

    def _array(self, spec: dict[str, Any], depth: int, passed: tuple[str, ...]) -> Any:
        least = spec.get("minItems")
        count = max(1, least) if isinstance(least, int) and not isinstance(least, bool) else 1
        if spec.get("maxItems") == 0:
            return []
        one = self.value(spec.get("items", {"type": "string"}), depth + 1, passed)
        if one is MISSING:
            return [] if not isinstance(least, int) or least <= 0 else MISSING
        return [one] * min(count, MAX_ITEMS)


def number_of(spec: dict[str, Any], *, whole: bool) -> Any:
    """A small number within ``minimum``, ``maximum``, their exclusive forms (3.0 and 3.1) and ``multipleOf``."""
    low, above = _bound(spec, "minimum")
    high, below = _bound(spec, "maximum")
    step = _finite(spec.get("multipleOf")) or (1.0 if whole else 0.0)
    step = step if 1e-6 <= step <= 1e9 else 0.0
    middle = ((low if low is not None else 0.0) + (high if high is not None else 0.0)) / 2
    starts = [1.0, 0.0, *(b for b in (low, high) if b is not None), middle]
    for start in starts:
        for shift in (0, 1, -1):
            value = (math.ceil(start / step - 1e-9) + shift) * step if step else start + shift
            over = low is None or value > low or (value == low and not above)
            under = high is None or value < high or (value == high and not below)
            if over and under:
                return int(value) if whole or value.is_integer() else round(value, 9)
    return MISSING


def _bound(spec: dict[str, Any], key: str) -> tuple[float | None, bool]:
    """A bound and whether it is excluded itself."""
    value, excluded = _finite(spec.get(key)), spec.get(f"exclusive{key.capitalize()}")
    apart = None if isinstance(excluded, bool) else _finite(excluded)
    return (apart, True) if apart is not None else (value, excluded is True)


def _finite(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and abs(value) <= 1e15 else None


def whole(value: Any) -> int | None:
    """A bound as a whole number that a parameter may have (FastAPI writes ``1.0``)."""
    number = _finite(value)
    return int(number) if number is not None and number.is_integer() and abs(number) <= 1e9 else None


def text_of(spec: dict[str, Any]) -> Any:
    """A text of the schema's format, pattern and length."""
    least, most = _length(spec, "minLength", 0), _length(spec, "maxLength", MAX_CHARS)
    given = spec.get("format")
    text = _FORMATS.get(given, "") if isinstance(given, str) else ""
    if not text and isinstance(spec.get("pattern"), str):
        made = example_of(spec["pattern"])
        return made if made is not None else MISSING
    text = text or clean(spec.get("title")).lower()[:40] or "text"
    return (text + "x" * max(0, least - len(text)))[: max(most, 0)]


def _length(spec: dict[str, Any], key: str, otherwise: int) -> int:
    value = spec.get(key)
    return min(value, MAX_CHARS) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise


def _ways(schema: dict[str, Any]) -> list[Any]:
    """The alternatives of a schema; null only where there is nothing else."""
    ways = [w for key in ("oneOf", "anyOf") for w in _list(schema.get(key)) if isinstance(w, dict)][:MAX_ITEMS]
    return [w for w in ways if w.get("type") != "null"] or ways


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two schemas that both hold: properties and required names together, the rest of the first wins."""
    found = {**other, **one}
    a, b = one.get("properties"), other.get("properties")
    if isinstance(a, dict) and isinstance(b, dict):
        found["properties"] = {**b, **a}
    if isinstance(one.get("required"), list) or isinstance(other.get("required"), list):
        names = [*_list(other.get("required")), *_list(one.get("required"))]
        found["required"] = list(dict.fromkeys(n for n in names if isinstance(n, str)))
    return found
