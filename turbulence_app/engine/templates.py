"""Templates: what a request sends, with ``{{ name | default:x }}`` filled in from a visit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from turbulence_app.domain.expressions import Node as Tree
from turbulence_app.engine.scalar import Lookup, evaluate, text

_TEMPLATE = re.compile(r"\{\{.{0,500}?\}\}", re.DOTALL)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SAFE_IN_PATH = "/:@!$&'()*+,;=~-._%?"


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A text that is one template: the value keeps its type."""

    tree: Tree


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """A text with templates in it: constants and values in turn."""

    parts: tuple[str | Tree, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """A list with templates in it."""

    items: tuple[Template, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """An object with templates in its values."""

    items: tuple[tuple[str, Template], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """A value without templates."""

    value: Any


Template: TypeAlias = Whole | Joined | Listed | Mapped | Fixed


def compile_template(value: Any, parse: Callable[[str], Tree]) -> Template:
    """The template of a value of a file; ``parse`` makes a resolved tree of one ``{{ … }}``."""
    made = _compile(value, parse)
    return made if made is not None else Fixed(value)


def _compile(value: Any, parse: Callable[[str], Tree]) -> Template | None:
    """As :func:`compile_template`, but None where nothing varies."""
    if isinstance(value, str):
        return _compile_text(value, parse)
    if isinstance(value, Mapping):
        parts = {key: _compile(inner, parse) for key, inner in value.items()}
        if any(part is not None for part in parts.values()):
            return Mapped(tuple((str(k), p if p is not None else Fixed(value[k])) for k, p in parts.items()))
    elif isinstance(value, list | tuple):
        inside = [_compile(inner, parse) for inner in value]
        if any(part is not None for part in inside):
            return Listed(tuple(p if p is not None else Fixed(v) for p, v in zip(inside, value, strict=True)))
    return None


def _compile_text(source: str, parse: Callable[[str], Tree]) -> Template | None:
    parts: list[str | Tree] = []
    at = 0
    for found in _TEMPLATE.finditer(source):
        if found.start() > at:
            parts.append(source[at : found.start()])
        parts.append(parse(found[0]))
        at = found.end()
    if not parts:
        return None
    if at < len(source):
        parts.append(source[at:])
    if len(parts) == 1 and not isinstance(parts[0], str):
        return Whole(parts[0])
    return Joined(tuple(parts))


def render(template: Template, look_up: Lookup) -> Any:
    """The value now; a missing name is null, and nothing inside a text."""
    # in the order of how common they are; a match statement takes twice the time
    if isinstance(template, Fixed):
        return template.value
    if isinstance(template, Whole):
        return evaluate(template.tree, look_up)
    if isinstance(template, Mapped):
        return {key: render(item, look_up) for key, item in template.items}
    if isinstance(template, Joined):
        return "".join(p if isinstance(p, str) else shown(evaluate(p, look_up)) for p in template.parts)
    return [render(item, look_up) for item in template.items]


@lru_cache(maxsize=4096)
def _quoted(path: str) -> str:
    """A path with what may not stand in one percent-encoded."""
    return quote(path, safe=_SAFE_IN_PATH, errors="replace")


def _part(value: str) -> str:
    """A value as one part of a path; half a surrogate pair, which an answer's JSON may hold, is a question mark."""
    return quote(value, safe="", errors="replace")


def shown(value: Any) -> str:
    """A value inside a text: objects and lists as JSON."""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text(value)


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it goes out. ``target`` is path and query, percent-encoded; header names are in lower case.

    ``host``, ``content-length`` and the like are the sender's.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Wire:
    """What a step sends and keeps on the targets that really send."""

    service: str
    base_url: str
    """Without a trailing slash; empty where the workflow names no address."""
    prefix: str
    """The path of ``base_url``, which stands in front of every path."""
    timeout_us: int
    method: str
    path: Template
    headers: tuple[tuple[str, Template], ...]
    """Those of the service, then the step's (which win); names in lower case."""
    query: tuple[tuple[str, Template], ...]
    json: Template | None
    extract: tuple[tuple[str, str], ...]
    """Variable and the JSONPath of its value in the answer."""
    names: Mapping[int, str]
    """What the step's model calls an answer of this status."""

    def message(self, look_up: Lookup) -> Message:
        """The request for a visit, now."""
        headers = {name: shown(render(value, look_up)) for name, value in self.headers}
        body = b""
        if self.json is not None:
            body = _COMPACT(render(self.json, look_up)).encode("utf-8", "replace")
            headers.setdefault("content-type", "application/json")
        headers.setdefault("accept", "application/json, */*")
        return Message(self.method, self._target(look_up), tuple(headers.items()), body)

    def _target(self, look_up: Lookup) -> str:
        if isinstance(self.path, Joined):
            parts = self.path.parts
            path = "".join(p if isinstance(p, str) else _part(shown(evaluate(p, look_up))) for p in parts)
        else:
            path = shown(render(self.path, look_up))
        path = _quoted(path)
        target = self.prefix + (path if path.startswith("/") else f"/{path}")
        flat: list[tuple[str, str]] = []
        for name, given in self.query:
            value = render(given, look_up)
            several = value if isinstance(value, list) else [value]
            flat += [(name, shown(one)) for one in several if one is not None]
        if not flat:
            return target
        return f"{target}{'&' if '?' in target else '?'}{urlencode(flat, errors='replace')}"
