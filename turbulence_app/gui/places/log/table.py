"""The lines as a table that holds only what is looked at: pages are asked for when they come into view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from turbulence_app.gui.places.log.state import ICONS, PAGE, TOKENS, WORDS, Line, line_of
from turbulence_app.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
TIME, LEVEL, SOURCE, MESSAGE, LEADS = range(5)
HEADERS = ("time", "level", "from", "what happened", "about")
WIDTHS = {TIME: "0000-00-00 00:00:00", LEVEL: "warning xx", SOURCE: "notice wide", LEADS: "Telemetry xx"}
KEPT = 40
"""Pages that are kept; the ones that were seen longest ago go."""
ROW, NARROW = 26, 640


class LogModel(QAbstractTableModel):
    """``wanted`` asks for a page by its number."""

    wanted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._total = 0
        self._pages: dict[int, list[Line]] = {}
        self._asked: set[int] = set()
        self.short = False
        """Whether only the time of the day is shown."""

    def show(self, total: int, first: Sequence[Mapping[str, Any]]) -> None:
        """Another search: so many lines, and the newest of them."""
        self.beginResetModel()
        self._total = total
        lines = [line_of(record) for record in first]
        self._pages = {0: lines} if len(lines) == min(total, PAGE) else {}
        self._asked.clear()
        self.endResetModel()

    def put(self, page: int, records: Sequence[Mapping[str, Any]]) -> None:
        """A page came."""
        self._asked.discard(page)
        self._pages[page] = [line_of(record) for record in records]
        while len(self._pages) > KEPT:
            del self._pages[next(iter(self._pages))]
        last = min(self._total, (page + 1) * PAGE) - 1
        if last >= page * PAGE:
            self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(HEADERS) - 1))

    def line(self, row: int) -> Line | None:
        """A line, if it is here; it is asked for otherwise."""
        page = self._pages.get(row // PAGE)
        if page is None:
            if row // PAGE not in self._asked and 0 <= row < self._total:
                self._asked.add(row // PAGE)
                self.wanted.emit(row // PAGE)
            return None
        return page[row % PAGE] if row % PAGE < len(page) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many."""
        return 0 if parent.isValid() else self._total

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Time, level, source, message, place."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, icons and colours."""
        if not index.isValid():
            return None
        theme, column = Theme.current(), index.column()
        if role == Qt.ItemDataRole.FontRole:
            return theme.font("mono_small") if column in (TIME, SOURCE) else None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.ForegroundRole,
                        Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.AccessibleTextRole):  # fmt: skip
            return None
        line = self.line(index.row())
        if line is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole and column == MESSAGE else None
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(line, column)
        if role == Qt.ItemDataRole.DecorationRole:
            return (
                theme.icon(ICONS[line.level], TOKENS[line.level], round(14 * theme.scale)) if column == LEVEL else None
            )
        if column == TIME and self.short and role == Qt.ItemDataRole.DisplayRole:
            return line.clock
        return _words(line, column, tip=role == Qt.ItemDataRole.ToolTipRole)

    def _ink(self, line: Line, column: int) -> Any:
        theme = Theme.current()
        if column == LEADS:
            return theme.ink("accent")
        if column in (TIME, SOURCE):
            return theme.ink("dim")
        if column == LEVEL or line.level == "debug":
            return theme.ink(TOKENS[line.level])
        return None


def _words(line: Line, column: int, tip: bool) -> str:
    if column == LEADS:
        if tip:
            return f"Go to {line.leads}" if line.leads else ""
        return f"{line.leads} ›" if line.leads else ""
    if column == TIME:
        return line.when
    if column == MESSAGE:
        return line.message if tip else line.message.replace("\n", " ")
    return WORDS[line.level] if column == LEVEL else line.source


class LogTable(QTableView):
    """``chosen`` gives the line that is looked at, ``led`` one whose place is wanted."""

    chosen = Signal(object)
    led = Signal(object)

    def __init__(self, model: LogModel) -> None:
        super().__init__()
        self.lines = model
        self._empty = ""
        self.setModel(model)
        self.setAccessibleName("Log")
        self.setToolTip("")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(14, 14))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(MESSAGE, QHeaderView.ResizeMode.Stretch)
        self.fit()
        self.selectionModel().currentRowChanged.connect(self._moved)
        self.clicked.connect(lambda index: self._led(index) if index.column() == LEADS else None)
        self.doubleClicked.connect(self._led)
        model.dataChanged.connect(lambda *_: self._moved(self.currentIndex()))

    def fit(self) -> None:
        """Columns and rows for the size of the type."""
        theme = Theme.current()
        for column, widest in WIDTHS.items():
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance(widest) + 24)
        self.verticalHeader().setDefaultSectionSize(round(ROW * theme.scale))
        self.setIconSize(QSize(round(14 * theme.scale), round(14 * theme.scale)))
        narrow = self.width() < NARROW * theme.scale
        self.setColumnHidden(SOURCE, narrow)
        self.lines.short = narrow
        if narrow:
            self.setColumnWidth(TIME, self.fontMetrics().horizontalAdvance("00:00:00") + 24)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """With little room, or large type, only the time of the day and no source."""
        self.fit()
        super().resizeEvent(event)

    def set_empty(self, words: str) -> None:
        """What stands here while there is no line."""
        self._empty = words
        self.viewport().update()

    def current(self) -> Line | None:
        """The line that is looked at."""
        index = self.currentIndex()
        return self.lines.line(index.row()) if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter goes to the line's place."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._led(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The lines, or why there are none."""
        super().paintEvent(event)
        if self._empty and self.lines.rowCount() == 0:
            theme = Theme.current()
            painter = QPainter(self.viewport())
            painter.setFont(theme.font("body"))
            painter.setPen(theme.ink("dim"))
            painter.drawText(self.viewport().rect(), int(Qt.AlignmentFlag.AlignCenter), self._empty)

    def _moved(self, index: QModelIndex) -> None:
        if index.isValid() and (line := self.lines.line(index.row())) is not None:
            self.chosen.emit(line)

    def _led(self, index: QModelIndex) -> None:
        line = self.lines.line(index.row()) if index.isValid() else None
        if line is not None and line.leads:
            self.led.emit(line)
