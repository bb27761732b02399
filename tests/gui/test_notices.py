"""Messages: kept, counted, never endless, never over the primary button, and readable in peace."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Bridge, Job
from turbulence_app.gui.chronicle import Chronicle, worker_state
from turbulence_app.gui.chronicle_words import WORKS, ended_words, took
from turbulence_app.gui.context import Navigation
from turbulence_app.gui.notices import KEPT, REPEATS, Notice, NoticeBook, Restraint, clock, wanted
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button
from turbulence_app.gui.widgets.notices_panel import NoticesPanel
from turbulence_app.gui.widgets.toast import Toaster, clear_of
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.journal import journal
from turbulence_app.service.journal_reading import Reader, Wanted
from turbulence_app.service.ops import TABLE
from turbulence_app.settings import preferences

NOON = datetime(2026, 11, 28, 12)
kinds = st.sampled_from(["info", "good", "warn", "bad"])


@given(st.lists(st.tuples(kinds, st.sampled_from("abc")), max_size=30))
def test_the_book_keeps_everything_once(told: list) -> None:
    book = NoticeBook()
    for kind, text in told:
        book.add(Notice(NOON, kind, text))
    assert sum(notice.times for notice in book.notices) == len(told)
    assert all((a.kind, a.text) != (b.kind, b.text) for a, b in zip(book.notices, book.notices[1:], strict=False))
    assert book.unread() == len(book.notices)
    book.look()
    assert book.unread() == 0
    assert book.worst() == "info"


def test_the_book_is_bounded() -> None:
    book = NoticeBook()
    for number in range(KEPT + 10):
        book.add(Notice(NOON, "info", str(number)))
    assert len(book.notices) == KEPT


@given(st.lists(st.floats(0, 300), max_size=60))
def test_nothing_repeats_endlessly(gaps: list[float]) -> None:
    restraint, at, shown = Restraint(), NOON, []
    for gap in gaps:
        at += timedelta(seconds=gap)
        if restraint.allows("the same", at):
            shown.append(at)
    for first, last in zip(shown, shown[REPEATS:], strict=False):
        assert (last - first).total_seconds() >= 60
    assert restraint.allows("another", at)


@given(kinds, st.sampled_from(["all", "problems", "none"]))
def test_what_is_shown_is_the_persons_choice(kind: str, show: str) -> None:
    assert wanted(kind, show) == (show == "all" or (show == "problems" and kind in ("warn", "bad")))  # type: ignore[arg-type]


def test_when_it_was() -> None:
    assert clock(Notice(NOON, "info", "x"), NOON) == "12:00"
    assert clock(Notice(NOON, "info", "x", times=3), NOON + timedelta(days=1)) == "2026-11-28 12:00 · 3 times"


boxes = st.builds(QRect, st.integers(0, 900), st.integers(0, 700), st.integers(1, 200), st.integers(1, 40))


@given(st.lists(boxes, max_size=4), st.integers(40, 300))
def test_the_stack_never_covers_a_button_where_there_is_room(buttons: list[QRect], tall: int) -> None:
    stack = QRect(860, 756 - tall, 420, tall)
    moved = QRect(stack)
    moved.moveTop(clear_of(stack, buttons) - tall)
    assert moved.top() <= stack.top()
    if moved != stack:
        assert not any(moved.intersects(button) for button in buttons)


@pytest.fixture
def host(qtbot: QtBot, theme: Theme, home: object) -> QWidget:
    made = QWidget()
    made.resize(1200, 800)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_message_holds_still_under_the_pointer(host: QWidget) -> None:
    toast = Toaster(host).show("read me", "bad")
    assert toast is not None
    assert toast.timer.isActive()
    assert toast.timer.interval() == 3 * 1000 * preferences().number("notify.seconds")
    where = QPointF(5, 5)
    toast.enterEvent(QEnterEvent(where, where, where))
    assert not toast.timer.isActive()
    toast.leaveEvent(QEvent(QEvent.Type.Leave))
    assert toast.timer.isActive()
    toast.close()


def test_a_message_takes_no_focus_and_keeps_clear_of_the_primary_button(host: QWidget) -> None:
    button = Button("Do it", "primary")
    button.setParent(host)
    button.move(1000, 700)
    button.show()
    button.setFocus()
    toaster = Toaster(host)
    toast = toaster.show("something happened", "good", "Show", lambda: None)
    assert toast is not None
    end = toast.slide.endValue() if toast.slide is not None else toast.pos()
    assert not QRect(end, toast.size()).intersects(button.geometry())
    assert host.focusWidget() is button
    toast.close()


def test_where_less_motion_is_wanted_a_message_is_there_at_once(host: QWidget) -> None:
    preferences().set("look.reduced_motion", True)
    toast = Toaster(host).show("x")
    assert toast is not None
    assert toast.slide is None
    toast.close()


def test_kinds_that_nobody_wants_and_repeats_only_go_into_the_book(host: QWidget) -> None:
    toaster = Toaster(host, now=lambda: NOON)
    preferences().set("notify.show", "problems")
    assert toaster.show("fine", "good") is None
    shown = [toaster.show("broken", "warn") for _ in range(5)]
    assert [toast is not None for toast in shown] == [True] * REPEATS + [False] * (5 - REPEATS)
    assert [(notice.text, notice.times) for notice in toaster.book.notices] == [("fine", 1), ("broken", 5)]
    for toast in shown:
        if toast is not None:
            toast.close()


def test_the_bell_counts_and_its_list_acts(window: MainWindow, qtbot: QtBot) -> None:
    window.notices.book.clear()
    done: list[str] = []
    window.notices.show("Exported", "good", "Copy the path", lambda: done.append("copied"))
    window.notices.show("Broken", "bad")
    assert window.status.bell.text() == "2"
    assert window.status.bell.accessibleName() == "Notifications: 2 new"
    window.commands.run("window.notices")
    panel = window.menus._notices
    assert isinstance(panel, NoticesPanel)
    assert panel.isVisible()
    assert window.status.bell.text() == ""
    act = next(button for button in panel.findChildren(Button) if button.text() == "Copy the path")
    QTest.mouseClick(act, Qt.MouseButton.LeftButton)
    assert done == ["copied"]
    window.commands.run("window.notices")
    panel.log.click()
    assert window.places.open == "log"
    window.commands.run("window.notices")
    panel.clear.click()
    assert window.notices.book.notices == []
    window.commands.run("window.notices")
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()


# -- what is written down


class Silent:
    """A client that answers when it is told to."""

    def __init__(self) -> None:
        self.calls: dict[int, dict] = {}

    def request(self, lane: str, op: str, params: object, **calls: object) -> int:
        self.calls[len(self.calls)] = calls
        return len(self.calls) - 1

    def cancel(self, job: int) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Told:
    """Remembers what was told."""

    def __init__(self) -> None:
        self.notices: list[tuple] = []

    def show(self, *notice: object) -> None:
        self.notices.append(notice)


@pytest.fixture
def desk(qtbot: QtBot, home: object) -> tuple[Bridge, Silent, Told, Chronicle]:
    client, told = Silent(), Told()
    bridge = Bridge(client)  # type: ignore[arg-type]
    chronicle = Chronicle(bridge, told, Navigation(), lambda: "personas", bridge)
    return bridge, client, told, chronicle


def written() -> list[dict]:
    reader = Reader(journal().folder)
    return reader.page(reader.search(Wanted()).number, 0, 50)[::-1]


class Aged:
    """A clock that says what it is told."""

    def __init__(self, ms: float) -> None:
        self.ms = ms

    def nsecsElapsed(self) -> float:  # noqa: N802
        return self.ms * 1e6


def answer(bridge: Bridge, client: Silent, job: Job, what: str, value: object, ms: float = 5) -> None:
    job.clock = Aged(ms)  # type: ignore[assignment]
    client.calls[job.number][f"on_{what}"](value)
    bridge.pump()


def test_work_is_written_down_with_where_it_leads(desk: tuple) -> None:
    bridge, client, told, _ = desk
    job = bridge.request("run", "run", {}, on_result=lambda _: None)
    result = {"manifest": {"run_id": "r-1", "users": 20_000, "seed": 42}}
    answer(bridge, client, job, "result", result, 90_000)
    began, ended = written()
    assert began["message"] == "Run began"
    assert ended["message"] == "Run ended · 20,000 users · 1 min 30 s"
    assert (ended["place"], ended["target"]) == ("run", {"run_id": "r-1"})
    assert told.notices[0][:3] == ("Run ended · 20,000 users · 1 min 30 s", "good", "Show")


def test_invariants_that_a_run_broke_lead_to_their_failures(desk: tuple) -> None:
    bridge, client, _, _ = desk
    verdicts = [
        {"name": "charged_once", "status": "broken", "violations": 3},
        {"name": "checkout_is_fast", "status": "broken"},
        {"name": "someone_pays", "status": "holds"},
    ]
    result = {"manifest": {"run_id": "r-1"}, "summary": {"verdicts": verdicts}}
    answer(bridge, client, bridge.request("run", "run", {}, on_result=lambda _: None), "result", result)
    lines = [line for line in written() if line["source"] == "verdict"]
    assert [line["message"] for line in lines] == ["charged_once is broken for 3 people", "checkout_is_fast is broken"]
    assert lines[0]["place"] == "failures"
    assert lines[0]["target"] == {"run_id": "r-1", "invariant": "charged_once"}


def test_short_work_and_work_in_front_end_without_a_message(desk: tuple) -> None:
    bridge, client, told, _ = desk
    for op, ms in (("run", 9_000), ("compile", 90_000)):
        job = bridge.request("run", op, {}, on_result=lambda _: None)
        answer(bridge, client, job, "result", {}, ms)
    preferences().set("notify.jobs", False)
    job = bridge.request("run", "run", {}, on_result=lambda _: None)
    answer(bridge, client, job, "result", {}, 90_000)
    assert told.notices == []


def test_faults_of_the_program_are_errors_with_their_stack(desk: tuple) -> None:
    bridge, client, _, chronicle = desk
    faults: list[JobFailed] = []
    chronicle.fault.connect(faults.append)
    for known in (True, False):
        job = bridge.request("live", "replay", {}, on_error=lambda _: None)
        answer(bridge, client, job, "error", JobFailed(message="no", known=known, traceback="where"))
    assert [line["level"] for line in written()] == ["warning", "error"]
    assert written()[1]["stack"] == "where"
    assert [failure.known for failure in faults] == [False]


def test_what_is_asked_all_the_time_leaves_no_line(desk: tuple) -> None:
    bridge, client, _, _ = desk
    preferences().set("log.level", "debug")
    for op in ("log_search", "preview", "telemetry"):
        answer(bridge, client, bridge.request("live", op, {}, on_result=lambda _: None), "result", {}, 5000)
    assert written() == []


def test_a_worker_that_dies_is_written_down(home: object) -> None:
    worker_state("run", "ended")
    assert written()[0]["level"] == "error"
    assert "run worker died" in written()[0]["message"]


def test_words_are_about_operations_and_places_that_exist() -> None:
    assert set(WORKS) <= set(TABLE)
    assert {work.place for work in WORKS.values()} <= {spec.name for spec in SPECS}


def test_words_of_an_end() -> None:
    stopped = JobFailed(message="stopped", exit_status=130)
    assert ended_words(WORKS["run"], "run", stopped, 1500) == "Run was stopped after 1.5 s"
    failed = JobFailed(message="disk full", mend="make room")
    assert ended_words(WORKS["run"], "run", failed, 10) == "Run failed after 10 ms: disk full (make room)"
    assert ended_words(WORKS["save_policy"], "save_policy", {"file": "/a/b.yaml"}, 1) == "Policy saved: b.yaml"
    assert ended_words(None, "run_summary", {}, 61_000) == "run summary ended · 1 min 1 s"
    assert took(0.4) == "0 ms"
