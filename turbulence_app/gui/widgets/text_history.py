"""The undo steps of a text as steps of an undo stack, so that the window's Undo and the editor's are one history."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextDocument, QUndoCommand, QUndoStack


class _Mirror(QUndoCommand):
    """One step of the document, told to the stack. It was done when it came, so the first redo is passed over."""

    def __init__(self, document: QTextDocument, words: str) -> None:
        super().__init__(words)
        self._document = document
        self._done = True

    def undo(self) -> None:
        """The document goes one step back."""
        self._document.undo()

    def redo(self) -> None:
        """The document goes one step forward."""
        if self._done:
            self._done = False
        else:
            self._document.redo()


class TextHistory(QObject):
    """Mirrors a document's steps. ``named`` gives the next step its words; typing is "typing"."""

    def __init__(self, document: QTextDocument, stack: QUndoStack) -> None:
        super().__init__(stack)
        self._document, self.stack = document, stack
        self._words = ""
        document.undoCommandAdded.connect(self._added)

    def named(self, words: str) -> None:
        """What the next step is called in the menu."""
        self._words = words

    def clear(self) -> None:
        """The document holds another text: there is nothing to go back to."""
        self._document.clearUndoRedoStacks()
        self.stack.clear()

    def _added(self) -> None:
        self.stack.push(_Mirror(self._document, self._words or "typing"))
        self._words = ""
