"""Whoever hears the window, or has only a keyboard, comes to everything in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from tests.gui.pictures import settle
from tests.gui.test_export_button import shown_charts
from tests.gui.walking import editors, focusable, headless, kin, nameless, place_of, press, role, round_trip, told
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, ChipButton, IconButton
from turbulence_app.gui.widgets.yaml_editor import YamlEditor
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_path
from turbulence_app.service.client import Client

PLACES = [spec.name for spec in SPECS if spec.exists()]
SHEETS = ("shortcuts", "about", "report", "privacy", "notices", "drafts", "show_manual")


@pytest.fixture(scope="module")
def shown(theme: Theme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for the whole walk, with a run in it."""
    folder = tmp_path_factory.mktemp("walked")
    patch = pytest.MonkeyPatch()
    patch.setenv("TURBULENCE_HOME", str(folder / "home"))
    root = shutil.copytree(resource_path("samples/shop"), folder / "shop")
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(Client(), settings, root, Answers())
    window.resize(1440, 900)
    window.show()
    yield window
    window.close()
    window.deleteLater()
    patch.undo()


@pytest.fixture
def walked(qtbot: QtBot, shown: MainWindow) -> MainWindow:
    qtbot.waitUntil(lambda: shown.project.loaded, timeout=30_000)
    run = shown.place("run").presenter
    if run.live.phase == "idle":
        run.choose_scenario("lost-answers")
        run.start()
        qtbot.waitUntil(lambda: run.live.phase == "ended", timeout=60_000)
        for place in PLACES:
            shown.go(place, {})
            settle(qtbot, shown, timeout=60_000)  # in the first, all places are made ahead
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow, timeout=5_000)
    return shown


def test_every_control_of_every_place_has_a_name(walked: MainWindow) -> None:
    assert not nameless(walked)


def test_every_column_of_every_table_has_a_heading(walked: MainWindow) -> None:
    assert not headless(walked)


@pytest.mark.parametrize("name", SHEETS)
def test_every_control_of_a_sheet_has_a_name(qtbot: QtBot, walked: MainWindow, name: str) -> None:
    before = set(QApplication.topLevelWidgets())
    getattr(walked.menus, name)()
    opened = [top for top in QApplication.topLevelWidgets() if top not in before and top.isVisible()]
    assert opened
    for sheet in opened:
        assert not nameless(sheet)
        assert not headless(sheet)
        assert sheet.windowTitle() or sheet.accessibleName()
        sheet.close()
    qtbot.wait(10)


def test_buttons_are_buttons_and_fields_are_fields(walked: MainWindow) -> None:
    pressed = (QAccessible.Role.Button, QAccessible.Role.CheckBox, QAccessible.Role.RadioButton)
    menus = (QAccessible.Role.ButtonMenu, QAccessible.Role.ButtonDropDown)
    for widget in walked.findChildren(QWidget):
        if isinstance(widget, Button | ChipButton | IconButton):
            assert role(widget) in pressed + menus, told(widget)


def test_charts_say_their_values(walked: MainWindow) -> None:
    silent = []
    for place in PLACES:
        for chart in shown_charts(walked.place(place).widget):
            rows = getattr(chart, "rows", None)
            filled = bool(rows()) if callable(rows) else False
            if filled and not (chart.accessibleDescription() or chart.accessibleName()):
                silent.append(told(chart))
            assert chart.accessibleName(), told(chart)
    assert not silent


def test_labels_that_stand_for_a_field_lead_to_it(walked: MainWindow) -> None:
    """A label with a mnemonic that belongs to nothing would promise a key that does nothing."""
    lost = [told(label) for label in walked.findChildren(QLabel) if "&" in label.text() and label.buddy() is None]
    assert not [words for words in lost if "&amp;" not in words]


@pytest.mark.parametrize("place", PLACES)
def test_tab_comes_to_everything_in_front_and_back_to_its_start(qtbot: QtBot, walked: MainWindow, place: str) -> None:
    walked.go(place, {})
    settle(qtbot, walked)
    wanted = set(focusable(walked, visible=True))
    forward = round_trip(walked.nav.buttons[place])
    assert not [told(widget) for widget in wanted if not kin(widget) & set(forward)]
    backward = round_trip(walked.nav.buttons[place], back=True)
    assert backward[1:] == forward[1:][::-1]


@pytest.mark.parametrize("place", PLACES)
def test_tab_goes_the_way_that_the_eye_goes(qtbot: QtBot, walked: MainWindow, place: str) -> None:
    """Within a column: never up past what was there before."""
    walked.go(place, {})
    settle(qtbot, walked)
    order = round_trip(walked.nav.buttons[place])
    jumps = []
    for before, after in pairwise(order[1:]):
        old, new = place_of(before), place_of(after)
        if new.y() + after.height() <= old.y() and new.x() + 1 < old.x() + before.width():
            jumps.append(f"{told(before)} at {old.toTuple()} -> {told(after)} at {new.toTuple()}")
    assert len(jumps) <= 2, "\n".join(jumps)


def test_the_yaml_editor_can_be_left_by_the_keyboard(qtbot: QtBot, walked: MainWindow) -> None:
    walked.go("workflow", {})
    settle(qtbot, walked)
    found = [e for e in editors(walked) if e.isVisible()]
    assert all(isinstance(editor, YamlEditor) for editor in editors(walked))
    for editor in found:
        editor.setFocus(Qt.FocusReason.TabFocusReason)
        before = editor.toPlainText()
        press(Qt.Key.Key_Escape)
        press(Qt.Key.Key_Tab)
        assert not editor.hasFocus(), "Escape, then Tab leaves the editor"
        assert editor.toPlainText() == before
