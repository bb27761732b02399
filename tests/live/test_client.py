"""The client against a real server that misbehaves on the wire in every way."""

import asyncio
import json
import ssl
from pathlib import Path

import pytest

from turbulence_app.engine.live import client as clients
from turbulence_app.engine.live.client import Client, Server
from turbulence_app.engine.live.connection import MAX_BODY


def request(path: str, method: str = "GET", body: bytes = b"") -> bytes:
    length = f"content-length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nhost: x\r\n{length}\r\n".encode() + body


def talk(port: int, *paths: str, method: str = "GET", seconds: float = 10.0, body: bytes = b""):
    """The exchanges of these paths, one after another on one client, and how many connections were open at the end."""

    async def main():
        server, found = Server(("127.0.0.1",), port, "x"), []
        async with Client() as client:
            for path in paths:
                exchange = client.send(server, request(path, method, body), head_only=method == "HEAD")
                timer = asyncio.get_running_loop().call_later(seconds, exchange.give_up)
                await exchange.future
                timer.cancel()
                found.append(exchange)
            open_ = client.connections
        assert client.connections == 0
        return found, open_

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/chunked", 200, b"one two three"),
        ("/drip", 200, b"drip"),
        ("/continue", 200, b'{"after": 100}'),
        ("/status/204", 204, b""),
        ("/status/304", 304, b""),
        ("/status/302", 302, b'{"status": 302}'),
        ("/status/503", 503, b'{"status": 503}'),
        ("/gzip", 200, b'{"packed": true}'),
        ("/deflate/zlib", 200, b"zlib"),
        ("/deflate/raw", 200, b"raw"),
        ("/big?n=3000000", 200, b"b" * 3_000_000),
    ],
)
def test_an_answer_of_any_shape_comes_whole_and_the_connection_is_used_again(port, path, status, body):
    (one, two), open_ = talk(port, path, "/products")
    assert (one.status, one.body, one.error) == (status, body, "")
    assert two.status == 200
    assert json.loads(two.body)["items"][0]["id"] == "A-1"
    assert open_ == 1
    assert one.asked <= one.sent <= one.answered


@pytest.mark.parametrize(("path", "body"), [("/close", b"bye"), ("/to-the-end", b"until the end")])
def test_a_connection_that_the_server_closes_is_not_used_again(port, path, body):
    (one, two), _ = talk(port, path, "/products")
    assert (one.status, one.body, one.error) == (200, body, "")
    assert two.status == 200


def test_head_has_no_body_and_keeps_the_connection(port):
    (one, two), open_ = talk(port, "/head", "/head", method="HEAD")
    assert (one.status, one.body, two.status) == (200, b"", 200)
    assert one.headers["content-length"] == "1000"
    assert open_ == 1


def test_two_answers_to_one_question_spoil_the_connection(port):
    (one, two), _ = talk(port, "/two", "/products")
    assert json.loads(one.body) == {"n": 1}
    assert "items" in json.loads(two.body)


@pytest.mark.parametrize(
    ("path", "error", "why"),
    [
        ("/die", "connection_error", "in the middle of the answer"),
        ("/die-first", "connection_error", "before an answer"),
        ("/reset", "connection_error", "before an answer"),
        ("/garbage", "protocol_error", "not an HTTP answer"),
        ("/upgrade", "protocol_error", "another protocol"),
        ("/endless-header", "protocol_error", "bytes of headers"),
        ("/endless-body", "protocol_error", f"more than {MAX_BODY} bytes"),
        ("/bomb", "protocol_error", "when unpacked"),
        ("/bad-gzip", "protocol_error", "broken"),
        ("/cut-gzip", "protocol_error", "cut short"),
    ],
)
def test_a_server_that_breaks_is_an_error_in_words_and_the_next_request_works(port, path, error, why):
    (one, two), _ = talk(port, path, "/products")
    assert one.error == error
    assert why in one.why
    assert two.status == 200


def test_a_wait_that_is_over_leaves_the_exchange_open_until_it_is_dropped(port):
    async def main():
        server, late = Server(("127.0.0.1",), port, "x"), []
        async with Client() as client:
            heard = client.send(server, request("/slow?ms=60"))
            dropped = client.send(server, request("/slow?ms=60"))
            heard.late = dropped.late = late.append
            await asyncio.sleep(0.02)
            heard.give_up()
            dropped.give_up()
            dropped.drop()
            await asyncio.sleep(0.15)
            assert late == [heard]
            assert heard.complete
            assert client.connections == 1

    asyncio.run(main())


def test_more_requests_than_connections_wait_their_turn(port):
    async def main():
        server = Server(("127.0.0.1",), port, "x")
        async with Client(most=3) as client:
            exchanges = [client.send(server, request("/slow?ms=5")) for _ in range(20)]
            await asyncio.gather(*(e.future for e in exchanges))
            assert client.connections == 3
            assert all(e.status == 200 for e in exchanges)
            assert sum(e.queued for e in exchanges) == 17

    asyncio.run(main())


def test_a_connection_that_was_idle_too_long_is_not_trusted(port, monkeypatch):
    monkeypatch.setattr(clients, "IDLE_S", 0.0)
    (one, two), _ = talk(port, "/products", "/products")
    assert one.status == two.status == 200


def test_nobody_there_is_refused_in_words():
    (one,), _ = talk(1, "/")
    assert (one.error, one.why, one.sent) == ("connection_error", "connection refused", 0.0)


def test_leaving_the_client_fails_what_is_on_its_way(port):
    async def main():
        async with Client() as client:
            exchange = client.send(Server(("127.0.0.1",), port, "x"), request("/hang"))
            waiting = client.send(Server(("127.0.0.1",), 1, "x"), request("/"))
            await asyncio.sleep(0.05)
        assert exchange.error == waiting.error == "connection_error"

    asyncio.run(main())


CERTIFICATE = Path(__file__).with_name("localhost.pem")


def over_tls(name: str, *, trusted: bool):
    """One exchange over TLS with a server whose certificate says localhost."""

    async def main():
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.load_cert_chain(CERTIFICATE)

        async def connected(reader, writer):
            try:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
                await reader.read()
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        service = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=ours)
        context = ssl.create_default_context(cafile=CERTIFICATE) if trusted else None
        async with Client(context=context) as client:
            server = Server(("127.0.0.1",), service.sockets[0].getsockname()[1], name, tls=name)
            exchange = client.send(server, request("/"))
            await exchange.future
        service.close()
        await service.wait_closed()
        return exchange

    return asyncio.run(main())


def test_tls_works_with_a_certificate_that_is_trusted():
    one = over_tls("localhost", trusted=True)
    assert (one.status, one.body) == (200, b"secret")


@pytest.mark.parametrize(("name", "trusted"), [("localhost", False), ("other.example", True)])
def test_a_certificate_that_nobody_vouches_for_or_of_another_name_is_refused(name, trusted):
    one = over_tls(name, trusted=trusted)
    assert one.error == "connection_error"
    assert "cannot be trusted" in one.why
