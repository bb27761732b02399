"""The levels in memory: what a least-recently-used cache must do, against a plain model of it, and under threads."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.llm.cache import Memory
from turbulence_app.llm.cache.memory import TIMES_TOGETHER, Uses

KEYS = st.integers(0, 7)
ACTIONS = st.lists(st.tuples(st.sampled_from(["get", "put", "wait"]), KEYS, st.integers(0, 40)), max_size=60)


class Model:
    """Least recently used, with bytes and a time to live, written for reading and not for speed."""

    def __init__(self, capacity, max_bytes, ttl):
        self.capacity, self.max_bytes, self.ttl = capacity, max_bytes, ttl
        self.kept = OrderedDict()
        self.hits = self.evictions = self.expired = 0

    def get(self, key, now):
        if key not in self.kept:
            return None
        value, _, until = self.kept[key]
        if until is not None and now >= until:
            del self.kept[key]
            self.expired += 1
            return None
        self.kept.move_to_end(key)
        self.hits += 1
        return value

    def put(self, key, value, size, now):
        if size > self.max_bytes:
            return
        self.kept.pop(key, None)
        self.kept[key] = (value, size, None if self.ttl is None else now + self.ttl)
        while len(self.kept) > self.capacity or self.bytes() > self.max_bytes:
            self.kept.popitem(last=False)
            self.evictions += 1

    def bytes(self):
        return sum(size for _, size, _ in self.kept.values())


@given(ACTIONS, st.integers(1, 5), st.integers(10, 120), st.none() | st.integers(1, 30))
def test_it_does_what_the_model_does(actions, capacity, max_bytes, ttl):
    now = [0]
    memory = Memory(capacity, max_bytes=max_bytes, ttl_ns=ttl, clock_ns=lambda: now[0])
    model = Model(capacity, max_bytes, ttl)
    for number, (what, key, amount) in enumerate(actions):
        if what == "get":
            assert memory.get(key) == model.get(key, now[0])
        elif what == "put":
            memory.put(key, f"v{number}", amount)
            model.put(key, f"v{number}", amount, now[0])
        else:
            now[0] += amount
        assert list(memory._kept) == list(model.kept)
        assert memory.bytes == model.bytes()
        uses = memory.uses()
        assert (uses.hits, uses.evictions, uses.expired) == (model.hits, model.evictions, model.expired)


def test_a_hit_is_timed_and_its_worth_counted():
    now, seen = iter(range(0, 1000, 7)), []
    memory = Memory(2, clock_ns=lambda: next(now), record=seen.append)
    memory.put("a", 1, 3, (120, 2_000_000))
    assert memory.get("a") == memory.get("a") == 1
    assert memory.get("b") is None
    assert memory.uses() == Uses(2, 240, 4_000_000, 0, 0)
    assert seen == [7, 7]
    assert memory.bytes == 3
    memory.put("b", 2)
    memory.put("c", 3)
    assert memory.get("c") == 3
    assert memory.uses() == Uses(3, 240, 4_000_000, 1, 0), "what went out stays counted"
    memory.clear()
    assert memory.uses().hits == 3


def test_times_are_recorded_by_the_hundred_and_all_of_them():
    seen = []
    memory = Memory(record=seen.append)
    memory.put("a", 1)
    for _ in range(TIMES_TOGETHER - 1):
        memory.get("a")
    assert seen == []
    memory.get("a")
    assert len(seen) == TIMES_TOGETHER
    memory.get("a")
    memory.uses()
    assert len(seen) == TIMES_TOGETHER + 1


def test_many_threads_leave_it_whole():
    """Random gets and puts from eight threads: the bounds hold, no hit is lost, no value is under another's key."""
    recorded = []
    memory = Memory(16, max_bytes=700, record=recorded.append)
    hits, wrong = [0] * 8, []

    def work(number):
        draw = random.Random(number)
        for _ in range(4000):
            key = draw.randrange(40)
            if draw.random() < 0.5:
                memory.put(key, ("v", key), draw.randrange(100))
            elif (found := memory.get(key)) is not None:
                hits[number] += 1
                if found != ("v", key):
                    wrong.append(found)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(memory) <= 16
    assert memory.bytes == sum(entry[3] for entry in memory._kept.values()) <= 700
    assert memory.uses().hits == sum(hits) == len(recorded)
