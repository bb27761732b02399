"""One request and its answer on the wire: what the client fills in and a port waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

CONNECTION = "connection_error"
PROTOCOL = "protocol_error"


class Exchange:
    """A request on its way.

    ``future`` is done when the answer is complete, when it failed, or when nobody waits any longer (its result is
    None, whatever happened); ``error`` is the kind of failure, ``why`` says it in words. Moments are the loop's clock
    in seconds; ``sent`` is when the first byte was handed to the socket, 0 before. An answer that arrives after the
    waiting was given up calls ``late``.
    """

    __slots__ = (
        "answered", "begun", "body", "data", "error", "future", "head_only", "headers", "late", "reset_on_answer",
        "sent", "status", "why",
    )  # fmt: skip

    def __init__(self, data: bytes, future: asyncio.Future[None], *, head_only: bool = False) -> None:
        self.data, self.future, self.head_only = data, future, head_only
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.error = self.why = ""
        self.begun = self.sent = self.answered = 0.0
        self.reset_on_answer = False
        """Whether the connection is torn down as soon as the answer begins (a fault)."""
        self.late: Callable[[Exchange], None] | None = None

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

    def _tell(self) -> None:
        if not self.future.done():
            self.future.set_result(None)
        elif self.late is not None:
            self.late(self)
