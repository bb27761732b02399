"""Event-loop latency of the real window while a million users run in worker processes and the charts follow.

``python -m tests.bench.bench_window [--users N] [--platform offscreen|xcb] [--curves N]`` prints one JSON document. A
precise timer of 5 ms ticks in the window's thread; latency is the interval less 5 ms. The run is repeated until
``--seconds`` are over, so that there are enough ticks. Beside the window, a chart of the product's own moves ten curves
of 10,000 points at 20 Hz (``--curves 0``: none). With xcb a display must be there (for example ``xvfb-run``). Reached
for: p99 < 50 ms, max < 200 ms. ``idle_ms`` is the same timer before the first run: what the machine itself costs.
``stalls``: where the window's thread stood when it had not answered for 40 ms, most frequent first; another thread
looks. ``own_ms``: processor time of the window's thread between two ticks, so how late a free machine would be.
``starved``: how many of the late ticks had used less than half of their time on a processor: the machine was
busy with others then.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from turbulence_app.gui.watchdog import stack_of

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

TICK_MS = 5
STALL_S = 0.04
CURVES, POINTS, CURVES_MS = 10, 10_000, 50


class Watcher(threading.Thread):
    """Looks from another thread where the window's thread stands when its timer is late."""

    def __init__(self) -> None:
        super().__init__(name="watcher", daemon=True)
        self.last = time.perf_counter()
        self.places: Counter[str] = Counter()
        self.on = False
        self._main = threading.main_thread().ident
        self._seen = 0.0

    def run(self) -> None:
        while True:
            time.sleep(0.01)
            if self.on and time.perf_counter() - self.last > STALL_S and self._seen != self.last:
                self._seen = self.last
                self.places[_place(stack_of(self._main or 0))] += 1


def _place(stack: str) -> str:
    """The two innermost frames of the program itself."""
    lines = [line for line in stack.splitlines() if "turbulence_app/" in line]
    found = [line.partition("turbulence_app/")[2].replace('", line ', ":").replace(" in ", " ") for line in lines[-2:]]
    return " < ".join(reversed(found)) or "outside of the program: painting, layout, waiting"


def moving_chart(count: int) -> QWidget:
    """A chart of the product's with curves that move, on a window of its own."""
    import numpy as np
    from PySide6.QtCore import QTimer

    from turbulence_app.gui.tokens import PERSONA_TOKENS
    from turbulence_app.gui.widgets.charts import Line, SeriesChart

    lines = tuple(Line(f"c{n}", PERSONA_TOKENS[n % len(PERSONA_TOKENS)]) for n in range(count))
    chart = SeriesChart("Ten curves", lines)
    chart.resize(1200, 400)
    walks = np.cumsum(np.random.default_rng(1).normal(size=(count, POINTS)), axis=1) + 500
    x = np.arange(POINTS, dtype=float)
    timer = QTimer(chart, interval=CURVES_MS)

    def move() -> None:
        nonlocal walks
        walks = np.roll(walks, -50, axis=1)
        chart.set_data(x, {line.name: walks[n] for n, line in enumerate(lines)})
        chart.setProperty("moved", (chart.property("moved") or 0) + 1)

    timer.timeout.connect(move)
    timer.start()
    chart.show()
    return chart


def cpu_name() -> str:
    """The processor, in its own words."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def percentiles(values: list[float]) -> dict[str, float | int]:
    """Milliseconds."""
    ordered = sorted(values) or [0.0]

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"n": len(values), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": round(ordered[-1], 2)}


def measure(users: int, seconds: float, size: tuple[int, int], curves: int) -> dict[str, object]:
    """Open the window on the sample, run, and listen to the event loop."""
    sys.setswitchinterval(0.0005)
    from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer

    from turbulence_app.gui.app import make_application
    from turbulence_app.gui.collector import Collector
    from turbulence_app.gui.theme import Theme
    from turbulence_app.gui.window import MainWindow
    from turbulence_app.service.client import Client

    home = tempfile.mkdtemp(prefix="turbulence-bench-")
    os.environ["TURBULENCE_HOME"] = home
    application = make_application()
    Theme(application, "dark")
    collector = Collector(application)
    window = MainWindow(Client(), QSettings(str(Path(home) / "w.ini"), QSettings.Format.IniFormat))
    window.complete.connect(collector.settle)
    window.resize(*size)
    window.show()

    def wait(done: Callable[[], bool], limit_s: float) -> None:
        """A real event loop, as the program has: QTest's own waiting sleeps 10 ms between turns."""
        loop, end = QEventLoop(), time.monotonic() + limit_s
        poll = QTimer(interval=20)
        poll.timeout.connect(lambda: loop.quit() if done() or time.monotonic() > end else None)
        poll.start()
        loop.exec()
        if not done():
            raise SystemExit("the window did not get there in time")

    def pause(seconds: float) -> None:
        end = time.monotonic() + seconds
        wait(lambda: time.monotonic() > end, seconds + 10)

    wait(lambda: window.project.loaded, 60)
    window.go("run")
    place = window.place("run")
    presenter = place.presenter  # type: ignore[attr-defined]
    wait(lambda: presenter.workflow() is not None, 30)
    pause(1.5)

    ticks: list[float] = []
    own: list[float] = []
    starved = [0]
    watcher = Watcher()
    watcher.start()
    used = [time.thread_time()]

    def tick() -> None:
        now, busy = time.perf_counter(), time.thread_time()
        late = now - watcher.last
        if late > STALL_S and busy - used[0] < late / 2:
            starved[0] += 1
        ticks.append(max(0.0, late * 1000 - TICK_MS))
        own.append((busy - used[0]) * 1000)
        watcher.last, used[0] = now, busy

    timer = QTimer(window, interval=TICK_MS)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    pause(2)
    idle = percentiles(ticks[5:])
    chart = moving_chart(curves) if curves else None
    pause(1)
    moved, starved[0], watcher.on = _moved(chart), 0, True

    own.clear()
    updates = [0]
    presenter.progressed.connect(lambda: updates.__setitem__(0, updates[0] + 1))
    ticks.clear()
    runs, ran, started = 0, 0.0, time.monotonic()
    while runs == 0 or time.monotonic() - started < seconds:
        presenter.set_numbers(users=users, seed=runs + 1)
        presenter.start()
        wait(lambda: presenter.live.phase in ("ended", "error"), 300)
        if presenter.live.phase == "error":
            raise SystemExit(presenter.live.message)
        runs += 1
        ran += presenter.live.manifest.elapsed_s
    wall = time.monotonic() - started
    busy = percentiles(ticks)
    moved, watcher.on = _moved(chart) - moved, False
    late = sum(tick > STALL_S * 1000 for tick in ticks)
    if chart is not None:
        chart.close()
    timer.stop()
    window.close()
    return {
        "users": users,
        "runs": runs,
        "run_s": round(ran / runs, 2),
        "wall_s": round(wall, 2),
        "updates_per_s": round(updates[0] / wall, 1),
        "curves": {"count": curves, "points": POINTS, "moves_per_s": round(moved / wall, 1)},
        "late": {"ticks": late, "starved": starved[0]},
        "stalls": dict(watcher.places.most_common(12)),
        "idle_ms": idle,
        "running_ms": busy,
        "own_ms": percentiles(own),
    }


def _moved(chart: QWidget | None) -> int:
    return int(chart.property("moved") or 0) if chart is not None else 0


def main() -> None:
    """Measure on one platform and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--platform", default="offscreen")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--curves", type=int, default=CURVES)
    given = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = given.platform
    width, height = (int(part) for part in given.size.split("x"))
    result = measure(given.users, given.seconds, (width, height), given.curves)
    document = {
        "benchmark": "window",
        "cpu": cpu_name(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "platform": given.platform,
        "size": given.size,
        "reach_ms": {"p99": 50, "max": 200},
        **result,
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
