"""What privacy costs: the audit hook by event and by socket call, the ledger in a run and at the start, redaction.

``python -m tests.bench.bench_privacy [--users N]`` prints one JSON document. CPU time; nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.privacy.corpus import cases, score

SOCKETS = """
import socket, sys, time
mode = sys.argv[1]
if mode != "none":
    from turbulence_app.privacy import egress, ledger
    (egress.lock if mode == "lock" else lambda: ledger.start("bench"))()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
n = 50_000
best = 1e9
for _ in range(5):
    t = time.process_time()
    for _ in range(n): s.connect(("127.0.0.1", 9))
    best = min(best, time.process_time() - t)
print(1e9 * best / n)
"""
EVENTS = """
import sys, time
mode = sys.argv[1]
if mode != "none":
    from turbulence_app.privacy import egress, ledger
    (egress.lock if mode == "lock" else lambda: ledger.start("bench"))()
n, best, audit = 500_000, 1e9, sys.audit
for _ in range(5):
    t = time.process_time()
    for _ in range(n): audit("nobody.cares", 1)
    best = min(best, time.process_time() - t)
print(1e9 * best / n)
"""
OPENS = EVENTS.replace('audit("nobody.cares", 1)', 'audit("open", sys.executable, "r", 0)')
START = """
import sys
if sys.argv[1] == "ledger":
    from turbulence_app.privacy import ledger
    ledger.start("bench")
elif sys.argv[1] == "lock":
    from turbulence_app.privacy import egress
    egress.lock()
import turbulence_app.cli.main, turbulence_app.cli.demo
"""
RUN = """
import sys
if sys.argv[1] == "ledger":
    from turbulence_app.privacy import ledger
    ledger.start("bench")
from turbulence_app.cli.main import main
main(["run", "--users", sys.argv[2], "--workers", "1", "--quiet", "--project", sys.argv[3]])
"""
MODES = ("none", "lock", "ledger")


def printed(code: str, mode: str) -> float:
    done = subprocess.run([sys.executable, "-c", code, mode], capture_output=True, text=True, check=True)
    return round(float(done.stdout), 1)


def cpu_s(code: str, *arguments: str) -> float:
    """CPU seconds of a process, its own and its children's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def alternating(code: str, modes: tuple[str, ...], rounds: int, *arguments: str) -> dict[str, float]:
    """The least CPU time of each, in turns, so that a busy machine is busy for all of them."""
    found: dict[str, list[float]] = {mode: [] for mode in modes}
    for _ in range(rounds):
        for mode in modes:
            found[mode].append(cpu_s(code, mode, *arguments))
    return {mode: round(min(times), 4) for mode, times in found.items()}


def redaction() -> dict[str, object]:
    from turbulence_app.privacy.redaction import redact

    text = "A busy professional who shops during lunch breaks, hates waiting and leaves after 10 seconds. " * 3
    private = text + "Mail anna@example.org, call +49 30 1234567, card 4111 1111 1111 1111."
    times = {}
    for name, sample in (("nothing_found", text), ("three_found", private)):
        best = 1e9
        for _ in range(5):
            began = time.process_time()
            for _ in range(100):
                redact(sample)
            best = min(best, time.process_time() - began)
        times[name] = {"characters": len(sample), "ms": round(10 * best, 3)}
    seen, unseen = score(cases("found") + cases("left")), score(cases("unseen"))
    return {
        "ms": times,
        "tuned_on": {k: [seen.recall(k), round(seen.precision(k), 3)] for k in sorted(seen.values)},
        "unseen": {k: [round(unseen.recall(k), 3), round(unseen.precision(k), 3)] for k in sorted(unseen.values)},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", default="1000000")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TURBULENCE_HOME"] = str(Path(folder) / "home")
        project = str(Path(folder) / "shop")
        subprocess.run([sys.executable, "-m", "turbulence_app", "init", project, "--quiet"], check=True)
        run = alternating(RUN, ("none", "ledger"), given.rounds, given.users, project)
        document = {
            "cpu": platform.processor() or platform.machine(),
            "socket_connect_ns": {mode: printed(SOCKETS, mode) for mode in MODES},
            "any_audit_event_ns": {mode: printed(EVENTS, mode) for mode in MODES},
            "own_file_opened_ns": {mode: printed(OPENS, mode) for mode in MODES},
            "start_cpu_s": alternating(START, MODES, 2 * given.rounds),
            "run_cpu_s": {"users": int(given.users), **run, "more": round(run["ledger"] / run["none"] - 1, 4)},
            "redaction": redaction(),
        }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
