"""One HTTP/1.1 connection: bytes out, an answer in, kept for the next request where both sides agree to it."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Protocol

import httptools

from turbulence_app.engine.live.decoding import DecodingError, decoded
from turbulence_app.engine.live.exchange import CONNECTION, PROTOCOL, Exchange

if TYPE_CHECKING:
    from httptools.parser.parser import HttpResponseParser

MAX_HEAD = 65_536
"""Bytes of a status line and headers, together."""
MAX_BODY = 16 * 1024 * 1024
"""Bytes of a body, also after decompression."""
COOKIES = "\n"
"""Stands between several ``set-cookie`` headers, which have commas of their own."""


class Owner(Protocol):
    """Who keeps connections: hears when one is free and when one is gone."""

    def freed(self, connection: Connection) -> None:
        """The answer is complete, and the connection may carry another request."""
        ...

    def gone(self, connection: Connection) -> None:
        """The connection is closed."""
        ...


class Connection(asyncio.Protocol):
    """Speaks HTTP/1.1 to one server, one exchange at a time. Interim answers (1xx) are passed over."""

    __slots__ = (
        "_done", "_head", "_keep", "_loop", "_owner", "_parser", "_parts", "_size", "_started", "_to_the_end",
        "exchange", "idle_s", "last_used", "transport",
    )  # fmt: skip

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self._owner, self._loop = owner, loop
        self._parser: HttpResponseParser = httptools.HttpResponseParser(self)
        self.exchange: Exchange | None = None
        self.transport: asyncio.Transport | None = None
        self.last_used = 0.0
        self.idle_s: float | None = None
        """Seconds that the server keeps an idle connection, where it says so."""
        self._parts: list[bytes] = []
        self._size = self._head = 0
        self._to_the_end = self._started = False
        self._done = self._keep = False
        """Whether the answer is complete, and whether the connection may carry another."""

    # ---- sending ------------------------------------------------------------------------------------------------

    def send(self, exchange: Exchange) -> None:
        """Hand a request to the socket; the answer is the exchange's."""
        self.exchange = exchange
        self._head = self._size = 0
        self._started = self._done = False
        exchange.sent, exchange.connection = self._loop.time(), self
        assert self.transport is not None
        self.transport.write(exchange.data)

    def abort(self) -> None:
        """Close at once; an exchange on it has failed."""
        if self.transport is not None:
            self.transport.abort()

    @property
    def open(self) -> bool:
        """Whether a request may be written."""
        return self.transport is not None and not self.transport.is_closing()

    # ---- the loop's calls ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        exchange = self.exchange
        if exchange is None:
            self.abort()  # an answer that nobody asked for: what follows could not be told apart
            return
        if exchange.reset_on_answer:
            self._reset(exchange, data)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(PROTOCOL, "the server wants to speak another protocol")
            return
        except (httptools.HttpParserError, httptools.HttpParserCallbackError) as error:
            if not self._done:
                self._fail(PROTOCOL, f"not an HTTP answer: {error}")
                return
            self._keep = False
        if self._done:
            self._complete()
        elif not self._started:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._fail(PROTOCOL, f"more than {MAX_HEAD} bytes of headers")

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is closed, by whomever."""
        exchange, self.exchange = self.exchange, None
        self._owner.gone(self)
        if exchange is None:
            return
        if self._to_the_end and error is None:
            self.exchange = exchange
            self._keep = False
            self._complete()
            return
        when = "in the middle of the answer" if self._started else "before an answer"
        exchange.fail(CONNECTION, f"the connection was closed {when}" + (f": {error}" if error else ""), self._now())

    # ---- the parser's calls -------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A status line follows."""
        if self._done:
            self._keep = False  # more than one answer to one request: nothing on this connection can be trusted
            return
        self._parts.clear()
        self._to_the_end = False
        if self.exchange is not None:
            self.exchange.headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; those of one name are joined."""
        if self._done or self.exchange is None:
            return
        headers, key, text = self.exchange.headers, name.decode("latin-1").lower(), value.decode("latin-1")
        if key in headers:
            text = f"{headers[key]}{COOKIES if key == 'set-cookie' else ', '}{text}"
        headers[key] = text

    def on_headers_complete(self) -> None:
        """The body follows, if there is one."""
        exchange = self.exchange
        status = self._parser.get_status_code()
        if exchange is None or status < 200 or self._done:
            return
        exchange.status = status
        self._started = True
        headers = exchange.headers
        bounded = "content-length" in headers or "chunked" in headers.get("transfer-encoding", "").lower()
        self._to_the_end = not bounded and not exchange.head_only and status not in (204, 304)
        if exchange.head_only:
            # the parser would wait for the body that the headers describe and a HEAD does not send
            closes = "close" in headers.get("connection", "").lower() or self._parser.get_http_version() != "1.1"
            self._done, self._keep = True, not closes

    def on_body(self, part: bytes) -> None:
        """A piece of the body."""
        if self._done or self.exchange is None:
            self._keep = False
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > MAX_BODY:
            self._fail(PROTOCOL, f"a body of more than {MAX_BODY} bytes")

    def on_message_complete(self) -> None:
        """The answer is there."""
        if not self._done and self.exchange is not None and self._parser.get_status_code() >= 200:
            self._done, self._keep = True, self._parser.should_keep_alive()

    # ---- ends ---------------------------------------------------------------------------------------------------

    def _complete(self) -> None:
        exchange, self.exchange = self.exchange, None
        assert exchange is not None
        parts = self._parts
        exchange.body = parts[0] if len(parts) == 1 else b"".join(parts)
        self._done = self._to_the_end = False
        if exchange.head_only:
            self._parser = httptools.HttpResponseParser(self)
        headers, now, why = exchange.headers, self._now(), ""
        if "content-encoding" in headers and not exchange.head_only:
            try:
                exchange.body = decoded(exchange.body, headers["content-encoding"], MAX_BODY)
            except (DecodingError, zlib.error) as error:
                why = str(error)
        if self._keep and self.open:
            self.last_used = now
            self.idle_s = _keep_alive(headers["keep-alive"]) if "keep-alive" in headers else None
            self._owner.freed(self)
        elif self.transport is not None:
            self.transport.close()
        if why:
            exchange.fail(PROTOCOL, why, now)
        else:
            exchange.finish(now)

    def _reset(self, exchange: Exchange, data: bytes) -> None:
        """The fault: the answer begins, and the connection is torn down."""
        self.exchange = None
        first = data.split(b" ", 2)
        exchange.status = int(first[1]) if len(first) > 2 and first[1].isdigit() else 0
        self.abort()
        exchange.fail(CONNECTION, "the connection was reset (a fault)", self._now())

    def _fail(self, error: str, why: str) -> None:
        exchange, self.exchange = self.exchange, None
        self.abort()
        if exchange is not None:
            exchange.fail(error, why, self._now())

    def _now(self) -> float:
        return self._loop.time()


def _keep_alive(header: str) -> float | None:
    """The seconds of ``Keep-Alive: timeout=5``."""
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "timeout" and value.strip().isdigit():
            return float(value)
    return None
