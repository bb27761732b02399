"""The Analysis page in the real window: counted by the real worker, bars open people, people open their visit."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from turbulence_app.domain.analysis import Among
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.chart_rows import BarRow, BinRow, Piece, SpanLine
from turbulence_app.gui.widgets.bars import BarList
from turbulence_app.gui.widgets.histogram import Histogram
from turbulence_app.gui.widgets.span_lines import SpanLines
from turbulence_app.gui.window import MainWindow


def analysed(qtbot: QtBot, window: MainWindow, users: int = 3000):
    window.go("run", {})
    place = window.place("run")
    place.presenter.choose_scenario("lost-answers")
    place.presenter.set_numbers(users=users)
    place.presenter.start()
    qtbot.waitUntil(lambda: place.presenter.live.phase == "ended", timeout=60_000)
    place.view.turn("analysis")
    qtbot.waitUntil(lambda: place.analysis.counting.phase == "shown", timeout=60_000)
    return place


def traced(place) -> bool:
    return place.analysis.person is not None and place.analysis.person.trace is not None


def test_from_a_run_to_one_persons_visit_by_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    window.go("run", {})
    place = window.place("run")
    place.view.turn("analysis")
    page = place.view.analysis
    assert page._stack.currentWidget() is page.empty, "nothing has run yet"
    assert not page.filters.isVisible(), "an empty line takes no room in the strip"
    place = analysed(qtbot, window)
    summary = place.presenter.live.summary
    board = place.analysis.board
    assert page.filters.isVisible()
    assert board.outcomes["completed"] == summary.completed
    assert "3,000 users" in page.subject.full_text()

    bars = page.leaving.bars
    bars.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bars, Qt.Key.Key_Down)
    QTest.keyClick(bars, Qt.Key.Key_Up)
    assert bars.accessibleDescription() == bars.rows()[0].says
    QTest.keyClick(bars, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(place.analysis.behind and place.analysis.behind.people), timeout=30_000)
    behind = place.analysis.behind
    assert behind.count == board.funnel[0].left.people
    assert page.people.isVisible()
    qtbot.waitUntil(
        lambda: place.analysis.person is not None and place.analysis.person.trace is not None, timeout=30_000
    )
    assert page.people.timeline.trace.rowCount() > 2
    first = place.analysis.person.user
    QTest.keyClick(page.people.list, Qt.Key.Key_Down)
    qtbot.waitUntil(
        lambda: place.analysis.person.user != first and place.analysis.person.trace is not None, timeout=30_000
    )

    page.people.copy.click()
    address = f"{board.run_id}/{place.analysis.person.user}"
    assert QGuiApplication.clipboard().text() == f"turbulence replay {address}"
    place.analysis.sort_people("longest")
    qtbot.waitUntil(lambda: place.analysis.behind.total is not None, timeout=30_000)
    took = [somebody.took_ms for somebody in place.analysis.behind.people]
    assert took == sorted(took, reverse=True)
    assert place.analysis.behind.total == board.funnel[0].left.people
    more = place.analysis.behind.people
    place.analysis.more_people()
    qtbot.waitUntil(lambda: len(place.analysis.behind.people) > len(more), timeout=30_000)
    QTest.keyClick(page.people, Qt.Key.Key_Escape)
    assert not page.people.isVisible()

    page.filters.personas[board.personas[1]].click()
    qtbot.waitUntil(lambda: place.analysis.board.among == Among(personas=(board.personas[1],)), timeout=30_000)
    assert place.analysis.board.people == board.sizes[1]
    assert page.filters.reset.isVisible()
    window.commands.run("analysis.everybody")
    qtbot.waitUntil(lambda: place.analysis.board.among == Among(), timeout=30_000)

    place.view.turn("run")
    run = place.view.run
    run.graph.step_clicked.emit("address")
    qtbot.waitUntil(lambda: bool(place.analysis.behind and place.analysis.behind.people), timeout=30_000)
    reached = next(step.reached for step in summary.funnel if step.step == "address")
    assert place.analysis.behind.count == reached
    assert run._side.currentWidget() is run.people
    place.analysis.hide_people()
    ways = run.graph.pairs("browse", "details")
    assert ways
    run.graph.way_clicked.emit("browse", "details")
    qtbot.waitUntil(lambda: bool(place.analysis.behind and place.analysis.behind.people), timeout=30_000)
    run.by_persona.setChecked(True)
    assert "impatient_shopper" in run.legend.text()


def test_what_cannot_be_counted_says_so_and_can_be_tried_again(qtbot: QtBot, window: MainWindow) -> None:
    place = analysed(qtbot, window, 500)
    page, presenter = place.view.analysis, place.analysis
    presenter.board = None
    presenter._refused(JobFailed(message="run r-0001 gives other numbers now", mend="run it again"))
    assert page._stack.currentWidget() is page.error
    assert "gives other numbers now" in page.error.text.text()
    presenter._refused(JobFailed(message="stopped", exit_status=130))
    assert page.error.title.text() == "Stopped"
    page.error.button.click()
    assert page._stack.currentWidget() not in (page.error, page.empty)
    qtbot.waitUntil(lambda: presenter.counting.phase == "shown", timeout=30_000)
    presenter._not_found(JobFailed(message="nobody can be asked"))
    presenter.show_people(presenter.behind.wanted if presenter.behind else _wanted(), "Somebody", 3)
    presenter._not_found(JobFailed(message="nobody can be asked"))
    assert "nobody can be asked" in page.people.count.text()


def _wanted():
    from turbulence_app.domain.analysis import Wanted

    return Wanted(place="browse")


ROWS = [
    BarRow(str(n), f"row {n}", (Piece("accent", n, "ann"),), str(n), f"row {n} says {n}", track=9) for n in range(4)
]
BINS = [BinRow(str(n), n, n + 1, (Piece("accent", n + 1, "ann"),), f"bin {n}", mark=1.0) for n in range(4)]


def test_bars_are_chosen_and_opened(qtbot: QtBot, theme) -> None:
    bars = BarList("bars")
    qtbot.addWidget(bars)
    bars.resize(300, int(bars.sizeHint().height()))
    bars.set_rows(ROWS)
    bars.show()
    opened: list[str] = []
    bars.opened.connect(opened.append)
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.rect().center())
    QTest.keyClick(bars, Qt.Key.Key_End)
    QTest.keyClick(bars, Qt.Key.Key_Space)
    assert opened[-1] == "3"
    assert len(opened) == 2
    assert bars.accessibleDescription() == "row 3 says 3"
    assert list(bars.table().rows)[2] == ("row 2", 2, 2, "2")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_columns_are_chosen_and_opened(qtbot: QtBot, theme, key: Qt.Key) -> None:
    histogram = Histogram("columns", str)
    qtbot.addWidget(histogram)
    histogram.resize(300, 120)
    histogram.set_data(BINS, [("p50", 1.5)])
    histogram.show()
    opened: list[str] = []
    histogram.opened.connect(opened.append)
    QTest.keyClick(histogram, Qt.Key.Key_End)
    QTest.keyClick(histogram, Qt.Key.Key_Left)
    QTest.keyClick(histogram, key)
    assert opened == ["2"]
    assert histogram.accessibleDescription() == "bin 2"
    assert not histogram.grab().isNull()


def test_spans_are_chosen_and_opened(qtbot: QtBot, theme) -> None:
    lines = SpanLines("lines", str)
    qtbot.addWidget(lines)
    lines.resize(300, 120)
    lines.set_data([SpanLine("ann", "accent", (1.0, None, 3.0))], 2.0)
    lines.show()
    opened: list[int] = []
    lines.opened.connect(opened.append)
    QTest.keyClick(lines, Qt.Key.Key_Home)
    QTest.keyClick(lines, Qt.Key.Key_Right)
    QTest.keyClick(lines, Qt.Key.Key_Right)
    QTest.keyClick(lines, Qt.Key.Key_Return)
    assert opened == [2]
    assert lines.says(1).endswith("nobody")
    assert list(lines.table().rows)[2] == (4.0, 3.0)
    assert not lines.grab().isNull()
