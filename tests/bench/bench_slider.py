"""From a slider to the chart: a hand moves a number of a policy in the real window, until the new funnel is painted.

``python -m tests.bench.bench_slider [--moves 60] [--drag 5] [--personas a,b] [--platform offscreen|xcb]`` prints one
JSON document; milliseconds. For every persona of the sample, and for one whose policy says all that one can say:

``moves``: keys on one slider after another, with pauses between 30 and 900 ms (drawn once, so always the same), so that
a move meets all that the window does while a hand rests: the whole crowd, what moves completion, the file that is
written. ``painted`` is from the key to the end of the funnel's paint with the numbers of this move; ``asked`` to the
request, ``answered`` to its answer in the window's thread; ``window_cpu`` is what the window's thread used meanwhile.

``late``: the moves that took 50 ms or more, and what else the preview's worker did in that time.

``drag``: a mouse on a slider that moves every 16 ms. ``shown_per_s`` counts the pictures that came, ``late`` is from a
move to its picture, ``age`` how old the move of the shown picture is at any moment (a newer one exists: the picture is
that much behind the hand).

Reached for: ``painted`` p95 < 50 ms. The machine must be quiet: ``load`` says whether it was.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.machine import cpu
from turbulence_app.domain.policy import Policy
from turbulence_app.resources import resource_path

RICH = "everything"
MOVE_MS = 16
REACH_MS = 50
PAUSES_S = (0.03, 0.9)


def share(ordered: list[float], part: float) -> float:
    """A quantile by nearest rank."""
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 1) if ordered else 0.0


def percentiles(values: list[float]) -> dict[str, float]:
    """The distribution in short."""
    ordered = sorted(values)
    return {"p50": share(ordered, 0.5), "p95": share(ordered, 0.95), "max": round(max(ordered, default=0.0), 1)}


def rich() -> Policy:
    """A policy that says all that a policy can say about the sample's workflow."""
    from turbulence_app.formats.folder import Folder
    from turbulence_app.service.projects import open_project

    folder: Folder = open_project(resource_path("samples/shop"))
    base = next(policy for policy in folder.policies.values() if policy.persona_id == "careful_researcher")
    data = base.model_dump(mode="json", by_alias=True)
    for decision in data["decisions"].values():
        turned = dict(zip(decision["options"], reversed(decision["options"].values()), strict=True))
        whens = ("elapsed_ms > 60000", "browse.latency_ms > 300 and visits('browse') >= 1")
        decision["cases"] = [*decision["cases"], *({"when": when, "options": turned} for when in whens)]
    steps = ("browse", "details", "add_to_cart", "coupon", "pay", "other_method", "receipt")
    data["persona_id"] = RICH
    data["patience"] = {"step_wait_seconds": {"kind": "lognormal", "median": 12, "p95": 30},
                        "visit_seconds": {"p50": 900, "p95": 2400, "p99": 3000}}  # fmt: skip
    data["retries"] = {"default": 2, "steps": dict.fromkeys(steps, 3)}
    data["pacing"]["steps"] = {step: {"p50": 2000, "p95": 9000, "p99": 20000} for step in steps}
    data["pacing"]["steps"]["address"] = {"kind": "exponential", "mean": 3000}
    data["forms"] = {**data["forms"], "typing_ms_per_char": {"p50": 200, "p95": 400}, "skip_optional": 0.5}
    data["toggles"] = {"apply_coupon": 0.6}
    data["evidence"] = {}
    return Policy.model_validate(data)


def project(folder: Path) -> Path:
    """A copy of the sample, with one more persona in it."""
    from turbulence_app.service.texts import text_of

    root = Path(shutil.copytree(resource_path("samples/shop"), folder / "shop"))
    words = (root / "personas" / "careful_researcher.yaml").read_text("utf-8")
    (root / "personas" / f"{RICH}.yaml").write_text(words.replace("Careful Researcher", "Everything"), "utf-8")
    (root / "policies" / f"{RICH}.yaml").write_text(text_of(rich()), "utf-8")
    return root


class Slider:
    """The window, a hand on its sliders, and a clock on the paints of its funnel."""

    def __init__(self, home: Path, size: tuple[int, int]) -> None:
        from PySide6.QtCore import QSettings

        from turbulence_app.gui.app import make_application
        from turbulence_app.gui.collector import Collector
        from turbulence_app.gui.theme import Theme
        from turbulence_app.gui.widgets.funnel import FunnelView
        from turbulence_app.gui.window import MainWindow
        from turbulence_app.service.client import Client

        plain = FunnelView.paintEvent

        def painted(funnel: Any, event: Any) -> None:
            plain(funnel, event)
            self._painted(funnel)

        FunnelView.paintEvent = painted  # type: ignore[method-assign]
        self.moved_at: list[float] = []
        self.cpu_at: list[float] = []
        self.asked: dict[int, tuple[int, float]] = {}
        self.fresh: tuple[int, float, float] | None = None
        self.others: list[tuple[float, str]] = []
        """When a job of the preview's worker ended that was no preview of this hand."""
        self.shown: list[tuple[int, float, float, float, float]] = []
        """Of every picture: move, and when it was asked, answered, painted; the window's processor time then."""
        self.application = make_application()
        Theme(self.application, "dark")
        self.collector = Collector(self.application)
        settings = QSettings(str(home / "w.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(Client(), settings, project(home))
        self.complete = False
        self.window.complete.connect(self._complete)
        self.window.resize(*size)
        self.window.show()
        self.window.bridge.began.connect(self._asked)
        self.window.bridge.ended.connect(self._answered)
        self.wait(lambda: self.window.project.loaded, 60)
        self.wait(lambda: self.complete, 120)
        self.window.go("personas")
        place: Any = self.window.place("personas")
        self.view, self.presenter = place.view, place.presenter
        self.wait(lambda: bool(self.view.preview.funnel.rows()), 60)

    def _complete(self) -> None:
        self.collector.settle()
        self.complete = True

    # -- time

    def wait(self, done: Callable[[], Any], limit_s: float) -> None:
        """A real event loop, as the program has: QTest's own waiting sleeps between turns."""
        from PySide6.QtCore import QEventLoop, Qt, QTimer

        loop, end = QEventLoop(), time.monotonic() + limit_s
        poll = QTimer(interval=2)
        poll.setTimerType(Qt.TimerType.PreciseTimer)
        poll.timeout.connect(lambda: loop.quit() if done() or time.monotonic() > end else None)
        poll.start()
        loop.exec()
        if not done():
            raise SystemExit("the window did not get there in time")

    def pause(self, seconds: float) -> None:
        """Let the window do what it does while nobody moves anything."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end, seconds + 10)

    # -- what is seen

    def _own(self, job: Any) -> bool:
        asker = getattr(job.on_result, "__self__", None)
        return bool(job.op == "preview" and asker is self.presenter.preview.live._now)

    def _asked(self, job: Any) -> None:
        if hasattr(self, "presenter") and self._own(job):
            self.asked[job.number] = (len(self.moved_at) - 1, time.perf_counter())

    def _answered(self, job: Any, _value: Any) -> None:
        if job.number in self.asked and job.on_result is not None:
            move, asked = self.asked.pop(job.number)
            self.fresh = (move, asked, time.perf_counter())
        elif job.lane == "live":
            self.others.append((time.perf_counter(), job.op))

    def _painted(self, funnel: Any) -> None:
        if self.fresh is not None and funnel is self.view.preview.funnel:
            self.shown.append((*self.fresh, time.perf_counter(), time.thread_time()))
            self.fresh = None

    def _move(self, act: Callable[[], object]) -> None:
        self.cpu_at.append(time.thread_time())
        self.moved_at.append(time.perf_counter())
        act()

    # -- hands

    def bars(self) -> list[Any]:
        """Every slider of the policy."""
        from turbulence_app.gui.widgets.sliders import RangeBar, ShareBar

        panel = self.view.policy.numbers
        found = [bar for kind in (ShareBar, RangeBar) for bar in panel.findChildren(kind)]
        return [bar for bar in found if bar.isEnabled()]

    def select(self, persona: str) -> None:
        """Look at a persona, and let the window come to rest."""
        self.presenter.select(persona)
        self.pause(3.0)
        self.moved_at.clear()
        self.cpu_at.clear()
        self.shown.clear()

    def moves(self, times: int) -> dict[str, Any]:
        """Keys on one slider after another."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        pauses, bars = random.Random(7), self.bars()
        used: list[float] = []
        for number in range(times):
            bar = bars[number % len(bars)]
            key = Qt.Key.Key_Right if number // len(bars) % 2 == 0 else Qt.Key.Key_Left
            count = len(self.shown)
            self._move(lambda bar=bar, key=key: QTest.keyClick(bar, key))  # type: ignore[misc]
            if self._unmoved(number):
                continue
            self.wait(lambda count=count: len(self.shown) > count, 20)  # type: ignore[misc]
            used.append(1000 * (self.shown[-1][4] - self.cpu_at[number]))
            self.pause(pauses.uniform(*PAUSES_S))
        return {
            "n": len(self.shown),
            "painted": percentiles([1000 * (s[3] - self.moved_at[s[0]]) for s in self.shown]),
            "asked": percentiles([1000 * (s[1] - self.moved_at[s[0]]) for s in self.shown]),
            "answered": percentiles([1000 * (s[2] - self.moved_at[s[0]]) for s in self.shown]),
            "window_cpu": percentiles(used),
            "late": self._late(),
        }

    def _late(self) -> list[dict[str, Any]]:
        """Moves that took too long; of jobs that were given up nothing is told."""
        found = []
        for move, _, answered, painted, _ in self.shown:
            took, began = 1000 * (painted - self.moved_at[move]), self.moved_at[move]
            if took >= REACH_MS:
                beside = [op for at, op in self.others if began <= at <= answered]
                found.append({"painted": round(took, 1), "beside": beside})
        return found

    def _unmoved(self, number: int) -> bool:
        """A slider at its end does not move, and nothing is asked."""
        return all(move != number for move, _ in self.asked.values())

    def drag(self, seconds: float) -> dict[str, Any]:
        """A mouse that goes to and fro on the first slider."""
        from PySide6.QtCore import QPoint, Qt, QTimer
        from PySide6.QtTest import QTest

        bar = self.bars()[0]
        middle, wide = bar.height() // 2, bar.width() - 24
        QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(12, middle))
        self.pause(0.3)
        self.moved_at.clear()
        self.shown.clear()
        began, used = time.perf_counter(), time.thread_time()

        def move() -> None:
            step = len(self.moved_at) % (2 * wide)
            x = 12 + (step if step < wide else 2 * wide - step)
            self._move(lambda: QTest.mouseMove(bar, QPoint(x, middle)))

        timer = QTimer(interval=MOVE_MS)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(move)
        timer.start()
        self.pause(seconds)
        timer.stop()
        wall, used = time.perf_counter() - began, time.thread_time() - used
        shown = [s for s in self.shown if s[0] >= 0]
        QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(12, middle))
        self.pause(1.0)
        return {
            "moves_per_s": round(len(self.moved_at) / wall, 1),
            "shown_per_s": round(len(shown) / wall, 1),
            "late": percentiles([1000 * (s[3] - self.moved_at[s[0]]) for s in shown]),
            "age": percentiles(_ages(shown, self.moved_at)),
            "window_busy": round(used / wall, 2),
        }

    def close(self) -> None:
        """The bench is over."""
        self.window.close()
        self.collector.close()


def _ages(shown: list[tuple[int, float, float, float, float]], moved_at: list[float]) -> list[float]:
    """Every millisecond between the first and the last picture: how old the move is that is shown."""
    found: list[float] = []
    for one, two in itertools.pairwise(shown):
        for step in range(max(1, int(1000 * (two[3] - one[3])))):
            found.append(1000 * (one[3] - moved_at[one[0]]) + step)
    return found


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """All personas, one after another."""
    width, height = (int(part) for part in given.size.split("x"))
    with tempfile.TemporaryDirectory(prefix="turbulence-slider-", ignore_cleanup_errors=True) as folder:
        for name in ("TURBULENCE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(folder) / name.lower())
        slider = Slider(Path(folder), (width, height))
        wanted = given.personas.split(",") if given.personas else list(slider.window.project.data.personas)
        found: dict[str, Any] = {}
        for persona in wanted:
            load = round(os.getloadavg()[0], 2)
            slider.select(persona)
            found[persona] = {"load": load, "moves": slider.moves(given.moves), "drag": slider.drag(given.drag)}
        slider.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--drag", type=float, default=5.0)
    parser.add_argument("--personas", default="")
    parser.add_argument("--platform", default="offscreen")
    parser.add_argument("--size", default="1440x900")
    given = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = given.platform
    sys.setswitchinterval(0.0005)
    document = {
        "benchmark": "slider",
        "cpu": cpu(),
        "processors": os.cpu_count(),
        "platform": given.platform,
        "size": given.size,
        "reach_ms": {"painted_p95": REACH_MS},
        "personas": measure(given),
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
