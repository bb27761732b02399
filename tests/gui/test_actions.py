from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QKeySequence

from turbulence_app.gui.actions import ACTIONS, MENUS, by_id, fuzzy
from turbulence_app.resources import resource_path


def test_ids_and_shortcuts_are_each_used_once() -> None:
    assert not [name for name, n in Counter(a.id for a in ACTIONS).items() if n > 1]
    keys = Counter(QKeySequence(a.shortcut).toString() for a in ACTIONS if a.shortcut)
    assert not [key for key, n in keys.items() if n > 1]


def test_every_shortcut_is_one_that_qt_understands() -> None:
    assert not [a.id for a in ACTIONS if a.shortcut and QKeySequence(a.shortcut).isEmpty()]


def test_every_icon_of_the_table_ships() -> None:
    for action in ACTIONS:
        if action.icon:
            assert resource_path(f"icons/{action.icon}.svg").is_file()


def test_every_action_belongs_to_a_menu() -> None:
    assert {a.menu for a in ACTIONS} <= set(MENUS)


def best(query: str) -> str:
    return max(ACTIONS, key=lambda action: fuzzy(query, action)).id


def test_the_palette_finds_by_title_by_letters_and_by_other_words() -> None:
    assert best("approve") == "personas.approve"
    assert best("night mode") == "theme.dark"
    assert best("clone") == "personas.duplicate"
    assert best("simulate") == "run.start"
    assert best("undo") == "edit.undo"


def test_letters_that_are_not_there_find_nothing() -> None:
    assert fuzzy("qqzzx", by_id()["personas.approve"]) == 0
    assert fuzzy("", by_id()["personas.approve"]) > 0
