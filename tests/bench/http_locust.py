"""The visit of ``bench_http`` for Locust's FastHttpUser; prints one JSON line when it is over."""

from __future__ import annotations

import json
import sys
import time

from locust import FastHttpUser, constant, events, task

STEPS = ("browse", "product", "cart", "payment", "confirm")
BEGAN = {}


class Shopper(FastHttpUser):
    wait_time = constant(0)
    visits = 0

    @task
    def visit(self):
        for step in STEPS:
            with self.client.post(f"/step/{step}", json={"k": 0}, name="step", catch_response=True) as answer:
                if answer.status_code != 200 or not answer.json()["ok"]:
                    answer.failure("not ok")
        Shopper.visits += 1


@events.spawning_complete.add_listener
def begin(**_):
    BEGAN.update(cpu=time.process_time(), wall=time.perf_counter(), visits=Shopper.visits, requests=None)


@events.quitting.add_listener
def say(environment, **_):
    total = environment.stats.total
    wall, visits = time.perf_counter() - BEGAN["wall"], Shopper.visits - BEGAN["visits"]
    cpu = time.process_time() - BEGAN["cpu"]
    found = {
        "requests_s": round(5 * visits / wall), "p50_ms": total.get_response_time_percentile(0.5),
        "p95_ms": total.get_response_time_percentile(0.95), "cpu_ms_per_visit": round(1e3 * cpu / visits, 3),
        "failures": total.num_failures,
    }  # fmt: skip
    sys.stdout.write("RESULT " + json.dumps(found) + "\n")
    sys.stdout.flush()
