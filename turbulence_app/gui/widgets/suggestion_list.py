"""A small list of words under the cursor of an editor: what could be written there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit

from turbulence_app.gui.theme import Theme

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word, and what it means in a few others. ``more`` follows the word (``: `` behind a key)."""

    word: str
    says: str = ""
    more: str = ""


class SuggestionList(QListWidget):
    """Never takes the keyboard: the editor hands on the keys that mean it."""

    taken = Signal(object)

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        self._suggestions: Sequence[Suggestion] = ()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Suggestions")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setProperty("kind", "well")
        self.itemClicked.connect(lambda _item: self._take())
        self.hide()

    def offer(self, suggestions: Sequence[Suggestion], cursor: QRect) -> None:
        """Show these below the cursor, or above it where there is no room."""
        if not suggestions:
            self.hide()
            return
        if suggestions != self._suggestions or not self.isVisible():
            self._suggestions = suggestions
            self.clear()
            for one in suggestions:
                item = QListWidgetItem(f"{one.word}   {one.says}" if one.says else one.word)
                item.setToolTip(one.says)
                self.addItem(item)
            self.setCurrentRow(0)
        metrics = QFontMetrics(self.font())
        wide = max(metrics.horizontalAdvance(f"{one.word}   {one.says}") for one in suggestions) + 40
        row = max(24, self.sizeHintForRow(0))
        height = row * min(SHOWN, len(suggestions)) + 8
        room = self._editor.viewport().rect()
        width = min(max(140, wide), max(140, room.width() - 8))
        under, over = room.height() - cursor.bottom() - 4, cursor.top() - 4
        below = height <= under or under >= over
        height = max(row + 8, min(height, under if below else over))
        top = cursor.bottom() + 4 if below else cursor.top() - height - 4
        left = min(cursor.left(), room.width() - width)
        origin = self._editor.viewport().pos()
        self.setGeometry(origin.x() + max(0, left), origin.y() + top, width, height)
        self.show()
        self.raise_()

    def handles(self, event: QKeyEvent) -> bool:
        """Whether a key meant the list; it is done then."""
        if not self.isVisible():
            return False
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.setCurrentRow((self.currentRow() + step) % self.count())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take()
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def _take(self) -> None:
        row = self.currentRow()
        self.hide()
        if 0 <= row < len(self._suggestions):
            self.taken.emit(self._suggestions[row])

    def restyle(self) -> None:
        """Take the theme's fonts."""
        self.setFont(Theme.current().font("small"))
