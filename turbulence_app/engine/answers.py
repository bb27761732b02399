"""Answers, modelled and real, and what an ``assert`` or a ``wait`` expects of them."""

from __future__ import annotations

import json as json_reader
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from turbulence_app.domain.expressions import Node
from turbulence_app.domain.workflow import Expectation
from turbulence_app.engine.scalar import contains, member

MISSING = object()
_PART = re.compile(r"\.([A-Za-z_][\w\-]*)|\[(\d{1,6})\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


NO_HEADERS: Mapping[str, str] = {}
NEVER_CAME = {"timeout": 1, "gave_up": 2, "connection_error": 3, "protocol_error": 4}
"""Codes of live answers that never came; the code of one that came is its status."""
_USUAL = {402: "declined", 500: "error"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One way in which a request can come out. ``came`` is false where no answer ever reached the person.

    ``generic`` marks a plain ``ok``: any expected 2xx status is met by it. ``code`` is what fingerprints are made of.
    """

    code: int
    step: str
    name: str
    status: int | None = None
    json: Any = None
    came: bool = True
    generic: bool = False
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    """By name in lower case."""
    digest: int = 0
    """What the body adds to fingerprints (0: nothing)."""

    @property
    def failed(self) -> bool:
        """Whether the attempt failed from the person's side."""
        return not self.came or (self.status is not None and self.status >= 400)

    @property
    def content(self) -> Any:
        """The body as expressions know it: JSON, else text, else null."""
        return self.json


NOTHING_YET = Answer(0, "", "", came=False)


class LiveAnswer(Answer):
    """An answer that really came; its body is read as JSON when something asks for it."""

    __slots__ = ("_json", "body")
    _json: Any
    body: bytes

    def __init__(
        self, step: str, name: str, status: int, headers: Mapping[str, str], body: bytes, digest: int = 0
    ) -> None:
        for key, value in (
            ("code", status), ("step", step), ("name", name), ("status", status), ("came", True), ("generic", False),
            ("headers", headers), ("digest", digest), ("body", body), ("_json", MISSING),
        ):  # fmt: skip
            object.__setattr__(self, key, value)

    @property
    def json(self) -> Any:
        """The body as JSON; null where it is none."""
        if self._json is MISSING:
            try:
                value = json_reader.loads(self.body) if self.body else None
            except (ValueError, RecursionError):
                value = None
            object.__setattr__(self, "_json", value)
        return self._json

    @property
    def text(self) -> str:
        """The body as text (UTF-8, what cannot be read replaced)."""
        return self.body.decode("utf-8", "replace")

    @property
    def content(self) -> Any:
        """The body as expressions know it: JSON, else text, else null."""
        value = self.json
        return value if value is not None or self.body.strip() in (b"", b"null") else self.text


def answer_name(status: int, names: Mapping[int, str]) -> str:
    """What a live answer is called: ``ok`` for 2xx, else as the step's model names the status, else by custom."""
    if 200 <= status < 300:
        return "ok"
    return names.get(status) or _USUAL.get(status) or f"http_{status}"


@lru_cache(maxsize=1024)
def never_came(step: str, name: str) -> Answer:
    """A live answer that never came: ``timeout``, ``gave_up``, ``connection_error``, ``protocol_error``."""
    return Answer(NEVER_CAME[name], step, name, came=False)


def jsonpath(value: Any, path: str) -> Any:
    """The value at ``$.a.b[0].c``, or :data:`MISSING`; also for paths without the dollar."""
    rest = path.strip().removeprefix("$")
    rest = rest if not rest or rest[0] in ".[" else f".{rest}"
    at = 0
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None:
            return MISSING
        key: str | int = int(part[2]) if part[2] is not None else (part[1] or part[3] or part[4] or "")
        inside = isinstance(value, dict) and key in value
        if not inside and not (isinstance(value, list) and isinstance(key, int) and key < len(value)):
            return MISSING
        value = member(value, key)
        at = part.end()
    return value


def matches_schema(value: Any, schema: Any) -> bool:
    """A small part of JSON Schema: type, enum, required, properties, items; other keywords are not looked at."""
    if not isinstance(schema, dict):
        return True
    kinds: dict[str, tuple[type, ...]] = {
        "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
        "integer": (int,), "number": (int, float),
    }  # fmt: skip
    kind = schema.get("type")
    if isinstance(kind, str) and kind in kinds:
        numeric_bool = isinstance(value, bool) and kind in ("integer", "number")
        if not isinstance(value, kinds[kind]) or numeric_bool:
            return False
    if isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        if any(key not in value for key in schema.get("required", ())):
            return False
        return all(matches_schema(v, properties.get(k)) for k, v in value.items())
    return not isinstance(value, list) or all(matches_schema(item, schema.get("items")) for item in value)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """An expectation, split into what the last answer alone decides and what needs the visit."""

    expect: Expectation
    context: Node | None = None
    rule: Node | None = None

    @property
    def needs_answer(self) -> bool:
        """Whether it speaks of an answer at all."""
        e = self.expect
        return e.status_code is not None or e.jsonpath is not None or e.schema_ is not None

    def by_answer(self, answer: Answer) -> bool:
        """The part that the answer decides. An answer that never came fails; a model without a body is not refuted."""
        if answer.code and not answer.came:
            return False
        if not self.needs_answer:
            return True
        if not answer.code:
            return False
        e = self.expect
        if e.status_code is not None and not self._status(answer):
            return False
        silent = answer.json is None and not answer.failed
        if e.jsonpath is not None and not silent and not self._value(jsonpath(answer.json, e.jsonpath)):
            return False
        return e.schema_ is None or silent or matches_schema(answer.json, e.schema_)

    def by_visit(self, value: Callable[[Node], Any]) -> bool:
        """The part that variables and expressions decide; ``value`` evaluates a node for the user."""
        if self.context is not None and not self._value(value(self.context)):
            return False
        return self.rule is None or bool(value(self.rule))

    def _status(self, answer: Answer) -> bool:
        codes = self.expect.status_code
        wanted = (codes,) if isinstance(codes, int) else codes or ()
        return answer.status in wanted or (answer.generic and any(200 <= c < 300 for c in wanted))

    def _value(self, found: Any) -> bool:
        e = self.expect
        if "equals" in e.model_fields_set:
            return bool(found is not MISSING and found == e.equals)
        if "contains" in e.model_fields_set:
            return found is not MISSING and contains(found, e.contains)
        return found is not MISSING and found is not None
