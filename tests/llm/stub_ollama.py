"""A server that speaks Ollama's protocol, well or badly, for one test at a time."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = {"name": "tiny:latest", "model": "tiny:latest", "digest": "d" * 64, "size": 1}


class Stub(ThreadingHTTPServer):
    """Answers ``/api/chat`` with what ``chat`` says; records every request."""

    daemon_threads = True

    def __init__(self, chat: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chat = chat
        self.models: Any = [MODEL]
        self.version = "0.0-stub"
        self.running: list[dict[str, Any]] = []
        self.pulling: list[Any] = []
        self.show: dict[str, Any] = {"capabilities": ["completion"], "model_info": {"llama.context_length": 8192}}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Stub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, {}))
        if self.path == "/api/tags":
            self.reply({"models": self.server.models})
        elif self.path == "/api/ps":
            self.reply({"models": self.server.running})
        else:
            self.reply({"version": self.server.version})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, body))
        self.server.headers.append(dict(self.headers))
        if self.path == "/api/show":
            self.reply(self.server.show)
            return
        if self.path == "/api/chat" and not body.get("messages"):
            kept = [m for m in self.server.running if m["name"] != body["model"]]
            self.server.running = kept
            self.reply({"model": body["model"], "done": True, "done_reason": "unload"})
            return
        found = self.server.pulling if self.path == "/api/pull" else self.server.chat(body)
        if isinstance(found, tuple):
            self.reply(found[1], found[0])
            return
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            for part in found:
                self.wfile.write(part if isinstance(part, bytes) else json.dumps(part).encode() + b"\n")
                self.wfile.flush()
        self.close_connection = True

    def reply(self, document: Any, status: int = 200) -> None:
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def says(text: str, *, pieces: int = 4, **last: Any) -> Iterator[dict[str, Any]]:
    """A whole answer in a few lines."""
    step = max(1, -(-len(text) // pieces))
    for at in range(0, len(text), step):
        yield {"message": {"role": "assistant", "content": text[at : at + step]}, "done": False}
    yield {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", **last}


def dripping(piece: bytes, seconds: float) -> Iterator[bytes]:
    """The same bytes again and again."""
    while True:
        yield piece
        time.sleep(seconds)


@contextmanager
def serving(chat: Callable[[dict[str, Any]], Any]) -> Iterator[Stub]:
    server = Stub(chat)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
