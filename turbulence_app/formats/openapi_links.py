"""Where the ids of later requests come from: documented links first, then the names in answers' schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from turbulence_app.formats.names import singular, snake
from turbulence_app.formats.openapi_read import Operation, Reader, Response
from turbulence_app.formats.openapi_resources import Resource
from turbulence_app.formats.openapi_values import MISSING, kind_of, make, resolved, spoken_example

_EXPRESSION = re.compile(r"\{?\$response\.body#(/[^{}]*)\}?\Z")
_IDS = ("id", "uuid", "key", "code", "number", "slug", "name")
_LISTS = ("items", "data", "results", "content", "values", "entries", "records")
_WRAPS = ("data", "result", "item", "attributes")
_SIMPLE = ("string", "integer", "number", "")


@dataclass(frozen=True, slots=True)
class Link:
    """A documented way: a value of one operation's answer is a parameter of another operation."""

    source: tuple[str, str]
    target: tuple[str, str]
    parameter: str
    jsonpath: str
    variable: str


def links_of(reader: Reader, operations: list[Operation]) -> list[Link]:
    """All documented links that say where in the answer's body a parameter stands."""
    by_id = {o.id: o for o in operations if o.id}
    found: list[Link] = []
    for operation in operations:
        for response in operation.responses:
            for name, link in response.links.items() if response.status < 300 else ():
                target = by_id.get(str(link.get("operationId"))) or _by_reference(link.get("operationRef"), operations)
                if target is None:
                    reader.note(f"The link {name!r} of {operation.method} {operation.path} names no operation here.")
                    continue
                given = link.get("parameters")
                for parameter, value in given.items() if isinstance(given, dict) else ():
                    found += _link(reader, operation, target, parameter, value)
    return found


def _link(reader: Reader, source: Operation, target: Operation, parameter: str, value: Any) -> list[Link]:
    match = _EXPRESSION.match(value) if isinstance(value, str) else None
    if match is None:
        reader.note(
            f"The link from {source.method} {source.path} to {target.method} {target.path} takes {parameter!r} from "
            "elsewhere than the answer's body; it was left out."
        )
        return []
    short = parameter.rpartition(".")[2]
    keys = [unquote(k).replace("~1", "/").replace("~0", "~") for k in match[1].split("/")[1:]]
    variable = snake(short) if short not in _IDS else f"{snake(target.id or singular(source.path), 'linked')}_{short}"
    return [Link((source.method, source.path), (target.method, target.path), short, jsonpath_of(keys), variable)]


def _by_reference(reference: Any, operations: list[Operation]) -> Operation | None:
    parts = reference.removeprefix("#/paths/").split("/") if isinstance(reference, str) else []
    if len(parts) != 2:
        return None
    path = unquote(parts[0]).replace("~1", "/").replace("~0", "~")
    return next((o for o in operations if o.path == path and o.method == parts[1].upper()), None)


def jsonpath_of(keys: list[str | int] | list[str]) -> str:
    """``$.a[0]['b c']`` for keys and indices."""
    text = "$"
    for key in keys:
        if isinstance(key, int) or (key.isascii() and key.isdigit()):
            text += f"[{key}]"
        elif re.match(r"[A-Za-z_][\w\-]*\Z", key, re.ASCII):
            text += f".{key}"
        else:
            quote = '"' if "'" in key else "'"
            text += f"[{quote}{key}{quote}]"
    return text


def identity_in(reader: Reader, operation: Operation, resource: Resource) -> str | None:
    """The JSONPath of a thing's id in the operation's documented answer; None where it has none."""
    response = answer_of(operation)
    if response is None or response.media is None:
        return None
    example = spoken_example(reader, response.media)
    if example is not MISSING:
        keys = _in_example(example, wanted(resource))
    else:
        keys = _in_schema(reader, response.media.get("schema"), wanted(resource), 2)
    return None if keys is None else jsonpath_of(keys)


def answer_of(operation: Operation) -> Response | None:
    """The first documented success."""
    return next((r for r in operation.responses if 200 <= r.status < 300), None)


def wanted(resource: Resource) -> list[str]:
    """Names that the id of a thing may have, the likeliest first."""
    one = singular(resource.word)
    names = [*resource.names, *(f"{one}_{i}" for i in _IDS[:5]), *_IDS, one]
    return list(dict.fromkeys(snake(n) if n != "id" else n for n in names))


def _in_schema(reader: Reader, schema: Any, names: list[str], depth: int) -> list[str | int] | None:
    spec = resolved(reader, schema)
    if kind_of(spec) == "array":
        inner = _in_schema(reader, spec.get("items"), names, depth - 1) if depth > 0 else None
        if inner is None and depth == 2 and kind_of(resolved(reader, spec.get("items"))) in ("string", "integer"):
            return [0]
        return None if inner is None else [0, *inner]
    properties = spec.get("properties")
    if not isinstance(properties, dict):
        return None
    by_name = {snake(str(k)): str(k) for k in reversed(list(properties))}
    for name in names:
        if name in by_name and kind_of(resolved(reader, properties[by_name[name]])) in _SIMPLE:
            return [by_name[name]]
    for key in (*_LISTS, *_WRAPS, *names, *properties) if depth > 0 else ():
        kind = kind_of(resolved(reader, properties[key])) if key in properties else ""
        if kind == "array" or (kind == "object" and (key in _WRAPS or key in names)):
            inner = _in_schema(reader, properties[key], names, depth - 1)
            if inner is not None:
                return [key, *inner]
    return None


def _in_example(value: Any, names: list[str], depth: int = 2) -> list[str | int] | None:
    if isinstance(value, list):
        inner = _in_example(value[0], names, depth - 1) if value and depth > 0 else None
        return None if inner is None else [0, *inner]
    if not isinstance(value, dict):
        return None
    by_name = {snake(k): k for k in reversed(list(value))}
    for name in names:
        if name in by_name and not isinstance(value[by_name[name]], dict | list):
            return [by_name[name]]
    for key in (*_LISTS, *_WRAPS, *names, *value) if depth > 0 else ():
        if isinstance(value.get(key), dict | list):
            inner = _in_example(value[key], names, depth - 1)
            if inner is not None:
                return [key, *inner]
    return None


def body_of(reader: Reader, operation: Operation) -> Any:
    """A documented answer's body, as the model target gives it; null where none is documented."""
    response = answer_of(operation)
    if response is None or response.media is None:
        return None
    example = spoken_example(reader, response.media)
    found = example if example is not MISSING else make(reader, response.media.get("schema"), answer=True)
    return None if found is MISSING else found
