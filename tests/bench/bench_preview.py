"""How long a preview of 20,000 people takes: in the worker's process, and there and back through its pipe.

``python -m tests.bench.bench_preview`` prints one JSON document; times in milliseconds. ``one_persona`` is what a
slider asks for: the persona alone, without faults. ``crowd``: all personas under the faults of the sample's scenario,
which is more than the window ever asks for. ``after_giving_up`` counts from the wish to stop what moves completion.
``tests/bench/bench_slider.py`` measures the way from the slider to the paint.
"""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.bench.machine import cpu
from turbulence_app.service.client import Client
from turbulence_app.service.home import pristine_sample
from turbulence_app.service.inputs import build_inputs
from turbulence_app.service.ops import Operations
from turbulence_app.service.plain import noun
from turbulence_app.service.projects import open_project
from turbulence_app.service.worker import Job

USERS = 20_000
TIMES = 40


def moved(document: dict[str, Any], step: int) -> dict[str, Any]:
    """The inputs after a slider moved: another weight and another patience, as in the window."""
    changed = json.loads(json.dumps(document))
    changed["crowd"][0]["weight"] += step
    changed["crowd"][0]["policy"]["patience"]["step_wait_seconds"] = {"min": 2 + step / 50, "max": 9 + step / 50}
    return dict(changed)


def measure(
    call: Callable[[dict[str, Any]], Any],
    document: dict[str, Any],
    clock: Callable[[], float],
    times: int = TIMES,
    before: Callable[[dict[str, Any]], object] = lambda _inputs: None,
) -> dict[str, float]:
    """Distribution of a call's time over a moving slider; ``before`` each call is not counted."""
    before(document)
    call(document)
    found: list[float] = []
    for step in range(times):
        params = moved(document, step)
        before(params)
        began = clock()
        call(params)
        found.append(1000 * (clock() - began))
    cut = statistics.quantiles(found, n=20)
    return {"p50": round(statistics.median(found), 2), "p95": round(cut[-1], 2), "max": round(max(found), 2)}


def alone(document: dict[str, Any]) -> dict[str, Any]:
    """The inputs of one persona without faults, as the window makes them."""
    return {**document, "crowd": document["crowd"][:1], "faults": []}


class Bench:
    """An operations table in this process, and a worker behind its pipe."""

    def __init__(self) -> None:
        self.operations, self.client = Operations(), Client()
        self.job = 0

    def inside(self, inputs: dict[str, Any]) -> Any:
        """In this process."""
        return self.operations.handle("preview", {"inputs": inputs, "users": USERS}, Job(1, "preview", {}))

    def through_the_pipe(self, inputs: dict[str, Any]) -> Any:
        """By the worker."""
        return self.client.call("live", "preview", {"inputs": inputs, "users": USERS})

    def begin_moving(self, inputs: dict[str, Any]) -> None:
        """The window finds out what moves completion."""
        begun = threading.Event()
        self.job = self.client.request(
            "live", "sensitivity", {"inputs": alone(inputs), "users": 10_000}, on_event=lambda _event: begun.set(),
            on_result=lambda _: begun.set(), on_error=lambda _: begun.set(),
        )  # fmt: skip
        begun.wait(30)

    def after_giving_up(self, inputs: dict[str, Any]) -> Any:
        """A hand takes a slider meanwhile."""
        self.client.cancel(self.job)
        return self.through_the_pipe(inputs)

    def moved_numbers(self, inputs: dict[str, Any]) -> Any:
        """What moves completion."""
        given = {"inputs": alone(inputs), "users": 10_000}
        return self.operations.handle("sensitivity", given, Job(2, "sensitivity", {}))

    def report(self, document: dict[str, Any]) -> dict[str, Any]:
        """All ways for one document."""
        return {
            "service_call_cpu_ms": measure(self.inside, document, time.process_time),
            "service_call_wall_ms": measure(self.inside, document, time.perf_counter),
            "through_the_worker_wall_ms": measure(self.through_the_pipe, document, time.perf_counter),
            "after_giving_up_what_moves_it_wall_ms": measure(
                self.after_giving_up, document, time.perf_counter, before=self.begin_moving
            ),
        }

    def close(self) -> None:
        """The bench is over."""
        self.client.close()
        self.operations.close()


def main() -> None:
    """Measure and print."""
    document = noun(build_inputs(open_project(pristine_sample())))
    bench = Bench()
    report = {
        "cpu": cpu(),
        "load": round(os.getloadavg()[0], 2),
        "users": USERS,
        "one_persona": bench.report(alone(document)),
        "crowd": bench.report(document),
        "what_moves_it_cpu_ms": measure(bench.moved_numbers, document, time.process_time, 10),
        "wanted_ms": 50,
    }
    bench.close()
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
