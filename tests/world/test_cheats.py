"""Applications that reach out of their world, each in another way: named, with the place and advice."""

from __future__ import annotations

import textwrap

import pytest

from tests.world.places import inputs, make_world, place
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.world.audit import audit
from turbulence_app.engine.world.world import WorldSpec

FLOW = [{"name": "ask", "type": "http", "service": "shop"}, {"name": "more", "type": "http", "service": "shop"}]
FRAME = """
import asyncio, json, os, random, socket, subprocess, sys, threading, time
{top}
def create_app():
    state = {{}}
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        value = None
        {body}
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": json.dumps(value).encode()}})
    return app
"""


def source(body: str, top: str = "") -> str:
    inside = textwrap.indent(textwrap.dedent(body).strip(), " " * 8).lstrip()
    return FRAME.format(body=inside, top=textwrap.dedent(top))


REFUSED = {
    "a thread": ("threading.Thread(target=print).start()", "starts a thread"),
    "a pool": (
        "from concurrent.futures import ThreadPoolExecutor; ThreadPoolExecutor().submit(print)",
        "starts a thread",
    ),
    "a timer": ("threading.Timer(1, print).start()", "starts a thread"),
    "a socket": ("with socket.socket() as s: s.connect(('127.0.0.1', 9))", "real socket"),
    "a host name": ("socket.getaddrinfo('shop.example', 80)", "host name"),
    "a server": ("with socket.socket() as s: s.bind(('127.0.0.1', 0))", "server socket"),
    "a connection of asyncio": ("await asyncio.open_connection('127.0.0.1', 9)", "opens a connection"),
    "another program": ("subprocess.run(['true'])", "starts another program"),
    "a shell": ("os.system('true')", "starts another program"),
    "a fork": ("os.fork()", "forks"),
    "multiprocessing": (
        "import multiprocessing; multiprocessing.Process(target=print).start()",
        "process|program|forks",
    ),
    "sleeping": ("time.sleep(0.1)", "time.sleep"),
    "a device": ("value = open('/dev/urandom', 'rb').read(4).hex()", "/dev/urandom"),
    "a busy wait": ("end = time.time() + 1\nwhile time.time() < end: pass", "looking at the clock"),
    "a loop of its own": ("await asyncio.to_thread(lambda: asyncio.new_event_loop())", "event loop of its own"),
    "waiting for a thread": ("threading.Event().wait(1)", "waits for another thread"),
}


@pytest.mark.parametrize("way", sorted(REFUSED))
def test_what_no_world_can_have_is_named_with_its_place(way: str, tmp_path) -> None:
    body, words = REFUSED[way]
    world = make_world(tmp_path, source(body), FLOW, users=2)
    with pytest.raises(InputError, match=words) as told:
        world.run(WorldSpec(1, (0, 1)))
    problem = told.value.problem
    assert problem.mend
    assert problem.where is not None
    assert (problem.where.file, problem.where.line >= 9) == ("sut.py", True)


def test_swallowing_the_error_does_not_help(tmp_path) -> None:
    body = "try:\n    threading.Thread(target=print).start()\nexcept Exception:\n    pass"
    with pytest.raises(InputError, match="starts a thread"):
        make_world(tmp_path, source(body), FLOW, users=1).run(WorldSpec(1, (0,)))


def test_a_thread_at_the_import_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match="starts a thread"):
        make_world(tmp_path, source("pass", "threading.Thread(target=print).start()"), FLOW)


NOT_ONE_WORLD = {
    "real time by a function that nobody replaces": (
        "value = os.times().elapsed\nfor _ in range(300000): pass", "", r"real time.*os\.times\(\) in sut\.py:\d+",
    ),
    "addresses": ("state.setdefault('o', []).append(object()); value = id(state['o'][-1])", "", r"memory addresses"),
    "the order of a set": (
        "value = list({'apple', 'pear', 'plum', 'fig', 'quince'})", "", r"order of a set.*a set in sut\.py:\d+",
    ),
    "module state": (
        "SEEN.append(1); value = len(SEEN)", "SEEN = []", r"survives a world.*sut:SEEN went from 0 entries",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", sorted(NOT_ONE_WORLD))
def test_the_audit_names_what_is_not_deterministic(way: str, tmp_path) -> None:
    body, top, words = NOT_ONE_WORLD[way]
    here = place(tmp_path, source(body, top))
    with pytest.raises(InputError, match=words) as told:
        audit(inputs(FLOW, users=2), here)
    assert "user 0, step ask" in str(told.value)
    assert told.value.problem.mend


def test_the_audit_lets_an_honest_application_pass(tmp_path) -> None:
    honest = source("await asyncio.sleep(random.random()); value = [time.time(), random.random(), sorted({'a', 'b'})]")
    audit(inputs(FLOW, users=3), place(tmp_path, honest))
