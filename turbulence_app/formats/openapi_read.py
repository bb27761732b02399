"""OpenAPI 3.0 and 3.1 documents as plain operations: references followed (cycles bounded), the rest left alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from turbulence_app.formats.documents import Document
from turbulence_app.formats.names import clean
from turbulence_app.formats.shape import Path

METHODS = ("get", "post", "put", "patch", "delete")
OTHER_METHODS = ("head", "options", "trace")
MAX_OPERATIONS = 2000
MAX_HOPS = 20
"""References that lead to references."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that a request carries outside its body."""

    name: str
    where: str
    required: bool
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Response:
    """One documented answer. ``links`` are the documented ways on, by name."""

    status: int
    media: dict[str, Any] | None
    links: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One request that the document describes. ``body`` is its JSON media type object, None where it has no body."""

    id: str
    method: str
    path: str
    says: str
    parameters: tuple[Parameter, ...]
    body: dict[str, Any] | None
    other_body: str
    """A media type that is not JSON, where that is all that the operation takes."""
    responses: tuple[Response, ...]
    security: tuple[dict[str, Any], ...] | None
    deprecated: bool
    at: Path

    @property
    def success(self) -> tuple[int, ...]:
        """The documented statuses of success, in the document's order of numbers."""
        return tuple(r.status for r in self.responses if 200 <= r.status < 300)


class Reader:
    """A document with its references."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root: dict[str, Any] = document.mapping(document.value, (), "an OpenAPI document")
        self.notes: list[str] = []
        self._check_version()

    def _check_version(self) -> None:
        version = self.root.get("openapi")
        if "swagger" in self.root and version is None:
            self.document.fail("this is Swagger 2.0", "convert it to OpenAPI 3 first", ("swagger",))
        if not isinstance(version, str):
            mend = "an OpenAPI document says 'openapi: 3.1.0' at its top; for a recording use `turbulence import har`"
            self.document.fail("this is no OpenAPI document", mend)
        if not version.startswith("3."):
            mend = "convert it to 3.0 or 3.1"
            self.document.fail(f"OpenAPI {clean(version)[:20]} is not understood", mend, ("openapi",))

    def follow(self, value: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
        """The mapping that a value stands for, and the references passed on the way to it (in order)."""
        passed: tuple[str, ...] = ()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            reference = value["$ref"]
            if reference in passed or len(passed) >= MAX_HOPS:
                return {}, passed
            passed = (*passed, reference)
            value = self._target(reference)
        return (value if isinstance(value, dict) else {}), passed

    def _target(self, reference: str) -> Any:
        if not reference.startswith("#"):
            self.note(f"The reference {clean(reference)[:80]!r} leads out of the document and was not followed.")
            return None
        value: Any = self.root
        for part in reference.removeprefix("#").removeprefix("/").split("/") if len(reference) > 1 else ():
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isascii() and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                self.note(f"Nothing stands at the reference {clean(reference)[:80]!r}; it was left out.")
                return None
        return value

    def note(self, sentence: str) -> None:
        """Remember a sentence for the person, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def operations(self) -> list[Operation]:
        """Every operation that can be carried over, in the document's order."""
        paths = self.document.mapping(self.root.get("paths", {}), ("paths",), "'paths'")
        found: list[Operation] = []
        for path, item in paths.items():
            if not path.startswith("/"):
                if not path.startswith("x-"):
                    self.document.fail(f"the path {clean(path)[:60]!r} does not start with '/'", "write '/…'", (
                        "paths", path))  # fmt: skip
                continue
            found += self._of_path(path, item)
            if len(found) > MAX_OPERATIONS:
                mend = "cut the document down to the part that users see"
                self.document.fail(f"more than {MAX_OPERATIONS} operations", mend, ("paths", path))
        if not found:
            mend = "it needs 'paths' with operations such as 'get'"
            self.document.fail("the document describes no operation", mend, ("paths",) if "paths" in self.root else ())
        return found

    def _of_path(self, path: str, given: Any) -> list[Operation]:
        place: Path = ("paths", path)
        item, _ = self.follow(self.document.mapping(given, place, f"the path {clean(path)[:60]!r}"))
        for method in OTHER_METHODS:
            if method in item:
                self.note(f"{method.upper()} {path} was left out: nobody's journey needs it.")
        shared = self._parameters(item.get("parameters", []), (*place, "parameters"))
        return [self._operation(m, path, item[m], shared, (*place, m)) for m in METHODS if m in item]

    def _operation(self, method: str, path: str, given: Any, shared: list[Parameter], at: Path) -> Operation:
        spec = self.document.mapping(given, at, f"{method.upper()} {clean(path)[:60]}")
        own = self._parameters(spec.get("parameters", []), (*at, "parameters"))
        mine = {(p.name, p.where): p for p in (*shared, *own)}
        media, other = self._body(spec.get("requestBody"))
        security = spec.get("security")
        if "callbacks" in spec:
            self.note(f"The callbacks of {method.upper()} {path} were left out: a person's journey has none.")
        return Operation(
            id=clean(spec.get("operationId"))[:100],
            method=method.upper(),
            path=path,
            says=clean(spec.get("summary")) or clean(spec.get("description")).partition(". ")[0][:120],
            parameters=tuple(mine.values()),
            body=media,
            other_body=other,
            responses=tuple(self._responses(spec.get("responses", {}), (*at, "responses"))),
            security=tuple(s for s in security if isinstance(s, dict)) if isinstance(security, list) else None,
            deprecated=spec.get("deprecated") is True,
            at=at,
        )

    def _parameters(self, given: Any, at: Path) -> list[Parameter]:
        found: list[Parameter] = []
        for index, one in enumerate(self.document.items(given, at, "'parameters'")):
            spec, passed = self.follow(self.document.mapping(one, (*at, index), "a parameter"))
            name, where = spec.get("name"), spec.get("in")
            if not spec and passed:
                continue
            if not isinstance(name, str) or where not in ("path", "query", "header", "cookie"):
                mend = "write its 'name', and 'in: path', query, header or cookie"
                self.document.fail("a parameter without a name or a place", mend, (*at, index))
            found.append(Parameter(name, where, where == "path" or spec.get("required") is True, spec))
        return found

    def _body(self, given: Any) -> tuple[dict[str, Any] | None, str]:
        body, _ = self.follow(given)
        content = body.get("content")
        if not isinstance(content, dict) or not content:
            return None, ""
        media = json_media(content)
        if media is None and body.get("required") is not True:
            return None, ""
        return media, "" if media is not None else clean(next(iter(content)))[:60]

    def _responses(self, given: Any, at: Path) -> list[Response]:
        found: list[Response] = []
        for code, one in self.document.mapping(given, at, "'responses'").items():
            status = _status(code)
            if status is None:
                continue
            spec, _ = self.follow(one)
            content, links = spec.get("content"), spec.get("links")
            named = {k: self.follow(v)[0] for k, v in links.items()} if isinstance(links, dict) else {}
            found.append(Response(status, json_media(content) if isinstance(content, dict) else None, named))
        return sorted(found, key=lambda r: r.status)


def json_media(content: dict[str, Any]) -> dict[str, Any] | None:
    """The media type object of JSON, if the content has one."""
    for name, media in content.items():
        kind = name.partition(";")[0].strip().lower()
        if (kind in ("application/json", "*/*", "application/*") or kind.endswith("+json")) and isinstance(media, dict):
            return media
    return None


def _status(code: str) -> int | None:
    """``404`` as it is, ``2XX`` as its first, ``default`` as nothing."""
    if len(code) == 3 and code[1:].upper() == "XX" and code[0] in "2345":
        return int(code[0]) * 100
    return int(code) if len(code) == 3 and code.isascii() and code.isdigit() and "100" <= code <= "599" else None
