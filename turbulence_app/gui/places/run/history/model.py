"""The list as a table of any length: rows are read by the page, when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from turbulence_app.domain.history import HistoryLine, SortKey
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.places.run.history.state import (
    PAGE,
    SIGNS,
    changed_words,
    size_words,
    subject_words,
    verdict_words,
    when_words,
)
from turbulence_app.insight.words import percent

Index = QModelIndex | QPersistentModelIndex
LineRole = int(Qt.ItemDataRole.UserRole) + 1
RUN, WHEN, SUBJECT, USERS, COMPLETES, SHAPE, VERDICT, CHANGED = range(8)
HEADERS = ("run", "when", "what ran", "users", "completes", "reach", "verdict", "different to the run before")
SORTS: dict[int, SortKey] = {
    RUN: "created_at", WHEN: "created_at", SUBJECT: "scenario", USERS: "users", COMPLETES: "completion",
    VERDICT: "broken",
}  # fmt: skip
RIGHT = frozenset({USERS, COMPLETES})
"""Columns of numbers."""
TIPS = {SHAPE: "Share of the users who reached each step, in the order of the flow"}


class HistoryModel(QAbstractTableModel):
    """Rows of the presenter's pages."""

    def __init__(self, presenter: HistoryPresenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        presenter.listed.connect(self._reset)
        presenter.page_came.connect(self._page)
        presenter.edited.connect(self._rows)

    def line(self, row: int) -> HistoryLine | None:
        """One line; None while it was not read."""
        return self._presenter.pages.line(row)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """As many as pass the filters."""
        return 0 if parent.isValid() else self._presenter.pages.total

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Fixed."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS.get(section) or (f"Sort by {HEADERS[section]}" if section in SORTS else None)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line for the delegate, words for everybody else."""
        if not index.isValid() or not 0 <= index.row() < self._presenter.pages.total:
            return None
        line = self._presenter.pages.line(index.row())
        if line is None:
            self._presenter.want(index.row() // PAGE)
            return "…" if role == Qt.ItemDataRole.DisplayRole else None
        if role == LineRole:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return cell(line, index.column(), self._presenter.now())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(line, index.column())
        return None

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _page(self, number: int) -> None:
        last = min(self.rowCount(), (number + 1) * PAGE) - 1
        if last >= number * PAGE:
            self.dataChanged.emit(self.index(number * PAGE, 0), self.index(last, len(HEADERS) - 1))

    def _rows(self, rows: list[int]) -> None:
        for row in rows:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADERS) - 1))


_CELLS: dict[int, Callable[[HistoryLine], str]] = {
    RUN: lambda line: line.id,
    SUBJECT: lambda line: " ".join((subject_words(line), *(f"#{tag}" for tag in line.tags))),
    USERS: size_words,
    COMPLETES: lambda line: percent(line.completion, 1) if line.completion is not None else "–",
    SHAPE: lambda line: " ".join(f"{count:,}" for count in line.shape),
    VERDICT: lambda line: f"{SIGNS.get(line.verdict, '')} {verdict_words(line)}".strip(),
    CHANGED: changed_words,
}


def cell(line: HistoryLine, column: int, now: datetime) -> str:
    """The words of a cell."""
    return when_words(line.created_at, now) if column == WHEN else _CELLS[column](line)


def tip(line: HistoryLine, column: int) -> str:
    """What the pointer shows over a cell."""
    if column == SUBJECT:
        words = [
            f"{line.name}\n" if line.name else "",
            f"{line.scenario or 'no scenario'} · {line.workflow} · {line.target}",
        ]
        return "".join(words) + (f"\n{line.notes[:400]}" if line.notes else "")
    if column == CHANGED and line.changed:
        return "\n".join(line.changed)
    if column == VERDICT and line.invariants:
        return "broken: " + ", ".join(line.invariants)
    if column == USERS:
        return size_words(line)
    if column == WHEN:
        return line.created_at
    if column == COMPLETES and line.kind == "campaign":
        return "Share of the worlds in which everything held"
    return ""
