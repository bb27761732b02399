"""Tables of a million rows and charts of millions of points in the window: what showing, scrolling and thinning cost.

``python -m tests.bench.bench_tables`` prints one JSON document; milliseconds of processor time, on the window's thread.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

ROWS = 1_000_000
POINTS = (10_000, 1_000_000, 10_000_000)
PIXELS = 1000


def took(call: Callable[[], Any], times: int = 1) -> float:
    """Milliseconds of processor time of one call."""
    begin = time.process_time()
    for _ in range(times):
        call()
    return round((time.process_time() - begin) / times * 1000, 3)


def log_of_a_million() -> dict[str, Any]:
    """The log's table: pages that come when they are looked at."""
    from PySide6.QtWidgets import QApplication

    from turbulence_app.gui.places.log.state import PAGE
    from turbulence_app.gui.places.log.table import LogModel, LogTable

    asked: list[int] = []
    record = {"at": "2026-02-19T21:17:00.000+00:00", "level": "info", "source": "job", "message": "Run ended"}
    model = LogModel()
    table = LogTable(model)
    table.resize(900, 600)

    def answer(page: int) -> None:
        asked.append(page)
        model.put(page, [record] * PAGE)

    model.wanted.connect(answer)

    def show() -> None:
        model.show(ROWS, [record] * PAGE)
        table.show()
        QApplication.processEvents()

    def to(row: int) -> None:
        table.scrollTo(model.index(row, 0))
        QApplication.processEvents()

    return {
        "show_ms": took(show),
        "scroll_to_the_middle_ms": took(lambda: to(ROWS // 2)),
        "scroll_to_the_end_ms": took(lambda: to(ROWS - 1)),
        "pages_read": len(set(asked)),
    }


def console_of_a_million() -> dict[str, Any]:
    """The console keeps its newest ten thousand lines, however many come."""
    from turbulence_app.gui.places.run.console import ConsoleView
    from turbulence_app.gui.places.run.log import ConsoleLine

    view = ConsoleView()
    batch = [ConsoleLine("log", "run", f"line {n}") for n in range(10_000)]
    per_batch = took(lambda: view.console.append(batch), 20)
    return {"append_10k_ms": per_batch, "lines_kept": view.console.total()}


def thinned() -> dict[str, Any]:
    """A chart's points, to two for each pixel at most."""
    import numpy as np

    from turbulence_app.gui.widgets.decimate import decimate

    made: dict[str, Any] = {}
    for points in POINTS:
        x = np.arange(points, dtype=np.float64)
        y = np.random.default_rng(7).normal(size=points)
        made[f"{points:,}"] = {
            "ms": took(lambda x=x, y=y: decimate(x, y, PIXELS), 3),
            "points_drawn": len(decimate(x, y, PIXELS)[0]),
        }
    return made


def found_among_ten_thousand() -> dict[str, float]:
    """The command palette: a key, among ten thousand lines."""
    from turbulence_app.gui.fuzzy import Hay, needle, score

    hays = [Hay.of(f"shopper {n} careful", f"persona persona_{n}") for n in range(10_000)]

    def search(query: str) -> None:
        wanted = needle(query)
        sorted((score(wanted, hay) for hay in hays), reverse=True)

    return {query: took(lambda query=query: search(query), 3) for query in ("s", "shopper 99", "shpoper", "zzzz")}


def change_of_scheme() -> dict[str, float]:
    """Another scheme, with two thousand widgets on the screen."""
    from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

    from turbulence_app.gui.theme import Theme
    from turbulence_app.gui.widgets.basics import Button, Label

    root = QWidget()
    column = QVBoxLayout(root)
    for number in range(1000):
        column.addWidget(Label(f"label {number}"))
        column.addWidget(Button(f"button {number}"))
    root.show()
    QApplication.processEvents()
    return {"ms": took(lambda: Theme.current().pin("light" if Theme.current().tokens.scheme == "dark" else "dark"), 2)}


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["TURBULENCE_HOME"] = home
        from PySide6.QtWidgets import QApplication

        from tests.bench.machine import cpu
        from turbulence_app.gui.theme import Theme

        app = QApplication([])
        Theme(app).pin("dark")
        report = {
            "cpu": cpu(),
            "log_of_a_million_lines": log_of_a_million(),
            "console": console_of_a_million(),
            "decimation": thinned(),
            "palette_of_10k_ms": found_among_ten_thousand(),
            "change_of_scheme_2000_widgets": change_of_scheme(),
        }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
