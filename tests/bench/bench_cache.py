"""Measures the cache: hits at each level beside peers, what each part of the hit path costs, and a mock of a model.

``python -m tests.bench.bench_cache`` prints one JSON document. Peers run in turns with ours in the same process, so
that a busy machine is as busy for all; of several rounds the middle one is told, and the best one beside it.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import statistics
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.machine import cpu
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.scripted import GOOD, Scripted, gateway, task
from turbulence_app.assist.policy import policy_task
from turbulence_app.llm.cache import Memory, canonical_key
from turbulence_app.llm.cache.gate import fingerprint
from turbulence_app.llm.cache.similar import SimilarIndex
from turbulence_app.llm.slots import Slots
from turbulence_app.llm.telemetry.histogram import Histogram
from turbulence_app.store.cache import PolicyCacheStore
from turbulence_app.store.database import Database

ENTRIES, ROUNDS, READS = 4096, 7, 40_000
PROFILE = "ab" * 16
PROMPT = "x" * 2000
"""With the number that follows: 2,006 characters, a fresh object each time, so that its hash is not remembered."""
Figures = dict[str, float]


def main() -> None:
    print(json.dumps({"cpu": cpu(), "python": platform.python_version(), **report()}, indent=1))


def report() -> dict[str, Any]:
    """All figures of the cache; nanoseconds where a name does not say otherwise."""
    return {
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "hit_fresh_2kB_ns": hits(),
        "hit_path_ns": hit_path(),
        "hits_per_s_by_threads": {threads: contended(threads) for threads in (1, 2, 8)},
        "canonical_key_us": micro(lambda: canonical_key(PROFILE, SLOTS), 2000),
        "similar_50000_us": similar_search(),
        "store_read_us": store_reads(),
        "gateway_hit_us": gateway_hits(),
        "mock_model": mock_model(),
    }


def hits() -> dict[str, Any]:
    """Ours (lock, move, counters, time to live, histogram) beside a bare dictionary and the standard library's cache,
    which are no caches with limits in bytes and time, or cannot be looked into."""
    ours: Memory[tuple[str, str], int] = Memory(ENTRIES, record=Histogram().record)
    bare = {(PROFILE, text): 1 for text in texts()}
    peer = functools.lru_cache(ENTRIES)(lambda _profile, _text: 1)
    for text in texts():
        ours.put((PROFILE, text), 1, len(text), (100, 1000))
        peer(PROFILE, text)
    rounds: dict[str, list[Figures]] = {"ours": [], "dict": [], "functools.lru_cache": []}
    for _ in range(ROUNDS):
        rounds["ours"].append(loop_tuple(ours.get))
        rounds["dict"].append(loop_tuple(bare.get))
        rounds["functools.lru_cache"].append(loop_pair(peer))
    assert ours.uses().hits == ROUNDS * READS
    found: dict[str, Any] = {name: middle(measured) for name, measured in rounds.items()}
    found["ours_over_dict_p95"] = round(found["ours"]["p95"] / found["dict"]["p95"], 2)
    return found


def hit_path() -> dict[str, float]:
    """The look-up built up part by part: median of each stage in one go, so that differences are what a part costs."""
    kept = OrderedDict((key, [1, 2**62, key, 0, (0, 0), 0]) for key in ((PROFILE, text) for text in texts()))
    whole: Memory[tuple[str, str], int] = Memory(ENTRIES, record=Histogram().record)
    for key in kept:
        whole.put(key, 1)
    lock, clock = threading.Lock(), time.perf_counter_ns

    def nothing(_key: Any) -> None:
        return None

    def look(key: Any) -> Any:
        return kept.get(key)

    def look_locked(key: Any) -> Any:
        lock.acquire()
        try:
            return kept.get(key)
        finally:
            lock.release()

    def look_and_move(key: Any) -> Any:
        lock.acquire()
        try:
            entry = kept[key]
            kept.move_to_end(entry[2])  # type: ignore[arg-type]
            return entry
        finally:
            lock.release()

    def look_move_count(key: Any) -> Any:
        clock()
        lock.acquire()
        try:
            entry = kept[key]
            kept.move_to_end(entry[2])  # type: ignore[arg-type]
            entry[5] += 1  # type: ignore[operator]
            clock()
            return entry
        finally:
            lock.release()

    stages: dict[str, Callable[[Any], Any]] = {
        "call and clock of the measurement": nothing,
        "+ hash of 2 kB and look-up": look,
        "+ lock": look_locked,
        "+ move to the end": look_and_move,
        "+ counter and two clocks": look_move_count,
        "whole (+ time to live, times, histogram)": whole.get,
    }
    rounds: dict[str, list[Figures]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            rounds[name].append(loop_tuple(stage))
    return {name: min(one["p50"] for one in measured) for name, measured in rounds.items()}


def contended(threads: int) -> int:
    """Hits a second with several threads at the same memory."""
    memory: Memory[tuple[str, str], int] = Memory(ENTRIES, record=Histogram().record)
    for text in texts():
        memory.put((PROFILE, text), 1)
    each = 120_000 // threads

    def work() -> None:
        for number in range(each):
            memory.get((PROFILE, f"{PROMPT}{number * 7919 % ENTRIES:06}"))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return round(each * threads / (time.perf_counter() - began))


def store_reads() -> Figures:
    """Reading 2 kB answers out of SQLite by key, hits counted on the way (written down in batches)."""
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "bench.db") as database:
        store = PolicyCacheStore(database)
        value = json.dumps({"document": {"text": "y" * 2000}})
        for number in range(ENTRIES):
            store.put(number.to_bytes(16, "big"), value, {"kind": "policy"})
        store.flush()
        taken = []
        for number in range(20_000):
            key = (number * 7919 % ENTRIES).to_bytes(16, "big")
            began = time.perf_counter_ns()
            store.get(key)
            taken.append(time.perf_counter_ns() - began)
        store.flush()
    return {name: round(value / 1000, 2) for name, value in quantiles(taken).items()}


def similar_search() -> Figures:
    """A search among 50,000 fingerprints, and making one fingerprint."""
    index = SimilarIndex(60_000, 16, lambda _: None)
    for number in range(50_000):
        made = fingerprint(PROFILE, Slots({"text": f"{number} {number * 7919}"}, free=frozenset({"text"})))
        assert made
        index.add(number.to_bytes(16, "big"), made)
    wanted = fingerprint(PROFILE, SLOTS)
    assert wanted
    making = micro(lambda: fingerprint(PROFILE, SLOTS), 300)
    return {"search": micro(lambda: index.nearest(wanted), 300), "fingerprint": making}


def gateway_hits() -> Figures:
    """A whole request that is answered from memory: routing, profile, counters, telemetry and chain included."""
    with gateway(Scripted(lambda prompt: GOOD), clock=time.monotonic) as found:
        known = task("How many?")
        found.answer(known)
        same = micro(lambda: found.answer(known), 2000)
        fresh = micro(lambda: found.answer(task("How many?")), 2000)
    return {"same_question_object": same, "question_made_anew": fresh, "making_a_policy_question": micro(_policy, 30)}


def mock_model() -> dict[str, Any]:
    """Four clients, 70 % of the requests repeat; the mock answers in 20 ms and takes four at a time."""

    def script(_: Any) -> str:
        time.sleep(0.02)
        return GOOD

    taken: list[int] = []
    with gateway(Scripted(script, parallel=4), clock=time.monotonic) as found:
        for number in range(20):
            found.answer(task(f"known {number}"))

        def client(who: int) -> None:
            for number in range(250):
                text = f"new {who} {number}" if number % 10 < 3 else f"known {number % 20}"
                began = time.perf_counter_ns()
                found.answer(task(text), client=who)
                taken.append(time.perf_counter_ns() - began)

        threads = [threading.Thread(target=client, args=(who,)) for who in range(4)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        counters = found.counters()
    spread = {f"{name}_ms": round(value / 1e6, 3) for name, value in quantiles(taken).items()}
    hit_rate = round(counters.raw_hits / (counters.requests - 20), 3)
    return {"plans_per_s": round(len(taken) / seconds), "hit_rate": hit_rate, "mock_ms": 20, **spread}


def loop_tuple(get: Callable[[Any], Any]) -> Figures:
    """Times ``get((profile, text))`` with a fresh text each time, the reading of the clock included."""
    taken, clock = [], time.perf_counter_ns
    for number in range(READS):
        text = f"{PROMPT}{number * 7919 % ENTRIES:06}"
        began = clock()
        get((PROFILE, text))
        taken.append(clock() - began)
    return quantiles(taken)


def loop_pair(get: Callable[[str, str], Any]) -> Figures:
    """The same for ``get(profile, text)``."""
    taken, clock = [], time.perf_counter_ns
    for number in range(READS):
        text = f"{PROMPT}{number * 7919 % ENTRIES:06}"
        began = clock()
        get(PROFILE, text)
        taken.append(clock() - began)
    return quantiles(taken)


@functools.cache
def texts() -> tuple[str, ...]:
    """The prompts that are kept: the same objects for all, or three times 8 MB would crowd each other out."""
    return tuple(f"{PROMPT}{number:06}" for number in range(ENTRIES))


def middle(rounds: list[Figures]) -> Figures:
    """The middle of the rounds by quantile, and the best p95."""
    found = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    return {**found, "best_p95": min(one["p95"] for one in rounds)}


def quantiles(taken: list[int]) -> Figures:
    taken = sorted(taken)
    return {f"p{share}": taken[len(taken) * share // 100] for share in (50, 95, 99)}


def micro(work: Callable[[], Any], times: int) -> float:
    """Median microseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter_ns()
        work()
        taken.append(time.perf_counter_ns() - began)
    return round(statistics.median(taken) / 1000, 2)


def _policy() -> Any:
    made = policy_task(PERSONA, WORKFLOW)
    return made.raw, made.schema_text


SLOTS = policy_task(PERSONA, WORKFLOW).slots


if __name__ == "__main__":
    main()
