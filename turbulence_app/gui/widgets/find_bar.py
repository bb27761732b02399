"""Find in a text, and put other words there: a line or two below the editor."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from turbulence_app.gui.widgets.basics import Button, IconButton, Label


class FindBar(QWidget):
    """Enter finds the next, Shift+Enter the one before, Escape closes."""

    def __init__(self, editor: QPlainTextEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find in this file")
        self._field.setAccessibleName("Find in this file")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(lambda _text: self._find(from_start_of_selection=True))
        self._count = Label("", "small", "dim")
        self.other = QLineEdit()
        self.other.setPlaceholderText("Replace with")
        self.other.setAccessibleName("Replace with")
        self.more = IconButton("replace", "Replace (Ctrl+Shift+F)", clicked=self._turn)
        first = QHBoxLayout()
        first.addWidget(self.more)
        first.addWidget(self._field, 1)
        first.addWidget(self._count)
        for icon, tip, backward in (
            ("chevron-up", "Find the one before (Shift+Enter)", True),
            ("chevron-down", "Find the next (Enter)", False),
        ):
            first.addWidget(IconButton(icon, tip, clicked=partial(self._find, backward=backward)))
        first.addWidget(IconButton("x", "Close (Escape)", clicked=self.close_bar))
        self._second = QWidget()
        second = QHBoxLayout(self._second)
        second.setContentsMargins(0, 0, 0, 0)
        second.addWidget(self.other, 1)
        second.addWidget(Button("Replace", tip="Replace this one and find the next (Enter)", clicked=self.replace_one))
        second.addWidget(Button("All", tip="Replace every one, as one step of undo", clicked=self.replace_all))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(first)
        column.addWidget(self._second)
        self._second.hide()
        self.hide()

    def open(self) -> None:
        """Show it with the selected word."""
        chosen = self._editor.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self._field.setText(chosen)
        self.show()
        self._field.setFocus()
        self._field.selectAll()

    def open_replace(self) -> None:
        """The same with a second line for other words."""
        self.open()
        self._second.show()

    def _turn(self) -> None:
        self._second.setVisible(self._second.isHidden())

    def replace_one(self) -> None:
        """Put the other words in the place of what was found, and find the next."""
        cursor = self._editor.textCursor()
        if self._field.text() and cursor.selectedText().lower() == self._field.text().lower():
            cursor.insertText(self.other.text())
        self._find()

    def replace_all(self) -> None:
        """Put the other words everywhere."""
        words, text = self._field.text(), self._editor.toPlainText()
        if not words or words.lower() not in text.lower():
            return
        cursor = QTextCursor(self._editor.document())
        cursor.beginEditBlock()
        at = self._editor.document().find(words, QTextCursor(self._editor.document()))
        while not at.isNull():
            at.insertText(self.other.text())
            at = self._editor.document().find(words, at)
        cursor.endEditBlock()
        self._find()

    def close_bar(self) -> None:
        """Back to the text."""
        self.hide()
        self._editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """See the class."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.other.hasFocus():
                self.replace_one()
            else:
                self._find(backward=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def _find(self, *, backward: bool = False, from_start_of_selection: bool = False) -> None:
        words = self._field.text()
        text = self._editor.toPlainText().lower()
        total = text.count(words.lower()) if words else 0
        self._count.setText(f"{total} found" if words else "")
        if not total:
            return
        cursor = self._editor.textCursor()
        if from_start_of_selection:
            cursor.setPosition(cursor.selectionStart())
            self._editor.setTextCursor(cursor)
        flags = QTextDocument.FindFlag.FindBackward if backward else QTextDocument.FindFlag(0)
        if not self._editor.find(words, flags):
            ends = QTextCursor.MoveOperation
            cursor.movePosition(ends.End if backward else ends.Start)
            self._editor.setTextCursor(cursor)
            self._editor.find(words, flags)
