"""Values that travel: what an answer gave and a later request sends becomes an extract and a template.

Secrets and personal data never get into a file: the former become environment templates, the latter stand-ins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.formats.har_read import Exchange
from turbulence_app.formats.har_sift import is_id
from turbulence_app.formats.names import Taken, clean, singular, snake
from turbulence_app.formats.openapi_links import jsonpath_of

PERSON = "person_number"
_WRAPS = {"items", "data", "results", "result", "content", "entries", "records", "values", "list", "edges", "node"}
MAX_DEPTH = 8
MAX_VALUES = 20_000
MAX_INDEX = 50
MAX_TEXT = 4000
_SECRET = re.compile(
    r"authoriz|cookie|token|secret|passw|passphrase|pwd|credential|session|signature|api[-_]?key|apikey|access[-_]?key"
    r"|csrf|xsrf|jwt|otp|^pin$|^auth",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"e?mail|phone|^tel$|mobile|card[-_]?(no|number)|^pan$|cvv|cvc|iban|first[-_]?name|last[-_]?name|full[-_]?name"
    r"|surname|birth|^dob$|street|address|ssn|passport",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
_ID_KEY = re.compile(r"(^|_)(id|ids|uuid|guid|key|code|sku|number|no|token|slug|ref|reference|handle|cursor|nonce)$")
_BROWSERS = re.compile(
    r"(accept.*|connection|host|content-length|content-type|cookie|origin|referer|user-agent|sec-.*|dnt|priority|te"
    r"|cache-control|pragma|if-.*|upgrade.*|keep-alive|range|alt-used|purpose|x-requested-with|traceparent|tracestate)\Z",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Source:
    """Where a value was seen in an answer."""

    exchange: int
    keys: tuple[str | int, ...]
    name: str


@dataclass(slots=True)
class Sent:
    """What a step sends, with templates; and what it keeps, with the shape of the answer that it keeps it from."""

    path: str = ""
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    extract: dict[str, str] = field(default_factory=dict)
    answer: Any = None


class Travel:
    """Walks a visit once, request by request, and remembers what answers gave."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix.upper()
        self.taken = Taken(PERSON)
        self.sent: list[Sent] = []
        self.secrets: dict[str, str] = {}
        """Environment variables by what they stand for."""
        self.personal: set[str] = set()
        self.needs_person = False
        self._words: list[str] = []
        """What each request is about: the last word of its path."""
        self._seen: dict[str, _Source] = {}
        self._typed: dict[str, int] = {}
        self._variables: dict[tuple[int, tuple[str | int, ...]], str] = {}
        self._secret_values: set[str] = set()

    def take(self, exchange: Exchange) -> Sent:
        """The next request of the visit."""
        made = Sent()
        self.sent.append(made)
        words = [s for s in exchange.path.split("/") if s and not is_id(s)]
        self._words.append(snake(words[-1], "thing") if words else "")
        made.path = self._path(exchange.path)
        for name, value in exchange.query:
            kept = self._value(value, name)
            before = made.query.get(clean(name))
            several = [*(before if isinstance(before, list) else [before]), kept]
            made.query[clean(name)] = kept if before is None else several
        for name, value in exchange.headers:
            if not _BROWSERS.match(name):
                made.headers[clean(name)] = self._header(name, value)
        made.body = self._body(exchange.body, "", 0)
        self._remember(exchange.answer, len(self.sent) - 1)
        return made

    def _path(self, path: str) -> str:
        parts = path.split("/")
        for place, segment in enumerate(parts):
            before = parts[place - 1] if place else ""
            if segment:
                variable = self._found(segment, singular(snake(before, "thing")), path=True)
                fixed = self._secret(before, segment) if _is_token(segment) else clean(segment).replace(" ", "%20")
                parts[place] = "{{" + variable + "}}" if variable else fixed
        return "/".join(parts)

    def _header(self, name: str, value: str) -> str:
        scheme, _, rest = value.partition(" ")
        variable = self._found(value, snake(name))
        if variable:
            return "{{" + variable + "}}"
        if rest and (variable := self._found(rest, snake(name))):
            return f"{scheme} {{{{{variable}}}}}"
        if _SECRET.search(name) or _is_token(rest or value):
            lead = f"{scheme} " if rest and scheme.lower() in ("bearer", "basic", "token") else ""
            return lead + self._secret(name, rest if lead else value)
        return value[:MAX_TEXT]

    def _body(self, value: Any, key: str, depth: int) -> Any:
        if isinstance(value, dict):
            inner = {} if depth > MAX_DEPTH else value
            return {clean(k)[:200]: self._body(v, k, depth + 1) for k, v in list(inner.items())[:200]}
        if isinstance(value, list):
            return [self._body(v, key, depth + 1) for v in value[:100]] if depth <= MAX_DEPTH else []
        return self._value(value, key)

    def _value(self, value: Any, key: str) -> Any:
        """One value that is sent: a template where an answer gave it, a stand-in where nobody may read it."""
        if value is None or isinstance(value, bool):
            return value
        variable = self._found(str(value), snake(key))
        if variable:
            return "{{" + variable + "}}"
        if _SECRET.search(key) or _is_token(value):
            return self._secret(key, str(value))
        if isinstance(value, str):
            return self._text(value[:MAX_TEXT], key)
        if _PERSONAL.search(key):
            self.personal.add(key)
            return 0
        self._typed.setdefault(str(value), len(self.sent) - 1)
        return value if isinstance(value, float) or abs(value) < 2**63 else 0

    def _text(self, value: str, key: str) -> Any:
        if _EMAIL.search(value):
            self.personal.add(key or "an address")
            self.needs_person = True
            return _EMAIL.sub(f"person{{{{{PERSON}}}}}@example.com", _plain(value))
        if _PERSONAL.search(key) and value:
            self.personal.add(key)
            return "".join("0" if c.isdigit() else "x" if c.isalpha() else c for c in _plain(value))
        self._typed.setdefault(value, len(self.sent) - 1)
        return _plain(value)

    def _secret(self, key: str, value: str) -> str:
        self._secret_values.add(value)
        name = f"{self.prefix}_{snake(key, 'secret')}".upper()
        self.secrets[key] = name
        return "{{env." + name + "}}"

    def _found(self, value: str, context: str, *, path: bool = False) -> str | None:
        """The variable for a value that an earlier answer gave, if it can be no accident."""
        source = self._seen.get(value)
        if source is None or self._typed.get(value, len(self.sent)) <= source.exchange:
            return None
        named = _ID_KEY.search(source.name) is not None
        long = len(value) >= 6 or is_id(value)
        related = source.name == context or (
            named and (path or context.endswith(source.name) or _ID_KEY.search(context))
        )
        if not (related or (named and long) or (long and len(value) >= 12)):
            return None
        return self._variable(source, context)

    def _variable(self, source: _Source, context: str) -> str:
        place = (source.exchange, source.keys)
        if place not in self._variables:
            name = source.name
            if "_" not in name and _ID_KEY.search(name):
                owner = next((k for k in reversed(source.keys[:-1]) if isinstance(k, str) and k not in _WRAPS), "")
                owner = owner or self._words[source.exchange] or context
                name = _joined(singular(snake(owner)), name)
            name = self._variables[place] = self.taken.free(name)
            maker = self.sent[source.exchange]
            maker.extract[name] = jsonpath_of(list(source.keys))
        return self._variables[place]

    def _remember(self, answer: Any, exchange: int) -> None:
        for count, (keys, value) in enumerate(_leaves(answer, (), 0)):
            if count >= MAX_VALUES:
                return
            text = str(value)
            if 0 < len(text) <= MAX_TEXT and text not in self._secret_values:
                name = next((snake(k) for k in reversed(keys) if isinstance(k, str)), "value")
                before = self._seen.get(text)
                if before is None or _ID_KEY.search(name) or not _ID_KEY.search(before.name):
                    self._seen[text] = _Source(exchange, keys, name)

    def answers(self, exchanges: list[Exchange]) -> None:
        """Give each step's model the smallest body that holds what the step extracts."""
        for (number, keys), _ in self._variables.items():
            value = _at(exchanges[number].answer, keys)
            if any(isinstance(k, str) and _SECRET.search(k) for k in keys):
                value = "sample"
            made = self.sent[number]
            made.answer = _with(made.answer, keys, _plain(value) if isinstance(value, str) else value)


def _is_token(value: Any) -> bool:
    """Whether a value is a signed token (JWT), whatever it is called."""
    return isinstance(value, str) and _JWT.match(value) is not None


def _joined(context: str, name: str) -> str:
    return context if context.endswith(name) else f"{context}_{name}" if context else name


def _plain(text: str) -> str:
    """Text as our files hold it; braces that would be templates lose their meaning."""
    kept = "".join(c for c in text if c.isprintable() or c in "\n\t")
    return kept.replace("{{", "{ {").replace("}}", "} }")


def _leaves(value: Any, keys: tuple[str | int, ...], depth: int) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Texts and whole numbers of an answer with their places, the nearest to the top of each branch first."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*keys, key), depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value[: MAX_INDEX + 1]):
            yield from _leaves(inner, (*keys, index), depth + 1)
    elif keys and ((isinstance(value, int) and not isinstance(value, bool)) or isinstance(value, str)):
        yield keys, value


def _at(value: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        value = value[key]
    return value


def _with(shape: Any, keys: tuple[str | int, ...], value: Any) -> Any:
    """The shape with one more value in it; lists are filled up with nulls."""
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(key, int):
        items = list(shape) if isinstance(shape, list) else []
        items += [None] * (key + 1 - len(items))
        items[key] = _with(items[key], rest, value)
        return items
    return {
        **(shape if isinstance(shape, dict) else {}),
        key: _with((shape or {}).get(key) if isinstance(shape, dict) else None, rest, value),
    }
