"""The longest block of work of the window's thread, between two returns to its event loop, in the moments that hurt.

``python -m tests.bench.bench_blocks [--part NAME]… [--platform offscreen|xcb] [--users N]`` prints one JSON document.
For each moment: ``longest_own_ms``, processor time of the window's thread in its longest block; ``over_50_ms``, how
many blocks took longer than that; ``sum_own_ms``, all of them together; ``longest_wall_ms``, the longest that a timer
of the loop had to wait, which on a busy machine is the machine's; ``stalls``, where the thread stood. Parts, each in
a process of its own: ``start`` (until every place is made, then the first visit to each), ``asked`` (places that are
gone to before they were made), ``scheme`` (dark, light, dark; size of type; size of the window, with every place
made), ``project`` (the sample, then one of 40 personas and 300 steps; typing in its text), ``run`` (a run of a
million users, then opened in each page). Reached for: no block above 50 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.machine import cpu

if TYPE_CHECKING:
    from tests.bench.blocks_meter import Meter, Moment
    from turbulence_app.gui.window import MainWindow

PERSONAS, STEPS = 40, 300
SIZES = ((1280, 800), (1500, 900), (1920, 1080), (1360, 820), (1100, 700), (1440, 900))
Moments = dict[str, "Moment"]


class Bench:
    """The window in a home of its own, with a meter on its loop."""

    def __init__(self, users: int) -> None:
        sys.setswitchinterval(0.0005)
        from PySide6.QtCore import QSettings

        from turbulence_app.gui.app import make_application
        from turbulence_app.gui.theme import Theme
        from turbulence_app.service.client import Client

        self.users = users
        self.home = Path(tempfile.mkdtemp(prefix="turbulence-bench-"))
        os.environ["TURBULENCE_HOME"] = str(self.home / "home")
        client = Client()
        client.request("live", "ping", {})
        application = make_application()
        self.theme = Theme(application, "dark")
        from tests.bench.blocks_meter import Meter

        self.meter: Meter = Meter()
        self._client = client
        self._settings = QSettings(str(self.home / "w.ini"), QSettings.Format.IniFormat)
        self.whole = False
        self.before_loop_ms = 0.0

    def open(self) -> None:
        """Make the window and show it."""
        from turbulence_app.gui.app import Collector
        from turbulence_app.gui.window import MainWindow

        began = time.thread_time()
        self.collector = Collector()
        self.window: MainWindow = MainWindow(self._client, self._settings)
        self.window.places.made.connect(lambda _place: self.collector.settle())
        self.window.complete.connect(self._complete)
        self.window.resize(1440, 900)
        self.window.show()
        self.before_loop_ms = (time.thread_time() - began) * 1000

    def _complete(self) -> None:
        self.whole = True
        self.collector.settle()

    def quiet(self) -> bool:
        """Nothing is asked any more."""
        from turbulence_app.gui.bridge import SILENT

        return not [job for job in self.window.bridge.under_way() if job.op not in SILENT]

    def settle(self) -> Moment:
        """Until every place is made and nobody is asked anything."""
        return self.meter.measure(lambda: None, lambda: self.whole and self.quiet())

    def visit(self, name: str, target: dict[str, Any] | None = None) -> Moment:
        """Go to a place and wait until it stands."""
        places = self.window.places
        return self.meter.measure(
            lambda: self.window.go(name, target) if target else self.window.go_soon(name),
            lambda: name in places.made_places and self.quiet(),
        )


def start(bench: Bench) -> Moments:
    """A start that is left alone, then the first visit to each place."""
    meter, found = bench.meter, {}
    bench.open()
    found["start, from the first turn of the loop"] = meter.measure(
        lambda: None, lambda: bench.window.project.loaded and bench.quiet()
    )
    found["made ahead"] = bench.settle()
    for name in bench.window.places.specs:
        found[f"first visit to {name}, made ahead"] = bench.visit(name)
    for page in ("analysis", "campaign", "history"):
        found[f"first visit to {page}, made ahead"] = bench.visit("run", {"page": page})
    return found


def asked(bench: Bench) -> Moments:
    """Everything is asked for as soon as the project is there."""
    bench.open()
    bench.window.places.load_ahead = lambda: None  # type: ignore[method-assign]
    bench.meter.measure(lambda: None, lambda: bench.window.project.loaded)
    names = [name for name in bench.window.places.specs if name != "personas"]
    return {f"first visit to {name}, asked for before": bench.visit(name) for name in ("run", *names)}


def scheme(bench: Bench) -> Moments:
    """The look changes while every place is made."""
    bench.open()
    bench.meter.measure(lambda: None, lambda: bench.window.project.loaded)
    bench.settle()
    meter, theme, window = bench.meter, bench.theme, bench.window
    found = {}
    for name in ("personas", "run", "workflow"):
        bench.visit(name)
        found[f"to light, {name} in front"] = meter.measure(lambda: theme.pin("light"))
        found[f"to dark, {name} in front"] = meter.measure(lambda: theme.pin("dark"))
    found["larger type"] = meter.measure(lambda: theme.set_scale(1.25))
    found["usual type"] = meter.measure(lambda: theme.set_scale(1.0))
    for name in ("personas", "run", "workflow", "settings"):
        bench.visit(name)
        acts: list[Callable[[], object]] = [lambda size=size: window.resize(*size) for size in SIZES]  # type: ignore[misc]
        found[f"resized, {name} in front"] = meter.several(acts)
    return found


def project(bench: Bench) -> Moments:
    """Projects are opened, and their text is typed in, while every place is made."""
    from PySide6.QtTest import QTest

    from tests.bench.blocks_project import large_project

    bench.open()
    bench.meter.measure(lambda: None, lambda: bench.window.project.loaded)
    bench.settle()
    window, meter = bench.window, bench.meter
    root = large_project(bench.home / "large", PERSONAS, STEPS)

    def opened(folder: Path) -> Moment:
        before = window.project.data

        def there() -> bool:
            return window.project.data is not before and bench.quiet()

        return meter.measure(lambda: window.session.open(folder), there)

    found = {"opening a large project, personas in front": opened(root)}
    found["the same again"] = opened(root)
    found["its long workflow"] = meter.measure(lambda: window.project.choose_workflow("long"), bench.quiet)
    found["the workflow in front"] = bench.visit("workflow")
    editor = window.place("workflow").view.editor  # type: ignore[attr-defined]
    editor.setFocus()
    keys: list[Callable[[], object]] = [
        lambda key=key: QTest.keyClicks(editor, key)  # type: ignore[misc]
        for key in "# what a person types"
    ]
    editor.moveCursor(editor.textCursor().MoveOperation.Start)
    found["typing in 300 steps"] = meter.several(keys)
    found["after typing"] = meter.measure(lambda: None, bench.quiet)
    found["opening the large project, workflow in front"] = opened(root)
    found["opening the sample, workflow in front"] = meter.measure(lambda: window.session.open(None), bench.quiet)
    return found


def run(bench: Bench) -> Moments:
    """A long run, then opened from the history in each page."""
    bench.open()
    bench.meter.measure(lambda: None, lambda: bench.window.project.loaded)
    bench.settle()
    bench.visit("run")
    window, meter = bench.window, bench.meter
    presenter = window.place("run").presenter  # type: ignore[attr-defined]
    presenter.set_numbers(users=bench.users, seed=1)

    def over() -> bool:
        if presenter.live.phase == "error":
            raise SystemExit(presenter.live.message)
        return presenter.live.phase == "ended" and bench.quiet()

    found = {"the run itself": meter.measure(presenter.start, over, 600)}
    kept = presenter.live.manifest.run_id
    presenter.set_numbers(users=20_000, seed=2)
    meter.measure(presenter.start, over)
    found["opened in run"] = bench.visit("run", {"run_id": kept})
    found["opened in analysis"] = bench.visit("run", {"page": "analysis"})
    found["opened in history"] = bench.visit("run", {"page": "history"})
    found["opened in failures"] = bench.visit("failures", {"run_id": kept})
    found["back in run"] = bench.visit("run", {"page": "run"})
    return found


PARTS: dict[str, Callable[[Bench], Moments]] = {
    "start": start, "asked": asked, "scheme": scheme, "project": project, "run": run,
}  # fmt: skip


def child(part: str, users: int) -> None:
    """One part, in this process."""
    bench = Bench(users)
    found = {name: moment.told() for name, moment in PARTS[part](bench).items()}
    bench.window.close()
    sys.stdout.write(json.dumps({"before_loop_ms": round(bench.before_loop_ms), "moments": found}) + "\n")
    sys.stdout.flush()
    os._exit(0)  # the watcher's thread may be in the interpreter: nothing of it is kept


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", action="append", choices=sorted(PARTS))
    parser.add_argument("--platform", default="offscreen")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--child", action="store_true")
    given = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = given.platform
    if given.child:
        child(given.part[0], given.users)
    moments: dict[str, Any] = {}
    for part in given.part or PARTS:
        command = [sys.executable, "-m", "tests.bench.bench_blocks", "--child", "--part", part]
        command += ["--platform", given.platform, "--users", str(given.users)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        if done.returncode or not done.stdout.strip():
            raise SystemExit(f"{part}: {done.stderr[-2000:]}")
        moments |= json.loads(done.stdout.splitlines()[-1])["moments"]
    document = {
        "benchmark": "blocks",
        "cpu": cpu(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "platform": given.platform,
        "reach_ms": 50,
        "longest_own_ms": max(moment["longest_own_ms"] for moment in moments.values()),
        "moments": moments,
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
