"""The colours of YAML: read when a line comes into view, and then the same as if all had been read at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout
from pytestqt.qtbot import QtBot

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets import yaml_highlight
from turbulence_app.gui.widgets.yaml_editor import YamlEditor
from turbulence_app.gui.widgets.yaml_highlight import AT_ONCE, YamlHighlighter

LINES = (
    "flow:", "  - {name: browse, type: http}", "  text: |", "    flow: not a key", "text: >-  # folded", "  words",
    "", "   ", "a: 'in quotes: no key'", 'b: "x # y"', "# a remark: here", "n: 12.5", "on: true",
    "- [a, {b: 1}]", "  |",
)  # fmt: skip
texts = st.lists(st.sampled_from(LINES), max_size=12).map("\n".join)
words = texts | st.sampled_from(["|", "\n", " ", "x"])
edits = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60), words), max_size=8)
Look = list[tuple[int, int, str, bool]]


def look(document: QTextDocument) -> list[tuple[int, Look]]:
    """Of each line what it hands on, and where it has which colours."""
    found, block = [], document.begin()
    while block.isValid():
        spans = [
            (span.start, span.length, span.format.foreground().color().name(), span.format.fontItalic())
            for span in block.layout().formats()
        ]
        found.append((block.userState(), spans))
        block = block.next()
    return found


def written(text: str) -> tuple[QTextDocument, YamlHighlighter]:
    """A document as an editor has it."""
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))  # without one nobody hears of a change
    colours = YamlHighlighter(document)
    document.setPlainText(text)
    return document, colours


def at_once(text: str) -> list[tuple[int, Look]]:
    """The same of a text that is new."""
    document, colours = written(text)
    colours.finish()
    return look(document)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, theme: Theme) -> None:
    """A change colours two lines at once."""
    monkeypatch.setattr(yaml_highlight, "AT_ONCE", 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=texts, changes=edits, looked=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=4))
def test_lines_that_are_coloured_when_seen_look_as_if_all_were_coloured_at_once(
    few: None, text: str, changes: list[tuple[int, int, str]], looked: list[tuple[int, int]]
) -> None:
    document, colours = written(text)
    for number, (start, length, new) in enumerate(changes):
        end = max(0, document.characterCount() - 1)
        cursor = QTextCursor(document)
        cursor.setPosition(min(start, end))
        cursor.setPosition(min(start + length, end), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(new)
        if looked:
            first, lines = looked[number % len(looked)]
            colours.finish(first, first + lines)
            whole = at_once(document.toPlainText())
            assert look(document)[first : first + lines + 1] == whole[first : first + lines + 1]
    for _ in range(bool(changes) and len(changes) % 3):
        document.undo()
    colours.finish()
    assert not colours.waiting
    assert look(document) == at_once(document.toPlainText())


def test_a_long_text_is_coloured_where_it_is_seen(qtbot: QtBot, theme: Theme) -> None:
    editor = YamlEditor()
    qtbot.addWidget(editor)
    editor.resize(500, 300)
    editor.show()
    text = "\n".join(f"key_{number}: {number}  # a remark" for number in range(500))
    editor.set_text(text)
    colours = editor._highlighter
    assert colours.waiting == 500 - AT_ONCE
    for line in (1, 250, 500):
        editor.go_to_line(line)
        editor.grab()
        seen = range(editor.firstVisibleBlock().blockNumber(), min(500, line + 3))
        assert all(look(editor.document())[at][1] for at in seen)
    assert colours.waiting > 500 - AT_ONCE - 100, "what nobody looked at was read"
    assert look(editor.document())[250] == at_once(text)[250]


def test_another_theme_is_worn_when_seen(qtbot: QtBot, theme: Theme) -> None:
    editor = YamlEditor()
    qtbot.addWidget(editor)
    editor.set_text("\n".join(LINES))
    editor.show()
    editor.grab()
    before = look(editor.document())
    theme.pin("light" if theme.tokens.scheme == "dark" else "dark")
    editor.grab()
    editor._highlighter.finish()
    after = look(editor.document())
    assert after != before
    assert after == at_once("\n".join(LINES))
