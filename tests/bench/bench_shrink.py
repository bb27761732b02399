"""Shrinking beside its peers: ``python -m tests.bench.bench_shrink [SEEDS]``. Prints one JSON document.

The planted bug of a checkout: ten actions with a whole number each, sixty of them, six needed. The same shop is shrunk
by Turbulence (a recorded failing world in, the proof of 1-minimality included), by plain delta debugging with a pass
over the values, and found and shrunk by Hypothesis' rule-based state machine (which cannot be handed a recorded
failure; its time from the first failing example on is given apart). CPU times; the order of the tools alternates.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.shrinking import planted
from tests.shrinking.machine import PLACE, machine
from turbulence_app.domain.failure import Failure
from turbulence_app.engine.shrinking.candidate import Candidate
from turbulence_app.engine.shrinking.minimise import minimise
from turbulence_app.engine.shrinking.remote import shrink_app

PEER_SEEDS = 3
Steps = list[tuple[str, int]]


def ours(start: Candidate) -> tuple[Steps, int]:
    """The minimiser, from the recorded world to the proof."""
    found = minimise([start], planted.run, loops=planted.LOOPS, alternatives=planted.alternatives)
    assert found is not None
    assert found.minimal
    return planted.steps(found.candidate.choices), found.candidates


def ddmin(start: Candidate) -> tuple[Steps, int]:
    """Delta debugging over the steps, then lower values (the peer's forty lines)."""
    tried = 0

    def fails(steps: Steps) -> bool:
        nonlocal tried
        tried += 1
        shop = planted.Shop()
        for action, x in steps:
            shop.do(action, x)
        return not shop.holds

    steps = planted.steps(start.choices)
    shop = planted.Shop()
    for at, (action, x) in enumerate(steps):
        shop.do(action, x)
        if not shop.holds:
            steps = steps[: at + 1]
            break
    parts = 2
    while len(steps) >= 2:
        size = max(1, len(steps) // parts)
        for i in range(0, len(steps), size):
            fewer = steps[:i] + steps[i + size :]
            if fewer and fails(fewer):
                steps, parts = fewer, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(len(steps), parts * 2)
    for i, (action, x) in enumerate(steps):
        lower = ([*steps[:i], (action, v), *steps[i + 1 :]] for v in range(min(x, 5)))
        steps = next((other for other in lower if fails(other)), steps)
    return steps, tried


def peer(number: int) -> dict[str, Any]:
    """Hypothesis: finding and shrinking, by its own rules."""
    counts: Counter[str] = Counter()
    state: dict[str, Any] = {}
    began = time.process_time()

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.shop, self.steps = planted.Shop(), []
            counts["examples"] += 1

        @invariant()
        def holds(self) -> None:
            if not self.shop.holds:
                state["last"] = list(self.steps)
                state.setdefault("first", time.process_time())
                raise AssertionError("charged twice")

    def action(name: str) -> Callable[..., None]:
        def act(self: Machine, x: int) -> None:
            self.steps.append((name, x))
            self.shop.do(name, x)

        act.__name__ = name
        return act

    for name in planted.ACTIONS:
        setattr(Machine, name, rule(x=st.integers(0, 1000))(action(name)))
    options = settings(
        max_examples=20_000, stateful_step_count=planted.STEPS, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    try:
        run_state_machine_as_test(seeded(number)(Machine), settings=options)
    except AssertionError:
        now = time.process_time()
        return {
            "steps": len(state["last"]), "examples": counts["examples"], "find_cpu_s": state["first"] - began,
            "shrink_cpu_s": now - state["first"],
        }  # fmt: skip
    return {"steps": None, "examples": counts["examples"]}


def behind_an_application() -> dict[str, Any]:
    """The same bug behind an ASGI application: every candidate is a whole world, in an engine process (wall time)."""
    began = time.perf_counter()
    small = shrink_app(machine(155), PLACE, Failure(user=0, persona="anybody", invariant="charged_once"))
    seconds = time.perf_counter() - began
    actions = [choice.value for choice in small.choices if "/action#" in choice.address]
    return {
        "steps_left": len(actions), "choices_found": small.found_choices, "choices_left": len(small.choices),
        "minimal": small.minimal, "worlds": small.candidates, "worlds_per_s": round(small.candidates / seconds),
        "wall_s": round(seconds, 2),
    }  # fmt: skip


def timed(tool: Callable[[Candidate], tuple[Steps, int]], start: Candidate) -> tuple[float, int, int]:
    """CPU milliseconds, steps left, candidates run."""
    began = time.process_time()
    steps, tried = tool(start)
    return (time.process_time() - began) * 1000, len(steps), tried


def main(seeds: int) -> dict[str, Any]:
    """All tools on the same failures."""
    starts = [planted.failing(seed)[0] for seed in range(seeds)]
    rows: dict[str, list[tuple[float, int, int]]] = {"turbulence": [], "ddmin": []}
    for number, start in enumerate(starts):
        tools = [("turbulence", ours), ("ddmin", ddmin)]
        for name, tool in tools if number % 2 else reversed(tools):
            rows[name].append(timed(tool, start))
    peers = [peer(number) for number in range(PEER_SEEDS)]
    shrinks = [row["shrink_cpu_s"] for row in peers if row["steps"]]
    ours_ms = statistics.median(ms for ms, _, _ in rows["turbulence"])
    return {
        "cpu": _cpu(),
        "python": platform.python_version(),
        "failures": seeds,
        **{name: _summary(found) for name, found in rows.items()},
        "hypothesis": {"version": hypothesis.__version__, "runs": peers},
        "app_target": behind_an_application(),
        "hypothesis_shrink_over_ours": round(statistics.median(shrinks) * 1000 / ours_ms) if shrinks else None,
    }


def _summary(found: list[tuple[float, int, int]]) -> dict[str, Any]:
    times = sorted(ms for ms, _, _ in found)
    return {
        "steps_left": dict(sorted(Counter(steps for _, steps, _ in found).items())),
        "cpu_ms": {"median": round(statistics.median(times), 2), "max": round(times[-1], 2)},
        "candidates_median": statistics.median(tried for _, _, tried in found),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200), indent=1))
