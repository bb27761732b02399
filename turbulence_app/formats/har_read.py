"""HAR recordings of browsers as plain exchanges: bounded, and refused with the line of what is wrong."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from turbulence_app.formats.documents import Document
from turbulence_app.formats.names import clean
from turbulence_app.formats.shape import Path

MAX_ENTRIES = 100_000
MAX_BODY = 4 * 1024 * 1024
"""Characters of an answer's body that are read for values."""
MAX_SECONDS = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Exchange:
    """One request and its answer. Times are microseconds; ``started`` since 1970, ``took`` the service's own part."""

    at: Path
    started: int
    ended: int
    took: int
    method: str
    origin: str
    host: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: Any
    body_kind: str
    """``""`` (none), ``json``, ``form`` or ``other``."""
    status: int
    mime: str
    answer: Any
    """The answer's JSON body; None where it is none."""
    page: str
    kind: str
    """What the browser says it was for: ``xhr``, ``document``, ``image``, …"""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording: its exchanges by time, and the titles of its pages."""

    exchanges: tuple[Exchange, ...]
    pages: dict[str, str]
    browser: str


def read_har(document: Document) -> Recorded:
    """The exchanges of a recording.

    Raises:
        InputError: not a HAR, or an entry without a request, a time or an address.
    """
    root = document.value if isinstance(document.value, dict) else {}
    if not isinstance(root.get("log"), dict):
        mend = "save a recording from the browser's network tools ('Save all as HAR')"
        document.fail("this is no HAR recording: it has no 'log'", mend)
    log = root["log"]
    entries = document.items(log.get("entries"), ("log", "entries"), "'entries' of the recording")
    if len(entries) > MAX_ENTRIES:
        mend = "record a shorter visit"
        document.fail(f"more than {MAX_ENTRIES} requests", mend, ("log", "entries", MAX_ENTRIES))
    found = [e for i, one in enumerate(entries) if (e := _exchange(document, one, ("log", "entries", i))) is not None]
    if not found:
        document.fail("the recording holds no request", "record a visit first", ("log", "entries"))
    return Recorded(tuple(sorted(found, key=lambda e: e.started)), _pages(log), clean(_name(log.get("browser"))))


def _name(value: Any) -> Any:
    return value.get("name") if isinstance(value, dict) else ""


def _pages(log: dict[str, Any]) -> dict[str, str]:
    pages = log.get("pages")
    listed = [p for p in pages if isinstance(p, dict)] if isinstance(pages, list) else []
    return {str(p.get("id")): clean(p.get("title"))[:80] for p in listed}


def _exchange(document: Document, given: Any, at: Path) -> Exchange | None:
    entry = document.mapping(given, at, "an entry of the recording")
    request = document.mapping(entry.get("request"), (*at, "request"), "a 'request'")
    response = document.mapping(entry.get("response", {}), (*at, "response"), "a 'response'")
    url = request.get("url")
    if not isinstance(url, str):
        document.fail("a request without an address", "its 'url' is missing", (*at, "request"))
    try:
        parts = urlsplit(url)
        host, origin = parts.hostname or "", f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        document.fail(f"{clean(url)[:60]!r} is no address", "remove this entry", (*at, "request", "url"))
    if parts.scheme not in ("http", "https") or not host:
        return None
    started = _moment(document, entry.get("startedDateTime"), (*at, "startedDateTime"))
    total = _milliseconds(entry.get("time"))
    body, kind = _body(request.get("postData"))
    content = response.get("content")
    content = content if isinstance(content, dict) else {}
    mime = str(content.get("mimeType") or "").partition(";")[0].strip().lower()
    status = response.get("status")
    method = request.get("method")
    return Exchange(
        at=at,
        started=started,
        ended=started + total,
        took=_served(entry.get("timings"), total),
        method=clean(method).upper()[:10] or "GET",
        origin=origin,
        host=host,
        path=parts.path or "/",
        query=parse_qsl(parts.query[:20_000], keep_blank_values=True, max_num_fields=None)[:200],
        headers=_headers(request.get("headers")),
        body=body,
        body_kind=kind,
        status=status if isinstance(status, int) and not isinstance(status, bool) and 0 <= status <= 599 else 0,
        mime=mime,
        answer=_json_of(content, mime),
        page=str(entry.get("pageref") or ""),
        kind=clean(entry.get("_resourceType")).lower(),
    )


def _moment(document: Document, value: Any, at: Path) -> int:
    try:
        moment = datetime.fromisoformat(value)
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(microseconds=1)
    except (TypeError, ValueError, OverflowError):
        document.fail("a request without a time", "'startedDateTime' is like 2026-05-04T09:30:00.000Z", at)


def _milliseconds(value: Any) -> int:
    """Milliseconds as microseconds; what is no length of time is none."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value * 1000 + 0.5) if number and 0 <= value <= MAX_SECONDS * 1000 else 0


def _served(timings: Any, total: int) -> int:
    """What the service took: sending, waiting, receiving; without queueing and connecting in the browser."""
    parts = [timings.get(k) for k in ("send", "wait", "receive")] if isinstance(timings, dict) else []
    took = sum(_milliseconds(part) for part in parts)
    return took if took > 0 else total


def _headers(given: Any) -> list[tuple[str, str]]:
    listed = given if isinstance(given, list) else []
    pairs = [(h.get("name"), h.get("value")) for h in listed[:200] if isinstance(h, dict)]
    return [(n, clean(v)) for n, v in pairs if isinstance(n, str) and isinstance(v, str) and not n.startswith(":")]


def _body(given: Any) -> tuple[Any, str]:
    if not isinstance(given, dict):
        return None, ""
    mime = str(given.get("mimeType") or "").partition(";")[0].strip().lower()
    text = given.get("text")
    params = given.get("params")
    if mime == "application/x-www-form-urlencoded":
        if isinstance(params, list) and params:
            pairs = [(p.get("name"), p.get("value")) for p in params[:200] if isinstance(p, dict)]
            return {str(n): str(v or "") for n, v in pairs}, "form"
        return dict(parse_qsl(text[:20_000])) if isinstance(text, str) else {}, "form"
    if isinstance(text, str) and text.strip():
        value = parsed(text)
        if value is not None:
            return value, "json"
        return None, "other"
    return None, "other" if mime.startswith("multipart/") else ""


def _json_of(content: dict[str, Any], mime: str) -> Any:
    text = content.get("text")
    if not isinstance(text, str) or not (mime.endswith("json") or mime in ("", "text/plain")):
        return None
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text[: MAX_BODY * 2], validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return None
    return parsed(text)


def parsed(text: str) -> Any:
    """JSON objects and lists; None for anything else, also for what is too long or too deep."""
    if len(text) > MAX_BODY or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, parse_int=_whole, parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        return None


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= 30 else 0
