"""The YAML editor: marks at the right line, indentation that helps, find that goes round."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from turbulence_app.domain.errors import Location, Problem
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.find_bar import FindBar
from turbulence_app.gui.widgets.suggestion_list import Suggestion
from turbulence_app.gui.widgets.yaml_editor import YamlEditor

TEXT = """\
id: shop
description: |
  flow: not a key
flow:
  - {name: browse, type: http}
  - name: "pay"
    type: http
"""


@pytest.fixture
def editor(qtbot: QtBot, theme: Theme):
    made = YamlEditor()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.set_text(TEXT)
    made.show()
    return made


def test_a_problem_is_marked_and_explained_at_its_line(editor):
    editor.set_problems([Problem("no such step", "write browse", Location("w.yaml", 5, 3))])
    assert editor.problem_lines() == [5]
    assert editor.problem_words(5) == "no such step\nwrite browse"
    assert editor.problem_words(4) == ""
    assert [s.cursor.blockNumber() + 1 for s in editor.extraSelections()][1:] == [5]


def test_a_problem_beyond_the_text_is_marked_at_the_last_line(editor):
    editor.set_problems([Problem("cut short", "", Location("w.yaml", 99))])
    assert editor.problem_lines() == [editor.blockCount()]


def test_enter_keeps_the_indent_and_adds_a_step_after_a_colon(editor, qtbot):
    editor.set_text("flow:\n  - name: pay")
    editor.go_to_line(1, 99)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.textCursor().positionInBlock() == 2
    editor.set_text("flow:\n  - name: pay")
    editor.go_to_line(2, 99)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.textCursor().positionInBlock() == 4


def test_tab_indents_the_selected_lines_and_shift_tab_takes_it_back(editor, qtbot):
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText().splitlines()[0] == "  id: shop"
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert editor.toPlainText() == TEXT
    editor.undo()
    editor.undo()
    assert editor.toPlainText() == TEXT


def test_backspace_takes_a_whole_step_of_indent(editor, qtbot):
    editor.set_text("    x: 1")
    editor.go_to_line(1, 5)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.toPlainText() == "  x: 1"


def test_keys_values_and_block_scalars_have_their_colours(editor):
    def colours(line):
        layout = editor.document().findBlockByNumber(line - 1).layout()
        return {f.format.foreground().color().name() for f in layout.formats()}

    key = Theme.current().ink("accent").name()
    assert key in colours(1)
    assert colours(3) == {Theme.current().tokens.text}, "inside a block scalar nothing is a key"


def test_find_goes_round(editor, qtbot):
    bar = FindBar(editor)
    qtbot.addWidget(bar)
    bar.open()
    bar._field.setText("http")
    first = editor.textCursor().position()
    qtbot.keyClick(bar, Qt.Key.Key_Return)
    second = editor.textCursor().position()
    qtbot.keyClick(bar, Qt.Key.Key_Return)
    assert first < second
    assert editor.textCursor().position() == first
    assert "2 found" in bar._count.text()


def test_suggestions_come_while_typing_and_the_chosen_one_is_written(editor, qtbot):
    editor.suggest = lambda _text, _line, _column: ("pa", [Suggestion("pay", "step"), Suggestion("path", "", ": ")])
    editor.set_text("")
    editor.setFocus()
    qtbot.keyClicks(editor, "pa")
    assert editor.suggestions.isVisible()
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.toPlainText() == "path: "
    assert not editor.suggestions.isVisible()
    qtbot.keyClicks(editor, "x")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.suggestions.isVisible()


def test_lines_become_remarks_and_lines_again(editor, qtbot):
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    assert all(line.startswith("# ") for line in editor.toPlainText().splitlines())
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    assert editor.toPlainText() == TEXT


def test_a_word_leads_to_its_definition(editor, qtbot):
    editor.go_to_line(6, 13)
    with qtbot.waitSignal(editor.definition_wanted) as told:
        qtbot.keyClick(editor, Qt.Key.Key_F12)
    assert told.args == ["pay"]


def test_everything_found_is_replaced_as_one_step_of_undo(editor, qtbot):
    bar = FindBar(editor)
    qtbot.addWidget(bar)
    bar.open_replace()
    bar._field.setText("http")
    bar.other.setText("wait")
    bar.replace_all()
    assert "http" not in editor.toPlainText()
    assert editor.toPlainText().count("wait") == 2
    editor.undo()
    assert editor.toPlainText() == TEXT


def test_a_change_beyond_the_first_plane_lands_where_it_was_meant(editor):
    editor.set_text("# 🚀🚀\nname: pay\n")
    text = editor.toPlainText()
    at = text.index("pay")
    editor.apply([(at, at + 3, "charge")], "renaming")
    assert editor.toPlainText() == "# 🚀🚀\nname: charge\n"
