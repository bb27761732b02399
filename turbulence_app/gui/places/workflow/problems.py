"""The list of problems below the editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QListView, QWidget

from turbulence_app.domain.errors import Problem
from turbulence_app.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex


class ProblemsModel(QAbstractListModel):
    """Problems in the order of their lines."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: list[Problem] = []

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show these."""
        ordered = sorted(problems, key=lambda p: (p.severity != "error", p.where.line if p.where else 0))
        if ordered != self._problems:
            self.beginResetModel()
            self._problems = ordered
            self.endResetModel()

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
        if role == Qt.ItemDataRole.DisplayRole:
            return words
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{problem.severity}: {words}"
        if role == Qt.ItemDataRole.DecorationRole:
            error = problem.severity == "error"
            return Theme.current().icon("circle-alert" if error else "triangle-alert", "bad" if error else "warn", 14)
        return None


class ProblemsList(QListView):
    """A click or Enter goes to the problem's line."""

    line_wanted = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problems = ProblemsModel(self)
        self.setModel(self.problems)
        self.setAccessibleName("Problems")
        self.setToolTip("What is wrong with the text; a click goes to the line.")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.clicked.connect(self._go)
        self.activated.connect(self._go)

    def show_problems(self, problems: Sequence[Problem], _text: str) -> None:
        """Show these."""
        self.problems.set_problems(problems)

    def row_height(self) -> int:
        """Of one problem in one line, pixels."""
        return max(26, self.sizeHintForRow(0)) if self.problems.rowCount() else 26

    def show_line(self, line: int) -> None:
        """Choose the first problem of a line."""
        for row in range(self.problems.rowCount()):
            where = self.problems.problem(row).where
            if where is not None and where.line == line:
                self.setCurrentIndex(self.problems.index(row))
                return

    def _go(self, index: QModelIndex) -> None:
        where = self.problems.problem(index.row()).where
        if where is not None and where.line:
            self.line_wanted.emit(where.line, max(1, where.column))
