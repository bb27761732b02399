"""Types into every editor until it is killed, or restores what such a window left; run by the journey tests."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.hands import click, until
from turbulence_app.gui.app import make_application, make_theme, open_settings
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client

KEY_MS = 40
LATENCY = "0.%04d"


def opened(root: str) -> MainWindow:
    app = make_application()
    settings = open_settings()
    make_theme(app, settings)
    window = MainWindow(Client(), settings, Path(root))
    window.resize(1440, 900)
    window.show()
    until(lambda: window.project.loaded, "the project")
    for name in ("personas", "workflow", "run"):
        window.place(name)
    return window


def type_on(root: str) -> None:
    """One more mark in every editor every 40 ms, and the time of each on standard output; never saves."""
    window = opened(root)
    personas, workflow, run = (window.place(name) for name in ("personas", "workflow", "run"))
    until(lambda: personas.presenter.policy() is not None, "a policy")
    until(lambda: bool(workflow.view.editor.toPlainText()), "the text")
    until(lambda: run.faults.entry is not None, "a fault")
    window.go("personas", {})
    words, text = personas.view.words.editor, workflow.view.editor
    for editor in (words, text):
        editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClicks(text, "# ")
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        for editor in (words, text):
            QTest.keyClick(editor, Qt.Key.Key_X)
        personas.presenter.editing.drag(personas.presenter.policy(), "decisions", lambda policy: marked(policy, count))
        run.faults.edit({**run.faults.entry.data, "probability": 1 + count, "name": f"n{count}"})
        print(count, time.monotonic(), flush=True)

    timer = QTimer(interval=KEY_MS)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    QApplication.exec()


def marked(policy, count: int):
    notes = (*(note for note in policy.provenance.notes if not note.startswith("mark")), f"mark {count}")
    return policy.model_copy(update={"provenance": policy.provenance.model_copy(update={"notes": notes})})


def restore(root: str) -> None:
    """Take back what is offered; say how much of each there is now."""
    window = opened(root)
    until(lambda: window.recovery.found or window.recovery.looked, "the look at drafts")
    if window.recovery.found:
        assert window.offer.isVisible()
        click(window.offer.restore if window.offer.restore.isVisible() else window.offer.look)
        if not window.offer.restore.isVisible():
            for one in reversed(list(window.recovery.found)):
                window.recovery.restore(one)
    until(lambda: not window.recovery.found, "that everything is restored")
    workflow, run = window.place("workflow"), window.place("run")
    first = next(iter(window.project.data.personas.values()))
    notes = window.project.policy(first.id).provenance.notes
    print("persona", len(first.description) - len(first.description.rstrip("x")))
    print("workflow", len(workflow.view.editor.toPlainText()) - len(workflow.view.editor.toPlainText().rstrip("x")))
    print("policy", max([int(note.split()[1]) for note in notes if note.startswith("mark")], default=0))
    print("scenario", int(str(run.faults.entries[0].data.get("name", "n0"))[1:] or 0))
    print("restored", flush=True)
    os._exit(0)  # as it stands: closing would ask about the workflow


if __name__ == "__main__":
    type_on(sys.argv[2]) if sys.argv[1] == "type" else restore(sys.argv[2])
