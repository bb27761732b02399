"""The http target beside Locust's FastHttpUser and aiohttp, on the same server, in turns, in one run.

``python -m tests.bench.bench_http [--locust PYTHON] [--people 20] [--seconds 5] [--rounds 3]`` prints one document.
``PYTHON`` is an interpreter that has Locust (and aiohttp, and uvloop for the server); without one they are left out.
Requests per second are wall-clock, and the closed crowd has no think time: a driver's latency is then mostly its own
queue, so ``driver_lag_ms`` stands beside ours. CPU per visit of five steps is the figure that does not depend on the
machine's other work.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STEPS = ("browse", "product", "cart", "payment", "confirm")
Found = dict[str, Any]


def shop(port: int, users: int, people: int) -> Any:
    from turbulence_app.domain.inputs import RunInputs

    flow = [
        {"name": step, "type": "http", "service": "api", "method": "POST", "path": f"/step/{step}", "json": {"k": 0},
         "extract": {"order": "$.order"}}
        for step in STEPS
    ]  # fmt: skip
    workflow = {"id": "bench", "services": {"api": {"base_url": f"http://127.0.0.1:{port}"}}, "flow": flow}
    crowd = [{"persona": "p", "weight": 1, "policy": {"persona_id": "p", "pacing": {"think_ms": 0}}}]
    return RunInputs.model_validate(
        {"workflow": workflow, "crowd": crowd, "users": users, "target": "http",
         "arrivals": {"kind": "closed", "concurrent": people}}
    )  # fmt: skip


def ours(port: int, people: int, seconds: float, recorded: bool) -> Found:
    """One run of ours in this process, as ``turbulence run`` does it."""
    from turbulence_app.engine.execute import execute
    from turbulence_app.engine.place import HttpPlace
    from turbulence_app.store.database import Database
    from turbulence_app.store.recordings import RecordingStore
    from turbulence_app.store.runs import RunStore

    def go(users: int) -> Found:
        inputs = shop(port, users, people)
        with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "bench.db") as database:
            record = None
            if recorded:
                from tests.bench.http_run import manifest_of

                run = RunStore(database).begin(inputs, manifest_of(inputs))
                record = RecordingStore(database).recorder(run.run_id)
            cpu, wall = time.process_time(), time.perf_counter()
            done = execute(inputs, place=HttpPlace(), record=record)
            if record is not None:
                record.settle()
                database.flush()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        waits = [step.latency for step in done.summary.funnel if step.latency]
        lag = done.summary.driver_lag
        return {
            "requests_s": round(done.summary.requests / wall),
            "p50_ms": round(statistics.mean(w.p50 for w in waits), 2),
            "p95_ms": round(statistics.mean(w.p95 for w in waits), 2),
            "cpu_ms_per_visit": round(1e3 * cpu / users, 3),
            "driver_lag_ms": {"p50": round(lag.p50, 2), "p95": round(lag.p95, 2)} if lag else None,
            "users": users,
        }

    rate = go(500)["requests_s"]
    return go(max(500, int(rate * seconds / len(STEPS))))


def alone(*arguments: str) -> Found | None:
    """What another process measured; None where it cannot be had."""
    try:
        said = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    except OSError:
        return None
    line = next((text for text in said.stdout.splitlines() if text.startswith("RESULT ")), None)
    return None if line is None else json.loads(line.removeprefix("RESULT "))


def drivers(port: int, people: int, seconds: float, locust: str) -> dict[str, Callable[[], Found | None]]:
    def mine(recorded: bool) -> Found | None:
        mode = "recorded" if recorded else "bare"
        return alone(
            sys.executable, "-m", "tests.bench.bench_http", "--ours", mode, str(port), str(people), str(seconds)
        )

    found: dict[str, Callable[[], Found | None]] = {
        "turbulence, recording kept": lambda: mine(True),
        "turbulence, nothing kept": lambda: mine(False),
    }
    if locust:
        found["locust FastHttpUser"] = lambda: alone(
            locust, "-m", "locust", "-f", str(HERE / "http_locust.py"), "--headless", "-u", str(people), "-r", "1000",
            "-t", f"{seconds:g}s", "--only-summary", "-H", f"http://127.0.0.1:{port}",
        )  # fmt: skip
        found["aiohttp"] = lambda: alone(locust, str(HERE / "http_aiohttp.py"), str(port), str(people), f"{seconds}")
    return found


def server_cpu(port: int) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/cpu", timeout=30) as answer:
        return float(answer.read())


def middle(rounds: list[Found]) -> Found:
    """The median of each figure over the rounds."""
    found: Found = {}
    for key, value in rounds[0].items():
        if isinstance(value, dict):
            found[key] = middle([each[key] for each in rounds])
        else:
            found[key] = statistics.median(each[key] for each in rounds)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--locust", default="")
    parser.add_argument("--people", type=int, nargs="*", default=[20, 100])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ours", nargs=4, metavar=("MODE", "PORT", "PEOPLE", "SECONDS"))
    asked = parser.parse_args()
    if asked.ours:
        mode, port, people, seconds = asked.ours
        print("RESULT " + json.dumps(ours(int(port), int(people), float(seconds), mode == "recorded")))
        return
    server = subprocess.Popen(
        [asked.locust or sys.executable, str(HERE / "http_server.py")], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = int(server.stdout.readline())
    document: Found = {"cpu": cpu_name(), "cores": os.cpu_count(), "load": os.getloadavg()[0], "people": {}}
    try:
        for people in asked.people:
            table = drivers(port, people, asked.seconds, asked.locust)
            rounds: dict[str, list[Found]] = {name: [] for name in table}
            for _ in range(asked.rounds):
                for name, drive in table.items():
                    before, found = server_cpu(port), drive()
                    if found is not None:
                        found["server_cpu_us_per_request"] = round(
                            1e6 * (server_cpu(port) - before) / max(1, found["requests_s"] * asked.seconds), 1
                        )
                        rounds[name].append(found)
            document["people"][people] = {
                name: middle(results) if results else "not here" for name, results in rounds.items()
            }
    finally:
        server.terminate()
        server.wait(10)
    if not asked.locust:
        document["peers"] = "not here: name an interpreter that has Locust with --locust"
    print(json.dumps(document, indent=2))


def cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
