"""The editable graph of a workflow of many steps: first picture, a renamed step, all in view, an edit in the text.

``python -m tests.bench.bench_graph [--steps N] [--times K]`` prints one JSON document; milliseconds of processor time,
the median of K. Offscreen, without motion. Reached for: nothing that the window's thread does takes 50 ms at 300 steps
(the edits of the text and the check are a worker's).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from tests.bench.machine import cpu
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.check import check_workflow
from turbulence_app.formats.flow_edit import Insert, Rename, edit_flow
from turbulence_app.formats.flow_places import Spot
from turbulence_app.formats.loader import parse_workflow
from turbulence_app.formats.writer import dump
from turbulence_app.gui.places.workflow.state import step_lines
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.graph_canvas import GraphCanvas


def workflow(steps: int, first: str = "step_0") -> Workflow:
    """A request, a branch with a side way of two steps, and so on; every tenth part is a loop."""
    flow: list[dict[str, Any]] = []
    for i in range(max(1, steps // 4)):
        name = first if i == 0 else f"step_{i}"
        side = [{"name": f"more_{i}", "type": "http", "path": "/more"}, {"name": f"end_{i}", "type": "end"}]
        part = [
            {"name": name, "type": "http", "path": f"/{i}"},
            {"name": f"branch_{i}", "type": "branch", "condition": f"{name}.failed", "if_true": side},
        ]
        loop = {"name": f"loop_{i}", "type": "repeat", "while": f"{name}.failed", "max": 2, "steps": part}
        flow += [loop] if i % 10 == 9 else part
    return Workflow.model_validate({"id": "bench", "flow": flow})


def taken(act: Callable[[], object], times: int) -> float:
    """Median milliseconds of processor time."""
    found = []
    for _ in range(times):
        begun = time.process_time()
        act()
        found.append(1000 * (time.process_time() - begun))
    return round(statistics.median(found), 2)


def measure(steps: int, times: int) -> dict[str, Any]:
    """Everything, in one process."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    Theme(app).pin("dark")
    one, other = workflow(steps), workflow(steps, "another_name")
    text = dump(one)
    canvas = GraphCanvas()
    canvas.resize(600, 700)
    canvas.show()
    window: dict[str, float] = {"first": taken(lambda: canvas.set_workflow(one), 1)}
    window["first_paint"] = taken(canvas.grab, 1)
    turn = iter([other, one] * (times + 1))
    window["renamed"] = taken(lambda: canvas.set_workflow(next(turn)), 2 * times)
    window["paint"] = taken(canvas.grab, times)
    window["chosen"] = taken(lambda: canvas.select("step_7"), times)
    window["lines_of_steps"] = taken(lambda: step_lines(text, canvas.nodes()), times)
    canvas.fit()
    window["paint_of_all"] = taken(canvas.grab, times)
    new = Insert(Spot("", "flow", 3), {"name": "new", "type": "http"})
    worker = {
        "rename_in_text": taken(lambda: edit_flow(text, "w", Rename("step_0", "another_name")), times),
        "insert_in_text": taken(lambda: edit_flow(text, "w", new), times),
        "read_and_check": taken(lambda: check_workflow(parse_workflow(text, "w"), text, "w"), times),
    }
    return {
        "cpu": cpu(),
        "steps": len(list(one.steps())),
        "characters": len(text),
        "window_ms": window,
        "worker_ms": worker,
    }


def main() -> None:
    """Print the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    print(json.dumps(measure(given.steps, given.times), indent=1))


if __name__ == "__main__":
    main()
