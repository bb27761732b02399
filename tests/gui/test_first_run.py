"""The first start: a calm page, a guide that can be left at any moment, and a project of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers, SharedClient
from turbulence_app.gui.guide_state import PERSONA, SCENARIO, STEPS, GuideState
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_path
from turbulence_app.service.projects import open_project
from turbulence_app.service.remembered import Recent


def test_every_step_is_in_a_place_that_exists_and_says_something_before_while_and_after() -> None:
    places = {spec.name for spec in SPECS if spec.exists()}
    assert {step.place for step in STEPS} <= places
    state = GuideState()
    said = []
    for number, step in enumerate(STEPS):
        assert state.step is step
        assert state.said.endswith(step.asks)
        assert state.count == f"{number + 1} of {len(STEPS)}"
        assert replace(state, busy=True).said == f"{step.doing}…"
        said.append(state.said)
        state = replace(state, at=state.at + 1)
    assert state.finished
    assert state.said == STEPS[-1].done
    assert len(set(said)) == len(STEPS)


def test_the_sample_has_what_the_guide_shows() -> None:
    folder = open_project(resource_path("samples/shop"))
    assert PERSONA in folder.personas
    assert SCENARIO in folder.scenarios


@pytest.fixture
def welcomed(window: MainWindow) -> MainWindow:
    window.commands.run("help.welcome")
    return window


def test_the_welcome_can_be_called_and_left(qtbot: QtBot, welcomed: MainWindow) -> None:
    window = welcomed
    assert window.first_run.showing
    assert not any(button.isChecked() for button in window.nav.buttons.values())
    qtbot.mouseClick(window.nav.buttons["personas"], Qt.MouseButton.LeftButton)
    assert not window.first_run.showing
    assert window.nav.buttons["personas"].isChecked()


def test_it_greets_once(window: MainWindow, settings: QSettings) -> None:
    window.first_run.greet()
    assert window.first_run.showing
    window.go("run", {})
    window.first_run.greet()
    assert not window.first_run.showing
    assert settings.contains("welcomed")


def test_missing_projects_are_grey_and_can_be_forgotten(qtbot: QtBot, welcomed: MainWindow, tmp_path: Path) -> None:
    page = welcomed.first_run.page
    assert page is not None
    page.show_recent([Recent(tmp_path / "a", "Here", "2"), Recent(tmp_path / "b", "Gone", "1", there=False)])
    buttons = {button.text(): button for button in page.findChildren(QPushButton) if button.parent() is not None}
    assert buttons["Here"].isEnabled()
    assert not buttons["Gone"].isEnabled()
    with qtbot.waitSignal(page.forget_wanted) as forgotten:
        buttons["Forget"].click()
    assert forgotten.args == [tmp_path / "b"]


def test_a_project_of_ones_own_is_made_and_opened_at_its_words(
    qtbot: QtBot, window: MainWindow, answers: Answers, tmp_path: Path
) -> None:
    answers.form = {"name": "Acme shop", "folder": str(tmp_path / "acme")}
    window.commands.run("window.new")
    qtbot.waitUntil(lambda: window.project.data.root == tmp_path / "acme", timeout=20_000)
    assert window.project.name == "Acme shop", "as it was typed"
    editor = window.place("personas").view.words.editor
    qtbot.waitUntil(lambda: bool(editor.textCursor().selectedText()), timeout=5000)
    assert window.places.open == "personas"
    answers.form = {"name": "Acme", "folder": str(tmp_path / "acme")}
    window.commands.run("window.new")
    qtbot.waitUntil(lambda: any(kind == "bad" for kind, _ in window.notices.history), timeout=20_000)
    assert "already" in window.notices.history[-1][1]


def test_the_guide_can_be_left_and_begun_again(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.run("help.show_me")
    guide, bar = window.first_run.guide, window.first_run.bar
    assert guide is not None
    assert bar is not None
    qtbot.waitUntil(lambda: guide.state is not None and guide.state.at == 1, timeout=30_000)
    assert bar.isVisible()
    assert window.place("personas").presenter.selected == PERSONA
    bar.close_.click()
    assert not bar.isVisible()
    assert guide.state is None
    guide.next()
    assert guide.state is None


def test_enter_pressed_too_often_does_not_leave_the_guide(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    window.commands.run("help.show_me")
    guide, bar = window.first_run.guide, window.first_run.bar
    assert guide is not None
    assert bar is not None
    for step in (1, 2):
        qtbot.waitUntil(lambda n=step: guide.state is not None and guide.state.at == n, timeout=30_000)
        assert window.focusWidget() is bar.next
        guide.next()
    while guide.state is not None and not guide.state.busy:
        qtbot.wait(1)
    assert guide.state is not None
    assert window.focusWidget() is bar, "it works: nothing there can be pressed"
    qtbot.waitUntil(lambda: guide.state is not None and guide.state.at == 3, timeout=60_000)
    assert window.focusWidget() is bar.next


@pytest.fixture
def refused(
    qtbot: QtBot, theme: Theme, home: Path, client: SharedClient, settings: QSettings, answers: Answers, no_leaks: None
) -> Iterator[MainWindow]:
    made = MainWindow(client, settings, home / "gone", answers)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_where_nothing_can_be_opened_the_page_is_there(qtbot: QtBot, refused: MainWindow) -> None:
    qtbot.waitUntil(lambda: refused.first_run.showing, timeout=20_000)
    assert QApplication.focusWidget() in (refused.first_run.page.choices[0], None)
