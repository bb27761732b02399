"""What a window left open for days remembers is bounded, and a window that is closed is gone."""

from __future__ import annotations

import gc
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings
from PySide6.QtGui import QUndoGroup
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers, SharedClient
from turbulence_app.domain.events import FailureFound
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.history import HistoryLine
from turbulence_app.domain.run import RunManifest, Summary
from turbulence_app.gui import heap
from turbulence_app.gui.collector import APART_LOOKS, REST_LOOKS, Collector
from turbulence_app.gui.lately import PEOPLE, Lately
from turbulence_app.gui.notices import KEPT
from turbulence_app.gui.places.run.history.state import KEPT_PAGES, PAGE
from turbulence_app.gui.places.run.presenter import MOST_FAILURES
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.undo_step import STEPS, TEXT_STEPS, Step, undo_stack
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_path

THRESHOLD = gc.get_threshold()[0]


# -- what is remembered


@example(2, [("put", 0), ("put", 1), ("get", 0)])
@given(st.integers(1, 4), st.lists(st.tuples(st.sampled_from(["put", "get"]), st.integers(0, 5)), max_size=60))
def test_lately_keeps_what_was_touched_last(most: int, acts: list[tuple[str, int]]) -> None:
    kept: Lately[int, str] = Lately(most)
    touched: list[int] = []
    for act, key in acts:
        if act == "put":
            kept[key] = str(key)
        assert kept.get(key, "gone") == (str(key) if key in kept else "gone")
        if key in kept:
            touched = [*(one for one in touched if one != key), key][-most:]
        assert list(kept) == touched
        assert len(kept) <= most


@given(st.integers(0, 3 * STEPS))
def test_undo_goes_back_so_many_steps_and_no_more(edits: int) -> None:
    group, at = QUndoGroup(), [0]
    stack = undo_stack(group)
    assert group.stacks() == [stack]
    for number in range(edits):
        at[0] = number + 1
        stack.push(Step("edit", lambda n=number: at.__setitem__(0, n), lambda n=number: at.__setitem__(0, n + 1)))
    assert stack.count() == min(edits, STEPS)
    while stack.canUndo():
        stack.undo()
    assert at[0] == max(0, edits - STEPS)


def told(number: int) -> dict[str, Any]:
    failure = Failure(user=number, persona="p", invariant=f"rule {number % 3}", step="pay")
    return FailureFound(failure=failure).model_dump(mode="json")


def test_what_the_places_remember_is_bounded(qtbot: QtBot, window: MainWindow) -> None:
    for name in ("personas", "workflow", "run", "failures", "settings"):
        window.go(name, {})
    limits = [stack.undoLimit() for stack in window.undo.stacks()]
    assert len(limits) == 4
    assert all(0 < limit <= TEXT_STEPS for limit in limits), limits

    run = window.place("run").presenter
    found = 3 * MOST_FAILURES
    run._events([told(number) for number in range(found)])
    assert len(run.failures) == MOST_FAILURES
    assert run.broken == {"rule 0", "rule 1", "rule 2"}
    assert run.broken_at == {"pay": found}

    history = window.place("run").history
    line = HistoryLine(id="r-0", kind="run", created_at="2026-01-01T00:00:00Z", status="done", workflow="shop")
    for page in range(KEPT_PAGES + 5):
        history._take([line.model_copy(update={"id": f"r-{page * PAGE + place}"}) for place in range(PAGE)])
    assert len(history._known) == KEPT_PAGES * PAGE

    failures = window.place("failures").presenter
    trace = {"persona": "p", "arrived_us": 0, "ended_us": 1, "outcome": "completed"}
    for number in range(3 * PEOPLE):
        failures._replayed(("r-0001", number), {"trace": trace | {"user": number}, "same": True})
    assert list(failures._traces) == [("r-0001", number) for number in range(2 * PEOPLE, 3 * PEOPLE)]


def test_a_list_that_is_shown_again_makes_nothing_new(window: MainWindow) -> None:
    place = window.place("failures")
    presenter = place.presenter
    presenter._take("r-0001", [Failure(user=1, persona="p", invariant="rule", step="pay")])
    before = Counter(type(thing).__name__ for thing in place.widget.findChildren(QObject))
    for number in range(20):
        presenter._take(f"r-{number:04}", [Failure(user=number, persona="p", invariant="rule", step="pay")])
    swept()
    assert not Counter(type(thing).__name__ for thing in place.widget.findChildren(QObject)) - before


def test_the_end_of_a_run_counts_nobody_twice(window: MainWindow) -> None:
    run = window.place("run").presenter
    run._events([told(number) for number in range(2 * MOST_FAILURES)])
    some = range(MOST_FAILURES // 2, 3 * MOST_FAILURES // 2)  # half of them were counted and are not kept
    late = [Failure(user=number, persona="p", invariant="rule 0", step="pay") for number in some]
    manifest = RunManifest.model_construct(run_id="r-0001", users=10, status="completed", digest="")
    run._show_result(manifest, Summary())
    before = run.broken_at["pay"]
    run._told_at_the_end(late, [])
    assert run.broken_at["pay"] == before


def test_the_list_of_notices_is_made_of_widgets_only_while_it_is_open(qtbot: QtBot, window: MainWindow) -> None:
    for number in range(2 * KEPT):
        window.notices.show(f"told {number}", "info")
    window.menus.notices()
    panel = window.menus._notices
    assert panel is not None
    assert len(panel.findChildren(QWidget)) > KEPT
    panel.close()
    swept()
    assert len(panel.findChildren(QWidget)) < 20


# -- a window that is closed


def swept() -> None:
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()


def alive() -> int:
    return sum(type(thing) is MainWindow for thing in gc.get_objects())


@pytest.mark.parametrize("whole", [False, True])
def test_closed_windows_are_gone(
    qtbot: QtBot, theme: Theme, home: Path, client: SharedClient, settings: QSettings, answers: Answers, whole: bool
) -> None:
    root = shutil.copytree(resource_path("samples/shop"), home / "shop")
    swept()
    before = alive()
    for _ in range(3):
        made = MainWindow(client, settings, root, answers)
        made.show()
        qtbot.waitUntil(lambda now=made: now.project.loaded, timeout=30_000)  # type: ignore[misc]
        for name in made.places.specs if whole else ():
            made.go(name, {})
        made.close()
        made.deleteLater()
        del made
    qtbot.waitUntil(lambda: (swept(), alive())[1] == before, timeout=5_000)


# -- garbage and freed memory


class Rounds:
    """A collector whose looks are counted out by hand."""

    def __init__(self) -> None:
        self.now, self.looked, self.given = 0, list[int](), 0
        self.collector = Collector(QApplication.instance(), lambda: (self.now, 0, 0), self.looked.append, self._give)
        self.collector._timer.stop()

    def __enter__(self) -> Rounds:
        return self

    def __exit__(self, *_: object) -> None:
        self.collector.close()
        self.collector.deleteLater()
        assert gc.isenabled()

    def _give(self) -> None:
        assert self.looked[-1] == 2, "all garbage goes first"
        self.given += 1

    def look(self, new: int, times: int) -> None:
        self.now = new
        for _ in range(times):
            self.collector.look()

    def work(self, looks: int) -> None:
        self.look(THRESHOLD, looks)

    def rest(self, looks: int) -> None:
        self.look(THRESHOLD - 1, looks)


def test_memory_is_given_back_once_in_a_rest_after_work(qapp: QApplication) -> None:
    with Rounds() as rounds:
        rounds.rest(3 * APART_LOOKS)
        assert rounds.given == 0, "nothing was done"
        rounds.work(3)
        assert (rounds.given, rounds.looked) == (0, [0, 0, 0]), "the window works"
        rounds.rest(REST_LOOKS - 1)
        assert rounds.given == 0, "a pause is no rest"
        rounds.rest(3 * APART_LOOKS)
        assert rounds.given == 1, "once is enough"


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), max_size=20))
def test_memory_is_never_given_back_more_often_than_said(turns: list[tuple[int, int]]) -> None:
    with Rounds() as rounds:
        for work, rest in turns:
            rounds.work(work)
            rounds.rest(rest)
        looks, worked = sum(map(sum, turns)), sum(work > 0 for work, _ in turns)
        assert rounds.given <= min(worked, 1 + looks // APART_LOOKS)


def test_garbage_stays_until_the_collector_looks(qapp: QApplication) -> None:
    class Thing:
        def __init__(self) -> None:
            self.me = self

    def there() -> int:
        return sum(type(one) is Thing for one in gc.get_objects())

    collector = Collector(qapp)
    collector._timer.stop()
    try:
        for _ in range(2 * THRESHOLD):
            Thing()
        assert there() == 2 * THRESHOLD, "nobody collects unasked"
        collector.look()
        assert there() == 0
    finally:
        collector.close()
        collector.deleteLater()


def test_the_heap_can_be_tidied_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    heap.keep_large_blocks_apart()
    heap.give_back()
    monkeypatch.setattr(heap.sys, "platform", "win32")
    assert heap._library() is None
    heap.keep_large_blocks_apart()
    heap.give_back()
