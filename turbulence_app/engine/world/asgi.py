"""ASGI spoken directly: one exchange with an application, and its lifespan. No sockets, no HTTP text."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Generator
from functools import lru_cache
from types import coroutine
from typing import Any
from urllib.parse import unquote_to_bytes

from turbulence_app.engine.templates import Message
from turbulence_app.engine.world.loop import WorldLoop

ASGI = {"version": "3.0", "spec_version": "2.3"}
SERVER = ("app", 80)
_FINE = range(200, 300)
_EMPTY: dict[str, Any] = {"type": "http.request", "body": b"", "more_body": False}
_GONE: dict[str, Any] = {"type": "http.disconnect"}


@coroutine
def let_others() -> Generator[None, None, None]:
    """Give the turn away: the task goes on when its next turn has come."""
    yield


@lru_cache(maxsize=4096)
def raw_headers(headers: tuple[tuple[str, str], ...], host: str, length: int) -> list[tuple[bytes, bytes]]:
    """A request's headers as a server would hand them over."""
    found = [(b"host", host.encode("latin-1", "replace"))]
    found += [(n.lower().encode("latin-1", "replace"), v.encode("utf-8")) for n, v in headers if n.lower() != "host"]
    if length:
        found.append((b"content-length", str(length).encode()))
    return found


def scope_of(message: Message, host: str, user: int, state: dict[str, Any] | None) -> dict[str, Any]:
    """The connection scope of a request. Every user has an address."""
    path, _, query = message.target.partition("?")
    raw = path.encode("ascii", "replace")
    made: dict[str, Any] = {
        "type": "http",
        "asgi": ASGI,
        "http_version": "1.1",
        "method": message.method,
        "scheme": "http",
        "path": unquote_to_bytes(raw).decode("utf-8", "replace") if b"%" in raw else path,
        "raw_path": raw,
        "query_string": query.encode("ascii", "replace"),
        "root_path": "",
        "headers": list(raw_headers(message.headers, host, len(message.body))),
        "client": (f"10.{user >> 16 & 255}.{user >> 8 & 255}.{user & 255}", 40_000 + user % 20_000),
        "server": SERVER,
    }
    if state is not None:
        made["state"] = dict(state)
    return made


class Exchange:
    """One request that the application serves, and its answer."""

    __slots__ = ("_given", "_waiting", "answered", "body", "chunks", "complete", "error", "failed", "gone", "headers",
                 "loop", "started", "status", "task")  # fmt: skip

    def __init__(
        self, loop: WorldLoop, body: bytes, started: Callable[[Exchange], None], answered: Callable[[Exchange], None]
    ) -> None:
        self.loop, self.body, self.started, self.answered = loop, body, started, answered
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.chunks: list[bytes] = []
        self.complete = self.gone = self._given = False
        self.error = ""
        """What went wrong inside the application, in one line."""
        self.failed: Callable[[Exchange], None] | None = None
        """Hears of an error that came after the answer (frameworks answer 500 and raise again)."""
        self.task: asyncio.Task[None] | None = None
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def acted(self) -> bool:
        """Whether the application said 2xx."""
        return self.status in _FINE

    async def serve(self, app: Callable[..., Any], scope: dict[str, Any]) -> None:
        """Let the application serve it. Whatever it raises becomes 500, or a torn answer if it has begun one."""
        try:
            await app(scope, self.receive, self.send)
        except Exception as error:
            self.error = one_line(error)
        except asyncio.CancelledError:
            self.error = "the request's task was cancelled"
        if self.complete:
            if self.error and self.failed is not None:
                self.failed(self)
        else:
            if not self.error:
                self.error = "the application ended without a complete answer"
            if not self.status:
                self.status = 500
                self.headers = [(b"content-type", b"text/plain; charset=utf-8")]
                self.chunks = [b"Internal Server Error"]
                self._finish()
            else:
                self.status = 0
                self._finish()

    async def receive(self) -> dict[str, Any]:
        """What the application hears: the body, then that the other side is gone."""
        if not self._given:
            self._given = True
            if not self.body:
                return dict(_EMPTY)
            await let_others()
            return {"type": "http.request", "body": self.body, "more_body": False}
        if not (self.complete or self.gone):
            waiting: asyncio.Future[None] = self.loop.create_future()
            self._waiting.append(waiting)
            await waiting
        return dict(_GONE)

    async def send(self, event: dict[str, Any]) -> None:
        """What the application says. Once the answer is complete, nothing more is heard."""
        kind = event["type"]
        if kind == "http.response.body":
            if self.complete:
                raise RuntimeError("http.response.body after the answer was complete")
            if not self.status:
                raise RuntimeError("http.response.body before http.response.start")
            chunk = event.get("body", b"")
            if chunk:
                self.chunks.append(_bytes(chunk))
            if event.get("more_body", False):
                await let_others()
            else:
                self._finish()
        elif kind == "http.response.start":
            if self.status:
                raise RuntimeError("http.response.start a second time")
            status = event["status"]
            if not isinstance(status, int):
                raise TypeError(f"status must be a number, not {status!r}")
            self.status = int(status)
            self.headers = [
                (n, v) if type(n) is type(v) is bytes else (_bytes(n), _bytes(v)) for n, v in event.get("headers", ())
            ]
            self.started(self)
        elif kind not in ("http.response.debug", "http.response.trailers", "http.response.pathsend"):
            raise ValueError(f"{kind} is no message of an HTTP answer")

    def disconnect(self) -> None:
        """The other side is gone; the application hears of it when it listens."""
        self.gone = True
        self._wake()

    def _finish(self) -> None:
        self.complete = True
        self._wake()
        self.answered(self)

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    raise TypeError(f"bytes are needed, not {value!r}")


def one_line(error: BaseException) -> str:
    """An exception as the last line of its traceback, with the place that raised it."""
    group = error
    while isinstance(group, BaseExceptionGroup) and group.exceptions:
        group = group.exceptions[0]
    frames = traceback.extract_tb(group.__traceback__)
    where = f" ({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    return "".join(traceback.format_exception_only(group)).strip().splitlines()[-1] + where


class Lifespan:
    """The application's start and end. An application that knows nothing of it is served without."""

    def __init__(self, loop: WorldLoop, app: Callable[..., Any]) -> None:
        self.loop, self.app = loop, app
        self.state: dict[str, Any] = {}
        self.supported = True
        self.problem = ""
        self.on_change: Callable[[], None] = lambda: None
        self.started = self.ended = False
        self._asked = 0
        self._waiting: asyncio.Future[None] | None = None
        self._closing = False

    async def run(self) -> None:
        """The task of its life."""
        try:
            await self.app({"type": "lifespan", "asgi": ASGI, "state": self.state}, self._receive, self._send)
        except Exception as error:
            if self.started or self.problem:
                self.problem = self.problem or one_line(error)
            else:
                self.supported = False
                if self._asked:
                    self.problem = one_line(error)
        self.started = self.ended = True
        self.on_change()

    async def _receive(self) -> dict[str, Any]:
        self._asked += 1
        if self._asked == 1:
            return {"type": "lifespan.startup"}
        if not self._closing:
            self._waiting = self.loop.create_future()
            await self._waiting
        return {"type": "lifespan.shutdown"}

    async def _send(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "lifespan.startup.complete":
                self.started = True
            case "lifespan.startup.failed":
                self.problem = event.get("message") or "startup failed"
                self.problem = self.problem.strip().splitlines()[-1] if self.problem.strip() else "startup failed"
            case "lifespan.shutdown.complete":
                self.ended = True
            case "lifespan.shutdown.failed":
                self.ended = True
                self.problem = (event.get("message") or "shutdown failed").strip().splitlines()[-1]
            case other:
                raise ValueError(f"{other} is no message of a lifespan")
        self.on_change()

    def close(self) -> None:
        """Ask it to end."""
        self._closing = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
