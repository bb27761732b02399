from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import turbulence_app.gui
from turbulence_app.gui.actions import ACTIONS, MENUS, by_id, fuzzy
from turbulence_app.gui.keys import LOCAL, key_lines
from turbulence_app.gui.shortcuts import ShortcutsSheet
from turbulence_app.gui.theme import Theme
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
    assert best("describe my own users") == "window.new", "as the first page calls it"


def test_letters_that_are_not_there_find_nothing() -> None:
    assert fuzzy("qqzzx", by_id()["personas.approve"]) == 0
    assert fuzzy("", by_id()["personas.approve"]) > 0


def test_keys_of_one_place_do_not_hide_those_of_all() -> None:
    """What a control does with a key is not also the shortcut of a command, except where it is the same thing."""
    taken = {QKeySequence(action.shortcut).toString(): action.id for action in ACTIONS if action.shortcut}
    same = {"Ctrl+F"}
    for line in LOCAL:
        for keys in line.keys.split(", "):
            found = QKeySequence(keys).toString()
            assert found not in taken or found in same, (line, taken.get(found))


def test_the_sheet_of_keys_has_every_shortcut_and_finds_it(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    sheet = ShortcutsSheet(parent)
    lines = [sheet.table.rows.item(row) for row in range(sheet.table.rows.rowCount())]
    assert {action.shortcut for action in ACTIONS if action.shortcut} <= {line.keys for line in lines}
    sheet.search.setText("aprove")
    assert [sheet.table.rows.item(n).what for n in range(sheet.table.rows.rowCount())] == ["Approve the policy"]
    sheet.search.setText("ctrl+k")
    assert sheet.table.rows.rowCount() >= 1
    sheet.search.setText("zzzzqq")
    assert sheet.table.rows.rowCount() == 0


KEYS = re.compile(r"(?:QShortcut\(QKeySequence\(|QKeySequence\()\"([^\"]+)\"")


def test_every_key_that_the_window_listens_to_is_in_the_sheet() -> None:
    root = Path(turbulence_app.gui.__file__).parent
    told = " ".join(line.keys for line in key_lines())
    for file in root.rglob("*.py"):
        for keys in KEYS.findall(file.read_text("utf-8")):
            assert keys in told, f"{file.name}: {keys}"
