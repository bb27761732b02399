"""The Settings place: found by any word, changed with a step back, bad input told in the row."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, QSettings, Qt, QUrl
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.app import last_project, open_settings
from turbulence_app.gui.places.settings.controls import ChoiceControl, LineControl, SwitchControl
from turbulence_app.gui.places.settings.state import found, hidden_reason, marked, marks, read_now, rows
from turbulence_app.gui.places.settings.where import places, portable_words
from turbulence_app.gui.settings.applying import Applier, adopt
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.home import FLAG
from turbulence_app.settings import BY_KEY, SETTINGS, Preferences, Value, preferences

WORDS = st.text(max_size=12)


def test_every_setting_is_found_by_each_of_its_words() -> None:
    for setting in SETTINGS:
        for word in (*setting.title.split(), *setting.synonyms.split(), setting.key, setting.variable):
            assert setting.key in found(word), (setting.key, word)


def test_words_are_all_needed() -> None:
    assert found("dark night") == ["look.theme"]
    assert found("dark zebra") == []
    assert found("", ["run.users"]) == ["run.users"]
    assert hidden_reason(BY_KEY["look.theme"], "night") == "night"
    assert hidden_reason(BY_KEY["look.theme"], "dark") == ""


@given(st.text(max_size=60), WORDS)
def test_marks_stand_where_the_words_are(text: str, query: str) -> None:
    places_ = marks(text, query)
    assert places_ == sorted(places_)
    for start, end in places_:
        assert text[start:end].lower() in query.lower().split()
    bare = marked(text, query, "#000000", "#ffffff")
    assert "<script" not in bare


HEIGHTS = st.lists(st.integers(40, 900), min_size=1, max_size=9)


@given(HEIGHTS, st.integers(200, 1200))
def test_each_group_is_read_in_its_turn_from_the_first_to_the_last(heights: list[int], page: int) -> None:
    tops = [sum(heights[:n]) for n in range(len(heights))]
    most = max(0, sum(heights) - page)
    read = [read_now(tops, value, most, page) for value in range(most + 1)]
    assert read[0] == 0, "at the top it is the first, also where everything is in sight"
    assert read == sorted(read)
    if most:
        assert read[-1] == len(tops) - 1
    assert read_now([0] * len(tops), 0, most, page) == 0, "nothing is laid out yet"


def test_rows_say_who_decides(tmp_path: Path) -> None:
    world = {"LLM_RETRY_MAX": "4", "LLM_CACHE_CAP": "none"}
    mine = Preferences(tmp_path / "settings.toml", world)
    mine.set("window.start", "sample")
    by_key = {row.setting.key: row for row in rows(mine, {"window.start": "last"})}
    assert by_key["models.retry_max"].locked == "LLM_RETRY_MAX"
    assert by_key["models.retry_max"].value == 4
    assert "is a whole number" in by_key["models.cache_entries"].problem
    assert by_key["window.start"].note == "from the next start"
    assert by_key["window.start"].changed
    assert not by_key["run.users"].changed


def kept(mine: Preferences) -> dict[str, Value]:
    """What the file says that is not as by default."""
    return {key: value for key, value in mine.values().items() if value != BY_KEY[key].default}


def test_the_place_changes_checks_and_undoes(window: MainWindow, qtbot: QtBot, answers: Answers) -> None:
    window.go("settings")
    place = window.place("settings")
    view = place.view
    view.complete()
    assert view.search.hasFocus() or not window.isActiveWindow()
    # a switch, a choice and a number each end in the file
    switch = view.rows["notify.jobs"].control
    assert isinstance(switch, SwitchControl)
    switch.toggle.click()
    choice = view.rows["window.start"].control
    assert isinstance(choice, ChoiceControl)
    assert choice.segments is not None
    choice.segments.step(1)
    number = view.rows["run.users"].control
    assert isinstance(number, LineControl)
    number.field.setText("50,000")
    number.field.editingFinished.emit()
    mine = preferences()
    assert kept(mine) == {"window.start": "sample", "notify.jobs": False, "run.users": 50_000}
    QTest.keyClick(number.field, Qt.Key.Key_Up)
    assert mine.get("run.users") == 51_000
    # bad input stays in its row and is not kept
    number.field.setText("-1")
    number.field.textEdited.emit("-1")
    assert view.rows["run.users"].problem.text() == "Users is a whole number from 1 to 4,294,967,295."
    number.field.editingFinished.emit()
    assert mine.get("run.users") == 51_000
    QTest.keyClick(number.field, Qt.Key.Key_Escape)
    assert number.field.text() == "51,000"
    assert view.rows["run.users"].problem.text() == ""
    # back, and back to the defaults
    window.commands.run("edit.undo")
    assert mine.get("run.users") == 20_000, "steps of one field are one step"
    window.commands.run("edit.redo")
    assert mine.get("run.users") == 51_000
    view.rows["run.users"].back.click()
    assert mine.get("run.users") == 20_000
    window.commands.run("settings.reset")
    assert kept(mine) == {}
    assert not window.commands.can("settings.reset")
    window.commands.run("edit.undo")
    assert kept(mine) == {"window.start": "sample", "notify.jobs": False}
    # search and filter
    view.search.setText("night")
    assert [key for key, row in view.rows.items() if row.isVisibleTo(view)] == ["look.theme"]
    assert "night" in view.rows["look.theme"].also.text()
    view.search.setText("zebra")
    assert view.pages.currentWidget() is view.nothing
    view.search.clear()
    view.changed.click()
    assert [key for key, row in view.rows.items() if row.isVisibleTo(view)] == ["window.start", "notify.jobs"]
    # the look obeys at once, from either side
    window.commands.run("theme.light")
    assert mine.get("look.theme") == "light"
    place.presenter.set_text("look.theme", "dark")
    assert Theme.current().pinned == "dark"
    place.presenter.set_text("look.text", "120")
    assert Theme.current().scale == pytest.approx(1.2)
    place.presenter.reset("look.text")
    # out and in
    answers.path = mine.path.parent / "away.toml"
    window.commands.run("settings.export")
    window.commands.run("settings.reset")
    window.commands.run("settings.import")
    assert mine.get("notify.jobs") is False
    answers.path.write_text("broken = [")
    window.commands.run("settings.import")
    assert "no settings file" in window.notices.history[-1][1]
    # the folder
    asked: list[QUrl] = []
    place.presenter.open_url = lambda url: asked.append(url) or True
    window.commands.run("settings.folder")
    assert asked[0].toLocalFile() == str(mine.path.parent)


def test_runs_and_models_read_the_open_project_again(home: Path, theme: Theme) -> None:
    told: list[str] = []
    parent = QObject()
    applier = Applier(lambda: told.append("read"), parent)
    for key in ("run.users", "models.backend", "look.theme", "notify.show"):
        applier.apply(key)
    assert told == ["read", "read"]


def test_colours_kept_with_the_layout_are_taken_over_once(tmp_path: Path) -> None:
    old = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    old.setValue("theme", "dark")
    old.setValue("scale", 1.3)
    mine = Preferences(tmp_path / "home" / "settings.toml", {})
    adopt(old, mine)
    assert mine.differing() == {"look.theme": "dark", "look.text": 130}
    old.setValue("theme", "light")
    adopt(old, mine)
    assert mine.get("look.theme") == "dark"


def test_where_things_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from turbulence_app import home

    monkeypatch.setattr(home, "program_folders", lambda: (tmp_path,))
    monkeypatch.delenv("TURBULENCE_HOME")
    home.lasting_home.cache_clear()
    (tmp_path / FLAG).touch()
    try:
        assert portable_words()[0] == "Portable mode is on"
        assert Path(open_settings().fileName()) == tmp_path / home.BESIDE / "window.ini"
        assert dict(places(open_settings()))["Log"] == tmp_path / home.BESIDE / "log"
    finally:
        home.lasting_home.cache_clear()


def test_the_project_of_the_start_is_a_setting(settings: QSettings, tmp_path: Path, home: Path) -> None:
    settings.setValue("root", str(tmp_path))
    assert last_project(settings) == tmp_path
    preferences().set("window.start", "sample")
    assert last_project(settings) is None
