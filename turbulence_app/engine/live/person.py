"""One person of a live run: the real clock beside the visit's, cookies, what was recorded, what is still on its way."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.domain.recording import REDACTED
from turbulence_app.engine.answers import Answer, LiveAnswer
from turbulence_app.engine.live.client import Server
from turbulence_app.engine.live.connection import COOKIES
from turbulence_app.engine.live.exchange import Exchange
from turbulence_app.engine.live.messages import Sent, is_secret
from turbulence_app.engine.live.world import recorded
from turbulence_app.engine.nodes import Request
from turbulence_app.engine.port import Reply
from turbulence_app.engine.visit import Visit

KEPT_BYTES = 262_144
"""Bodies up to this size are kept whole in a recording."""
Document = dict[str, Any]


@dataclass(slots=True)
class Person:
    """``due``: when, on the loop's clock, whatever the visit does now was due (seconds)."""

    visit: Visit
    due: float = 0.0
    call: int = 0
    """Calls of the port so far; says when the service's late acts were noticed."""
    rows: list[Document] = field(default_factory=list)
    late: list[Document] = field(default_factory=list)
    lingering: list[Exchange] = field(default_factory=list)
    after: bool = False
    """Whether the service acted after the visit had ended."""
    jars: dict[Server, dict[str, str]] = field(default_factory=dict)

    def document(self) -> Document:
        """The recording of the visit, as the noun :class:`~turbulence_app.domain.recording.Recording` reads it."""
        made: Document = {"user": self.visit.user, "arrived_us": self.visit.arrived, "exchanges": self.rows}
        world = recorded(self.visit)
        if world:
            made["world"] = world
        return {**made, "late": self.late} if self.late else made

    def cookies(self, server: Server) -> str:
        """The ``cookie`` header for a server, or nothing."""
        jar = self.jars.get(server)
        return "; ".join(f"{name}={value}" for name, value in jar.items()) if jar else ""

    def take_cookies(self, server: Server, header: str) -> None:
        """Keep what a server sets, whatever the path; an expired one is forgotten."""
        jar = self.jars.setdefault(server, {})
        for line in header.split(COOKIES):
            pair, *rest = line.split(";")
            name, _, value = pair.strip().partition("=")
            attributes = [part.strip().lower() for part in rest]
            gone = any(a.startswith(("max-age=0", "max-age=-")) or "01 jan 1970" in a or "01-jan-1970" in a
                       for a in attributes)  # fmt: skip
            if gone:
                jar.pop(name, None)
            elif name:
                jar[name] = value


@dataclass(slots=True)
class Attempt:
    """One attempt while it lasts. ``wait_us``: how long the person would wait; ``limit_us``: the service's timeout."""

    person: Person
    node: Request
    number: int
    k: int
    asked_us: int
    wait_us: int
    limit_us: int
    patience_us: int
    left_us: int
    """What is left of the patience for the visit."""
    sent: Sent | None = None
    exchange: Exchange | None = None

    @property
    def over(self) -> float:
        """When the wait ends at the latest, on the loop's clock."""
        return self.person.due + self.wait_us / 1e6

    def row(self, reply: Reply, why: str) -> Document:
        """The exchange, as a recording keeps it: only what is not as usual."""
        answer, exchange = reply.answer, self.exchange
        made: Document = {
            "step": self.node.name, "visit": self.number, "attempt": self.k, "due_us": self.asked_us,
            "waited_us": reply.waited_us, "acts": reply.acts,
        }  # fmt: skip
        if self.sent is not None:
            made["method"], made["target"] = self.sent.method, self.sent.target
            made["request_headers"] = self.sent.headers
            if self.sent.body:
                made["request_body"] = kept(self.sent.body)
        if exchange is not None and exchange.sent > 0:
            made["sent_us"] = self.asked_us + max(0, int((exchange.sent - self.person.due) * 1e6))
        made.update(answer_row(answer))
        for name, value in (("ended", reply.ended), ("changed", reply.changed), ("why", why)):
            if value:
                made[name] = value
        return made


def answer_row(answer: Answer) -> Document:
    """An answer, as a recording keeps it."""
    if not answer.came:
        return {"answer": answer.name}
    made: Document = {"answer": answer.name, "status": answer.status, "headers": shown_headers(answer.headers)}
    body = answer.body if isinstance(answer, LiveAnswer) else b""
    return {**made, "body": kept(body)} if body else made


def kept(body: bytes) -> Document:
    """A body as a recording keeps it."""
    if len(body) > KEPT_BYTES:
        return {"size": len(body), "digest": hashlib.sha256(body).hexdigest()}
    try:
        return {"text": body.decode(), "size": len(body)}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64", "size": len(body)}


def shown_headers(headers: Any) -> dict[str, str]:
    """An answer's headers without secrets."""
    return {name: REDACTED if is_secret(name) else value for name, value in headers.items()}
