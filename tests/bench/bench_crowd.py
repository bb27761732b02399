"""Crowd against SimPy on the peers' checkout, and a rich checkout at one and four million users.

Run it on its own: ``python -m tests.bench.bench_crowd``. It prints one JSON document; it measures and asserts nothing.
"""

from __future__ import annotations

import json
import math
import os
import platform
import random
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

STEPS = ("browse", "product", "cart", "shipping", "payment", "confirm")
THINK_S = (8.0, 12.0, 6.0, 15.0, 20.0, 2.0)
LATENCY_S = (0.12, 0.15, 0.20, 0.25, 0.90, 0.20)
FAILURE = (0.01, 0.01, 0.02, 0.02, 0.08, 0.01)
LEAVE = (0.30, 0.25, 0.20, 0.12, 0.08, 0.00)
RETRIES, BACKOFF_S, PATIENCE_S, RATE = 2, 0.5, 240.0, 50.0


def checkout(users: int, seed: int = 7) -> Any:
    """The peers' checkout as a workflow and a policy.

    In their model, patience is looked at when a step has succeeded; here the visit ends at the moment when it is over.
    Who is past his patience there leaves at that next look, or is lost to an error before it: either way he does not
    complete, so the conversion is the same; only the split between the ways of leaving may differ.
    """
    from turbulence_app.domain.inputs import RunInputs

    flow: list[dict[str, Any]] = []
    decisions: dict[str, Any] = {}
    for name, latency, failure, leave in zip(STEPS, LATENCY_S, FAILURE, LEAVE, strict=True):
        flow.append({
            "name": name, "type": "http", "service": "shop",
            "retry": {"max_attempts": 1, "backoff": "exponential", "base_delay_ms": int(BACKOFF_S * 1000)},
            "model": {"latency_ms": {"kind": "exponential", "mean": latency * 1000},
                      "outcomes": {"ok": 1 - failure, "error": failure}},
        })  # fmt: skip
        flow.append({"name": f"{name}_lost", "type": "branch", "condition": f"{name}.failed",
                     "if_true": [{"name": f"{name}_error", "type": "end", "outcome": "failed"}]})  # fmt: skip
        if leave:
            decisions[f"after_{name}"] = {"options": {"leave": leave, "stay": 1 - leave}}
            flow.append({"name": f"after_{name}", "type": "decide", "decision": f"after_{name}",
                         "output_var": f"next_{name}", "options": {"stay": "goes on", "leave": "leaves"}})  # fmt: skip
            flow.append({"name": f"{name}_left", "type": "branch", "condition": f"next_{name} == 'leave'",
                         "if_true": [{"name": f"{name}_end", "type": "end", "outcome": "abandoned"}]})  # fmt: skip
    policy = {
        "persona_id": "shopper",
        "decisions": decisions,
        "patience": {"visit_seconds": {"kind": "exponential", "mean": PATIENCE_S}},
        "retries": {"default": RETRIES},
        "pacing": {
            "steps": {n: {"kind": "exponential", "mean": t * 1000} for n, t in zip(STEPS, THINK_S, strict=True)}
        },
    }
    return RunInputs.model_validate({
        "workflow": {"id": "peers", "services": {"shop": {"base_url": "http://127.0.0.1:1", "timeout_seconds": 86_400}},
                     "flow": flow},
        "crowd": [{"persona": "shopper", "weight": 1, "policy": policy}],
        "users": users, "seed": seed, "arrivals": {"kind": "open", "rate_per_second": RATE},
    })  # fmt: skip


def simpy_checkout(users: int, seed: int = 7, *, ours: bool = False) -> dict[str, Any]:
    """The same checkout in SimPy, with their moment of looking at patience, or with ours (at every wake-up)."""
    import simpy

    source = random.Random(seed)
    exponential, uniform = source.expovariate, source.random
    ends = {"done": 0, "error": 0, "impatient": 0, "leave": 0}

    def user(env: Any) -> Any:
        arrived, patience = env.now, exponential(1 / PATIENCE_S)
        for i in range(len(STEPS)):
            yield env.timeout(exponential(1 / THINK_S[i]))
            if ours and env.now - arrived > patience:
                ends["impatient"] += 1
                return
            attempt = 0
            while True:
                yield env.timeout(exponential(1 / LATENCY_S[i]))
                if ours and env.now - arrived > patience:
                    ends["impatient"] += 1
                    return
                if uniform() >= FAILURE[i]:
                    break
                if attempt >= RETRIES:
                    ends["error"] += 1
                    return
                yield env.timeout(BACKOFF_S * 2**attempt)
                attempt += 1
            if env.now - arrived > patience:
                ends["impatient"] += 1
                return
            if uniform() < LEAVE[i]:
                ends["leave"] += 1
                return
        ends["done"] += 1

    def arrivals(env: Any) -> Any:
        for _ in range(users):
            env.process(user(env))
            yield env.timeout(exponential(RATE))

    env = simpy.Environment()
    env.process(arrivals(env))
    began = time.process_time()
    env.run()
    spent = time.process_time() - began
    return {
        "users": users,
        "cpu_s": spent,
        "users_per_cpu_s": users / spent,
        "ends": ends,
        "conversion": ends["done"] / users,
    }


def ours_checkout(users: int) -> dict[str, Any]:
    """The checkout in this process alone, everything included: plan, digest, summary."""
    from turbulence_app.engine.execute import execute

    inputs = checkout(users)
    began = time.process_time()
    result = execute(inputs, workers=1)
    spent = time.process_time() - began
    s = result.summary
    ends = {"done": s.completed, "error": s.failed}
    for step in s.funnel:
        for reason, count in step.reasons.items():
            ends[reason] = ends.get(reason, 0) + (count if reason in ("left", "visit_patience") else 0)
    return {"users": users, "cpu_s": spent, "users_per_cpu_s": users / spent, "conversion": s.completion,
            "ends": {k: v for k, v in ends.items() if v}, "digest": result.digest}  # fmt: skip


def compare(rounds: int = 3, simpy_users: int = 40_000, our_users: int = 1_000_000) -> dict[str, Any]:
    """Interleaved rounds in this process; the best of each, since others use the machine too."""
    theirs, ours = [], []
    ours_checkout(50_000)
    for i in range(rounds):
        theirs.append(simpy_checkout(simpy_users, 7 + i))
        ours.append(ours_checkout(our_users))
    total = sum(r["users"] for r in theirs)
    p = sum(r["conversion"] * r["users"] for r in theirs) / total
    q = ours[0]["conversion"]
    error = math.sqrt(p * (1 - p) / total + q * (1 - q) / our_users)
    same = simpy_checkout(simpy_users, 70, ours=True)
    best = max(r["users_per_cpu_s"] for r in theirs)
    mine = max(r["users_per_cpu_s"] for r in ours)
    return {
        "model": "six-step checkout of the peers",
        "simpy": {
            "best_users_per_cpu_s": round(best),
            "conversion": p,
            "users": total,
            "ends_of_one": theirs[0]["ends"],
        },
        "simpy_with_our_patience": {"conversion": same["conversion"], "ends": same["ends"]},
        "turbulence": {
            "best_users_per_cpu_s": round(mine),
            **{k: ours[0][k] for k in ("conversion", "users", "ends", "digest")},
        },
        "standard_errors_apart": abs(p - q) / error,
        "agrees_within_four": abs(p - q) <= 4 * error,
        "ratio": round(mine / best, 1),
        "ratios_by_round": [
            round(o["users_per_cpu_s"] / t["users_per_cpu_s"], 1) for o, t in zip(ours, theirs, strict=True)
        ],
    }


def rich(users: int, workers: int = 2) -> dict[str, Any]:
    """The rich checkout in a process of its own: wall time of the run and peak memory of parent and children."""
    code = (
        "import json,resource,time;from tests.bench.bench_crowd import rich_inputs;"
        "from turbulence_app.engine.execute import execute;"
        f"i=rich_inputs({users});c=time.process_time();r=execute(i,workers={workers});"
        "own=resource.getrusage(resource.RUSAGE_SELF);sub=resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps({'users':r.users_done,'wall_s':r.elapsed_s,'cpu_s':own.ru_utime+own.ru_stime+sub.ru_utime+sub.ru_stime,"
        "'peak_mib':own.ru_maxrss/1024,'worker_peak_mib':sub.ru_maxrss/1024,'digest':r.digest,"
        "'completion':r.summary.completion,'violations':sum(v.violations for v in r.summary.verdicts)}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    return {"workers": workers, "load_before": os.getloadavg()[0], **json.loads(done.stdout)}


def rich_inputs(users: int) -> Any:
    """The sample project with its full policies, under its scenario with lost answers."""
    return sample(users)


def sample(users: int, scenario: str = "lost-answers") -> Any:
    """Run inputs from the sample project's files."""
    from turbulence_app.domain.inputs import Member, RunInputs
    from turbulence_app.formats.folder import read_folder
    from turbulence_app.resources import resource_path

    folder = read_folder(resource_path("samples/shop"))
    chosen = folder.scenarios[scenario]
    crowd = [
        Member(persona=p.id, weight=chosen.crowd.get(p.id, p.weight), policy=folder.policies[chosen.workflow, p.id])
        for p in folder.personas.values()
    ]
    return RunInputs(
        workflow=folder.workflows[chosen.workflow], crowd=tuple(crowd), users=users, seed=chosen.seed,
        scenario=chosen.id, arrivals=chosen.arrivals, faults=chosen.faults, invariants=chosen.invariants,
    )  # fmt: skip


def cpu() -> str:
    """The processor's name."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main() -> None:
    """Print the measurements."""
    from turbulence_app.engine.fast import accelerator

    against = compare()
    document = {
        "cpu": cpu(), "cores": os.cpu_count(), "load": os.getloadavg(), "python": platform.python_version(),
        "against_simpy": against,
        "rich": [rich(1_000_000), rich(1_000_000, 1), rich(4_000_000)],
        "parent_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
    if accelerator.load():
        document["against_simpy_compiled"] = compare()
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
