"""A process that speaks Ollama's protocol and has no model: it answers from the schema, or misbehaves.

``python scripted_server.py SETTINGS`` prints its port and serves on loopback until its standard input closes. The
settings are those of :mod:`turbulence_app.service.stress.scripted_worker`.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "scripted:latest"
DIGEST = "5c" * 32


class Server(ThreadingHTTPServer):
    """One model, which may misbehave."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.settings = settings
        self.rng = random.Random(settings["seed"])
        self.lock = threading.Lock()

    def note(self, fault: str) -> None:
        """Leaves a line in the log."""
        with self.lock, open(self.settings["log"], "a", encoding="ascii") as log:  # noqa: PTH123 - as the worker
            log.write(fault + "\n")

    def draw(self) -> tuple[str, float]:
        """The fault of the next answer, and the seconds that it takes."""
        with self.lock:
            spoilt = self.settings["faults"] and self.rng.random() < self.settings["fault_rate"]
            fault = str(self.rng.choice(self.settings["faults"])) if spoilt else ""
            return fault, self.settings["latency_s"] * (0.5 + self.rng.random())


class Handler(BaseHTTPRequestHandler):
    """Version, list, show and chat."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """``/api/version`` and ``/api/tags``."""
        entry = {"name": MODEL, "model": MODEL, "digest": DIGEST, "size": 1, "details": {"family": "llama"}}
        self.reply(200, {"models": [entry]} if self.path == "/api/tags" else {"version": "0.24.0"})

    def do_POST(self) -> None:
        """``/api/show`` and ``/api/chat``."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/api/show":
            info = {"general.architecture": "llama", "llama.context_length": 131_072}
            self.reply(200, {"capabilities": ["completion"], "model_info": info, "details": {"family": "llama"}})
            return
        with contextlib.suppress(OSError):
            self.chat(*self.server.draw())

    def chat(self, fault: str, seconds: float) -> None:
        """One answer, with its fault."""
        if fault:
            self.server.note(fault)
        if fault == "refusing":
            self.reply(503, {"error": "server busy, please try again"}, ("Retry-After", "0"))
            return
        time.sleep(seconds * {"slow": 20.0, "dying": 0.5}.get(fault, 1.0))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        text = self.server.settings["answer"]
        self.part(text[: len(text) // 2])
        if fault == "dying":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif fault == "garbage":
            self.chunk(b"<html>not an answer</html>\n")
        elif fault == "endless":
            self.forever("x", 0.01)
        elif fault == "oversized":
            self.forever("x" * 60_000, 0.0)
        else:
            self.part(text[len(text) // 2 :])
            self.part("", done=True)
        self.close_connection = True
        if fault not in ("dying",):
            self.wfile.write(b"0\r\n\r\n")

    def forever(self, piece: str, pause: float) -> None:
        """Until the other side hangs up."""
        while True:
            self.part(piece)
            time.sleep(pause)

    def part(self, text: str, *, done: bool = False) -> None:
        """One line of the stream."""
        counts = {"prompt_eval_count": 300, "eval_count": 100, "done_reason": "stop"} if done else {}
        message = {"role": "assistant", "content": text}
        self.chunk(json.dumps({"model": MODEL, "message": message, "done": done, **counts}).encode() + b"\n")

    def chunk(self, data: bytes) -> None:
        """One piece of a chunked body."""
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def reply(self, status: int, document: Any, *headers: tuple[str, str]) -> None:
        """A whole answer."""
        raw = json.dumps(document).encode()
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(raw))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def main() -> None:
    """Serve until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = Server(json.loads(sys.argv[1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
