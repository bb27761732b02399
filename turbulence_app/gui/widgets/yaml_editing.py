"""What an editor of YAML does with lines, words and brackets."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from turbulence_app.gui.widgets.yaml_brackets import partner

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*")


def chosen_blocks(cursor: QTextCursor) -> list[QTextBlock]:
    """The lines that a selection touches, or the cursor's own."""
    document = cursor.document()
    block = document.findBlock(cursor.selectionStart())
    last = document.findBlock(max(cursor.selectionStart(), cursor.selectionEnd() - 1))
    found = []
    while block.isValid() and block.blockNumber() <= last.blockNumber():
        found.append(block)
        block = block.next()
    return found


def indent_lines(cursor: QTextCursor, by: int) -> None:
    """Move the chosen lines to the right, or to the left as far as they go."""
    cursor.beginEditBlock()
    for block in chosen_blocks(cursor):
        at = QTextCursor(block)
        if by > 0:
            at.insertText(" " * by)
        else:
            spaces = min(-by, len(block.text()) - len(block.text().lstrip(" ")))
            at.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, spaces)
            at.removeSelectedText()
    cursor.endEditBlock()


def toggle_remarks(editor: QPlainTextEdit) -> None:
    """Make the chosen lines remarks, or lines again if all of them are."""
    cursor = editor.textCursor()
    blocks = [block for block in chosen_blocks(cursor) if block.text().strip()]
    if not blocks:
        return
    off = all(block.text().lstrip(" ").startswith("#") for block in blocks)
    column = min(len(block.text()) - len(block.text().lstrip(" ")) for block in blocks)
    cursor.beginEditBlock()
    for block in blocks:
        at = QTextCursor(block)
        if off:
            start = block.text().index("#")
            length = 2 if block.text()[start + 1 : start + 2] == " " else 1
            at.setPosition(block.position() + start)
            at.setPosition(block.position() + start + length, QTextCursor.MoveMode.KeepAnchor)
            at.removeSelectedText()
        else:
            at.setPosition(block.position() + column)
            at.insertText("# ")
    cursor.endEditBlock()


def word_at(cursor: QTextCursor) -> str:
    """The name that the cursor stands in."""
    place = cursor.positionInBlock()
    for found in _WORD.finditer(cursor.block().text()):
        if found.start() <= place <= found.end():
            return found[0]
    return ""


def bracket_pair(editor: QPlainTextEdit, colour: QColor) -> list[QTextEdit.ExtraSelection]:
    """Marks on the bracket beside the cursor and on the one that belongs to it."""
    text, place = editor.toPlainText(), editor.textCursor().position()
    if any(ord(c) > 0xFFFF for c in text[: place + 1]):
        return []  # places in Qt's count are other ones there
    for at in (place, place - 1):
        other = partner(text, at)
        if other is not None:
            return [_mark(editor, one, colour) for one in (at, other)]
    return []


def _mark(editor: QPlainTextEdit, at: int, colour: QColor) -> QTextEdit.ExtraSelection:
    made = QTextEdit.ExtraSelection()
    cursor = QTextCursor(editor.document())
    cursor.setPosition(at)
    cursor.setPosition(at + 1, QTextCursor.MoveMode.KeepAnchor)
    look = QTextCharFormat()
    look.setBackground(colour)
    made.cursor, made.format = cursor, look
    return made
