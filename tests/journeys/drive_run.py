"""Drives the real window through the main job: break the text, mend it, run, see the failure, shrink, replay."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from tests.journeys.hands import click, opened, until
from turbulence_app.gui.places.run.console import REPLAY
from turbulence_app.gui.window import MainWindow


def go(window: MainWindow, title: str) -> None:
    """By the navigation at the left."""
    entry = next(b for b in window.nav.findChildren(QAbstractButton) if b.text().strip() == title)
    click(entry)


def main() -> None:
    window = opened()
    QTest.qWaitForWindowExposed(window)
    until(lambda: window.project.loaded, "the sample")

    go(window, "Workflow")
    workflow = window.place("workflow")
    until(lambda: workflow.view.isVisible() and bool(workflow.view.graph.nodes()), "the graph")
    until(lambda: workflow.presenter.document.checked, "the first check")
    editor, document = workflow.view.editor, lambda: workflow.presenter.document
    assert not document().errors
    flow = next(n for n, text in enumerate(editor.toPlainText().splitlines(), 1) if text.startswith("flow:"))
    editor.go_to_line(flow + 1)
    QTest.keyClicks(editor, "  - {name: oops, type: hptt}")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    until(lambda: bool(document().errors), "the error")
    assert editor.problem_lines() == [flow + 1], (editor.problem_lines(), flow + 1)
    assert workflow.view.graph_card.stale.isVisible()
    problems = workflow.view.problems
    editor.go_to_line(1)
    click(problems.viewport(), problems.visualRect(problems.model().index(0, 0)).center())
    assert editor.line() == flow + 1, "a click on the problem goes to its line"
    while document().dirty:
        QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(lambda: document().checked and not document().errors, "the mended text")
    assert not workflow.view.graph_card.stale.isVisible()

    go(window, "Run")
    run = window.place("run")
    until(lambda: run.view.isVisible() and run.presenter.workflow() is not None, "the Run place")
    strip = run.view.strip
    strip.scenario.setCurrentIndex(strip.scenario.findData("lost-answers"))
    strip.scenario.activated.emit(strip.scenario.currentIndex())
    click(strip.numbers.users)
    strip.numbers.users.selectAll()
    QTest.keyClicks(strip.numbers.users, "20000")
    QTest.keyClick(strip.numbers.users, Qt.Key.Key_Return)
    assert strip.numbers.users.text() == "20,000"
    click(strip.numbers.start)
    until(lambda: run.presenter.live.phase == "ended", "the run")
    assert run.view.run.verdict.headline.full_text() == "1 of 4 invariants broken"

    console = run.view.run.console
    click(run.view.run.below._level_chips["violation"])
    row = console.model().index(0, REPLAY)
    console.scrollTo(row)
    line = console.console.line(0)
    click(console.viewport(), console.visualRect(row).center())
    failures = window.place("failures")
    until(failures.view.isVisible, "Failures")
    until(lambda: failures.presenter.failure is not None, "the failure")
    assert failures.presenter.failure.user == line.user
    until(lambda: failures.presenter.trace is not None, "the replay")
    assert failures.view.main.visit.trace.rowCount() > 10

    click(failures.view.main.shrink_button)
    until(lambda: failures.presenter.shrunk is not None and not failures.presenter.busy, "the smallest reproduction")
    shrunk = failures.presenter.shrunk
    assert shrunk.minimal
    assert len(shrunk.choices) < shrunk.found_choices, (len(shrunk.choices), shrunk.found_choices)
    assert failures.view.main.story.trace.rowCount() > 0
    click(failures.view.main.replay_button)
    until(lambda: failures.presenter.same is True, "the same bits again")
    window.close()
    print("journey done")


if __name__ == "__main__":
    main()
