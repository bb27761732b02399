"""One request over HTTP/1.1 and its answer, bounded in every direction.

No proxy of the environment, no redirect, no key, no compressed body (a bomb cannot go off that nobody asked for), a
new connection each time: on this machine that costs a tenth of a millisecond, and closing it is what makes a server
stop writing.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import httptools

from turbulence_app.llm import errors
from turbulence_app.llm.backends.ollama.address import Address
from turbulence_app.llm.backends.ollama.wire import Watch, Wire, connect

if TYPE_CHECKING:
    from httptools.parser.parser import HttpResponseParser

MAX_HEAD = 65_536
"""Bytes of a status line and its headers."""
MAX_BODY = 4_000_000
"""Bytes of an answer, unless the caller says otherwise."""


class Exchange:
    """Use as a context manager; ``status`` and ``headers`` (names in lower case) are there once it is entered.

    Raises :class:`ModelAbsentError`, :class:`ModelBrokenError` (the connection), :class:`ModelGarbageError` (what is
    no HTTP, or too much of it), ``ModelTimeoutError`` and ``CancelledError``.
    """

    def __init__(
        self,
        address: Address,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        watch: Watch,
        *,
        most: int = MAX_BODY,
    ) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._address, self._watch, self._most = address, watch, most
        self._request = _request(address, method, path, body)
        self._parser: HttpResponseParser = httptools.HttpResponseParser(self)
        self._wire: Wire | None = None
        self._parts: deque[bytes] = deque()
        self._head = self._size = 0
        self._complete = self._ended = False
        self._wrong: errors.ModelError | None = None
        """What is no HTTP; told after what came before it."""

    def __enter__(self) -> Exchange:
        self._wire = connect(self._address, self._watch)
        try:
            self._wire.send(self._request)
            while not self.status and not self._ended and not self._wrong:
                self._read()
            if not self.status and self._wrong:
                raise self._wrong
            if not self.status:
                raise errors.ModelBrokenError("the Ollama server closed the connection without an answer")
            if self.headers.get("content-encoding", "identity").lower() != "identity":
                raise errors.ModelGarbageError("the Ollama server sends a compressed answer that nobody asked for")
        except BaseException:
            self._wire.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._wire:
            self._wire.close()

    def pieces(self) -> Iterator[bytes]:
        """The body as it comes. Raises :class:`ModelBrokenError` where it ends before it is whole."""
        while True:
            while self._parts:
                yield self._parts.popleft()
            if self._complete:
                return
            if self._wrong:
                raise self._wrong
            if self._ended:
                if "content-length" in self.headers or "transfer-encoding" in self.headers:
                    raise errors.ModelBrokenError("the Ollama server broke off in the middle of its answer")
                return
            self._read()

    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces())

    def expect_json(self) -> None:
        """Raises :class:`ModelGarbageError` where the server says that it answers with something else."""
        kind = self.headers.get("content-type", "json")
        if "json" not in kind.lower():
            raise errors.ModelGarbageError(f"what answers at {self._address} sends {kind[:60]!r}, not JSON")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        """Called by the parser; interim answers (1xx) are passed over."""
        code = self._parser.get_status_code()
        if code >= 200:
            self.status = code
        else:
            self.headers.clear()

    def on_body(self, data: bytes) -> None:
        """Called by the parser."""
        self._parts.append(data)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._complete = bool(self.status)

    def _read(self) -> None:
        assert self._wire
        data = self._wire.receive()
        if not data:
            self._ended = True
            return
        if self.status:
            self._size += len(data)
        else:
            self._head += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self._complete:  # what follows a whole answer is none of ours
                self._wrong = errors.ModelGarbageError(f"what answers at {self._address} speaks no HTTP: {error}")
        if self._size > self._most or (not self.status and self._head > MAX_HEAD):
            raise errors.ModelGarbageError("the Ollama server sends more than an answer can be")


def _request(address: Address, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
    payload = b"" if body is None else json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {address.netloc}",
        "User-Agent: turbulence",
        "Accept: application/json, application/x-ndjson",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + payload
