"""The History page in the window: found again, written about, moved aside and back."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from turbulence_app.gui.places.run.history.model import COMPLETES, RUN
from turbulence_app.gui.window import MainWindow


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, client: Any) -> Any:
    """Three runs of 600 users; the History page in front."""
    project = str(window.project.data.root)
    for seed in (1, 2, 3):
        asked = {"project": project, "scenario": "lost-answers", "users": 600, "seed": seed}
        inputs = client.call("live", "build_inputs", asked)
        client.call("run", "run", {"project": project, "inputs": inputs, "workers": 1})
    window.go("run", {"page": "history"})
    view = window.place("run").view
    history = window.place("run").history
    qtbot.waitUntil(lambda: history.pages.total == 3 and not history.loading, timeout=30_000)
    qtbot.waitUntil(lambda: len(history.chosen) == 1, timeout=5_000)
    return view.history


def settled(page: Any, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page._presenter.loading, timeout=30_000)


def ids(page: Any) -> list[str]:
    model = page.table.history
    return [str(model.index(row, RUN).data()) for row in range(model.rowCount())]


def test_everything_about_a_run_is_kept(window: MainWindow, qtbot: QtBot, page: Any) -> None:
    presenter = window.place("run").history
    assert ids(page) == ["r-0003", "r-0002", "r-0001"]
    page.table.selectRow(2)
    qtbot.waitUntil(lambda: presenter.selected == ("r-0001",), timeout=5_000)
    page.detail.name.setText("the first")
    page.detail.name.editingFinished.emit()
    page.detail.tags.line.setText("Base line")
    page.detail.tags.line.take()
    page.detail.notes.setPlainText("odd on Tuesdays")
    page.detail.save_notes()
    qtbot.waitUntil(lambda: bool(presenter.chosen and presenter.chosen[0].notes and presenter.tags), timeout=30_000)
    line = presenter.chosen[0]
    assert (line.name, line.tags, line.notes) == ("the first", ("base-line",), "odd on Tuesdays")
    page.filters.words.setText("tuesdays")
    qtbot.waitUntil(lambda: ids(page) == ["r-0001"], timeout=30_000)
    qtbot.keyClick(page.filters.words, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(ids(page)) == 3, timeout=30_000)
    presenter.edit(["r-0001"], pinned=True)
    qtbot.waitUntil(lambda: ids(page) == ["r-0001", "r-0003", "r-0002"], timeout=30_000)
    assert page.table.history.line(1).changed == ("seed 2 → 3",)


def test_sorting_and_filters_ask_the_database(window: MainWindow, qtbot: QtBot, page: Any) -> None:
    page.table.horizontalHeader().sectionClicked.emit(COMPLETES)
    settled(page, qtbot)
    shares = [page.table.history.line(row).completion for row in range(3)]
    assert shares == sorted(shares, reverse=True)
    window.place("run").history.narrow(verdict="holds", words="")
    settled(page, qtbot)
    holding = [page.table.history.line(row) for row in range(page.table.history.rowCount())]
    assert all(line.verdict == "holds" for line in holding)
    page.filters.clear.click()
    qtbot.waitUntil(lambda: len(ids(page)) == 3, timeout=30_000)


def test_deleting_can_be_undone(window: MainWindow, qtbot: QtBot, page: Any) -> None:
    page.table.setFocus()
    page.table.selectRow(0)
    qtbot.waitUntil(lambda: window.place("run").history.selected == ("r-0003",), timeout=5_000)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: ids(page) == ["r-0002", "r-0001"], timeout=30_000)
    assert not page.filters.undo.isHidden()
    window.commands.run("history.undo")
    qtbot.waitUntil(lambda: ids(page) == ["r-0003", "r-0002", "r-0001"], timeout=30_000)
    assert page.filters.undo.isHidden()


def test_opening_shows_its_numbers(window: MainWindow, qtbot: QtBot, page: Any) -> None:
    page.table.selectRow(1)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    run = window.place("run")
    qtbot.waitUntil(lambda: bool(run.presenter.live.manifest), timeout=30_000)
    assert run.presenter.live.manifest.run_id == "r-0002"
    assert run.view.strip.pages.key() == "run"
    run.view.run.past.click()
    assert run.view.strip.pages.key() == "history"
