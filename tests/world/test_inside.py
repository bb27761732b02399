"""Time and randomness inside an application are the world's, and outside everything is as before."""

from __future__ import annotations

import datetime
import os
import random
import time
import uuid

import pytest

from tests.world.places import make_world
from turbulence_app.engine.world.world import WorldSpec

SOURCE = """
import asyncio, datetime, json, os, random, secrets, time, uuid
from datetime import datetime as DateTime, date
from random import random as captured_random, SystemRandom
from time import time as captured_time, monotonic

START = time.time()

def create_app():
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        began = time.time(), monotonic(), time.perf_counter_ns()
        await asyncio.sleep(2.5)
        value = {
            "time": time.time(), "captured": captured_time(), "took": time.time() - began[0],
            "monotonic": monotonic() - began[1], "loop": asyncio.get_running_loop().time() - time.monotonic(),
            "nanoseconds": time.perf_counter_ns() - began[2], "gettime": time.clock_gettime(time.CLOCK_REALTIME),
            "local": time.localtime().tm_hour, "text": time.strftime("%Y-%m-%d"), "zone": time.localtime(0).tm_hour,
            "now": DateTime.now().isoformat(), "utcnow": datetime.datetime.utcnow().isoformat(),
            "aware": DateTime.now(datetime.timezone.utc).isoformat(), "today": date.today().isoformat(),
            "kind": type(DateTime.now()) is datetime.datetime and type(date.today()) is date,
            "random": [random.random(), random.randint(1, 10**9), captured_random(), random.choice(range(1000))],
            "own": random.Random().random(), "seeded": random.Random(5).random(), "system": SystemRandom().random(),
            "uuid4": str(uuid.uuid4()), "uuid1": str(uuid.uuid1()), "secret": secrets.token_hex(8),
            "urandom": os.urandom(4).hex(), "gauss": random.gauss(0, 1), "start": START,
            "slept": await asyncio.to_thread(lambda: (time.sleep(1), time.time())[1]),
            "after": time.time(), "env": os.environ.get("PLACE_SAYS"),
        }
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(value).encode()})
    return app
"""
FLOW = [{"name": "ask", "type": "http", "service": "shop"}]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory):
    world = make_world(tmp_path_factory.mktemp("inside"), SOURCE, FLOW, users=3)
    runs = [world.run(WorldSpec(seed, (0, 1, 2))) for seed in (1, 1, 2)]
    return [[v.state_of("ask").answer.json for v in run.visits] for run in runs]


def test_clocks_are_the_worlds(answers) -> None:
    one = answers[0][0]
    assert one["took"] == pytest.approx(2.5, abs=0.1)
    assert one["monotonic"] == pytest.approx(one["took"], abs=1e-6)
    assert one["nanoseconds"] == pytest.approx(one["took"] * 1e9, abs=1000)
    assert one["time"] == one["captured"] == one["gettime"]
    assert one["loop"] == 0
    assert (one["text"], one["today"], one["local"], one["zone"]) == ("2026-01-05", "2026-01-05", 9, 0)
    assert one["now"] == one["utcnow"] == one["aware"].removesuffix("+00:00")
    assert one["kind"] is True
    assert one["start"] == datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.UTC).timestamp()


def test_a_plain_function_in_a_thread_sleeps_virtually(answers) -> None:
    one = answers[0][0]
    assert one["slept"] - one["time"] == pytest.approx(1, abs=0.2)
    assert one["after"] >= one["slept"]


def test_randomness_is_the_seeds_and_each_requests_own(answers) -> None:
    keys = ("random", "own", "system", "uuid4", "uuid1", "secret", "urandom", "gauss")
    first, again, other = answers
    assert first == again
    for key in keys:
        seen = [str(one[key]) for run in (first, other) for one in run]
        assert len(set(seen)) == len(seen), key
    assert {one["seeded"] for one in (*first, *other)} == {random.Random(5).random()}


def test_dropping_a_user_leaves_the_others_random_numbers(tmp_path, answers) -> None:
    alone = make_world(tmp_path, SOURCE, FLOW, users=3).run(WorldSpec(1, (1,)))
    mine = alone.visits[0].state_of("ask").answer.json
    for key in ("random", "uuid4", "secret", "urandom", "system"):
        assert mine[key] == answers[0][1][key]


def test_outside_nothing_is_changed(answers) -> None:
    assert abs(time.time() - datetime.datetime.now().timestamp()) < 5
    assert datetime.datetime.now().year != 2026 or datetime.date.today() != datetime.date(2026, 1, 5)
    random.seed(3)
    assert random.random() == random.Random(3).random()
    assert type(random._inst) is random.Random
    assert uuid.uuid4() != uuid.uuid4()
    assert len(os.urandom(8)) == 8
    assert "PLACE_SAYS" not in os.environ
