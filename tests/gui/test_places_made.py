"""Places are made in slices: the outline first, then all of it; whoever closes in between leaves nothing behind."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from turbulence_app.gui.ahead import Ahead
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.widgets.skeleton import Skeleton
from turbulence_app.gui.window import MainWindow

MADE = [spec.name for spec in SPECS if spec.exists() and spec.name != "personas"]


@pytest.fixture
def alone(window: MainWindow) -> MainWindow:
    """Nobody makes places ahead."""
    window.places.load_ahead = lambda: None  # type: ignore[method-assign]
    window.places._idle.stop()
    return window


def test_the_outline_is_in_front_until_the_place_is_whole(qtbot: QtBot, alone: MainWindow) -> None:
    alone.go_soon("log")
    assert isinstance(alone.stack.currentWidget(), Skeleton)
    assert alone.nav.buttons["log"].isChecked()
    assert "log" not in alone.places.made_places
    qtbot.waitUntil(lambda: "log" in alone.places.made_places, timeout=20_000)
    assert alone.stack.currentWidget() is alone.place("log").widget
    assert alone.places.open == "log"


def test_who_turns_elsewhere_is_not_called_back(qtbot: QtBot, alone: MainWindow) -> None:
    alone.go_soon("log")
    alone.go("personas")
    alone.place("log")
    qtbot.wait(30)
    assert alone.places.open == "personas"
    assert alone.stack.currentWidget() is alone.place("personas").widget


def test_a_window_closes_in_the_midst_of_every_place(alone: MainWindow) -> None:
    """``no_leaks`` looks at what is left."""
    for number, name in enumerate(MADE):
        for _ in range(2 + number):
            if name not in alone.places.made_places:
                alone.places._go_on(name)
    assert alone.places._begun
    alone.go_soon("settings")
    assert alone.close()
    assert not alone.places._begun


@pytest.mark.parametrize("name", MADE)
def test_nothing_is_without_a_parent_between_two_slices(alone: MainWindow, name: str) -> None:
    """A window may close at any moment, and what belongs to nobody would stay."""
    alone.places._idle.stop()
    before = set(QApplication.topLevelWidgets())
    while name not in alone.places.made_places:
        alone.places._go_on(name)
        new = set(QApplication.topLevelWidgets()) - before
        # lists that drop down are windows of their own, and charts have menus and a widget that is never shown
        ours = [one for one in new if one.parent() is None and type(one) not in (QMenu, QWidget)]
        assert not ours, [(type(one).__name__, one.accessibleName()) for one in ours]


def test_modules_come_ahead_one_by_one_and_those_that_cannot_be_are_passed_over() -> None:
    ahead = Ahead(["turbulence_app.gui.places.no_such.place", "turbulence_app.gui.places.log.place"])
    while ahead.step():
        pass
    assert "turbulence_app.gui.places.log.table" in sys.modules
    assert not ahead.step()
