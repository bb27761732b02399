"""HTTP to the letter: any cut of a good answer is that answer, any bytes at all end as a typed failure; and TLS."""

from __future__ import annotations

import itertools
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.llm.stub_misbehaving import BEHAVIOURS
from turbulence_app.llm import errors
from turbulence_app.llm.backends.ollama import OllamaServer
from turbulence_app.llm.backends.ollama import exchange as http
from turbulence_app.llm.backends.ollama.wire import Watch

VERSION = b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"version":"0.24.0"}'
PARTS = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=20), max_size=3), max_size=5)
HEADS = st.sampled_from([
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 200 OK\r\nx:y\r\n",
])  # fmt: skip
PIECES = st.sampled_from([
    b"HTTP/1.1 ", b"200", b" OK\r\n", b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"\r\n", b"\r\n\r\n",
    b"5", b"0\r\n\r\n", b"{}", b"\n", b"-1", b"ff", b"\0", b": ", b'{"message":{"content":"x"},"done":true}\n',
    b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n", b"Content-Encoding: gzip\r\n",
    b"Content-Type: text/html\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n", b'3\r\n{}\n\r\n',
])  # fmt: skip
GOOD_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n"


class Recorded:
    """Stands for the wire: what the server says, in pieces."""

    def __init__(self, pieces):
        self.pieces, self.sent, self.closed = iter(pieces), b"", False

    def send(self, data):
        self.sent += data

    def receive(self):
        return next(self.pieces, b"")

    def close(self):
        self.closed = True


def stream(pieces):
    """What a client makes of the pieces: the objects, and the failure (its type) if there was one."""
    wire, found = Recorded([p for p in pieces if p]), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "connect", lambda *_: wire)
        try:
            for part in OllamaServer("http://127.0.0.1:1").stream("/x", {}, Watch(60)):
                found.append(part)  # what came before the failure counts
        except errors.ModelError as error:
            assert "\n" not in error.problem.message
            return found, type(error).__name__
        finally:
            assert wire.closed
    return found, ""


def cut(data, places):
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(PARTS, HEADS, st.sampled_from(["chunked", "length", "closed"]), st.lists(st.integers(0, 10_000), max_size=20))
def test_any_cut_of_a_good_answer_is_that_answer(parts, head, framing, places):
    lines = [json.dumps(part).encode() + b"\n" for part in parts if "error" not in part]
    body = b"".join(lines)
    if framing == "chunked" and b"1.1" in head:
        body = b"".join(b"%x\r\n%s\r\n" % (len(line), line) for line in lines) + b"0\r\n\r\n"
        head += b"Transfer-Encoding: chunked\r\n"
    elif framing == "length":
        head += b"Content-Length: %d\r\n" % len(body)
    found, failure = stream(cut(head + b"\r\n" + body, places))
    assert (found, failure) == ([part for part in parts if "error" not in part], "")


@given(
    st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", GOOD_HEAD]),
    st.lists(PIECES | st.binary(max_size=20), max_size=25),
    st.lists(st.integers(0, 400), max_size=10),
)
@example(GOOD_HEAD, [b"zz\r\n"], [])
def test_any_bytes_end_as_objects_or_as_a_failure_however_they_are_cut(head, pieces, places):
    data = head + b"".join(pieces)
    whole = stream([data])
    assert whole == stream(cut(data, places)) == stream([bytes([byte]) for byte in data])


@given(st.sampled_from(sorted(n for n, b in BEHAVIOURS.items() if isinstance(b, bytes))), st.data())
def test_an_answer_that_is_cut_short_or_damaged_is_a_typed_failure_or_still_good(name, data):
    raw = BEHAVIOURS[name]
    at = data.draw(st.integers(0, len(raw)))
    damaged = raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + data.draw(st.integers(0, 3)) :]
    for bytes_ in (raw[:at], damaged):
        found, failure = stream([bytes_])
        assert isinstance(found, list)
        assert failure == "" or failure.endswith("Error")


def test_a_request_is_one_request_whatever_is_in_it():
    wire = Recorded([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "connect", lambda *_: wire)
        OllamaServer("http://[::1]:5").ask("POST", "/x", {"a": "\r\nHost: evil\r\n\r\né\ud800"})
    head, _, body = wire.sent.partition(b"\r\n\r\n")
    assert head.count(b"Host: ") == 1
    assert b"Host: [::1]:5" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.isascii()


# ---- TLS, for a server behind it


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl here to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def tls_server(certificate):
    """Speaks TLS and answers each request with a version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    stop = threading.Event()

    def serve():
        while not stop.is_set():
            try:
                plain, _ = listening.accept()
            except TimeoutError:
                continue
            plain.settimeout(5)
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(65_536)
                    secured.sendall(VERSION)
            except OSError:
                plain.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        stop.set()
        thread.join()


def test_a_certificate_that_the_system_trusts(tls_server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert OllamaServer(tls_server).version().number == (0, 24, 0)


def test_a_certificate_that_nobody_trusts(tls_server):
    with pytest.raises(errors.ModelRefusedError, match="no trusted connection"):
        OllamaServer(tls_server).version()


def test_a_handshake_without_end():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(errors.ModelTimeoutError):
        OllamaServer(f"https://127.0.0.1:{silent.getsockname()[1]}").version(Watch(0.3))


def test_a_server_that_speaks_no_tls():
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def hello():
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=hello)
        thread.start()
        with pytest.raises(errors.ModelError):
            OllamaServer(f"https://127.0.0.1:{plain.getsockname()[1]}").version()
        thread.join()
