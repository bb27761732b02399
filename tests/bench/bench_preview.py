"""How long the live preview takes: 20,000 people, a policy that changes at every call.

``python -m tests.bench.bench_preview`` prints one JSON document; it measures and asserts nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import time

from tests.bench.bench_crowd import cpu, sample
from turbulence_app.engine.preview import preview


def main(calls: int = 40) -> None:
    """Move the first persona's patience and one weight a little at each call."""
    inputs = sample(20_000)
    walls, cpus = [], []
    for i in range(calls):
        member = inputs.crowd[0]
        patience = {"step_wait_seconds": {"min": 3 + i * 0.1, "max": 9 + i * 0.1}, "visit_seconds": 90 + i}
        data = {**member.policy.model_dump(by_alias=True), "patience": patience}
        changed = member.model_copy(update={"policy": type(member.policy).model_validate(data)})
        moved = inputs.model_copy(update={"crowd": (changed, *inputs.crowd[1:])})
        wall, spent = time.perf_counter(), time.process_time()
        preview(moved)
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - spent) * 1000)
    document = {
        "cpu": cpu(), "load": os.getloadavg(), "users": 20_000, "calls": calls,
        "wall_ms": {"median": statistics.median(walls), "best": min(walls), "worst": max(walls)},
        "cpu_ms": {"median": statistics.median(cpus), "best": min(cpus), "worst": max(cpus)},
    }  # fmt: skip
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
