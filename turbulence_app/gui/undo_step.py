"""Undo steps: closures with a name; typing and dragging merge into one step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand, QUndoGroup, QUndoStack

Change = Callable[[], object]
STEPS = 200
"""Steps of one place that can be undone. A step may hold a whole persona or policy, some 15 kB."""
TEXT_STEPS = 1000
"""Steps of a text, which hold some letters each."""


def undo_stack(group: QUndoGroup, steps: int = STEPS) -> QUndoStack:
    """A place's history of edits, one of the window's: with its parent it is in the group."""
    stack = QUndoStack(group)
    stack.setUndoLimit(steps)
    return stack


class Step(QUndoCommand):
    """One step. ``key`` merges it with the step before it if that has the same key (typing in one go)."""

    def __init__(self, text: str, undo: Change, redo: Change, key: str = "", *, done: bool = True) -> None:
        super().__init__(text)
        self._undo, self._redo = undo, redo
        self.key = key
        self._skip = done

    def id(self) -> int:
        """Steps with a key may merge."""
        return 1 if self.key else -1

    def undo(self) -> None:
        """Go back."""
        self._undo()

    def redo(self) -> None:
        """Go forward; what was done by hand already is not done again."""
        if self._skip:
            self._skip = False
        else:
            self._redo()

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Take over a later step's end."""
        if not isinstance(other, Step) or other.key != self.key:
            return False
        self._redo = other._redo
        return True
