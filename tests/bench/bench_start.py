"""From the start of the process to a window that can be used.

``python -m tests.bench.bench_start [--times N] [--cold] [--python FILE] [--platform offscreen|xcb]`` prints one JSON
document. Moments, in seconds of wall time since the process was started and, beside it, of processor time that the
window's own process had used: ``imported`` (the window's module), ``shown`` (the window was made and told to show),
``painted`` (first paint done), ``project`` (the sample was read by a worker: all can be pressed), ``preview`` (20,000
people drawn). Each start has a home of its own, so it is a first start every time. ``--cold`` takes the program's files
out of the page cache before each start, as far as nobody else has them in use. ``--python`` is another interpreter, for
example ``/usr/lib/turbulence/turbulence-python`` of an installed package. Reached for: painted < 1.5 s.
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
from pathlib import Path
from typing import Any

from tests.bench.machine import cpu

CHILD = Path(__file__).with_name("start_child.py")
MOMENTS = ("python", "imported", "shown", "painted", "project", "preview")


def forget(folders: list[Path]) -> int:
    """Take files out of the page cache; returns how many were asked for."""
    count = 0
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                try:
                    descriptor = os.open(path, os.O_RDONLY)
                except OSError:
                    continue
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)
                count += 1
    return count


def start(python: str, platform: str) -> dict[str, Any]:
    """One start in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="turbulence-start-", ignore_cleanup_errors=True) as home:
        names = ("TURBULENCE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
        environment = {**os.environ, **{name: f"{home}/{name.lower()}" for name in names}}
        environment |= {"QT_QPA_PLATFORM": platform}
        command = [python, str(CHILD), repr(time.time())]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
        if done.returncode or not done.stdout.strip():
            raise SystemExit(f"the window did not start: {done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--platform", default="offscreen")
    given = parser.parse_args()
    code = "import PySide6, turbulence_app; print(PySide6.__file__); print(turbulence_app.__file__)"
    said = subprocess.run([given.python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    folders = [Path(line).parents[1] for line in said]
    starts = []
    for _ in range(given.times):
        if given.cold:
            forget(list(dict.fromkeys(folders)))
        starts.append({"load": round(os.getloadavg()[0], 2), **start(given.python, given.platform)})
    moments = {
        name: {
            "wall_s": round(statistics.median(one["moments"][name][0] for one in starts), 3),
            "least_wall_s": min(one["moments"][name][0] for one in starts),
            "cpu_s": round(statistics.median(one["moments"][name][1] for one in starts), 3),
        }
        for name in MOMENTS
        if all(name in one["moments"] for one in starts)
    }
    document = {
        "benchmark": "start",
        "cpu": cpu(),
        "processors": os.cpu_count(),
        "load": [one["load"] for one in starts],
        "cold": given.cold,
        "platform": given.platform,
        "reach": {"painted_s": 1.5},
        "modules": starts[-1]["modules"],
        "moments": moments,
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
