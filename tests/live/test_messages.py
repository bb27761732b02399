"""What goes over the wire: addresses that may be asked, requests as bytes, secrets, compressed bodies, environment."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.shops import inputs
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.domain.recording import REDACTED
from turbulence_app.engine.live import addresses
from turbulence_app.engine.live.addresses import server_of
from turbulence_app.engine.live.client import Server
from turbulence_app.engine.live.decoding import DecodingError, decoded
from turbulence_app.engine.live.environment import names_asked, with_environment
from turbulence_app.engine.live.messages import encode, redacted
from turbulence_app.engine.live.person import kept
from turbulence_app.engine.templates import Message

HERE = Server(("127.0.0.1",), 80, "h")


@given(st.dictionaries(st.sampled_from(["x-a", "x-b", "cookie"]), st.text(max_size=30)), st.binary(max_size=40))
def test_no_value_can_forge_a_header_or_a_second_request(headers, body):
    sent = encode(HERE, Message("POST", "/x", tuple(headers.items()), body))
    head, _, rest = sent.data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert rest == body
    assert lines[0] == b"POST /x HTTP/1.1"
    assert [line.partition(b":")[0].decode() for line in lines[1:]] == [
        *headers, "host", "user-agent", "accept-encoding", "content-length",
    ]  # fmt: skip
    assert b"\n" not in head.replace(b"\r\n", b"")


def test_what_is_the_senders_cannot_be_overridden_but_the_host_can():
    given_ = (("content-length", "1"), ("transfer-encoding", "chunked"), ("host", "other"), ("connection", "close"))
    data = encode(HERE, Message("GET", "/", given_, b"")).data
    assert b"host: other" in data
    assert not any(name in data for name in (b"content-length", b"transfer-encoding", b"connection"))


def test_secrets_are_told_by_their_headers_name():
    names = ["Authorization", "cookie", "X-Api-Key", "apikey", "x-auth-token", "X-CSRF-Token", "client-secret"]
    assert set(redacted(dict.fromkeys(names, "v")).values()) == {REDACTED}
    assert redacted({"accept": "v", "x-client": "v"}) == {"accept": "v", "x-client": "v"}


@pytest.mark.parametrize(
    ("url", "addresses_", "port", "host", "tls", "prefix"),
    [
        ("http://127.0.0.1:8080/", ("127.0.0.1",), 8080, "127.0.0.1:8080", None, ""),
        ("http://localhost", ("127.0.0.1", "::1"), 80, "localhost", None, ""),
        ("https://api.localhost/v1/", ("127.0.0.1", "::1"), 443, "api.localhost", "api.localhost", "/v1"),
        ("http://[::1]:99/a/b", ("::1",), 99, "[::1]:99", None, "/a/b"),
        ("http://LOCALHOST:81", ("127.0.0.1", "::1"), 81, "localhost:81", None, ""),
        ("http://10.0.0.7", ("10.0.0.7",), 80, "10.0.0.7", None, ""),
    ],
)
def test_addresses(url, addresses_, port, host, tls, prefix, monkeypatch):
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda host, port, **_: [(0, 0, 0, "", (host, port))])
    assert server_of("s", url, ["10.0.0.7"]) == Server(addresses_, port, host, tls, prefix)


def test_a_name_of_this_machine_needs_no_entry_and_others_are_not_even_looked_up(monkeypatch):
    def asked(*_, **__):
        raise AssertionError("the name went out")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", asked)
    table = {"shop.test": ("127.0.0.1",), "mixed.test": ("127.0.0.1", "10.0.0.1")}
    monkeypatch.setattr(addresses, "_own_names", lambda: table)
    assert server_of("s", "http://shop.test:81", ()).addresses == ("127.0.0.1",)
    for name in ("mixed.test", "example.org", "127.0.0.1.example.org", "localhost.example.org", "2130706433"):
        with pytest.raises(InputError, match="neither this machine nor on the list"):
            server_of("s", f"http://{name}", ())


def test_a_listed_name_without_an_address_is_the_machines_trouble(monkeypatch):
    def nobody(*_, **__):
        raise OSError("no such name")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", nobody)
    with pytest.raises(MachineError, match=r"shop\.example has no address here"):
        server_of("s", "http://shop.example", ["Shop.Example "])


@given(st.binary(max_size=2000))
def test_compressed_bodies_come_back_and_anything_else_is_an_error_in_words(body):
    assert decoded(gzip.compress(body), "gzip", 4000) == body
    assert decoded(zlib.compress(body), "deflate", 4000) == body
    assert decoded(gzip.compress(zlib.compress(body)), "deflate, gzip", 8000) == body
    assert decoded(body, "identity", 10) == body
    for encoding in ("gzip", "br"):
        try:
            assert decoded(body, encoding, 4000) == (body if not body else None)
        except DecodingError as error:
            assert str(error)


def test_a_bomb_is_not_unpacked():
    with pytest.raises(DecodingError, match="larger than 1000 bytes"):
        decoded(gzip.compress(b"0" * 10_000_000), "gzip", 1000)


def test_the_environment_fills_what_is_sent_and_nothing_else():
    step = {
        "name": "a", "type": "http", "service": "api", "path": "/{{ env.PART }}", "when": "a.status != 'env.PART'",
        "headers": {"x": "{{env.TOKEN | default:'none'}}"}, "json": {"deep": [{"k": "{{ env.TOKEN|default: y }}!"}]},
    }  # fmt: skip
    made = inputs(1, flow=[step])
    filled = with_environment(made, {"PART": "p/q"}).workflow.flow[0]
    assert filled.path == "/p/q"
    assert filled.headers == {"x": "none"}
    assert filled.json_ == {"deep": [{"k": "y!"}]}
    assert filled.when == "a.status != 'env.PART'"
    assert names_asked(made) == ("PART", "TOKEN")
    assert with_environment(inputs(1), {}) is not None
    with pytest.raises(InputError, match="PART is not set"):
        with_environment(made, {})
    plain = inputs(1)
    assert with_environment(plain, {"PART": "x"}) is plain


def test_bodies_are_kept_as_text_as_base64_or_as_a_digest():
    assert kept(b"text") == {"text": "text", "size": 4}
    assert kept(b"\xff\xfe") == {"text": "//4=", "encoding": "base64", "size": 2}
    large = kept(b"x" * 300_000)
    assert (large["size"], len(large["digest"]), "text" in large) == (300_000, 64, False)
