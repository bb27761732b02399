"""Plain data to nouns: pydantic decides, and every refusal becomes one line with a place and a mend."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.formats.shape import (
    Path,
    bare,
    describe,
    fields,
    kinds,
    literals,
    members,
    mend_name,
    model_of,
    narrow,
    under,
)
from turbulence_app.formats.tree import Node

T = TypeVar("T")
MAX_PROBLEMS = 50
_YES_NO = {"yes": True, "on": True, "no": False, "off": False}
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(_[0-9]{3})+\Z")


@lru_cache(maxsize=64)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _read(annotation: Any, value: Any) -> Any:
    """The value as the annotation wants it: strict, by the rules of JSON (a list may become a tuple)."""
    return _adapter(annotation).validate_json(json.dumps(value), strict=True)


def validate(noun: type[T], node: Node, file: str) -> T:
    """The noun that a tree describes.

    Three habits of YAML 1.1, in which the original's files are written, are understood where the type leaves no
    doubt: ``yes``/``no`` for a Boolean, ``20_000`` for a number, and a key without a value for a key left out.

    Raises:
        InputError: with every problem found, each with its line.
    """
    value = node.value
    for _ in range(8):
        try:
            return _read(noun, value)  # type: ignore[no-any-return]
        except ValidationError as error:
            found = _located(noun, value, error)
            value = node.value = _repaired(value, found)
            if not any(f.repair for f in found):
                raise InputError.of(_problems(found, node, file)) from None
        except (ValueError, RecursionError):
            raise InputError("the file cannot be understood", "simplify it", Location(file)) from None
    raise InputError.of(_problems(found, node, file))


class _Found:
    """One refusal, at a real path of the data."""

    def __init__(self, path: Path, message: str, mend: str, at_key: bool = False) -> None:
        self.path, self.message, self.mend, self.at_key = path, message, mend, at_key
        self.repair: tuple[str, Any] | None = None


def _located(annotation: Any, value: Any, error: ValidationError, base: Path = ()) -> list[_Found]:
    found: list[_Found] = []
    folded: set[Path] = set()
    for detail in error.errors(include_url=False, include_input=False)[: MAX_PROBLEMS * 20]:
        path, here, at, folds = _walk(annotation, value, detail["loc"])
        if folds:
            if path not in folded:
                folded.add(path)
                found.extend(_fold(here, at, base + path))
        else:
            one = _translate(detail, base + path, here, at)
            if one is not None and detail["type"] == "extra_forbidden":
                one.mend = mend_name(str(path[-1]), known_keys(annotation, path[:-1], value), "known keys")
            if one is not None:
                found.append(one)
    return found


def _walk(annotation: Any, value: Any, loc: tuple[str | int, ...]) -> tuple[Path, Any, Any, bool]:
    """A pydantic location as a path of the data: (path, annotation there, value there, stands at an open union)."""
    path: Path = ()
    parts = list(loc)
    while parts:
        candidates, tag = members(annotation)
        if len(candidates) > 1 and tag is None:
            return path, annotation, value, True
        if len(candidates) > 1:
            label = parts.pop(0)
            models = [m for c in candidates if (m := model_of(c)) is not None]
            annotation = next((m for m in models if label in literals(m).get(str(tag), ())), Any)
            continue
        part = parts.pop(0)
        if parts == ["[key]"]:
            return (*path, part), "[key]", value, False
        annotation = under(candidates[0] if candidates else Any, part)
        value = _child(value, part)
        path = (*path, part)
    return path, annotation, value, False


def _child(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _fold(annotation: Any, value: Any, path: Path) -> list[_Found]:
    """One clear problem instead of one per alternative of a union."""
    candidates, _ = members(annotation)
    meant = narrow(candidates, value)
    name = _field(path)
    if meant is not None:
        try:
            _read(meant, value)
        except ValidationError as error:
            return _located(meant, value, error, path)
    known = kinds(candidates)
    if isinstance(value, dict) and "kind" in value and known:
        message = f"{name} has the unknown kind {_short(value['kind'])}"
        return [_Found((*path, "kind"), message, mend_name(str(value["kind"]), known, "kinds"))]
    one = _Found(path, f"{name} cannot be {_named(value)}", f"write {describe(annotation)}")
    _offer(one, "float_type", value)
    return [one]


def _translate(detail: ErrorDetails, path: Path, annotation: Any, value: Any) -> _Found | None:
    kind, name, context = detail["type"], _field(path), detail.get("ctx", {})
    if annotation == "[key]":
        return _Found(path, f"{_short(path[-1])} cannot be a name", _NAME_MEND, at_key=True)
    if kind == "extra_forbidden":
        return _Found(path, f"unknown key {_short(path[-1])}", "", at_key=True)
    if kind == "missing":
        return _Found(path[:-1], f"the key {path[-1]!r} is missing", f"add '{path[-1]}: …'")
    if kind == "union_tag_invalid":
        known = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
        key, tag = str(context.get("discriminator", "type")).strip("'"), context.get("tag", "")
        return _Found((*path, key), f"unknown {key} {_short(tag)}", mend_name(str(tag), known, f"known {key}s"))
    if kind == "union_tag_not_found":
        known = kinds(members(annotation)[0])
        return _Found(path, "the key 'type' is missing", f"add one of: {', '.join(known)}")
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return _Found(path, f"{name} cannot be {_short(value)}", mend_name(str(value), known, "one of"))
    if kind == "string_pattern_mismatch":
        return _Found(path, f"{_short(value)} cannot be a name", _NAME_MEND)
    if kind == "value_error":
        message, _, mend = detail["msg"].removeprefix("Value error, ").partition("; ")
        return _Found(path, message, mend)
    if kind == "too_short" and isinstance(value, list | dict) and len(value) >= int(context.get("min_length", 0)):
        return None  # its entries are wrong, and have their own lines
    message, mend = _limits(kind, name, value, context) or _types(kind, name, value, annotation, detail["msg"])
    one = _Found(path, message, mend)
    _offer(one, kind, value)
    return one


_NAME_MEND = "names hold letters, digits, '_', '-', '.' and blanks inside, at most 100"
_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def _limits(kind: str, name: str, value: Any, context: dict[str, Any]) -> tuple[str, str] | None:
    for key, words in _LIMITS.items():
        if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than") and key in context:
            return f"{name} is {_short(value)}", f"write a number of {words} {context[key]:g}"
    if kind.endswith("too_short"):
        return f"{name} is empty or too short", f"give at least {context.get('min_length', 1)}"
    if kind.endswith("too_long"):
        return f"{name} is too long", f"at most {context.get('max_length', '?')}"
    return None


def _types(kind: str, name: str, value: Any, annotation: Any, message: str) -> tuple[str, str]:
    if kind.endswith(("_type", "_parsing", "_from_float")):
        return f"{name} cannot be {_named(value)}", f"write {describe(annotation)}"
    return f"{name}: {message[:1].lower()}{message[1:]}", ""


def _offer(found: _Found, kind: str, value: Any) -> None:
    if value is None:
        found.repair = ("drop", None)
    elif isinstance(value, str) and kind == "bool_type" and value.lower() in _YES_NO:
        found.repair = ("set", _YES_NO[value.lower()])
    elif isinstance(value, str) and kind in ("int_type", "float_type") and _GROUPED.match(value):
        found.repair = ("set", int(value.replace("_", "")))


def _repaired(value: Any, found: list[_Found]) -> Any:
    for one in found:
        if one.repair is not None and one.path:
            value = _with(value, one.path, one)
    return value


def _with(value: Any, path: Path, one: _Found) -> Any:
    """A copy of the data, changed at one place (data under an alias may be shared, so nothing is changed in it)."""
    part, rest = path[0], path[1:]
    if isinstance(value, dict) and part in value:
        copy = dict(value)
        if rest:
            copy[str(part)] = _with(value[part], rest, one)
        elif one.repair and one.repair[0] == "set":
            copy[str(part)] = one.repair[1]
        else:
            del copy[str(part)]
        return copy
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        items = list(value)
        if rest:
            items[part] = _with(items[part], rest, one)
        elif one.repair and one.repair[0] == "set":
            items[part] = one.repair[1]
        else:
            one.repair = None
        return items
    one.repair = None
    return value


def _problems(found: list[_Found], node: Node, file: str) -> list[Problem]:
    problems = []
    for one in found[:MAX_PROBLEMS]:
        owner = _owner(one.path, node)
        message = one.message + (f" in {owner}" if owner else "")
        problems.append(Problem(message, one.mend, place(node, one.path, file)))
    problems.sort(key=lambda p: p.where.line if p.where else 0)
    return problems or [Problem("the file cannot be understood", "", Location(file))]


def place(node: Node, path: Path, file: str) -> Location:
    """The line of the key (or list entry) at a path, or of the nearest one above it."""
    line, column, current = node.line, node.column, node
    for part in path:
        child = current.child(part)
        key = current.keys.get(part) if isinstance(part, str) else None
        if key is not None:
            line, column = key.line, key.column
        elif child is not None:
            line, column = child.line, child.column
        if child is None:
            break
        current = child
    return Location(file, line, column)


def _owner(path: Path, node: Node) -> str:
    """The name of the nearest named thing around a path."""
    name, current = "", node
    for part in (None, *path):
        child = current if part is None else current.child(part)
        if child is None:
            break
        current = child
        value = current.value if isinstance(current.value, dict) else {}
        given = value.get("name") or value.get("persona_id")
        if isinstance(given, str):
            name = repr(given[:60])
    return name


def _field(path: Path) -> str:
    words = [str(p) for p in path if isinstance(p, str)]
    return repr(words[-1][:60]) if words else "the entry" if path else "the file"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _named(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"the text {_short(value)}" if isinstance(value, str) else _short(value)


def known_keys(annotation: Any, path: Path, value: Any) -> list[str]:
    """The keys that may stand in the mapping at ``path``."""
    for part in path:
        annotation = under(_chosen(annotation, value), part)
        value = _child(value, part)
    model = model_of(bare(_chosen(annotation, value)))
    return list(fields(model)) if model is not None else []


def _chosen(annotation: Any, value: Any) -> Any:
    candidates, _ = members(annotation)
    return candidates[0] if len(candidates) == 1 else narrow(candidates, value) or Any
