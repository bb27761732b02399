"""Enter presses the button that has the keyboard; nothing else hears it twice."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button


def test_enter_presses_the_button_with_the_keyboard_once(qtbot: QtBot, theme: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    button, field = Button("Verify"), QLineEdit()
    for widget in (button, field):
        column.addWidget(widget)
    pressed: list[str] = []
    button.clicked.connect(lambda: pressed.append("button"))
    field.returnPressed.connect(lambda: pressed.append("field"))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWindow() is not None)
    button.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return)
    assert pressed == ["button"]
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert pressed == ["button"], "with Ctrl it belongs to a shortcut"
    button.setEnabled(False)
    field.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Enter)
    assert pressed == ["button", "field"]
