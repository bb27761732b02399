"""The description's editor: phrases that numbers came from are underlined, and light up with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextEdit

from turbulence_app.gui.places.personas.phrases import Phrase, find_phrases
from turbulence_app.gui.theme import Theme


class WordsEditor(QTextEdit):
    """Plain text in a comfortable size. Undo is the place's, so that words and numbers go back in one order."""

    typed = Signal(str)
    pointed = Signal(tuple)
    """Paths of the phrase that pointer or cursor came to; empty when it leaves."""
    asked = Signal(tuple)
    """Paths of the phrase that was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptRichText(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("kind", "words")
        self.setMouseTracking(True)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(2)
        self.setAccessibleName("Description of the persona")
        self.setPlaceholderText("Who is this, how patient, and what makes them leave?")
        self._phrases: list[Phrase] = []
        self._evidence: Mapping[str, str | None] = {}
        self._lit: tuple[str, ...] = ()
        self._under: tuple[str, ...] = ()
        self._caret: tuple[str, ...] = ()
        self.textChanged.connect(self._changed)
        self.cursorPositionChanged.connect(self._caret_moved)
        self._quiet = False

    def show_words(self, text: str, evidence: Mapping[str, str | None]) -> None:
        """Show a description and the evidence in it, without telling anybody."""
        self._evidence = evidence
        if text != self.toPlainText():
            self._quiet = True
            place = self.textCursor().position()
            self.setPlainText(text)
            self._space_lines()
            cursor = self.textCursor()
            cursor.setPosition(min(place, len(text)))
            self.setTextCursor(cursor)
            self._quiet = False
        self._mark()

    def phrases(self) -> list[Phrase]:
        """What is underlined."""
        return list(self._phrases)

    def light(self, paths: Sequence[str]) -> None:
        """Light up the phrases of these paths (and of those under them)."""
        if tuple(paths) != self._lit:
            self._lit = tuple(paths)
            self._paint_marks()

    def reveal(self, path: str) -> bool:
        """Bring the phrase of a path into view and light it; False where there is none."""
        for phrase in self._phrases:
            if _touches(phrase.paths, (path,)):
                cursor = self.textCursor()
                cursor.setPosition(phrase.start)
                self.setTextCursor(cursor)
                self.ensureCursorVisible()
                self.light((path,))
                return True
        return False

    def has(self, path: str) -> bool:
        """Whether words stand behind a path."""
        return any(_touches(phrase.paths, (path,)) for phrase in self._phrases)

    def show_phrase(self, path: str) -> bool:
        """Scroll to the phrase of a path and leave the cursor where it is; False where there is none."""
        phrase = next((p for p in self._phrases if _touches(p.paths, (path,))), None)
        if phrase is None:
            return False
        cursor = QTextCursor(self.document())
        cursor.setPosition(phrase.start)
        box, room = self.cursorRect(cursor), self.viewport().rect()
        bar = self.verticalScrollBar()
        if box.top() < 0:
            bar.setValue(bar.value() + box.top() - 4)
        elif box.bottom() > room.height():
            bar.setValue(bar.value() + box.bottom() - room.height() + 4)
        return True

    def paths_at_cursor(self) -> tuple[str, ...]:
        """Paths of the phrase that the cursor is in."""
        place = self.textCursor().position()
        phrase = next((p for p in self._phrases if p.start <= place <= p.end), None)
        return phrase.paths if phrase is not None else ()

    def offer(self, place: int, sentence: str) -> None:
        """Put a sentence there, marked, with the cursor behind it: what is typed next replaces it."""
        cursor = self.textCursor()
        cursor.setPosition(place)
        cursor.setPosition(self.document().characterCount() - 1, QTextCursor.MoveMode.KeepAnchor)
        rest = cursor.selectedText().strip()
        if not rest:  # blank lines at the end move below the sentence
            cursor.removeSelectedText()
        cursor.setPosition(place)
        cursor.insertText(sentence)
        lead = len(sentence) - len(sentence.lstrip(". "))
        cursor.setPosition(place + lead)
        cursor.setPosition(place + len(sentence), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def event(self, event: QEvent) -> bool:
        """Leave the undo keys to the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_undo(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Type, except the undo keys."""
        if _is_undo(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell which numbers the words under the pointer led to."""
        super().mouseMoveEvent(event)
        phrase = self._phrase_at(event)
        paths = phrase.paths if phrase is not None else ()
        if paths != self._under:
            self._under = paths
            self.pointed.emit(paths)
            tip = "Led to: " + ", ".join(path.split(".", 1)[-1].replace("_", " ") for path in paths) if paths else ""
            self.viewport().setToolTip(tip)
            cursor = Qt.CursorShape.PointingHandCursor if paths else Qt.CursorShape.IBeamCursor
            self.viewport().setCursor(cursor)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Let everything go dark."""
        super().leaveEvent(event)
        if self._under:
            self._under = ()
            self.pointed.emit(())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on a phrase asks for its numbers."""
        super().mouseReleaseEvent(event)
        phrase = self._phrase_at(event)
        if phrase is not None and not self.textCursor().hasSelection():
            self.asked.emit(phrase.paths)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Underline in the new colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_phrases"):
            self._paint_marks()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The cursor points at nothing any more."""
        super().focusOutEvent(event)
        self._caret_moved()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The cursor points at its phrase."""
        super().focusInEvent(event)
        self._caret_moved()

    def _caret_moved(self) -> None:
        if self._quiet:
            return
        paths = self.paths_at_cursor() if self.hasFocus() and not self.textCursor().hasSelection() else ()
        if paths != self._caret:
            self._caret = paths
            self.pointed.emit(paths)

    def _phrase_at(self, event: QMouseEvent) -> Phrase | None:
        point = event.position().toPoint()
        cursor = self.cursorForPosition(point)
        place = cursor.position()
        box = self.cursorRect(cursor)
        if abs(box.center().y() - point.y()) > box.height() or abs(box.center().x() - point.x()) > 20:
            return None
        return next((phrase for phrase in self._phrases if phrase.start <= place <= phrase.end), None)

    def _changed(self) -> None:
        self._mark()
        if not self._quiet:
            self.typed.emit(self.toPlainText())

    def _space_lines(self) -> None:
        """Lines at one and a half times the type's height; new paragraphs take it from the one before."""
        spaced = QTextBlockFormat()
        spaced.setLineHeight(145, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(spaced)

    def _mark(self) -> None:
        self._phrases = find_phrases(self.toPlainText(), self._evidence)
        self._paint_marks()

    def _paint_marks(self) -> None:
        theme = Theme.current()
        marks: list[QTextEdit.ExtraSelection] = []
        for phrase in self._phrases:
            mark = QTextEdit.ExtraSelection()
            style = QTextCharFormat()
            lit = _touches(phrase.paths, self._lit)
            style.setBackground(theme.color("accent", 0.34 if lit else 0.11))
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            style.setUnderlineColor(theme.color("accent"))
            cursor = QTextCursor(self.document())
            cursor.setPosition(phrase.start)
            cursor.setPosition(phrase.end, QTextCursor.MoveMode.KeepAnchor)
            mark.format = style
            mark.cursor = cursor
            marks.append(mark)
        self.setExtraSelections(marks)


def _touches(paths: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(p == w or p.startswith(f"{w}.") or w.startswith(f"{p}.") for p in paths for w in wanted)


def _is_undo(event: QKeyEvent) -> bool:
    undo = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    return undo or bool(control and event.key() == Qt.Key.Key_Z)
