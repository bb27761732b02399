"""The egress lock in processes of their own: an audit hook cannot be taken off again."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

PRELUDE = """
import _socket, asyncio, json, socket, threading
from turbulence_app.privacy import egress
def tried(work):
    try:
        work()
    except egress.EgressRefusedError:
        return "refused"
    except OSError as error:
        return type(error).__name__
    return "went"
def udp(*to):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return s.sendto(b"x", *to)
def tcp(to, family=socket.AF_INET):
    with socket.socket(family) as s:
        s.settimeout(1)
        s.connect(to)
def sendmsg(to):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendmsg([b"x"], [], 0, to)
def bind(to):
    with socket.socket() as s:
        s.bind(to)
"""


def run(code: str) -> dict:
    source = PRELUDE + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_everything_that_leaves_is_refused_and_recorded():
    found = run("""
    egress.lock(); egress.lock()
    async def stream(): await asyncio.open_connection("192.0.2.1", 80)
    async def named(): await asyncio.open_connection("example.com", 80)
    results = {
        "tcp": tried(lambda: tcp(("192.0.2.1", 80))),
        "tcp6": tried(lambda: tcp(("2001:db8::1", 80, 0, 0), socket.AF_INET6)),
        "by name": tried(lambda: tcp(("example.com", 80))),
        "any address": tried(lambda: tcp(("0.0.0.0", 80))),
        "by name, result": tried(lambda: socket.socket().connect_ex(("example.com", 80))),
        "udp name": tried(lambda: udp(("example.com", 53))),
        "udp": tried(lambda: udp(("192.0.2.1", 53))),
        "sendmsg": tried(lambda: sendmsg(("192.0.2.1", 53))),
        "C connect": tried(lambda: _socket.socket(2, 2).connect(("192.0.2.1", 53))),
        "C sendto": tried(lambda: _socket.socket(2, 2).sendto(b"x", ("192.0.2.1", 53))),
        "C sendmsg": tried(lambda: _socket.socket(2, 2).sendmsg([b"x"], [], 0, ("192.0.2.1", 53))),
        "lookup": tried(lambda: socket.getaddrinfo("example.com", 80)),
        "lookup old": tried(lambda: socket.gethostbyname("example.com")),
        "listen": tried(lambda: bind(("0.0.0.0", 0))),
        "asyncio": tried(lambda: asyncio.run(stream())),
        "asyncio name": tried(lambda: asyncio.run(named())),
        "create_connection": tried(lambda: socket.create_connection(("192.0.2.1", 80), 1)),
    }
    targets = [a.target for a in egress.attempts()]
    print(json.dumps({"results": results, "count": egress.refused(), "attempts": targets}))
    """)
    assert set(found["results"].values()) == {"refused"}, found["results"]
    assert found["count"] == len(found["attempts"]) == len(found["results"])
    assert "192.0.2.1:80" in found["attempts"]
    assert "example.com" in found["attempts"]


def test_this_machine_stays_reachable():
    found = run("""
    egress.lock()
    server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
    async def stream():
        _, writer = await asyncio.open_connection("localhost", port, family=socket.AF_INET)
        writer.close(); await writer.wait_closed()
    left, right = socket.socketpair(); left.sendall(b"x")
    print(json.dumps({"results": [tried(lambda: tcp(("127.0.0.1", port))), tried(lambda: tcp(("localhost", port))),
        tried(lambda: tcp(("127.1.2.3", port))) != "refused", tried(lambda: asyncio.run(stream())),
        tried(lambda: udp(("127.0.0.1", port))), right.recv(1) == b"x"], "attempts": egress.attempts()}))
    """)
    assert found == {"results": ["went", "went", True, "went", "went", True], "attempts": []}


def test_listed_hosts_are_reachable_until_withdrawn():
    found = run("""
    egress.lock(["192.0.2.7", " Example.Test "])
    first = [tried(lambda: udp(("192.0.2.7", 9))), tried(lambda: socket.getaddrinfo("example.test", 80)),
             tried(lambda: udp(("192.0.2.8", 9)))]
    listed = egress.allowed()
    egress.withdraw(["192.0.2.7"])
    print(json.dumps({"first": first, "listed": listed, "then": tried(lambda: udp(("192.0.2.7", 9)))}))
    """)
    assert found["first"][0] != "refused"
    assert found["first"][1] != "refused"
    assert found["first"][2] == "refused"
    assert found["listed"] == ["192.0.2.7", "example.test"]
    assert found["then"] == "refused"


def test_a_process_without_network_has_not_even_loopback():
    found = run("""
    server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
    egress.lock_all()
    print(json.dumps([tried(lambda: tcp(("127.0.0.1", port))), egress.locked()]))
    """)
    assert found == ["refused", True]
