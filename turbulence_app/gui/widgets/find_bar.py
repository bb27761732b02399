"""Find in a text: one line below the editor."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from turbulence_app.gui.widgets.basics import IconButton, Label


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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.addWidget(self._field, 1)
        row.addWidget(self._count)
        for icon, tip, backward in (
            ("chevron-up", "Find the one before (Shift+Enter)", True),
            ("chevron-down", "Find the next (Enter)", False),
        ):
            row.addWidget(IconButton(icon, tip, clicked=partial(self._find, backward=backward)))
        row.addWidget(IconButton("x", "Close (Escape)", clicked=self.close_bar))
        self.hide()

    def open(self) -> None:
        """Show it with the selected word."""
        chosen = self._editor.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self._field.setText(chosen)
        self.show()
        self._field.setFocus()
        self._field.selectAll()

    def close_bar(self) -> None:
        """Back to the text."""
        self.hide()
        self._editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """See the class."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
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
