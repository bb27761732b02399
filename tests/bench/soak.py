"""The window for half an hour: generate, run, cancel, compare, shrink, and clicks without a plan between them.

``python -m tests.bench.soak [--minutes 30] [--seed 1] [--platform offscreen|xcb]`` prints one JSON document; a line per
round goes to standard error. A round compiles a persona, runs 20,000 people, stops a large run in the middle,
compares the last two runs, shrinks a failure, and lets a seeded monkey act 60 times over all places. At the end of each
round the window is at rest and is looked at: memory of its own process (a slope over the rounds after the first third;
reached for: < 1 MB a minute), descriptors, threads, timers, widgets, Python objects, its workers' memory, and
the size of the database's write-ahead log. What a round raises is counted: nothing is to be raised.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.living import live_until
from tests.bench.machine import cpu

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
MB = 1024 * 1024


def resident(pid: int | str = "self") -> float:
    """Memory that a process has in the machine, in MB; 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / MB
    except (OSError, ValueError):
        return 0.0


def children() -> list[int]:
    """Processes that this one started."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += [int(pid) for pid in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def slope(points: list[tuple[float, float]]) -> float:
    """The line of least squares through (minutes, value)."""
    if len(points) < 2:
        return 0.0
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


class Soak:
    """The window under test, and what is seen of it."""

    def __init__(self, home: Path, seed: int) -> None:
        from PySide6.QtCore import QSettings

        from tests.bench.monkey import Monkey, Refusing
        from turbulence_app.gui.app import make_application
        from turbulence_app.gui.collector import Collector
        from turbulence_app.gui.theme import Theme
        from turbulence_app.gui.window import MainWindow
        from turbulence_app.service.client import Client

        self.home, self.raised = home, list[str]()
        sys.excepthook = lambda kind, error, _trace: self.raised.append(f"{kind.__name__}: {error}"[:300])
        self.application = make_application()
        Theme(self.application, "dark")
        self.collector = Collector(self.application)
        settings = QSettings(str(home / "w.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(Client(), settings, dialogs=Refusing())  # type: ignore[arg-type]
        self.window.complete.connect(self.collector.settle)
        self.window.resize(1440, 900)
        self.window.show()
        self.busy = 0
        self.window.bridge.busy.connect(lambda jobs: setattr(self, "busy", jobs))
        self.monkey = Monkey(self.window, seed)
        self.late: dict[str, int] = {}
        self.late_jobs: list[str] = []
        self.began = time.monotonic()

    def wait(self, done: Callable[[], Any], seconds: float, what: str) -> None:
        """Let the window work; what does not come in time is counted and not waited for any longer."""
        if not live_until(done, seconds):
            self.late[what] = self.late.get(what, 0) + 1
            jobs = [f"{job.lane}.{job.op} {job.clock.elapsed() / 1000:.0f} s" for job in self.window.bridge.under_way()]
            self.late_jobs.append(f"{what}: {', '.join(jobs) or 'no job'}")

    def pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end, seconds + 5, "a pause")

    def idle(self, what: str, seconds: float = 120) -> None:
        self.wait(lambda: self.busy == 0, seconds, what)

    def round(self, number: int) -> dict[str, Any]:
        """One round of all of it; what is seen at its end."""
        window, run = self.window, self.window.place("run").presenter  # type: ignore[attr-defined]
        window.go("personas", {})
        window.commands.run("personas.compile")
        self.idle("the policy")
        window.go("run", {})
        run.set_numbers(users=20_000, seed=number)
        run.start()
        self.wait(lambda: run.live.phase in ("ended", "error"), 120, "a run")
        run.set_numbers(users=3_000_000, seed=number)
        run.start()
        self.pause(1.0)
        run.stop()
        self.wait(lambda: run.live.phase in ("ended", "error", "idle"), 60, "a run that was stopped")
        window.bridge.request("live", "compare_runs", {}, on_error=lambda _: None)
        self.idle("the comparison")
        window.go("failures", {})
        self.idle("the failure")
        window.commands.run("failures.shrink")
        self.idle("the smallest reproduction")
        for _ in range(60):
            self.monkey.act()
            self.pause(0.02)
        self.monkey.rest()
        if not window.isVisible():
            raise RuntimeError(f"round {number}: the window was closed; the monkey is to leave alone what closes it")
        for stop in ("failures.stop", "personas.stop", "run.stop", "campaign.stop", "bench.stop"):
            window.commands.run(stop)
        self.idle("rest")
        self.pause(1.0)
        window.go("personas", {})
        self.pause(0.5)
        self.monkey._closer.start()
        return self.look()

    def look(self) -> dict[str, Any]:
        """Memory, descriptors, threads, timers, widgets, the log of the database."""
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication

        gc.collect()
        return {
            "minutes": round((time.monotonic() - self.began) / 60, 3),
            "rss_mb": round(resident(), 1),
            "workers_mb": round(sum(resident(pid) for pid in children()), 1),
            "descriptors": len(list(Path("/proc/self/fd").iterdir())),
            "threads": threading.active_count(),
            "timers": len(self.window.findChildren(QTimer)),
            "widgets": len(QApplication.allWidgets()),
            "objects": len(gc.get_objects()),
            "wal_mb": round(sum(p.stat().st_size for p in self.home.rglob("*-wal")) / MB, 2),
            "database_mb": round(sum(p.stat().st_size for p in self.home.rglob("*.db")) / MB, 2),
        }

    def close(self) -> None:
        self.window.close()
        self.collector.close()


def soak(minutes: float, seed: int) -> dict[str, Any]:
    """Rounds until the time is over."""
    with tempfile.TemporaryDirectory(prefix="turbulence-soak-", ignore_cleanup_errors=True) as folder:
        for name in ("TURBULENCE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(folder) / name.lower())
        found = Soak(Path(folder), seed)
        found.wait(lambda: found.window.project.loaded, 120, "the sample")
        rounds: list[dict[str, Any]] = []
        while time.monotonic() - found.began < minutes * 60:
            rounds.append(found.round(len(rounds) + 1))
            sys.stderr.write(json.dumps({**rounds[-1], "raised": len(found.raised)}) + "\n")
            sys.stderr.flush()
        found.close()
        settled = rounds[len(rounds) // 3 :]
        grown = {
            name: round(slope([(one["minutes"], one[name]) for one in settled]), 3)
            for name in ("rss_mb", "workers_mb", "descriptors", "threads", "timers", "widgets", "objects")
        }
        return {
            "minutes": rounds[-1]["minutes"] if rounds else 0,
            "rounds": len(rounds),
            "acts": found.monkey.did,
            "slope_per_minute": grown,
            "most_wal_mb": max((one["wal_mb"] for one in rounds), default=0),
            "first": rounds[0] if rounds else {},
            "settled": settled[0] if settled else {},
            "last": rounds[-1] if rounds else {},
            "late": found.late,
            "late_jobs": found.late_jobs[:20],
            "raised": found.raised[:20],
            "raised_count": len(found.raised),
        }


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--platform", default="offscreen")
    given = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = given.platform
    document = {"benchmark": "soak", "cpu": cpu(), "reach": {"rss_mb_per_minute": 1.0}, "seed": given.seed}
    document |= {"load": round(os.getloadavg()[0], 2), **soak(given.minutes, given.seed)}
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
