"""The window is where it was, and never where nobody can reach it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSettings, QSize
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers, SharedClient
from turbulence_app.gui.layout import LEAST, fills, fitting
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.remembered import MOST, forget, recall, recent, remember

PLACE = st.integers(-4000, 4000)
DISPLAYS = st.lists(
    st.builds(QRect, PLACE, PLACE, st.integers(640, 4000), st.integers(480, 3000)),
    min_size=1,
    max_size=3,
)
WINDOWS = st.builds(
    QRect, st.integers(-9000, 9000), st.integers(-9000, 9000), st.integers(300, 5000), st.integers(200, 4000)
)


@given(WINDOWS, DISPLAYS)
def test_a_window_can_always_be_reached(wanted: QRect, displays: list[QRect]) -> None:
    fit = fitting(wanted, displays)
    top = QRect(fit.x(), fit.y(), fit.width(), LEAST[1])
    seen = [top.intersected(display) for display in displays]
    assert any(part.width() >= 240 and part.height() >= LEAST[1] // 2 for part in seen)
    assert fitting(fit, displays) == fit
    assert fit == wanted or displays[0].contains(fit)


def test_a_project_is_remembered_by_its_folder_and_forgotten(tmp_path: Path) -> None:
    home, shop = tmp_path / "home", tmp_path / "shop"
    shop.mkdir()
    remember(shop, "Shop", "2026-01-01", {"place": "run"}, home)
    remember(tmp_path / "gone", "Gone", "2026-01-02", {}, home)
    remember(home / "samples" / "shop", "Sample", "2026-01-03", {}, home)
    assert recall(shop, home) == {"place": "run"}
    assert [(one.name, one.there) for one in recent(home)] == [("Gone", False), ("Shop", True)]
    assert next((home / "windows").iterdir()).stat().st_mode & 0o077 == 0
    forget(tmp_path / "gone", home)
    assert [one.name for one in recent(home)] == ["Shop"]
    for number in range(MOST + 5):
        remember(tmp_path / f"p{number}", "", f"2026-02-{number + 10}", {}, home)
    assert len(recent(home)) == MOST


@pytest.mark.parametrize("junk", ["", "[]", "{", '{"turbulence_window": 9}', '{"turbulence_window": 1, "state": 3}'])
def test_what_cannot_be_read_is_nothing_remembered(tmp_path: Path, junk: str) -> None:
    remember(tmp_path, "x", "2026-01-01", {"place": "run"}, tmp_path)
    for path in (tmp_path / "windows").iterdir():
        path.write_text(junk, "utf-8")
    assert recall(tmp_path, tmp_path) == {}
    assert all(one.name for one in recent(tmp_path))


def wait_for(qtbot: QtBot, window: MainWindow) -> None:
    window.show()
    qtbot.waitUntil(lambda: window.project.loaded and bool(window.places.open), timeout=30_000)


def test_selection_numbers_and_scroll_come_back_with_the_project(
    qtbot: QtBot, theme: Theme, window: MainWindow, client: SharedClient, settings: QSettings, answers: Answers
) -> None:
    root = window.project.data.root
    chosen = list(window.project.data.personas)[2]
    window.place("personas").presenter.select(chosen)
    window.go("run", {})
    window.place("run").presenter.set_numbers(users=777, seed=5)
    window.go("workflow", {})
    editor = window.place("workflow").view.editor
    qtbot.waitUntil(lambda: editor.document().characterCount() > 500)
    cursor = editor.textCursor()
    cursor.setPosition(400)
    editor.setTextCursor(cursor)
    editor.verticalScrollBar().setValue(7)
    window.close()
    again = MainWindow(client, settings, root, answers)
    try:
        wait_for(qtbot, again)
        assert again.places.open == "workflow"
        again_editor = again.place("workflow").view.editor
        qtbot.waitUntil(lambda: again_editor.textCursor().position() == 400)
        assert again_editor.verticalScrollBar().value() == 7
        again.go("personas", {})
        assert again.place("personas").presenter.selected == chosen
        again.go("run", {})
        now = again.place("run").presenter.settings
        assert (now.users, now.seed) == (777, 5)
    finally:
        again.close()
        again.deleteLater()


def test_the_files_of_what_is_remembered_are_small_and_name_no_text(window: MainWindow) -> None:
    state = json.dumps(window._standing())
    assert len(state) < 20_000
    words = next(iter(window.project.data.personas.values())).description[:40]
    assert words not in state


def test_a_first_window_fills_a_display_that_it_would_leave() -> None:
    usual, least = QSize(1440, 900), QSize(1100, 680)
    assert fills(usual, QRect(0, 0, 1280, 800), least)
    assert fills(usual, QRect(0, 0, 1440, 900), least), "its title bar needs room, too"
    assert not fills(usual, QRect(0, 0, 1920, 1080), least)
    assert not fills(usual, QRect(0, 0, 800, 600), least), "nothing is gained where not even the least has room"
