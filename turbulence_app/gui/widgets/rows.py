"""Tables of rows: columns as data, one kind of item per table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

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
    tip: Callable[[T], str] | None = None
    """What the pointer shows; the words themselves where absent."""
    spoken: str = ""
    """The heading for who hears the table, where none is written."""


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
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.AccessibleTextRole:
            return self.columns[section].title or self.columns[section].spoken
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, fonts and colours."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        column, item = self.columns[index.column()], self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words(item)
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip(item) if column.tip is not None else column.words(item)
        if role == Qt.ItemDataRole.FontRole and column.mono:
            return Theme.current().font("mono_small")
        if role == Qt.ItemDataRole.ForegroundRole and (token := column.token(item)):
            return Theme.current().ink(token)
        return None


class _Inks(QStyledItemDelegate):
    """A colour that means something stays when its row is chosen."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        """As ever, and the chosen row's words in the colour of the cell."""
        super().initStyleOption(option, index)
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        if ink is not None:
            option.palette.setColor(QPalette.ColorRole.HighlightedText, ink)


class RowsView(QTableView, Generic[T]):
    """A table of rows; a click or Enter chooses one."""

    chosen = Signal(object)
    opened = Signal(object)
    """Enter, or a click on the last column."""

    def __init__(self, name: str, tip: str, columns: Sequence[Column[T]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: RowsModel[T] = RowsModel(columns, self)
        self.setModel(self.rows)
        self.setItemDelegate(_Inks(self))
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self._row = 30
        self._size_rows()
        Theme.current().follow(self, self._size_rows)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for number, column in enumerate(columns):
            mode = QHeaderView.ResizeMode.Stretch if column.stretch else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(number, mode)
        self._empty = ""
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter opens the row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (row := self.current()) is not None:
            self.opened.emit(row)
        super().keyPressEvent(event)

    def set_row_height(self, pixels: int) -> None:
        """Another height of rows, in pixels of the design."""
        self._row = pixels
        self._size_rows()

    def _size_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(Theme.current().px(self._row))

    def set_empty(self, words: str) -> None:
        """What stands here while there is no row."""
        self._empty = words
        self.viewport().update()

    def current(self) -> T | None:
        """The row that is chosen."""
        index = self.currentIndex()
        return self.rows.item(index.row()) if index.isValid() else None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The rows, or what will be here."""
        super().paintEvent(event)
        if self._empty and self.rows.rowCount() == 0:
            theme = Theme.current()
            painter = QPainter(self.viewport())
            painter.setFont(theme.font("body"))
            painter.setPen(theme.ink("dim"))
            room = self.viewport().rect().adjusted(12, 4, -12, -4)
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(room, flags, self._empty)

    def _choose(self, index: QModelIndex) -> None:
        item = self.rows.item(index.row())
        self.chosen.emit(item)
        if index.column() == self.rows.columnCount() - 1:
            self.opened.emit(item)
