"""The Log place: newest first, a hundred thousand lines by pages, searched in the worker, each line leads somewhere."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.places.log.presenter import Filter
from turbulence_app.gui.places.log.state import PAGE, Line, counted, empty_words, facts, line_of
from turbulence_app.gui.places.log.table import KEPT, LEADS, MESSAGE, LogModel
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.journal import NAME, journal
from turbulence_app.service.journal import line_of as raw_line


def test_a_line_in_words() -> None:
    record = {"at": "2026-11-28T04:00:00.123+00:00", "level": "error", "source": "job", "process": "window",
              "message": "Run failed", "detail": {"users": 20000, "operation": "run", "took": "1 s"}, "stack": "here",
              "place": "run", "target": {"run_id": "r"}}  # fmt: skip
    line = line_of(record)
    assert line.leads == "Run"
    moment = datetime(2026, 11, 28, 4, tzinfo=UTC).astimezone()
    assert line.when == moment.strftime("%Y-%m-%d %H:%M:%S")
    assert facts(line)[1:] == [("from", "job, window"), ("users", "20,000"), ("took", "1 s")]
    assert line.text().splitlines()[1:] == ["Run failed", "users: 20000", "operation: run", "took: 1 s", "here"]
    assert line_of({}) == Line("", "info", "", "")
    assert Line("no time", "info", "", "").when == "no time"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((1, 1, False, 0), "1 line"),
        ((3, 1200, False, 0), "3 of 1,200 lines"),
        ((1200, 1200, True, 0), "1,200 lines · paused"),
        ((1200, 1200, True, 7), "1,200 lines · paused, 7 new"),
    ],
)
def test_counts_in_words(given: tuple, words: str) -> None:
    assert counted(*given) == words


def test_why_nothing_is_shown() -> None:
    assert "zebra" in empty_words(" zebra ", True)
    assert empty_words("", True) == "No line of this kind."
    assert "will be written" in empty_words("", False)
    assert not Filter().narrow
    assert Filter(level="errors").narrow


def test_the_model_asks_for_a_page_once_and_keeps_few(theme: Theme) -> None:
    model, asked = LogModel(), []
    model.wanted.connect(asked.append)
    model.show(100_000, [{"message": str(number), "level": "info"} for number in range(PAGE)])
    assert model.index(3, MESSAGE).data() == "3"
    assert asked == []
    assert model.index(90_000, MESSAGE).data() == "…"
    assert model.index(90_001, LEADS).data() is None
    assert asked == [450]
    model.put(450, [{"message": f"far {number}", "level": "error"} for number in range(PAGE)])
    assert model.index(90_001, MESSAGE).data() == "far 1"
    for page in range(KEPT + 5):
        model.put(page, [])
    assert len(model._pages) == KEPT


def fill(lines: int) -> None:
    """Many lines, quickly."""
    journal().note("info", "x", "first")
    with (journal().folder / NAME).open("ab") as file:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for number in range(lines):
            at = (start + timedelta(seconds=number)).isoformat(timespec="milliseconds")
            level = "error" if number % 1000 == 7 else "info"
            target = {"place": "personas", "target": {}} if level == "error" else {}
            record = {"at": at, "level": level, "source": "job", "process": "window", "message": f"line {number}"}
            file.write(raw_line({**record, **target}))


def test_the_place(window: MainWindow, qtbot: QtBot, answers: Answers, tmp_path: Path) -> None:
    fill(3000)
    window.go("log")
    place = window.place("log")
    view, presenter = place.view, place.presenter
    qtbot.waitUntil(lambda: presenter.total > 3000, timeout=20_000)
    model = presenter.lines
    newest = [model.line(row).message for row in range(3)]  # type: ignore[union-attr]
    assert "line 2999" in newest
    # a page far down comes when it is looked at
    row = presenter.total - 2
    assert model.line(row) is None
    qtbot.waitUntil(lambda: model.line(row) is not None, timeout=20_000)
    # filters
    view.level.buttons["errors"].click()
    qtbot.waitUntil(lambda: presenter.total == 3, timeout=20_000)
    view.search.setText("1007")
    qtbot.waitUntil(lambda: presenter.total == 1, timeout=20_000)
    assert view.count.text().startswith("1 of 3,")
    # the line below, its copy, its place
    view.table.setCurrentIndex(model.index(0, 0))
    assert view.detail.words.text() == "line 1007"
    window.commands.run("log.copy")
    assert "line 1007" in QGuiApplication.clipboard().text()
    QTest.keyClick(view.table, Qt.Key.Key_Return)
    assert window.places.open == "personas"
    window.go("log")
    # an expression, and one that is none
    view.search.setText("line 1.07")
    view.regex.click()
    qtbot.waitUntil(lambda: presenter.total == 1 and presenter.filter.regex, timeout=20_000)
    view.search.setText("(")
    qtbot.waitUntil(lambda: "no expression" in view.problem.text(), timeout=20_000)
    view.search.setText("")
    view.regex.click()
    view.level.buttons["all"].click()
    qtbot.waitUntil(lambda: presenter.total > 3000, timeout=20_000)
    assert view.problem.text() == ""
    # what is new comes by itself, unless somebody reads in peace
    journal().note("warning", "here", "something new")
    qtbot.waitUntil(lambda: (model.line(0) or Line("", "", "", "")).message == "something new", timeout=20_000)
    view.pause.click()
    journal().note("info", "here", "later")
    qtbot.waitUntil(lambda: "paused, 1 new" in view.count.text(), timeout=20_000)
    assert model.line(0).message == "something new"  # type: ignore[union-attr]
    view.pause.click()
    qtbot.waitUntil(lambda: model.line(0).message == "later", timeout=20_000)  # type: ignore[union-attr]
    # sources, and out as a table
    view.source.setCurrentIndex(view.source.findData("here"))
    view.source.activated.emit(view.source.currentIndex())
    qtbot.waitUntil(lambda: presenter.total == 2, timeout=20_000)
    answers.path = tmp_path / "out.csv"
    window.commands.run("log.export")
    qtbot.waitUntil(lambda: answers.path.exists() and "later" in answers.path.read_text(), timeout=20_000)
    assert len(answers.path.read_text().splitlines()) == 3
    # other places may send people here
    window.go("log", {"text": "zebra", "level": "errors"})
    qtbot.waitUntil(lambda: presenter.total == 0, timeout=20_000)
    assert view.table._empty == "No line says “zebra”."


def test_an_expression_that_never_ends_is_stopped(window: MainWindow, qtbot: QtBot) -> None:
    window.go("log")
    presenter = window.place("log").presenter
    qtbot.waitUntil(lambda: presenter.ready, timeout=20_000)
    told: list[str] = []
    presenter.refused.connect(told.append)
    presenter._ask()
    presenter._give_up()
    assert "takes too long" in told[-1]
    assert not presenter._search.running
