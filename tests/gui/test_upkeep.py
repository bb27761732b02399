"""What goes wrong leaves a trace: stalls with their stack, faults that nobody caught, windows that did not end well."""

import faulthandler
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui import watchdog as watching
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.faults import LONGEST, Faults, headline
from turbulence_app.gui.upkeep import Upkeep
from turbulence_app.gui.watchdog import FLOOD, LONG_S, Stalls, Watchdog, stack_of
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.journal import journal
from turbulence_app.service.journal_reading import Reader, Wanted
from turbulence_app.service.vigil import Vigil
from turbulence_app.settings import preferences

LIMIT = 0.25


def written() -> list[dict]:
    reader = Reader(journal().folder)
    return reader.page(reader.search(Wanted()).number, 0, 100)[::-1]


# -- stalls


@given(st.lists(st.tuples(st.sampled_from(["beat", "look"]), st.floats(0.01, 3.0)), max_size=40))
def test_exactly_the_long_gaps_between_beats_are_stalls(steps: list) -> None:
    stalls, now, last, gaps, told = Stalls(LIMIT, lambda: "here"), 0.0, None, [], []
    for what, gap in steps:
        now += gap
        if what == "beat":
            if last is not None and now - last > LIMIT + watching.BEAT_MS / 1000:
                gaps.append(now - last)
            last = now
        found = stalls.beat(now) if what == "beat" else stalls.look(now)
        if found is not None and found.over:
            told.append(found.ms / 1000)
    assert told == pytest.approx(gaps)


def test_a_stall_has_the_stack_of_its_beginning_and_is_told_while_it_lasts() -> None:
    asked: list[int] = []
    stalls = Stalls(LIMIT, lambda: f"look {len(asked)}" if not asked.append(1) else "")
    assert stalls.beat(0.0) is None
    assert stalls.look(0.2) is None
    assert stalls.look(0.3) is None
    assert stalls.look(2.0) is None
    lasting = stalls.look(LONG_S + 0.1)
    assert lasting is not None
    assert (lasting.over, lasting.stack) == (False, "look 1")
    assert stalls.look(LONG_S + 1) is None
    over = stalls.beat(LONG_S + 2)
    assert over is not None
    assert (over.ms, over.stack) == ((LONG_S + 2) * 1000, "")
    assert len(asked) == 1


def test_the_stack_names_what_the_thread_does() -> None:
    ready, go = threading.Event(), threading.Event()

    def a_name_to_find() -> None:
        ready.set()
        go.wait()

    thread = threading.Thread(target=a_name_to_find)
    thread.start()
    ready.wait()
    assert "a_name_to_find" in stack_of(thread.ident or 0)
    go.set()
    thread.join()
    assert stack_of(thread.ident or 0) == ""


def test_looking_at_a_thread_never_destroys_what_it_holds_on_another() -> None:
    """Qt's objects must go on their own thread: a frame that is held elsewhere would keep them and take them down."""
    died: set[int] = set()

    class Held:
        def __del__(self) -> None:
            died.add(threading.get_ident())

    def short() -> int:
        mine = Held()
        return sum(range(2000)) + id(mine)

    main, over = threading.get_ident(), threading.Event()

    def look() -> None:
        while not over.is_set():
            stack_of(main)

    thread = threading.Thread(target=look)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        thread.start()
        for _ in range(5000):
            short()
    finally:
        over.set()
        thread.join()
        sys.setswitchinterval(usual)
    assert died == {main}


def test_a_real_stall_of_the_loop_is_written_down(qtbot: QtBot, home: Path, no_leaks: None) -> None:
    preferences().set("log.stall_ms", 100)
    dog = Watchdog(lambda: "run")
    dog.start()
    begin = time.monotonic()
    while time.monotonic() - begin < 0.6:  # nobody answers meanwhile
        time.sleep(0.01)
    qtbot.waitUntil(lambda: any("did not answer" in line["message"] for line in written()), timeout=20_000)
    dog.close()
    stall = next(line for line in written() if "did not answer" in line["message"])
    assert stall["detail"]["in front"] == "run"
    assert "test_a_real_stall_of_the_loop_is_written_down" in stall["stack"]


def test_a_slow_computer_does_not_fill_the_log(qtbot: QtBot, home: Path) -> None:
    now = [0.0]
    dog = Watchdog(lambda: "", clock=lambda: now[0])
    for _ in range(3 * FLOOD):
        now[0] += 0.5
        dog._beat()
    assert len(written()) == FLOOD


# -- faults


class Told:
    def __init__(self) -> None:
        self.notices: list[tuple] = []

    def show(self, *notice: object) -> None:
        self.notices.append(notice)


@pytest.fixture
def caught(qtbot: QtBot, home: Path) -> tuple[Faults, Told, list]:
    told, reports, parent = Told(), [], QObject()
    made = Faults(told, lambda *report: reports.append(report), parent)
    made.parent_ = parent  # type: ignore[attr-defined]
    return made, told, reports


def test_what_nobody_caught_is_one_line_with_a_report(caught: tuple, qtbot: QtBot) -> None:
    faults, told, reports = caught
    try:
        raise ValueError("weights sum\nto nothing")
    except ValueError as error:
        faults.caught(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(told.notices))
    text, kind, action, act = told.notices[0]
    assert text == "A fault of the program: ValueError: weights sum to nothing. Nothing was closed."
    assert (kind, action) == ("bad", "Show the report")
    act()
    assert reports[0][0] == "ValueError: weights sum to nothing."
    assert "test_what_nobody_caught" in reports[0][1]
    (line,) = written()
    assert (line["level"], line["source"]) == ("error", "fault")


def test_a_thread_may_fail_too(caught: tuple, qtbot: QtBot) -> None:
    faults, told, _ = caught
    faults._in_thread(threading.ExceptHookArgs((KeyError, KeyError("x"), None, None)))
    faults._in_thread(threading.ExceptHookArgs((SystemExit, SystemExit(), None, None)))
    qtbot.waitUntil(lambda: len(told.notices) == 1)


def test_hooks_are_given_back_and_ctrl_c_is_nobodys_fault(caught: tuple) -> None:
    faults, told, _ = caught
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    passed: list[object] = []
    faults._before = (lambda *args: passed.append(args), *faults._before[1:])
    faults.caught(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert len(passed) == 1
    faults._before = before
    faults.install()
    assert sys.excepthook == faults.caught
    faults.close()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    assert told.notices == []


class WordlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


@given(st.text(max_size=400))
def test_a_headline_is_one_line(text: str) -> None:
    line = headline(ValueError, ValueError(text))
    assert "\n" not in line
    assert len(line) <= LONGEST + 1
    assert line.endswith((".", "…"))
    assert headline(WordlessError, WordlessError()) == "WordlessError."


def test_a_workers_fault_offers_its_report(window: MainWindow) -> None:
    window.chronicle.fault.emit(JobFailed(message="KeyError: 'x'", known=False, traceback="where"))
    assert window.notices.history[-1][1].startswith("A fault of the program: KeyError")
    assert window.notices.book.notices[-1].action == "Show the report"


# -- a window that did not end well


def test_a_window_that_ended_well_leaves_nothing(tmp_path: Path) -> None:
    was = faulthandler.is_enabled()
    vigil = Vigil(tmp_path / "log")
    assert vigil.begin() == []
    assert len(list((tmp_path / "log").iterdir())) == 2
    other = Vigil(tmp_path / "log", pid=1)
    assert other.begin() == [], "the first one lives"
    other.end()
    vigil.end()
    assert list((tmp_path / "log").iterdir()) == []
    if was:
        faulthandler.enable()


DIES = """
import faulthandler, os, sys
from pathlib import Path
from turbulence_app.service.vigil import Vigil
Vigil(Path(sys.argv[1])).begin()
if sys.argv[2] == "crash":
    faulthandler._sigsegv()
os._exit(9)
"""


@pytest.mark.parametrize(("how", "stack"), [("crash", "Segmentation fault"), ("leave", "")])
def test_a_window_that_did_not_is_known_at_the_next_start(tmp_path: Path, how: str, stack: str) -> None:
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path / "log"), how], check=False, capture_output=True)
    vigil = Vigil(tmp_path / "log")
    (left,) = vigil.begin()
    assert stack in left.stack
    assert bool(stack) == bool(left.stack)
    assert left.began.startswith("20")
    vigil.end()


def test_where_no_mark_can_be_set_nothing_stops(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("in the way")
    vigil = Vigil(tmp_path / "log")
    assert vigil.begin() == []
    vigil.end()


def test_upkeep_tells_what_was_left_and_heals_the_settings(
    window: MainWindow, qapp: QApplication, tmp_path: Path, no_leaks: None
) -> None:
    was = faulthandler.is_enabled()
    folder = journal().folder
    subprocess.run([sys.executable, "-c", DIES, str(folder), "leave"], check=False, capture_output=True)
    preferences().path.write_text("[run]\nusers = 'many'\n")
    upkeep = Upkeep(qapp, window)
    upkeep.begin()
    texts = [text for _, text in window.notices.history]
    assert any("did not end as it should" in text for text in texts)
    assert any("run.users is a whole number" in text and "kept beside it" in text for text in texts)
    assert (preferences().path.parent / "settings.broken-1.toml").exists()
    upkeep.end()
    messages = [line["message"] for line in written()]
    assert any("was ended from outside" in message for message in messages)
    assert messages[-1] == "closed"
    assert not list(folder.glob("window-*"))
    if was:
        faulthandler.enable()


# -- closing while work runs


def test_closing_asks_while_work_runs(window: MainWindow, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    running = [Job(None, None, None, "run", "run"), Job(None, None, None, "live", "preview")]
    monkeypatch.setattr(window.bridge, "under_way", lambda: running)
    answers.yes = False
    assert window.close() is False
    assert answers.asked[-1] == "Close while work runs?"
    preferences().set("window.confirm_close", False)
    assert window.chronicle.may_close(answers)
    preferences().set("window.confirm_close", True)
    answers.yes = True
    running.pop(0)
    asked = len(answers.asked)
    assert window.chronicle.may_close(answers)
    assert len(answers.asked) == asked
    assert os.environ["TURBULENCE_HOME"]
