"""What of a recording is the person's doing: pages and calls of the service, without pictures, trackers and polls."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from turbulence_app.formats.har_read import Exchange, Recorded

HUMAN_US = 250_000
"""Shorter pauses are the browser's, not a person's."""
STREAM_US = 60_000_000
"""Answers that took longer are streams or long polls; nobody waits for their end."""
POLLS = 3
_ASSETS = {"image", "stylesheet", "script", "font", "media", "manifest", "texttrack", "ping", "preflight", "websocket",
           "eventsource", "cspviolationreport", "signedexchange", "beacon", "imageset", "other-asset"}  # fmt: skip
_ENDINGS = {
    ".js": "script", ".mjs": "script", ".css": "stylesheet", ".map": "script", ".png": "image", ".jpg": "image",
    ".jpeg": "image", ".gif": "image", ".svg": "image", ".webp": "image", ".avif": "image", ".ico": "image",
    ".woff": "font", ".woff2": "font", ".ttf": "font", ".otf": "font", ".mp4": "media", ".webm": "media",
    ".mp3": "media", ".webmanifest": "manifest", ".wasm": "script",
}  # fmt: skip
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}
_ID = re.compile(
    r"\d+\Z|[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}\Z|[0-9a-fA-F]{12,}\Z|(?=[^a-z]*[a-z])(?=\D*\d)[A-Za-z0-9_-]{10,}\Z"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request that stays: its think time before it (microseconds) and what tells it from other calls."""

    exchange: Exchange
    think: int
    key: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """A visit: its calls in order, and what was dropped, by reason."""

    calls: tuple[Call, ...]
    dropped: Counter[str]
    hosts: Counter[str]
    """Requests to other hosts, by host."""
    polls: Counter[str]


def sift(recorded: Recorded, hosts: Sequence[str]) -> Sifted:
    """Keep what a person did to the service. ``hosts``: where the service is (empty: told by the recording)."""
    ours = {h.lower() for h in hosts} or main_hosts(recorded)
    dropped: Counter[str] = Counter()
    others: Counter[str] = Counter()
    polls: Counter[str] = Counter()
    calls: list[Call] = []
    busy = recorded.exchanges[0].started
    pause = 0
    for exchange in recorded.exchanges:
        if exchange.host not in ours:
            others[exchange.host] += 1
            continue
        pause = max(pause, exchange.started - busy)
        if exchange.ended - exchange.started < STREAM_US:
            busy = max(busy, exchange.ended)
        reason = asset_kind(exchange)
        if reason:
            dropped[reason] += 1
            continue
        key = key_of(exchange)
        if _is_poll(calls, key, exchange):
            polls[key] += 1
            pause = 0
            continue
        calls.append(Call(exchange, pause if pause >= HUMAN_US and calls else 0, key))
        pause = 0
    return Sifted(tuple(calls), dropped, others, polls)


def main_hosts(recorded: Recorded) -> set[str]:
    """The host of the first page and its relatives (``www.shop.example`` and ``api.shop.example``)."""
    pages = [e for e in recorded.exchanges if e.kind == "document" or e.mime == "text/html"]
    calls = [e for e in recorded.exchanges if not asset_kind(e)]
    first = (pages or calls or list(recorded.exchanges))[0].host
    return {e.host for e in recorded.exchanges if _family(e.host) == _family(first)}


def _family(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ".".join(host.rsplit(".", 2)[-2:])
    return host


def asset_kind(exchange: Exchange) -> str:
    """Why a request is no step: what kind of asset it is, that it never came to an end, …; empty for a step."""
    if exchange.kind in _ASSETS:
        return exchange.kind
    if exchange.method == "OPTIONS":
        return "preflight"
    if exchange.method not in _METHODS:
        return "method"
    if exchange.status in (0, 101):
        return "unanswered"
    ending = _ENDINGS.get(PurePosixPath(exchange.path).suffix.lower())
    if ending is not None and exchange.method == "GET":
        return ending
    family = exchange.mime.partition("/")[0]
    if family in ("image", "font", "audio", "video") and exchange.method == "GET":
        return "media" if family in ("audio", "video") else family
    if exchange.mime in ("text/css", "text/javascript", "application/javascript", "application/x-javascript"):
        return "stylesheet" if exchange.mime == "text/css" else "script"
    return ""


def is_id(segment: str) -> bool:
    """Whether a segment of a path looks like something's id rather than a word."""
    return _ID.match(segment) is not None


def key_of(exchange: Exchange) -> str:
    """What tells one kind of call from another: method, path with ids blanked, and a GraphQL operation's name."""
    path = "/".join("{}" if is_id(segment) else segment for segment in exchange.path.split("/"))
    operation = exchange.body.get("operationName") if isinstance(exchange.body, dict) else None
    tail = f"#{operation}" if isinstance(operation, str) and operation else ""
    return f"{exchange.method} {exchange.host}{path}{tail}"


def _is_poll(calls: list[Call], key: str, exchange: Exchange) -> bool:
    """Whether the same question was asked just before on the same page: a clock asks, not a person."""
    if exchange.method != "GET" or not calls or exchange.kind == "document":
        return False
    for call in reversed(calls[-POLLS:]):
        if call.exchange.page != exchange.page or call.exchange.method != "GET":
            return False
        if call.key == key and (call.exchange.path, call.exchange.query) == (exchange.path, exchange.query):
            return True
    return False
