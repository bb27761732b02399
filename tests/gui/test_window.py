from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QAbstractSpinBox, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.actions import ACTIONS
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client
from turbulence_app.settings import preferences


def load_all(window: MainWindow) -> None:
    for spec in SPECS:
        if spec.exists():
            window.place(spec.name)


def test_it_opens_on_the_sample_with_a_funnel_drawn(window: MainWindow) -> None:
    view = window.place("personas").widget
    assert len(window.project.data.personas) >= 5
    assert view.preview.funnel.rows()[-1].label == "completed"
    assert 0 < view.preview.funnel.rows()[-1].value < 1
    assert view.words.editor.phrases()


def test_only_places_that_exist_have_a_line(window: MainWindow) -> None:
    assert set(window.nav.buttons) == {spec.name for spec in SPECS if spec.exists()}


def test_going_to_each_place_shows_it_and_marks_its_line(qtbot: QtBot, window: MainWindow) -> None:
    for name, button in window.nav.buttons.items():
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        widget = window.place(name).widget  # whoever asks for it does not wait for its slices
        assert window.stack.currentWidget() is widget
        assert button.isChecked()


def test_every_action_with_a_handler_has_a_line_in_a_menu_and_in_the_palette(window: MainWindow) -> None:
    load_all(window)
    in_menus = {a.text() for top in window.menu.actions() for a in top.menu().actions() if a.isVisible()}
    for spec in ACTIONS:
        if window.commands.bound(spec.id) and spec.id not in ("edit.undo", "edit.redo"):
            assert spec.title in in_menus
    titles = {entry.title for entry in window.menus.find("")}
    assert "Approve the policy" in titles or not window.commands.can("personas.approve")
    assert "New persona" in titles


def test_no_action_of_the_table_is_without_a_handler(window: MainWindow) -> None:
    load_all(window)
    places = {spec.name for spec in SPECS if spec.exists()}
    missing = [a.id for a in ACTIONS if not window.commands.bound(a.id) and a.id.split(".")[0] in places | {"window"}]
    assert not missing


def test_the_palette_opens_by_shortcut_and_runs_what_is_typed(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = window.palette_
    qtbot.waitUntil(palette.isVisible)
    qtbot.keyClicks(palette.field, "light")
    assert palette.model.entries[0].title == "Light"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert Theme.current().tokens.scheme == "light"


def test_the_palette_finds_personas_and_goes_to_them(qtbot: QtBot, window: MainWindow) -> None:
    last = list(window.project.data.personas.values())[-1]
    window.palette_.open()
    qtbot.keyClicks(window.palette_.field, last.title.split()[0])
    line = next(i for i, entry in enumerate(window.palette_.model.entries) if entry.title == last.title)
    for _ in range(line):
        qtbot.keyClick(window.palette_.field, Qt.Key.Key_Down)
    qtbot.keyClick(window.palette_.field, Qt.Key.Key_Return)
    assert window.place("personas").presenter.selected == last.id


def test_escape_closes_the_palette_without_doing_anything(qtbot: QtBot, window: MainWindow) -> None:
    window.palette_.open()
    qtbot.keyClick(window.palette_.field, Qt.Key.Key_Escape)
    assert not window.palette_.isVisible()


def test_a_menu_greys_what_cannot_be_done_and_leaves_shortcuts_listening(window: MainWindow) -> None:
    window.commands.refresh()
    assert not window.commands.actions["edit.undo"].isEnabled()
    window.commands.rest()
    assert window.commands.actions["edit.undo"].isEnabled()
    assert not window.commands.run("edit.undo")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_scheme_is_pinned_painted_and_kept(window: MainWindow, scheme: str) -> None:
    window.commands.run(f"theme.{scheme}")
    image = window.grab().toImage()
    assert image.pixelColor(window.nav.width() + 6, 60) == QColor(Theme.current().tokens.ground)
    assert preferences().get("look.theme") == scheme
    assert window.nav.schemes[scheme].isChecked()


def test_layout_place_and_project_are_as_they_were_at_the_next_start(
    qtbot: QtBot, theme: Theme, home: Path, settings: QSettings, answers: Answers, no_leaks: None
) -> None:
    first = MainWindow(Client(), settings, None, answers)
    first.resize(1500, 860)
    first.show()
    qtbot.waitUntil(lambda: first.project.loaded, timeout=30_000)
    columns = first.place("personas").widget.columns
    columns.setSizes([300, 500, 400])
    kept = columns.sizes()
    last = list(first.nav.buttons)[-1]
    first.go(last, {})
    first_size = first.size()
    first.close()
    first.deleteLater()
    second = MainWindow(Client(), settings, Path(str(settings.value("root"))), answers)
    second.show()
    qtbot.waitUntil(lambda: second.project.loaded, timeout=30_000)
    assert settings.contains("geometry")
    assert second.places.open == last
    second.resize(first_size)
    second.go("personas", {})
    now = second.place("personas").widget.columns.sizes()
    assert all(abs(a - b) <= 2 for a, b in zip(now, kept, strict=True))
    second.close()
    second.deleteLater()


def test_a_folder_that_is_no_project_is_told_and_the_window_stays(
    qtbot: QtBot, window: MainWindow, answers: Answers, tmp_path: Path
) -> None:
    answers.path = tmp_path / "nothing"
    answers.path.mkdir()
    before = window.project.name
    window.commands.run("window.open")
    qtbot.waitUntil(lambda: bool(window.notices.history), timeout=10_000)
    assert window.notices.history[-1][0] in ("bad", "warn")
    assert window.project.name == before


def test_an_error_that_nobody_asked_about_becomes_a_notice(window: MainWindow) -> None:
    window.bridge.failed.emit(JobFailed(message="the disk is full", mend="make room"))
    assert window.notices.history[-1] == ("warn", "the disk is full (make room)")


def test_notices_stack_and_the_oldest_gives_way(qtbot: QtBot, window: MainWindow) -> None:
    toasts = [window.notices.show(f"note {n}") for n in range(5)]
    qtbot.waitUntil(lambda: sum(t in window.notices._toasts for t in toasts) == 3)

    def apart() -> bool:
        boxes = [toast.geometry() for toast in window.notices._toasts]
        return all(not a.intersects(b) for a in boxes for b in boxes if a is not b)

    qtbot.waitUntil(apart)  # they slide in


def test_every_control_has_a_name(window: MainWindow) -> None:
    load_all(window)
    for name in window.nav.buttons:
        window.go(name, {})
        for widget in window.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
                around = widget.parent()
                viewport = isinstance(around, QAbstractScrollArea) and around.viewport() is widget
                inner = viewport or (isinstance(widget, QLineEdit) and isinstance(around, QAbstractSpinBox | QComboBox))
                spoken = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
                assert spoken or inner, (
                    f"{name}: {widget.metaObject().className()} without a name in {type(widget.parent()).__name__}"
                )


def test_tab_reaches_every_control_of_personas_and_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    window.go("personas", {})
    window.activateWindow()
    window.nav.buttons["personas"].setFocus()
    start = window.focusWidget()
    seen: set[QWidget] = set()
    for _ in range(400):
        window.focusNextChild()
        now = window.focusWidget()
        if now is start:
            break
        assert now is not None
        seen.add(now)
    assert window.focusWidget() is start
    view = window.place("personas").widget
    for widget in (
        view.words.editor,
        view.words.compile,
        view.words.backend,
        view.preview.funnel,
        view.policy.switch.buttons[view.policy.switch.key()],
    ):
        assert widget in seen, widget.accessibleName()


def test_the_egress_line_says_something_only_where_the_lock_is_on(window: MainWindow) -> None:
    window.status.set_egress("", True, "")
    assert not window.status.egress.isVisible()
    window.status.set_egress("0 bytes have left this machine", True, "the lock is on")
    assert window.status.egress.text() == "0 bytes have left this machine"
