"""How long a slider's preview of 20,000 people takes: in the worker's process, and there and back through its pipe.

``python -m tests.bench.bench_preview`` prints one JSON document; times in milliseconds.
"""

from __future__ import annotations

import json
import platform
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turbulence_app.service.client import Client
from turbulence_app.service.home import pristine_sample
from turbulence_app.service.inputs import build_inputs
from turbulence_app.service.ops import Operations
from turbulence_app.service.plain import noun
from turbulence_app.service.projects import open_project
from turbulence_app.service.worker import Job

USERS = 20_000
TIMES = 40


def cpu_name() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def moved(document: dict[str, Any], step: int) -> dict[str, Any]:
    """The inputs after a slider moved: another weight and another patience, as in the window."""
    changed = json.loads(json.dumps(document))
    changed["crowd"][0]["weight"] += step
    changed["crowd"][0]["policy"]["patience"]["step_wait_seconds"] = {"min": 2 + step / 50, "max": 9 + step / 50}
    return dict(changed)


def measure(
    call: Callable[[dict[str, Any]], Any], document: dict[str, Any], clock: Callable[[], float], times: int = TIMES
) -> dict[str, float]:
    """Distribution of a call's time over a moving slider."""
    call(document)
    found: list[float] = []
    for step in range(times):
        params = moved(document, step)
        began = clock()
        call(params)
        found.append(1000 * (clock() - began))
    cut = statistics.quantiles(found, n=20)
    return {"p50": round(statistics.median(found), 2), "p95": round(cut[-1], 2), "max": round(max(found), 2)}


def main() -> None:
    """Measure and print."""
    document = noun(build_inputs(open_project(pristine_sample())))
    operations = Operations()

    def inside(inputs: dict[str, Any]) -> Any:
        return operations.handle("preview", {"inputs": inputs, "users": USERS}, Job(1, "preview", {}))

    client = Client()

    def through_the_pipe(inputs: dict[str, Any]) -> Any:
        return client.call("live", "preview", {"inputs": inputs, "users": USERS})

    def after_giving_up(inputs: dict[str, Any]) -> Any:
        """As when a hand takes a slider while the window finds out what moves completion."""
        first = {**inputs, "crowd": [{**inputs["crowd"][0], "weight": 1.0}]}
        begun = threading.Event()
        job = client.request(
            "live", "sensitivity", {"inputs": first, "users": 10_000}, on_event=lambda _event: begun.set(),
            on_result=lambda _: begun.set(), on_error=lambda _: begun.set(),
        )  # fmt: skip
        begun.wait(30)
        client.cancel(job)
        return client.call("live", "preview", {"inputs": inputs, "users": USERS})

    def moved_numbers(inputs: dict[str, Any]) -> Any:
        first = {**inputs, "crowd": [{**inputs["crowd"][0], "weight": 1.0}]}
        return operations.handle("sensitivity", {"inputs": first, "users": 10_000}, Job(2, "sensitivity", {}))

    report = {
        "cpu": cpu_name(),
        "users": USERS,
        "service_call_cpu_ms": measure(inside, document, time.process_time),
        "service_call_wall_ms": measure(inside, document, time.perf_counter),
        "through_the_worker_wall_ms": measure(through_the_pipe, document, time.perf_counter),
        "after_giving_up_what_moves_it_wall_ms": measure(after_giving_up, document, time.perf_counter),
        "what_moves_it_cpu_ms": measure(moved_numbers, document, time.process_time, 10),
        "wanted_ms": 50,
    }
    client.close()
    operations.close()
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
