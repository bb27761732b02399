"""Requests as bytes: a step's wire and a visit come to the text that goes over the socket."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from turbulence_app import __version__
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.recording import REDACTED
from turbulence_app.engine.live.client import Server
from turbulence_app.engine.nodes import Request
from turbulence_app.engine.scalar import Lookup
from turbulence_app.engine.templates import Fixed, Message, Wire

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SECRET = re.compile(r"authorization|cookie|api-?key|token|secret|password|signature|credential", re.IGNORECASE)
_OURS = frozenset({"content-length", "transfer-encoding", "connection", "expect", "upgrade"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
AGENT = f"turbulence/{__version__}"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request: its bytes, and what a recording keeps of it (headers without secrets)."""

    data: bytes
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Sender:
    """Makes the requests of one step; those that never vary are made once."""

    __slots__ = ("_always", "_wire", "head_only", "server")

    def __init__(self, node: Request, server: Server) -> None:
        assert node.wire is not None
        self._wire, self.server = node.wire, server
        self.head_only = node.wire.method == "HEAD"
        for name, _ in node.wire.headers:
            if not _TOKEN.match(name):
                raise InputError(f"step {node.name}: {name!r} is no name of a header", "use letters, digits and -")
        self._always = self._make(node.wire.message(_nothing)) if _fixed(node.wire) else None

    def message(self, look_up: Lookup, cookies: str = "") -> Sent:
        """The request for a visit, now; ``cookies`` are those of its jar."""
        made = self._always or self._make(self._wire.message(look_up))
        if not cookies or "cookie" in made.headers:
            return made
        first, rest = made.data.split(b"\r\n", 1)
        data = b"%s\r\ncookie: %s\r\n%s" % (first, cookies.encode("utf-8", "replace"), rest)
        return replace(made, data=data, headers={**made.headers, "cookie": REDACTED})

    def _make(self, message: Message) -> Sent:
        return encode(self.server, message)


def encode(server: Server, message: Message) -> Sent:
    """A message as bytes for a server. What cannot stand in a header (line ends) becomes a blank there."""
    headers = {name: _CONTROL.sub(" ", value).strip() for name, value in message.headers if name not in _OURS}
    headers.setdefault("host", server.host)
    headers.setdefault("user-agent", AGENT)
    headers.setdefault("accept-encoding", "gzip, deflate")
    lines = [f"{message.method} {message.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if message.body or message.method in _WITH_BODY:
        lines.append(f"content-length: {len(message.body)}")
    data = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace") + message.body
    return Sent(data, message.method, message.target, redacted(headers), message.body)


def redacted(headers: dict[str, str]) -> dict[str, str]:
    """Headers without what proves who somebody is."""
    return {name: REDACTED if is_secret(name) else value for name, value in headers.items()}


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a header of this name may hold a secret."""
    return _SECRET.search(name) is not None


def _fixed(wire: Wire) -> bool:
    parts = [wire.path, *(t for _, t in wire.headers), *(t for _, t in wire.query)]
    parts += [] if wire.json is None else [wire.json]
    return all(isinstance(part, Fixed) for part in parts)


def _nothing(_: object) -> None:
    return None
