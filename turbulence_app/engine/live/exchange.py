"""One request and its answer on the wire: what the client fills in and a port waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from turbulence_app.engine.live.connection import Connection

CONNECTION = "connection_error"
PROTOCOL = "protocol_error"


class Exchange:
    """A request on its way.

    ``future`` is done when the answer is complete, when it failed, or when nobody waits any longer (its result is
    None, whatever happened); ``error`` is the kind of failure, ``why`` says it in words. Moments are the loop's clock
    in seconds; ``sent`` is when the first byte was handed to the socket, 0 before. An answer that arrives after the
    waiting was given up calls ``late``. ``dropped``: nobody wants to hear of it any more.
    """

    __slots__ = (
        "answered", "asked", "body", "connection", "data", "dropped", "error", "future", "head_only", "headers", "late",
        "queued", "reset_on_answer", "sent", "status", "why",
    )  # fmt: skip

    def __init__(self, data: bytes, future: asyncio.Future[None], *, head_only: bool = False) -> None:
        self.data, self.future, self.head_only = data, future, head_only
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.error = self.why = ""
        self.asked = self.sent = self.answered = 0.0
        self.queued = self.dropped = False
        """``queued``: it had to wait for a place among the connections."""
        self.connection: Connection | None = None
        self.reset_on_answer = False
        """Whether the connection is torn down as soon as the answer begins (a fault)."""
        self.late: Callable[[Exchange], None] | None = None

    @property
    def left(self) -> float:
        """When it was on its way as far as the driver goes: asked for a connection, or got a place to have one."""
        return max(self.asked, self.sent) if self.queued else self.asked

    @property
    def complete(self) -> bool:
        """Whether an answer came, from its first to its last byte."""
        return self.answered > 0.0 and not self.error

    @property
    def succeeded(self) -> bool:
        """Whether the service says that it did what it was asked (2xx)."""
        return 200 <= self.status < 300

    def finish(self, moment: float) -> None:
        """The answer is complete."""
        self.answered = moment
        self._tell()

    def fail(self, error: str, why: str, moment: float) -> None:
        """No answer will come."""
        self.error, self.why, self.answered = error, why, moment
        self._tell()

    def give_up(self) -> None:
        """Nobody waits any longer; the answer may still come late."""
        if not self.future.done():
            self.future.set_result(None)

    def drop(self) -> None:
        """Close the connection that carries it, or do not send it at all; nobody hears of its end."""
        self.dropped, self.late = True, None
        if self.connection is not None and self.answered <= 0.0:
            self.connection.abort()

    def _tell(self) -> None:
        self.connection = None
        if not self.future.done():
            self.future.set_result(None)
        elif self.late is not None:
            self.late(self)
