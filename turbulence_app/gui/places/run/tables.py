"""Past runs and verdicts as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from turbulence_app.domain.run import Verdict
from turbulence_app.gui.places.run.state import PastRun
from turbulence_app.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
T = TypeVar("T")


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column: its heading, its words, and the theme's colour for them ('' is plain)."""

    title: str
    words: Callable[[T], str]
    token: Callable[[T], str] = lambda _item: ""
    mono: bool = False
    stretch: bool = False


class RowsModel(QAbstractTableModel, Generic[T]):
    """Rows of one kind, read-only."""

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[T] = []

    def set_rows(self, rows: Sequence[T]) -> None:
        """Show these."""
        if list(rows) != self._rows:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()

    def item(self, row: int) -> T:
        """One of them."""
        return self._rows[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many columns."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, fonts and colours."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        column, item = self.columns[index.column()], self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.words(item)
        if role == Qt.ItemDataRole.ForegroundRole and (token := column.token(item)):
            return Theme.current().ink(token)
        return None


class RowsView(QTableView, Generic[T]):
    """A table of rows; a click or Enter chooses one."""

    chosen = Signal(object)

    def __init__(self, name: str, tip: str, columns: Sequence[Column[T]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: RowsModel[T] = RowsModel(columns, self)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for number, column in enumerate(columns):
            mode = QHeaderView.ResizeMode.Stretch if column.stretch else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(number, mode)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.rows.item(index.row()))


STATUS_TOKEN = {"done": "good", "failed": "bad", "interrupted": "warn", "cancelled": "warn"}


def _verdict(past: PastRun) -> str:
    if past.manifest.status != "done":
        return past.manifest.status
    return f"{past.broken} broken" if past.broken else "holds"


def history_view() -> RowsView[PastRun]:
    """Runs, newest first."""
    return RowsView(
        "Past runs",
        "Runs of this project, newest first; a click loads a run's numbers.",
        [
            Column("run", lambda p: p.manifest.run_id),
            Column("when", lambda p: p.manifest.created_at[:19].replace("T", " ")),
            Column("scenario", lambda p: p.manifest.scenario or p.manifest.workflow, stretch=True),
            Column("users", lambda p: f"{p.manifest.users:,}"),
            Column("seed", lambda p: str(p.manifest.seed)),
            Column("completes", lambda p: f"{p.completion:.1%}" if p.completion is not None else ""),
            Column("verdict", _verdict, lambda p: "bad" if p.broken else STATUS_TOKEN.get(p.manifest.status, "")),
            Column("digest", lambda p: p.manifest.digest.removeprefix("sha256:")[:12]),
        ],
    )


VERDICT_TOKEN = {"holds": "good", "broken": "bad", "never_exercised": "warn"}
VERDICT_WORDS = {"holds": "holds", "broken": "broken", "never_exercised": "never exercised"}


def verdict_view() -> RowsView[Verdict]:
    """Invariants and what they came to."""
    return RowsView(
        "Invariants",
        "What must hold, and whether it did. Never exercised means: nobody came where it could have broken.",
        [
            Column("invariant", lambda v: v.name),
            Column("verdict", lambda v: VERDICT_WORDS[v.status], lambda v: VERDICT_TOKEN[v.status]),
            Column("violations", lambda v: f"{v.violations:,}" if v.kind in ("always", "at_end") else ""),
            Column("exercised by", lambda v: f"{v.exercised:,} users" if v.kind != "gate" else v.value),
            Column("kind", lambda v: v.kind.replace("_", " ")),
            Column("rule", lambda v: v.says or v.expression, stretch=True),
        ],
    )
