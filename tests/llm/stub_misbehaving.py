"""A process that speaks Ollama's protocol down to the bytes, well or badly: every behaviour is a model on its list.

``python -m tests.llm.stub_misbehaving [BEHAVIOUR]`` prints its port. With a behaviour, every path behaves like that.
``GET /seen`` tells which requests it got, and how many connections the other side closed before the answer was done.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GOOD_TEXT = '{"a":1}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
CLOSE, CHUNKED = b"Connection: close\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"
SHOW = {"capabilities": ["completion"], "model_info": {"llama.context_length": 8192}}


class HangupError(Exception):
    """The other side closed the connection."""


def line(text: str = "", *, done: bool = False, **more: Any) -> bytes:
    last = {"done_reason": "stop"} if done else {}
    part = {"model": "m", "message": {"role": "assistant", "content": text}, "done": done, **last, **more}
    return json.dumps(part).encode() + b"\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


COUNTS = {
    "load_duration": 5_000_000,
    "prompt_eval_count": 900,
    "prompt_eval_duration": 90_000_000,
    "eval_count": 4,
    "eval_duration": 40_000_000,
}
GOOD = line(GOOD_TEXT[:3]) + line(GOOD_TEXT[3:]) + line(done=True, **COUNTS)
THOUGHT = {"message": {"content": "", "thinking": "hm"}, "done": True}


def answer(status: str, body: Any = None, *headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = "".join(f"{header}\r\n" for header in headers)
    kind = "" if any(h.startswith("Content-Type") for h in headers) else "Content-Type: application/json\r\n"
    return f"HTTP/1.1 {status}\r\n{kind}{names}Content-Length: {len(raw)}\r\n\r\n".encode() + raw


def stream(*parts: bytes) -> bytes:
    return HEAD + CHUNKED + b"".join(map(chunk, parts)) + b"0\r\n\r\n"


def again(piece: bytes, seconds: float = 0.0) -> Iterator[bytes | float]:
    while True:
        yield piece
        yield seconds


def dripping(data: bytes, seconds: float) -> Iterator[bytes | float]:
    for byte in data:
        yield bytes([byte])
        yield seconds


def long_wait() -> Iterator[bytes | float]:
    while True:
        yield 0.05


RESET = b"<reset>"
BEHAVIOURS: dict[str, Any] = {
    "good": stream(GOOD),
    "until_closed": HEAD + CLOSE + GOOD,
    "byte_by_byte": lambda: dripping(stream(*(bytes([b]) for b in GOOD)), 0.0),
    "interim": b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + stream(GOOD),
    "surplus": stream(GOOD) + b"and more",
    "no_counts": stream(line(GOOD_TEXT), line(done=True)),
    "new_fields": stream(line(GOOD_TEXT, logprobs=[1], surprise={"a": []}), line(done=True, **COUNTS, extra=1)),
    "odd_counts": stream(line(GOOD_TEXT), line(done=True, eval_count="4", prompt_eval_count=-1, eval_duration=True)),
    "surrogates": stream(
        rb'{"message":{"content":"a\ud83d"}}' + b"\n" + rb'{"message":{"content":"\ude00\udc00"},"done":true}'
    ),
    "length": stream(line(GOOD_TEXT), line(done=True, done_reason="length")),
    # --- what is wrong, in time
    "silent": long_wait,
    "silent_after_head": lambda: iter([HEAD + CLOSE, *[0.05] * 100_000]),
    "dripping_head": lambda: dripping(HEAD * 10_000, 0.03),
    "dripping_space": lambda: iter([HEAD + CLOSE, *[b" ", 0.03] * 100_000]),
    "line_without_end": lambda: iter([HEAD + CLOSE, b'{"message":', *[b"1", 0.03] * 100_000]),
    # --- what is wrong, in bytes
    "endless_head": lambda: iter([HEAD, *[b"X-A: " + b"y" * 1000 + b"\r\n"] * 100_000]),
    "oversized": lambda: iter([HEAD + CLOSE, *[b" \n" * 250_000] * 1000]),
    "oversized_line": lambda: iter([HEAD + CLOSE, *[b" " * 250_000] * 1000]),
    "endless_answer": lambda: iter([HEAD + CLOSE, *[line("x" * 1000)] * 100_000]),
    "endless_thought": lambda: iter([HEAD + CLOSE, *[line(message={"content": "", "thinking": "x" * 9000})] * 100_000]),
    "no_http": b"SSH-2.0-OpenSSH_9.2\r\n",
    "wrong_type": answer("200 OK", b"<html>", "Content-Type: text/html"),
    "upgrade": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    "chunk_nonsense": HEAD + CHUNKED + b"zz\r\nhello\r\n",
    "chunk_huge": HEAD + CHUNKED + b"ffffffffffffffffff\r\nhello\r\n",
    "gzip": answer("200 OK", b"\x1f\x8b" + b"\0" * 100, "Content-Encoding: gzip"),
    "not_json": stream(b"<html>\n"),
    "deep": stream(b"[" * 100_000 + b"\n"),
    "not_an_object": stream(b"[1]\n"),
    "bad_utf8": stream(b'{"message":{"content":"\xff"}}\n'),
    "nan": stream(b'{"message":{"content":"1"},"x":NaN}\n'),
    "no_message": stream(b'{"done":true}\n'),
    "no_text": stream(b'{"message":{"content":{"a":1}}}\n'),
    "only_thinking": stream(json.dumps(THOUGHT).encode()),
    "empty": stream(line(done=True)),
    "unfinished": stream(line(GOOD_TEXT)),
    "elsewhere": stream(line(GOOD_TEXT, remote_host="https://ollama.com", remote_model="big"), line(done=True)),
    # --- what breaks
    "closes": b"",
    "resets": RESET,
    "short": answer("200 OK", b'{"message"')[:-5].replace(b"Content-Length: 10", b"Content-Length: 1000"),
    "chunk_broken": HEAD + CHUNKED + b"ff\r\nhello",
    "error_inside": stream(line("a"), b'{"error":"runner died"}\n'),
    # --- what the server says itself
    "redirect": answer("307 Temporary Redirect", {}, "Location: http://127.0.0.1:9/api/chat"),
    "missing": answer("404 Not Found", {"error": "model 'x' not found"}),
    "forbidden": answer("403 Forbidden", {"error": "ollama cloud is disabled"}),
    "busy": answer("503 Service Unavailable", {"error": "server busy, maximum pending requests exceeded"}),
    "throttled": answer("429 Too Many Requests", {"error": "slow down"}, "Retry-After: 7"),
    "peg": answer("500 Internal Server Error", {"error": "output does not match the expected peg-native format"}),
    "html_error": answer("502 Bad Gateway", b"\xff<html>", "Content-Type: text/html"),
    "too_long": answer("400 Bad Request", {"error": "the input length exceeds the context length"}),
    "too_long_new": answer("400 Bad Request", {"error": "request (9 tokens) exceeds the available context size (8)"}),
    "too_long_inside": stream(b'{"error":"the prompt is longer than the context length currently available"}\n'),
    "cut": stream(line(GOOD_TEXT), line(done=True, prompt_eval_count=2048)),
    "bad_request": answer("400 Bad Request", {"error": "invalid format"}),
}


class Stub:
    """Accepts for ever, one thread a connection."""

    def __init__(self, everywhere: str = "") -> None:
        self.everywhere, self.seen, self.hangups = everywhere, list[dict[str, Any]](), 0

    def serve(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            print(listening.getsockname()[1], flush=True)
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                method, path, head, body = _request(connection)
                if path == "/seen":
                    connection.sendall(answer("200 OK", {"seen": self.seen, "hangups": self.hangups}))
                    return
                self.seen.append({"method": method, "path": path, "head": head, "body": body})
                self.play(connection, self.chosen(path, body))
            except HangupError:
                self.hangups += 1

    def chosen(self, path: str, body: Any) -> Any:
        if self.everywhere:
            return BEHAVIOURS[self.everywhere]
        if path == "/api/tags":
            names = [{"name": f"{name}:latest", "digest": "d" * 64, "size": 7} for name in BEHAVIOURS]
            return answer("200 OK", {"models": names})
        if path == "/api/ps":
            return answer("404 Not Found", b"404 page not found", "Content-Type: text/plain")
        if path == "/api/show":
            return answer("200 OK", SHOW)
        if path == "/api/version":
            return answer("200 OK", {"version": "0.24.0"})
        return BEHAVIOURS[body["model"].partition(":")[0]]

    def play(self, connection: socket.socket, behaviour: Any) -> None:
        if behaviour == RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        for part in [behaviour] if isinstance(behaviour, bytes) else behaviour():
            if isinstance(part, float):
                time.sleep(part)
                _listen(connection)
                continue
            try:
                connection.sendall(part)
            except OSError:
                raise HangupError from None


def _listen(connection: socket.socket) -> None:
    try:
        gone = select.select([connection], [], [], 0)[0] and not connection.recv(1)
    except OSError:
        gone = True
    if gone:
        raise HangupError


def _request(connection: socket.socket) -> tuple[str, str, str, Any]:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += (got := connection.recv(65_536))
        if not got:
            raise HangupError
    head, _, rest = raw.partition(b"\r\n\r\n")
    text = head.decode()
    length = next((int(h.split(":")[1]) for h in text.splitlines() if h.lower().startswith("content-length")), 0)
    while len(rest) < length:
        rest += connection.recv(65_536)
    method, path, _ = text.splitlines()[0].split(" ")
    return method, path, text, json.loads(rest) if rest else None


@contextmanager
def misbehaving(everywhere: str = "") -> Iterator[str]:
    """The address of such a process."""
    command = [sys.executable, "-m", "tests.llm.stub_misbehaving", everywhere]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


if __name__ == "__main__":
    Stub(sys.argv[1] if len(sys.argv) > 1 else "").serve()
