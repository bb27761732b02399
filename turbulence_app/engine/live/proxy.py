"""A loopback proxy that puts a scenario's faults between others: a browser, a test suite, another load generator.

It speaks HTTP/1.1 and sees whole requests and whole answers. What strikes is drawn by the number of the request, so the
same seed and the same order of requests suffer the same faults. A fault of a ``step`` strikes requests with that step's
method and path; one for a persona or with a condition has nobody to ask here and is left out, which is said.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import httptools

from turbulence_app.domain.errors import MachineError
from turbulence_app.engine.live.client import Client, Server
from turbulence_app.engine.live.connection import COOKIES, MAX_BODY
from turbulence_app.engine.live.exchange import Exchange
from turbulence_app.engine.live.proxy_faults import Hit, Strikes
from turbulence_app.engine.live.trouble import HOLD_S, corrupted
from turbulence_app.engine.nodes import Plan

HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
     "upgrade", "content-length", "content-encoding", "proxy-connection"}
)  # fmt: skip
"""Headers of one connection, and those that the proxy writes anew."""
ANSWER_S = 120.0
"""How long the service may take."""
LOOK_S = 0.05


@dataclass(slots=True)
class Asked:
    """One request of a client."""

    method: str = ""
    target: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    keep: bool = True


@dataclass(slots=True)
class Counts:
    """What a proxy did. ``struck`` and ``changed`` go by the fault's number."""

    requests: int = 0
    forwarded: int = 0
    unreachable: int = 0
    struck: Counter[int] = field(default_factory=Counter)


class _Reader:
    """Collects one request after another out of a client's bytes."""

    def __init__(self) -> None:
        self.ready: list[Asked] = []
        self._now = Asked()
        self._parts: list[bytes] = []
        self._size = 0
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> None:
        """Take bytes; raises ``httptools.HttpParserError`` for what is no HTTP."""
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._now, self._parts, self._size = Asked(), [], 0

    def on_url(self, url: bytes) -> None:
        self._now.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._now.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > MAX_BODY:
            raise ValueError("the request is too large")
        self._parts.append(part)

    def on_message_complete(self) -> None:
        self._now.method = self._parser.get_method().decode("latin-1")
        self._now.keep = self._parser.should_keep_alive()
        self._now.body = b"".join(self._parts)
        self.ready.append(self._now)


class Proxy:
    """Stands between clients and one service."""

    def __init__(self, plan: Plan, service: str, server: Server) -> None:
        self.counts = Counts()
        self._strikes, self._server = Strikes(plan, service), server
        self._first: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self._held: list[asyncio.Future[None]] = []

    @property
    def left_out(self) -> tuple[str, ...]:
        """Faults that cannot strike here, with the reason."""
        return self._strikes.left_out

    async def serve(self, port: int, ready: Callable[[int], None], should_stop: Callable[[], bool]) -> Counts:
        """Serve on the loopback until ``should_stop``; ``ready`` hears the port. Raises ``MachineError``."""
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        async with Client() as self._client:
            try:
                listener = await asyncio.start_server(self._accept, "127.0.0.1", port)
            except OSError as error:
                mend = "choose another with --listen; 0 takes any free one"
                raise MachineError(f"port {port} cannot be listened on: {error.strerror or error}", mend) from error
            self._people: set[asyncio.Task[None]] = set()
            ready(listener.sockets[0].getsockname()[1])
            while not should_stop():
                await asyncio.sleep(LOOK_S)
            listener.close()
            for task in tuple(self._people):
                task.cancel()
            await asyncio.gather(*self._people, return_exceptions=True)
            await listener.wait_closed()
        return self.counts

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._people.add(task)
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # the client went, or the proxy ends: either way there is nobody to tell
        finally:
            self._people.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's requests, one after another."""
        messages = _Reader()
        while data := await reader.read(65_536):
            try:
                messages.feed(data)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade):
                writer.write(_plain(400, "this is no HTTP request"))
                return
            while messages.ready:
                asked = messages.ready.pop(0)
                if not await self._pass(asked, writer) or not asked.keep:
                    return

    async def _pass(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """One request there and its answer back, with what strikes it. False: the connection is over."""
        number = self.counts.requests
        self.counts.requests += 1
        hit = self._strikes.of(number, asked.method, asked.target, int((self._loop.time() - self._began) * 1e6))
        self.counts.struck.update(hit.numbers)
        if hit.unsent:
            return await self._silence(hit, writer)
        if hit.reset_before:
            writer.transport.abort()
            return False
        if hit.status:
            await asyncio.sleep(hit.delay_us / 1e6)
            return await self._send(_plain(hit.status, "a fault of the scenario"), writer)
        if hit.reorder:
            await self._overtaken()
        exchange = await self._forward(asked, hit.copies)
        if hit.delay_us:
            await asyncio.sleep(hit.delay_us / 1e6)
        if hit.reset_after:
            writer.transport.abort()
            return False
        if hit.mute:
            return await self._silence(hit, writer)
        if not exchange.complete:
            self.counts.unreachable += 1
            return await self._send(_plain(502, exchange.why or "the service does not answer"), writer)
        return await self._answer(asked, exchange, hit, number, writer)

    async def _forward(self, asked: Asked, copies: int) -> Exchange:
        self.counts.forwarded += 1 + copies
        for waiting in self._held:
            if not waiting.done():
                waiting.set_result(None)
        self._held.clear()
        data, head = _request(asked, self._server), asked.method == "HEAD"
        exchange, *others = (self._client.send(self._server, data, head_only=head) for _ in range(1 + copies))
        timer = self._loop.call_later(ANSWER_S, exchange.give_up)
        await exchange.future
        timer.cancel()
        for other in others:
            other.give_up()
        return exchange

    async def _overtaken(self) -> None:
        """Hold a request back until another one has gone, but not for long."""
        waiting: asyncio.Future[None] = self._loop.create_future()
        self._held.append(waiting)
        await asyncio.wait((waiting,), timeout=HOLD_S)

    async def _silence(self, hit: Hit, writer: asyncio.StreamWriter) -> bool:
        """No answer ever comes: the connection hangs until the client has enough (or the fault's time is over)."""
        until = self._loop.time() + min(hit.silence_us / 1e6, ANSWER_S)
        while self._loop.time() < until and not writer.transport.is_closing():
            await asyncio.sleep(LOOK_S)
        writer.transport.abort()
        return False

    async def _answer(
        self, asked: Asked, exchange: Exchange, hit: Hit, number: int, writer: asyncio.StreamWriter
    ) -> bool:
        status, headers, body = exchange.status, exchange.headers, exchange.body
        if asked.method == "GET":
            first = self._first.setdefault(asked.target, (status, headers, body))
            if hit.stale:
                status, headers, body = first
        if hit.corrupt and body:
            body = corrupted(body, f"@proxy#{number}")
        length = int(headers.get("content-length", "0")) if asked.method == "HEAD" else len(body)
        data = _response(status, headers, length)
        if hit.keep_bytes is None:
            return await self._send(data + body, writer)
        kept = len(body) // 2 if hit.keep_bytes < 0 else hit.keep_bytes
        await self._send(data + body[:kept], writer)
        return kept >= len(body)  # what was announced and does not come can only end with the connection

    async def _send(self, data: bytes, writer: asyncio.StreamWriter) -> bool:
        writer.write(data)
        await writer.drain()
        return True


def _request(asked: Asked, server: Server) -> bytes:
    """A client's request as the service shall get it."""
    lines = [f"{asked.method} {server.prefix}{asked.target} HTTP/1.1", f"host: {server.host}"]
    lines += [f"{name}: {value}" for name, value in asked.headers if name not in HOP and name != "host"]
    if asked.body or asked.method in ("POST", "PUT", "PATCH"):
        lines.append(f"content-length: {len(asked.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + asked.body


def _response(status: int, headers: dict[str, str], length: int) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}"]
    for name, value in headers.items():
        if name not in HOP:
            lines += [f"{name}: {each}" for each in value.split(COOKIES)]
    if status not in (204, 304):
        lines.append(f"content-length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _plain(status: int, text: str) -> bytes:
    body = f"{text}\n".encode()
    return _response(status, {"content-type": "text/plain; charset=utf-8"}, len(body)) + body
