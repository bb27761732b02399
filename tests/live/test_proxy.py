"""The proxy between a plain client and a real service: transparent without faults, and each fault as it says."""

import contextlib
import http.client
import json
import socket
import threading
import time

import pytest
import yaml

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.service import proxies
from turbulence_app.service.live import NOTHING_SAID
from turbulence_app.service.projects import open_project


@contextlib.contextmanager
def proxied(tmp_path, port, *faults, **more):
    """A running proxy: its port; what it did is in the list that comes with it."""
    flow = [
        {"name": "browse", "type": "http", "service": "api", "path": "/products"},
        {"name": "pay", "type": "http", "service": "api", "method": "POST", "path": "/charges"},
        {"name": "count", "type": "http", "service": "api", "path": "/{{ what }}"},
    ]
    services = {"api": {"base_url": f"http://127.0.0.1:{port}"}}
    files = {
        "turbulence.yaml": {"name": "p"},
        "workflows/w.yaml": {
            "id": "w",
            "services": services,
            "flow": flow,
            "entry": {"seed_data": {"what": "counter"}},
        },
        "policies/p.yaml": {"policies": [{"persona_id": "p", "workflow": "w"}]},
        "personas/p.yaml": {"personas": [{"id": "p"}]},
        "scenarios/s.yaml": {"id": "s", "workflow": "w", "target": "http", "faults": list(faults)},
    }
    for name, value in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(yaml.safe_dump(value))
    stop, ready, told, done = threading.Event(), threading.Event(), [], []

    def serve():
        try:
            done.append(
                proxies.serve(
                    open_project(tmp_path), "s", service=None, port=0, seed=None, said=NOTHING_SAID, seconds=None,
                    ready=lambda found, where: (told.append(found), ready.set()), should_stop=stop.is_set, **more,
                )
            )  # fmt: skip
        finally:
            ready.set()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ready.wait(10)
        yield told[0], done
    finally:
        stop.set()
        thread.join(10)


def ask(port, path, method="GET", body=None, timeout=5.0):
    """Status, headers and body of one request over the proxy, as http.client sees them."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def charge(port, **more):
    return ask(port, "/charges", "POST", json.dumps({"who": "proxy"}), **more)


def test_without_faults_it_changes_nothing(tmp_path, port):
    with proxied(tmp_path, port) as (through, done):
        for path in ("/products", "/chunked", "/gzip", "/big?n=300000", "/status/204", "/status/404"):
            mine, theirs = ask(through, path), ask(port, path)
            assert mine[0] == theirs[0]
            if path != "/gzip":
                assert mine[2] == theirs[2]
        assert ask(through, "/gzip")[2] == b'{"packed": true}'
        assert ask(through, "/head", "HEAD")[1]["content-length"] == "1000"
        assert charge(through)[0] == 201
        assert len(ask(through, "/login")[1].get_all("set-cookie")) == 2
        assert ask(through, "/die")[0] == 502
    assert done[0].requests == done[0].forwarded == 11
    assert done[0].unreachable == 1


def test_one_connection_carries_many_requests(tmp_path, port):
    with proxied(tmp_path, port) as (through, done):
        connection = http.client.HTTPConnection("127.0.0.1", through, timeout=5)
        for i in range(5):
            connection.request("GET", f"/echo/{i}")
            assert json.loads(connection.getresponse().read())["path"] == str(i)
        connection.close()
    assert done[0].requests == 5


@pytest.mark.parametrize(
    ("fault", "forwarded"),
    [
        ({"kind": "request_lost"}, 0), ({"kind": "partition"}, 0), ({"kind": "response_lost"}, 1),
        ({"kind": "timeout", "timeout_after_ms": 10}, 0),
    ],
)  # fmt: skip
def test_what_is_lost_never_comes(tmp_path, port, fault, forwarded):
    with proxied(tmp_path, port, {"step": "pay", **fault}) as (through, done):
        with pytest.raises((OSError, http.client.HTTPException)):
            charge(through, timeout=0.3)
        assert ask(through, "/products")[0] == 200
    assert done[0].forwarded == 1 + forwarded
    assert done[0].faults[0][2] == 1


def test_a_duplicate_arrives_twice_and_one_answer_comes(tmp_path, port, asked):
    before = asked("/charged")["all"]
    with proxied(tmp_path, port, {"step": "pay", "kind": "duplicate"}) as (through, done):
        assert charge(through)[0] == 201
        time.sleep(0.1)
    assert asked("/charged")["all"] == before + 2
    assert done[0].forwarded == 2


def test_a_truncated_body_ends_with_the_connection(tmp_path, port):
    with (
        proxied(tmp_path, port, {"kind": "truncated_body", "keep_bytes": 4}) as (through, _),
        pytest.raises(http.client.IncompleteRead) as cut,
    ):
        ask(through, "/products")
    assert len(cut.value.partial) == 4


def test_answers_are_spoiled_stale_slow_or_errors(tmp_path, port):
    with proxied(tmp_path, port, {"kind": "corrupt_body", "step": "browse"}) as (through, _):
        assert ask(through, "/products")[2] != ask(port, "/products")[2]
    with proxied(tmp_path, port, {"kind": "stale_read", "step": "count", "nth": 3}) as (through, _):
        counts = [json.loads(ask(through, "/counter")[2])["n"] for _ in range(3)]
        assert counts[0] == counts[2] < counts[1]
    with proxied(tmp_path, port, {"kind": "error_status", "status": 503}) as (through, _):
        assert ask(through, "/products")[0] == 503
    with proxied(tmp_path, port, {"kind": "latency", "add_ms": 120}) as (through, _):
        began = time.monotonic()
        assert ask(through, "/products")[0] == 200
        assert time.monotonic() - began >= 0.12


def test_the_same_seed_strikes_the_same_requests(tmp_path, port):
    fault = {"kind": "error_status", "probability": 0.4, "step": "browse"}
    seen = []
    for _ in range(2):
        with proxied(tmp_path, port, fault) as (through, done):
            seen.append([ask(through, "/products")[0] for _ in range(30)])
        assert 3 < done[0].faults[0][2] < 27
    assert seen[0] == seen[1]


def test_resets_tear_the_connection(tmp_path, port):
    with proxied(tmp_path, port, {"kind": "connection_reset"}) as (through, done):
        for _ in range(12):
            with pytest.raises((ConnectionError, http.client.HTTPException)):
                charge(through)
    assert 0 < done[0].forwarded < 12


def test_what_is_no_http_and_clients_that_go_do_no_harm(tmp_path, port):
    with proxied(tmp_path, port, {"kind": "latency", "add_ms": 50}) as (through, _):
        with socket.create_connection(("127.0.0.1", through)) as client:
            client.sendall(b"\x16\x03\x01 hello\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 400")
        with socket.create_connection(("127.0.0.1", through)) as client:
            client.sendall(b"GET /slow?ms=50 HTTP/1.1\r\nhost: x\r\n\r\n")
        assert ask(through, "/products")[0] == 200


def test_faults_that_ask_about_people_are_left_out_and_said(tmp_path, port):
    faults = ({"kind": "error_status", "persona": "p"}, {"kind": "error_status", "when": "pay.failed"})
    with proxied(tmp_path, port, *faults) as (through, done):
        assert ask(through, "/products")[0] == 200
    assert len(done[0].left_out) == 2


def test_what_cannot_be_served_is_one_clear_line(tmp_path, port):
    def serve(listen, service=None):
        proxies.serve(
            open_project(tmp_path), "s", service=service, port=listen, seed=None, said=NOTHING_SAID, seconds=0.1,
            ready=lambda *_: None, should_stop=lambda: False,
        )  # fmt: skip

    with proxied(tmp_path, port) as (through, _):
        with pytest.raises(MachineError, match=f"port {through} cannot be listened on"):
            serve(through)
        with pytest.raises(InputError, match="no step asks a service 'db'"):
            serve(0, "db")
