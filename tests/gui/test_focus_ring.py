"""The ring shows where the keyboard is, and only to who uses the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button


@pytest.fixture
def pair(qtbot: QtBot, theme: Theme) -> tuple[QWidget, Button, QCheckBox]:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    button, box = Button("Verify"), QCheckBox("Only what is broken")
    column.addWidget(button)
    column.addWidget(box)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWindow() is not None)
    return window, button, box


def press(window: QWidget, widget: QWidget) -> None:
    """A press as the system sends it: to the window."""
    QTest.mouseClick(
        window.windowHandle(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        widget.mapTo(window, widget.rect().center()),
    )


def tab(window: QWidget) -> None:
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)


def test_the_tab_key_lights_it_and_the_pointer_puts_it_out(pair: tuple[QWidget, Button, QCheckBox]) -> None:
    window, button, box = pair
    tab(window)
    here = QApplication.focusWidget()
    assert here in (button, box)
    assert ringed(here)
    press(window, box)
    assert box.hasFocus()
    assert not ringed(box)
    assert not ringed(button)
    tab(window)
    assert ringed(button)
    assert not ringed(box)


def test_a_key_shows_where_the_pointer_left_the_focus(pair: tuple[QWidget, Button, QCheckBox]) -> None:
    window, _, box = pair
    press(window, box)
    assert not ringed(box)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
    assert ringed(box)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_ring_is_drawn_in_both_schemes(theme: Theme, pair: tuple[QWidget, Button, QCheckBox], scheme: str) -> None:
    theme.pin(scheme)  # type: ignore[arg-type]
    window, button, box = pair
    press(window, box)
    plain = button.grab().toImage()
    tab(window)
    assert ringed(button)
    ring = button.grab().toImage()
    edge = ring.pixelColor(1, ring.height() // 2)
    assert edge == theme.color("accent")
    assert plain.pixelColor(1, plain.height() // 2) != edge


def test_widgets_without_an_owner_may_go_while_they_have_the_focus(qtbot: QtBot, theme: Theme) -> None:
    """A ring that holds what it marked destroys it in the midst of the next change of focus, and Qt with it."""
    for _ in range(60):
        field = QLineEdit()
        field.show()
        QApplication.processEvents()
        del field
        QApplication.processEvents()
