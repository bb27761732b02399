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

ROUNDS = 20
SHEETS = ("shortcuts", "about", "notices", "report")
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


def grown(window: MainWindow, before: Counter[str]) -> dict[str, int]:
    """What there is more of, but for the odd object that is made once."""
    return {name: n for name, n in (counted(window) - before).items() if n >= ROUNDS // 10}


def sheet(window: MainWindow, name: str) -> None:
    """Open one and close it."""
    there = set(QApplication.topLevelWidgets())
    getattr(window.menus, name)()
    for top in [w for w in QApplication.topLevelWidgets() if w not in there and w.isVisible()]:
        top.close()
    QCoreApplication.processEvents()


def palette(window: MainWindow, number: int) -> None:
    """Open it, look for something, close it; sometimes another theme."""
    window.palette_.open()
    window.palette_.field.setText(f"run {number}")
    window.palette_._close()
    if number % 5 == 0:
        Theme.current().pin("light" if number % 10 else "dark")


def test_what_comes_and_goes_leaves_nothing_behind(qtbot: QtBot, whole: MainWindow) -> None:
    # one window for all: making every place is what costs most
    window = whole
    for name in SHEETS:
        sheet(window, name)
    palette(window, 0)
    before = counted(window)
    for number in range(ROUNDS):
        for place in PLACES:
            window.go(place, {})
        QCoreApplication.processEvents()
        palette(window, number)
        for name in SHEETS:
            sheet(window, name)
    window.go(PLACES[-1], {})
    settle(qtbot, window)
    assert not grown(window, before)

    kept = [QWidget(window) for _ in range(ROUNDS)]
    assert grown(window, before) == {"QWidget": ROUNDS}, "the count itself sees a widget per round"
    for widget in kept:
        widget.setParent(None)
        widget.deleteLater()
    assert not grown(window, before)
