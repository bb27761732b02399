"""A text editor for YAML: line numbers, colours, errors at their line, indentation that helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QUndoStack,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QToolTip, QWidget

from turbulence_app.domain.errors import Problem
from turbulence_app.gui.stylesheet import font_names
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import MONO
from turbulence_app.gui.widgets.suggestion_list import Suggestion, SuggestionList
from turbulence_app.gui.widgets.text_changes import trimmed, units
from turbulence_app.gui.widgets.text_history import TextHistory
from turbulence_app.gui.widgets.yaml_editing import bracket_pair, indent_lines, toggle_remarks, word_at
from turbulence_app.gui.widgets.yaml_gutter import Gutter
from turbulence_app.gui.widgets.yaml_highlight import YamlHighlighter

Suggest = Callable[[str, int, int], tuple[str, Sequence[Suggestion]]]
"""Text, line from 1, column from 0: the beginning of the word there, and what it could become."""
INDENT = 2
MARK = 14
"""Gutter room for an error's mark, pixels."""


class YamlEditor(QPlainTextEdit):
    """The editor. Lines count from 1, as in errors. With a history, its steps are those of an undo stack."""

    line_changed = Signal(int)
    """The cursor went to another line."""
    definition_wanted = Signal(str)
    """A word was clicked with Ctrl: where is it defined?"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems: dict[int, list[Problem]] = {}
        self._line = 1
        self._linked: range = range(0)
        self._history: TextHistory | None = None
        self.suggest: Suggest | None = None
        self.suggestions = SuggestionList(self)
        self.suggestions.taken.connect(self._complete)
        self._gutter = Gutter(self)
        self._highlighter = YamlHighlighter(self.document())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setAccessibleName("YAML text")
        self.setAccessibleDescription("Tab indents; Escape, then Tab leaves the text")
        self.setTabChangesFocus(False)
        self._leaving = False
        self.blockCountChanged.connect(self._update_margin)
        self.updateRequest.connect(self._scroll_gutter)
        self.cursorPositionChanged.connect(self._cursor_moved)
        self.verticalScrollBar().valueChanged.connect(lambda _v: self.suggestions.hide())
        Theme.current().follow(self, self._restyle)
        self._restyle()

    # -- content ----------------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """Replace everything; undo starts anew."""
        self.setPlainText(text)
        self.document().setModified(False)
        if self._history is not None:
            self._history.clear()
        self.set_problems([])

    def keep_history(self, stack: QUndoStack) -> None:
        """Let an undo stack hold the steps of this text."""
        self._history = TextHistory(self.document(), stack)

    def apply(self, changes: Sequence[tuple[int, int, str]], words: str) -> None:
        """Replace stretches (from, to, new text; in characters of the present text) as one step of undo."""
        text, place = self.toPlainText(), self.verticalScrollBar().value()
        if self._history is not None:
            self._history.named(words)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for start, end, new in reversed(trimmed(text, changes)):
            cursor.setPosition(units(text, start))
            cursor.setPosition(units(text, end), QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(new)
        cursor.endEditBlock()
        self.verticalScrollBar().setValue(place)

    def replace_all(self, text: str, words: str) -> None:
        """Another text as one step of undo; what both have in common stays untouched."""
        before = self.toPlainText()
        if text != before:
            self.apply([(0, len(before), text)], words)

    def undo(self) -> None:
        """One step back, in the one history."""
        if self._history is not None:
            self._history.stack.undo()
        else:
            super().undo()

    def redo(self) -> None:
        """One step forward, in the one history."""
        if self._history is not None:
            self._history.stack.redo()
        else:
            super().redo()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Underline what is wrong, mark its line, and explain it there."""
        self._problems = {}
        for problem in problems:
            line = max(1, problem.where.line if problem.where else 1)
            self._problems.setdefault(min(line, self.blockCount()), []).append(problem)
        self._show_selections()
        self._gutter.update()

    def problem_words(self, line: int) -> str:
        """What is wrong in a line, for a tooltip; '' if nothing."""
        return "\n".join(p.message + (f"\n{p.mend}" if p.mend else "") for p in self._problems.get(line, []))

    def problem_lines(self) -> list[int]:
        """The lines that are marked."""
        return sorted(self._problems)

    def go_to_line(self, line: int, column: int = 1, *, focus: bool = True) -> None:
        """Put the cursor there, in the middle of the view."""
        block = self.document().findBlockByNumber(min(max(1, line), self.blockCount()) - 1)
        cursor = QTextCursor(block)
        cursor.movePosition(
            QTextCursor.MoveOperation.Right,
            QTextCursor.MoveMode.MoveAnchor,
            min(max(0, column - 1), block.length() - 1),
        )
        self.setTextCursor(cursor)
        self.centerCursor()
        if focus:
            self.setFocus()

    def link_lines(self, lines: range) -> None:
        """Mark the lines that belong to the step chosen in the graph (1-based, end excluded)."""
        self._linked = lines
        self._show_selections()
        self._gutter.update()

    def line(self) -> int:
        """The cursor's line."""
        return self.textCursor().blockNumber() + 1

    # -- gutter -----------------------------------------------------------------------------------

    def gutter_width(self) -> int:
        """Pixels for the numbers and a mark."""
        digits = max(2, len(str(self.blockCount())))
        return MARK + self.fontMetrics().horizontalAdvance("9") * digits + 10

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Draw the numbers of the visible lines."""
        theme = Theme.current()
        painter = QPainter(self._gutter)
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber() + 1
            if number in self._linked:
                painter.fillRect(QRect(self._gutter.width() - 3, int(top), 3, int(height) + 1), theme.color("accent"))
            painter.setPen(theme.color("text" if number == self._line else "dim"))
            room = QRect(0, int(top), self._gutter.width() - 8, int(height))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(number))
            if number in self._problems:
                self._paint_mark(painter, top + height / 2, number)
            top += height
            block = block.next()
        painter.end()

    def _paint_mark(self, painter: QPainter, middle: float, line: int) -> None:
        theme = Theme.current()
        error = any(p.severity == "error" for p in self._problems[line])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("bad" if error else "warn"))
        painter.drawEllipse(QRect(4, int(middle) - 4, 8, 8))

    def _update_margin(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _scroll_gutter(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The gutter is as high as the text."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self.gutter_width(), area.height()))
        if event.oldSize().height() > event.size().height():
            self.ensureCursorVisible()

    # -- marks in the text ------------------------------------------------------------------------

    def _restyle(self) -> None:
        font = Theme.current().font("mono")
        self.setStyleSheet(
            f"QPlainTextEdit {{ font-family: {font_names(MONO)}; font-size: {font.pixelSize()}px;"
            " background: transparent; border: none; padding: 0; }"
        )
        font.setFeature(QFont.Tag("calt"), 0)  # code shows what was typed, not ligatures
        self.document().setDefaultFont(font)
        self._highlighter.restyle()
        self.suggestions.restyle()
        self._update_margin()
        self._show_selections()

    def _cursor_moved(self) -> None:
        self._show_selections()
        if self.line() != self._line:
            self._line = self.line()
            self._gutter.update()
            self.line_changed.emit(self._line)

    def _show_selections(self) -> None:
        theme = Theme.current()
        current = QTextEdit.ExtraSelection()
        shade = QTextCharFormat()
        shade.setBackground(theme.color("raised"))
        shade.setProperty(QTextFormat.Property.FullWidthSelection, True)
        current.format = shade
        cursor = self.textCursor()
        cursor.clearSelection()
        current.cursor = cursor
        marked = bracket_pair(self, theme.color("accent", 0.28))
        self.setExtraSelections([current, *(self._underline(line) for line in self._problems), *marked])

    def _underline(self, line: int) -> QTextEdit.ExtraSelection:
        theme = Theme.current()
        error = any(p.severity == "error" for p in self._problems[line])
        block = self.document().findBlockByNumber(line - 1)
        cursor = QTextCursor(block)
        text = block.text()
        cursor.setPosition(block.position() + len(text) - len(text.lstrip()))
        cursor.setPosition(block.position() + len(text), QTextCursor.MoveMode.KeepAnchor)
        wave = QTextCharFormat()
        wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        wave.setUnderlineColor(theme.color("bad" if error else "warn"))
        wave.setBackground(theme.color("bad" if error else "warn", 0.10))
        made = QTextEdit.ExtraSelection()
        made.format = wave
        made.cursor = cursor
        return made

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Lines that come into view get their colours before they are seen."""
        if self._highlighter.waiting:
            last = self.cursorForPosition(self.viewport().rect().bottomLeft())
            self._highlighter.finish(self.firstVisibleBlock().blockNumber(), last.blockNumber())
        super().paintEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """The error's words over the underlined text."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self.cursorForPosition(event.pos()).blockNumber() + 1
            QToolTip.showText(event.globalPos(), self.problem_words(line), self)
            return True
        return super().viewportEvent(event)

    # -- keys -------------------------------------------------------------------------------------

    def _leaves(self, event: QKeyEvent) -> bool:
        """Tab right after Escape goes on to the next control: nobody may be caught in here."""
        leaving, self._leaving = self._leaving, event.key() == Qt.Key.Key_Escape
        if not leaving or event.key() not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return False
        self.setTabChangesFocus(True)
        gone = self.focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
        self.setTabChangesFocus(False)
        return gone

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Tab and Shift+Tab indent, Enter keeps the indent, Backspace takes a whole step of it."""
        key = event.key()
        if self.suggestions.handles(event) or self._leaves(event):
            return
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
            return
        if event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
            return
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if key == Qt.Key.Key_Tab and plain:
            self._indent(INDENT)
        elif key == Qt.Key.Key_Backtab:
            self._indent(-INDENT)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._new_line()
        elif key == Qt.Key.Key_Backspace and plain and self._unindent_by_backspace():
            pass
        elif key == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.offer(asked=True)
        elif key == Qt.Key.Key_Slash and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            toggle_remarks(self)
        elif key == Qt.Key.Key_F12:
            self.definition_wanted.emit(word_at(self.textCursor()))
        else:
            super().keyPressEvent(event)
            if event.text().strip() or key == Qt.Key.Key_Backspace:
                self.offer()

    # -- what could be written here ---------------------------------------------------------------

    def offer(self, *, asked: bool = False) -> None:
        """Suggest words for the place of the cursor; unasked only once something has been typed."""
        if self.suggest is None or self.textCursor().hasSelection():
            return
        prefix, found = self.suggest(self.toPlainText(), self.line(), self.textCursor().positionInBlock())
        self.suggestions.offer(found if prefix or asked else (), self.cursorRect())

    def _complete(self, suggestion: Suggestion) -> None:
        assert self.suggest is not None
        prefix, _ = self.suggest(self.toPlainText(), self.line(), self.textCursor().positionInBlock())
        cursor = self.textCursor()
        rest = cursor.block().text()[cursor.positionInBlock() :]
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(prefix))
        cursor.insertText(
            suggestion.word + ("" if rest.startswith(suggestion.more.strip() or "\0") else suggestion.more)
        )
        self.setTextCursor(cursor)
        self.setFocus()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """The usual menu, with the one history behind its undo."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in menu.actions():
            act = {"edit-undo": self.undo, "edit-redo": self.redo}.get(action.objectName())
            if act is not None:
                action.triggered.disconnect()
                action.triggered.connect(act)
        menu.popup(event.globalPos())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Suggestions go with the focus."""
        self.suggestions.hide()
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """With Ctrl a word leads to its definition."""
        self.suggestions.hide()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.button() == Qt.MouseButton.LeftButton:
            self.definition_wanted.emit(word_at(self.cursorForPosition(event.position().toPoint())))
        else:
            super().mousePressEvent(event)

    def _indent(self, by: int) -> None:
        cursor = self.textCursor()
        if not cursor.hasSelection() and by > 0:
            cursor.insertText(" " * (INDENT - cursor.positionInBlock() % INDENT))
            return
        indent_lines(cursor, by)

    def _new_line(self) -> None:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        indent = len(before) - len(before.lstrip(" "))
        stripped = before.strip()
        if stripped.startswith("- ") and not stripped.startswith("- {"):
            indent += INDENT
        if stripped.endswith((":", "|", ">")):
            indent += INDENT
        cursor.insertText("\n" + " " * indent)
        self.setTextCursor(cursor)

    def _unindent_by_backspace(self) -> bool:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        if cursor.hasSelection() or not before or before.strip() or len(before) % INDENT:
            return False
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, INDENT)
        cursor.removeSelectedText()
        return True
