"""Places and sheets that are opened again and again leave nothing behind."""

from __future__ import annotations

import gc
from collections import Counter

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.pictures import settle
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow

ROUNDS = 50
PLACES = [spec.name for spec in SPECS if spec.exists()]


def swept() -> None:
    """Let go of everything that only waits to be let go of."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()


def counted(window: MainWindow) -> Counter[str]:
    """Objects of the window by class, and windows of their own."""
    swept()
    found = Counter(thing.metaObject().className() for thing in window.findChildren(QObject))
    found["top-level"] = len([w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) or w is window])
    return found


@pytest.fixture
def whole(qtbot: QtBot, window: MainWindow) -> MainWindow:
    """With all places, which are made ahead of their use otherwise while the test counts."""
    for place in PLACES:
        window.go(place, {})
        settle(qtbot, window)
    return window


def test_places_that_come_and_go_fifty_times_stay_as_many_objects(qtbot: QtBot, whole: MainWindow) -> None:
    window = whole
    before = counted(window)
    for _ in range(ROUNDS):
        for place in PLACES:
            window.go(place, {})
        QCoreApplication.processEvents()
    window.go(PLACES[-1], {})
    settle(qtbot, window)
    grown = counted(window) - before
    assert not {name: n for name, n in grown.items() if n >= ROUNDS // 10}, grown


@pytest.mark.parametrize("name", ["shortcuts", "about", "notices", "report"])
def test_sheets_that_come_and_go_fifty_times_leave_nothing(qtbot: QtBot, whole: MainWindow, name: str) -> None:
    window = whole

    def once() -> None:
        there = set(QApplication.topLevelWidgets())
        getattr(window.menus, name)()
        for top in [w for w in QApplication.topLevelWidgets() if w not in there and w.isVisible()]:
            top.close()
        QCoreApplication.processEvents()

    once()
    before = counted(window)
    for _ in range(ROUNDS):
        once()
    qtbot.wait(20)
    grown = counted(window) - before
    assert not {key: n for key, n in grown.items() if n >= ROUNDS // 10}, grown


def test_the_palette_and_the_themes_leave_nothing(qtbot: QtBot, whole: MainWindow) -> None:
    window = whole

    def once(number: int) -> None:
        window.palette_.open()
        window.palette_.field.setText(f"run {number}")
        window.palette_._close()
        if number % 10 == 0:
            Theme.current().pin("light" if number % 20 else "dark")

    once(0)
    before = counted(window)
    for number in range(ROUNDS):
        once(number)
    qtbot.wait(20)
    grown = counted(window) - before
    assert not {key: n for key, n in grown.items() if n >= ROUNDS // 10}, grown


def test_what_leaks_is_seen(whole: MainWindow) -> None:
    """The count itself: a widget per round is found."""
    window = whole
    before = counted(window)
    kept = [QWidget(window) for _ in range(ROUNDS)]
    assert (counted(window) - before)["QWidget"] == ROUNDS
    for widget in kept:
        widget.setParent(None)
        widget.deleteLater()
    assert not counted(window) - before
