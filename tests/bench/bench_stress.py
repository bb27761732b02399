"""Measures the gateway under load, mock and real apart, and the parts that stand in every request's way.

``python -m tests.bench.bench_stress [--seconds N] [--llamacpp MODEL.gguf]`` prints one JSON document. An Ollama server
is measured where ``OLLAMA_URL`` names one. Figures of the mock tell about the gateway, not about models.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.bench_crowd import cpu
from turbulence_app.domain.errors import KnownError
from turbulence_app.llm.resilience.breaker import Breaker
from turbulence_app.llm.resilience.deadline import Deadline
from turbulence_app.llm.resilience.fair_queue import FairQueue
from turbulence_app.llm.resilience.retry import retrying
from turbulence_app.llm.telemetry.histogram import Histogram
from turbulence_app.llm.telemetry.telemetry import Telemetry
from turbulence_app.service.stress.run import stress
from turbulence_app.service.stress.settings import FAULTS, StressSettings

KEPT = ("plans_per_s", "latency", "hit_latency", "miss_latency", "over_budget", "worst_over_ms", "injected", "problems")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--llamacpp", metavar="MODEL")
    options.add_argument("--ollama", metavar="MODEL")
    given = options.parse_args()
    mock = {
        "healthy": {},
        "healthy_8_agents": {"agents": 8},
        "ten_percent_faults": {"faults": tuple(FAULTS)},
        "always_dying": {"faults": ("dying",), "fault_rate": 1.0},
        "server_with_faults": {"backend": "ollama", "faults": tuple(FAULTS)},
        "worker_with_faults": {"backend": "llamacpp", "faults": tuple(FAULTS)},
    }
    real: dict[str, dict[str, Any]] = {"builtin": {"backend": "builtin", "budget_ms": 20_000}}
    for name in ("llamacpp", "ollama"):
        if model := getattr(given, name):
            real[name] = {"backend": name, "model": model, "budget_ms": 120_000, "agents": 2}
    report = {
        "cpu": cpu(),
        "python": platform.python_version(),
        "parts_ns": parts(),
        "mock": {name: under(given.seconds, **settings) for name, settings in mock.items()},
        "real": {name: under(given.seconds, **settings) for name, settings in real.items()},
    }
    print(json.dumps(report, indent=1))


def under(seconds: float, **settings: Any) -> dict[str, Any]:
    """One stress run, in short; ``cpu_ms_per_plan`` is of this process."""
    with tempfile.TemporaryDirectory() as home:
        began = time.process_time()
        try:
            done = stress(StressSettings(seconds=seconds, **settings), Path(home)).plain()
        except KnownError as error:
            return {"not_measured": str(error)}
        spent = time.process_time() - began
    total = done["total"]
    more = {name: total[name] for name in ("hit_rate", "fallback_share", "sources", "fallbacks", "retries")}
    return {
        **{name: done[name] for name in KEPT},
        **more,
        "breaker_openings": total["breaker_openings"],
        "queue": done["queue"],
        "cpu_ms_per_plan": 1000 * spent / max(1, done["plans"]),
    }


def parts() -> dict[str, float]:
    """Nanoseconds of the pieces, the empty call taken off; medians of the better half of many rounds."""
    breaker, queue, telemetry, histogram = Breaker(), FairQueue(), Telemetry(), Histogram()
    deadline = Deadline.after(1e9)
    recorder = telemetry.hits("policy", "cache_l0")

    def guarded() -> None:
        with breaker.guard():
            pass

    def turn() -> None:
        with queue.turn("a", deadline):
            pass

    def request() -> None:
        one = telemetry.begin("policy")
        with one.call("mock", "mock") as call:
            call.tokens(300, 100)
        one.end("model", "mock", "mock")

    def hit() -> None:
        telemetry.begin("policy").end("cache_l0", "mock", "mock")

    empty = _timed(lambda: None)
    pieces: dict[str, Callable[[], object]] = {
        "breaker_admit_and_success": lambda: breaker.success(breaker.admit()),
        "breaker_guard": guarded,
        "queue_turn": turn,
        "retrying": lambda: retrying(lambda: None, deadline=deadline),
        "histogram_record": lambda: histogram.record(123_456),
        "recorder_record": lambda: recorder.record(123_456),
        "telemetry_of_a_hit": hit,
        "telemetry_of_a_call": request,
    }
    return {"empty_call": round(empty, 1)} | {name: round(_timed(work) - empty, 1) for name, work in pieces.items()}


def _timed(work: Callable[[], object], times: int = 3000, rounds: int = 20) -> float:
    found = []
    for _ in range(rounds):
        began = time.perf_counter_ns()
        for _ in range(times):
            work()
        found.append((time.perf_counter_ns() - began) / times)
    return statistics.median(sorted(found)[: rounds // 2])


if __name__ == "__main__":
    main()
