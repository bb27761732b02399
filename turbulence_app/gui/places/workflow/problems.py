"""The list of problems below the editor, each with its mend where one is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QListView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from turbulence_app.domain.errors import Problem
from turbulence_app.gui.places.workflow.mending import Mend, mends
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button

Index = QModelIndex | QPersistentModelIndex


class ProblemsModel(QAbstractListModel):
    """Problems in the order of their lines, errors first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: list[Problem] = []

    def set_problems(self, problems: Sequence[Problem]) -> bool:
        """Show these; whether they are others than before."""
        ordered = sorted(problems, key=lambda p: (p.severity != "error", p.where.line if p.where else 0))
        if ordered == self._problems:
            return False
        self.beginResetModel()
        self._problems = ordered
        self.endResetModel()
        return True

    def problem(self, row: int) -> Problem:
        """One of them."""
        return self._problems[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many."""
        return 0 if parent.isValid() else len(self._problems)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Line, message and mend; an icon for the severity."""
        if not index.isValid() or not 0 <= index.row() < len(self._problems):
            return None
        problem = self._problems[index.row()]
        line = f"line {problem.where.line}: " if problem.where and problem.where.line else ""
        words = f"{line}{problem.message}" + (f" ({problem.mend})" if problem.mend else "")
        if role == Qt.ItemDataRole.DisplayRole:  # what is meant stands on the button
            return f"{line}{problem.message}" if problem.mend.startswith("did you mean") else words
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{problem.severity}: {words}"
        if role == Qt.ItemDataRole.DecorationRole:
            error = problem.severity == "error"
            return Theme.current().icon("circle-alert" if error else "triangle-alert", "bad" if error else "warn", 14)
        return None


class _Shortened(QStyledItemDelegate):
    """A line that ends where its button begins."""

    def __init__(self, width_of: Callable[[int], int], parent: QWidget) -> None:
        super().__init__(parent)
        self._width_of = width_of

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The words, shortened."""
        made = QStyleOptionViewItem(option)
        made.rect = option.rect.adjusted(0, 0, -self._width_of(index.row()), 0)
        super().paint(painter, made, index)


class ProblemsList(QListView):
    """A click or Enter goes to the problem's line; its button (or Alt+Enter) mends it."""

    line_wanted = Signal(int, int)
    mend_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        """What the problems, and the places of their mends, are of."""
        self._buttons: list[Button] = []
        self.problems = ProblemsModel(self)
        self.setModel(self.problems)
        self.setAccessibleName("Problems")
        self.setToolTip("What is wrong with the text; a click goes to the line.")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setItemDelegate(_Shortened(self._button_width, self))
        self.clicked.connect(self._go)
        self.activated.connect(self._go)
        self.verticalScrollBar().valueChanged.connect(lambda _v: self._place_buttons())

    def show_problems(self, problems: Sequence[Problem], text: str) -> None:
        """Show these, as they stand in a text."""
        if self.problems.set_problems(problems) or text != self.text:
            self.text = text
            self._make_buttons()

    def mends_of(self, row: int) -> list[Mend]:
        """What could be done about a problem."""
        return mends(self.problems.problem(row), self.text)

    def row_height(self) -> int:
        """Of one problem in one line, pixels."""
        return max(26, self.sizeHintForRow(0) + 2) if self.problems.rowCount() else 26

    def show_line(self, line: int) -> None:
        """Choose the first problem of a line."""
        for row in range(self.problems.rowCount()):
            where = self.problems.problem(row).where
            if where is not None and where.line == line:
                self.setCurrentIndex(self.problems.index(row))
                return

    def mend_line(self, line: int) -> bool:
        """Do the likeliest mend for a problem of a line; whether there was one."""
        for row in range(self.problems.rowCount()):
            where = self.problems.problem(row).where
            if where is not None and where.line == line and (known := self.mends_of(row)):
                self.mend_wanted.emit(known[0])
                return True
        return False

    def _make_buttons(self) -> None:
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for row in range(min(50, self.problems.rowCount())):
            known = self.mends_of(row)
            if known:
                tip = f"{known[0].words} (Alt+Enter in the line)"
                button = Button(known[0].words, "quiet", "sparkles", tip, self._doing(known[0]))
                button.setProperty("row", row)
                button.setProperty("fit", "small")
                button.setParent(self.viewport())
                self._buttons.append(button)
        self._place_buttons()

    def _button_width(self, row: int) -> int:
        return next((button.width() + 8 for button in self._buttons if button.property("row") == row), 0)

    def _doing(self, mend: Mend) -> Any:
        return lambda: self.mend_wanted.emit(mend)

    def _place_buttons(self) -> None:
        for button in self._buttons:
            box = self.visualRect(self.problems.index(int(button.property("row"))))
            width = min(button.sizeHint().width(), max(80, box.width() // 2))
            button.setGeometry(box.right() - width - 2, box.top(), width, box.height())
            button.setVisible(box.isValid())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Buttons stay at the right."""
        super().resizeEvent(event)
        self._place_buttons()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Every mend that is known."""
        row = self.indexAt(event.pos()).row()
        known = self.mends_of(row) if row >= 0 else []
        if known:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            for mend in known:
                menu.addAction(Theme.current().icon("sparkles", "text", 15), mend.words, self._doing(mend))
            menu.popup(event.globalPos())

    def _go(self, index: QModelIndex) -> None:
        where = self.problems.problem(index.row()).where
        if where is not None and where.line:
            self.line_wanted.emit(where.line, max(1, where.column))
