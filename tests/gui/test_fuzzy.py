"""Finding by other words, other spellings and with slips; what was used lately stands first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from turbulence_app.gui.actions import ACTIONS, ActionSpec, by_id, fuzzy
from turbulence_app.gui.fuzzy import Hay, needle, normal, score, slipped
from turbulence_app.gui.window import MainWindow

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12)


def best(query: str) -> str:
    return max(ACTIONS, key=lambda action: fuzzy(query, action)).id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("visualise", "visualize"), ("analyse", "analyze"), ("colour", "color"), ("minimise", "minimize"),
        ("behaviour", "behavior"), ("catalogue", "catalog"), ("grey", "gray"), ("centre", "center"),
        ("initialisation", "initialization"), ("licence", "license"), ("café", "cafe"), ("cancelled", "canceled"),
    ],
)  # fmt: skip
def test_both_spellings_are_one_word(one: str, other: str) -> None:
    assert normal(one) == normal(other)


def test_words_that_only_look_like_it_stay() -> None:
    assert normal("raise") in ("raise", "raize")
    assert score(needle("this"), Hay.of("this")) > 0
    assert score(needle("four"), Hay.of("four")) > 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("aprove", "personas.approve"), ("apporve", "personas.approve"), ("shrnk", "failures.shrink"),
        ("shrimk", "failures.shrink"), ("minimize", "failures.shrink"), ("analyze", "analysis.everybody"),
        ("kyboard", "help.shortcuts"), ("treshold", "telemetry.limits"),
    ],
)  # fmt: skip
def test_a_slip_of_the_finger_still_finds(query: str, found: str) -> None:
    names = sorted(ACTIONS, key=lambda action: -fuzzy(query, action))
    assert found in [action.id for action in names[:4]], [action.id for action in names[:4]]


@given(WORDS, st.data())
def test_every_single_slip_is_forgiven_after_the_first_letter(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    swapped = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word
    for typed in (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at + 1 :],
        word[:at] + letter + word[at:],
        swapped,
    ):
        assert slipped(typed, word) or typed == word or word.startswith(typed)


def test_a_true_find_comes_before_a_forgiven_one() -> None:
    true, forgiven = Hay.of("stop"), Hay.of("step")
    assert score(needle("stop"), true) > score(needle("stop"), forgiven)
    assert best("stop the run") == "run.stop"


@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_that_is_typed_breaks_it(query: str, title: str) -> None:
    assert score(needle(query), Hay.of(title)) >= 0


def test_whatever_has_a_title_is_found_by_it() -> None:
    for action in ACTIONS:
        words = " ".join(action.title.rstrip("…").split()[:3])
        assert fuzzy(words, action) > 0
    assert fuzzy("zzzzqqqq", by_id()["personas.approve"]) == 0
    assert isinstance(ACTIONS[0], ActionSpec)


# -- in the window --------------------------------------------------------------------------------


def test_the_palette_finds_settings_manual_and_workflows(window: MainWindow) -> None:
    found = {(entry.where, entry.title) for entry in window.menus.find("text size")}
    assert ("Setting", "Text size") in found
    assert any(entry.where.startswith("Manual") for entry in window.menus.find("shrinking"))
    workflow = next(iter(window.project.data.workflows))
    assert any(entry.where == "Workflow" for entry in window.menus.find(workflow))


def test_what_was_used_lately_stands_first(qtbot: QtBot, window: MainWindow) -> None:
    palette = window.palette_
    palette.open()
    qtbot.keyClicks(palette.field, "larger")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    palette.open()
    assert palette.model.entries[0].title == "Larger text"
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    window.commands.run("view.normal")
    assert window.context.settings.value("palette/lately") in (["view.larger"], "view.larger")


def test_a_setting_is_shown_where_it_is(window: MainWindow) -> None:
    entry = next(entry for entry in window.menus.find("less motion") if entry.where == "Setting")
    entry.run()
    assert window.places.open == "settings"
