"""The History page in the window: found again, written about, moved aside and back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.domain.events import JobFailed, Progress
from turbulence_app.gui.places.run.history.model import COMPLETES, RUN
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.toast import Toast
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


def test_all_lines_of_the_filter_are_written_also_those_that_nobody_read(
    window: MainWindow, qtbot: QtBot, page: Any, answers: Answers, tmp_path: Path
) -> None:
    presenter = window.place("run").history
    presenter.sort_by("users")
    settled(page, qtbot)
    presenter.pages = type(presenter.pages)()  # nothing was read
    answers.path = tmp_path / "runs.csv"
    button = next(b for b in page.findChildren(ExportButton) if b.name() == "Runs and campaigns")
    button.save_csv()
    qtbot.waitUntil(lambda: answers.path.exists() and not button.writing, timeout=30_000)
    rows = list(csv.DictReader(io.StringIO(answers.path.read_text("utf-8"))))
    assert sorted(row["id"] for row in rows) == ["r-0001", "r-0002", "r-0003"]
    assert {row["changed"] for row in rows} == {"the first of its workflow", "seed 1 → 2", "seed 2 → 3"}
    assert window.notices.book.notices[-1].text == "Exported 3 lines: runs.csv"


def test_a_long_writing_says_how_far_it_is_and_can_be_stopped(
    window: MainWindow, qtbot: QtBot, page: Any, answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.path = tmp_path / "runs.csv"
    asked: list[dict[str, Any]] = []
    bridge = window.bridge

    def request(lane: str, op: str, params: Any, **calls: Any) -> Any:
        asked.append({"op": op, **calls})
        return type(bridge).request(bridge, "live", "ping", {})

    button = next(b for b in page.findChildren(ExportButton) if b.name() == "Runs and campaigns")
    monkeypatch.setattr(bridge, "request", request)
    stopped: list[Any] = []
    monkeypatch.setattr(bridge, "cancel", stopped.append)
    button.save_csv()
    qtbot.waitUntil(lambda: bool(window.findChildren(Toast)), timeout=5_000)
    toast = window.findChildren(Toast)[-1]
    assert toast.notice.action == "Stop"
    (job,) = [one for one in asked if one["op"] == "export_history"]
    job["on_events"]([Progress(what="lines", done=500, total=9000, rate=100, eta_s=85)])
    assert toast.label.text() == "Writing runs.csv: 500 of 9,000 lines, 85 s left"
    toast._act()
    assert len(stopped) == 1
    job["on_error"](JobFailed(message="stopped", exit_status=130))
    assert not button.writing
