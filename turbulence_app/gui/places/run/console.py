"""The console: violations, faults and the log, filtered by level and by words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from turbulence_app.gui.places.run.log import MOST, ConsoleLine, Level, LogFilter
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.trace_words import virtual_time

Index = QModelIndex | QPersistentModelIndex
LineRole = int(Qt.ItemDataRole.UserRole) + 1
TIME, LEVEL, SOURCE, MESSAGE, REPLAY = range(5)
HEADERS = ("time", "what", "name", "what happened", "")
TONES = {"violation": "bad", "fault": "warn", "log": "dim"}


class ConsoleModel(QAbstractTableModel):
    """The newest lines that pass the filter; the oldest go when there are too many."""

    counts_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[ConsoleLine] = []
        self._shown: list[ConsoleLine] = []
        self._filter = LogFilter()
        self.counts: dict[Level, int] = {"violation": 0, "fault": 0, "log": 0}

    def append(self, lines: Sequence[ConsoleLine]) -> None:
        """Add a batch; one insertion, whatever its size."""
        if not lines:
            return
        self._all.extend(lines)
        for line in lines:
            self.counts[line.level] += 1
        if len(self._all) > MOST:
            del self._all[: len(self._all) - MOST]
            self._refilter()
        else:
            new = [line for line in lines if self._filter.accepts(line)]
            if new:
                at = len(self._shown)
                self.beginInsertRows(QModelIndex(), at, at + len(new) - 1)
                self._shown.extend(new)
                self.endInsertRows()
        self.counts_changed.emit()

    def clear(self) -> None:
        """An empty console."""
        self._all.clear()
        self.counts = {"violation": 0, "fault": 0, "log": 0}
        self._refilter()
        self.counts_changed.emit()

    def set_filter(self, *, level: Level | Literal[""] | None = None, words: str | None = None) -> None:
        """Show only some."""
        now = self._filter
        self._filter = LogFilter(now.level if level is None else level, now.words if words is None else words)
        self._refilter()

    def _refilter(self) -> None:
        self.beginResetModel()
        self._shown = [line for line in self._all if self._filter.accepts(line)]
        self.endResetModel()

    def line(self, row: int) -> ConsoleLine:
        """One line that is shown."""
        return self._shown[row]

    def total(self) -> int:
        """Lines kept, whatever the filter."""
        return len(self._all)

    def text(self) -> str:
        """All lines shown, for the clipboard."""
        return "\n".join("\t".join(_cell(line, column) for column in range(4)) for line in self._shown)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Lines that pass."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Time, level, name, message, replay."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Names of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.AccessibleTextRole:
            return HEADERS[section] or "what can be done"
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a cell, and the line itself for the delegate."""
        if not index.isValid() or not 0 <= index.row() < len(self._shown):
            return None
        line = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _cell(line, index.column())
        if role == LineRole:
            return line
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                "Replay this user in Failures"
                if index.column() == REPLAY and line.level == "violation"
                else line.message
            )
        return None


def _cell(line: ConsoleLine, column: int) -> str:
    if column == TIME:
        return virtual_time(line.at_us) if line.at_us is not None else ""
    if column == REPLAY:
        return "replay ↗" if line.level == "violation" else ""
    return (line.level if line.level != "log" else line.severity, line.source, line.message)[column - 1]


class ConsoleDelegate(QStyledItemDelegate):
    """Mono cells; the level is a chip in its verdict's colour."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802
        """One line of type."""
        return QSize(80, round(26 * Theme.current().scale))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        line = index.data(LineRole)
        if not isinstance(line, ConsoleLine):
            return
        theme, box = Theme.current(), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("soft"))
        painter.setPen(theme.color("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        words = str(index.data())
        if index.column() == LEVEL:
            _paint_chip(painter, box, words, "bad" if line.severity == "error" else TONES[line.level])
        elif words:
            font = theme.font("mono")
            painter.setFont(font)
            dim = index.column() == TIME or line.severity == "debug"
            colour = theme.ink("accent") if index.column() == REPLAY else theme.color("dim" if dim else "text")
            painter.setPen(colour)
            room = box.adjusted(8, 0, -6, 0)
            shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()


def _paint_chip(painter: QPainter, box: QRect, words: str, tone: str) -> None:
    theme = Theme.current()
    font = theme.font("mono_small")
    width = QFontMetrics(font).horizontalAdvance(words) + 16
    pill = QRectF(box.left() + 8, box.center().y() - 8.5, width, 18)
    painter.setPen(QPen(theme.color(tone, 0.9 if tone != "dim" else 0.4), 1))
    painter.setBrush(theme.color(tone, 0.10))
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
    painter.setFont(font)
    painter.setPen(theme.ink(tone))
    painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)


IDLE = "Start a run: broken invariants, faults and the log appear here."
WAITS = "Nothing broken so far."


class ConsoleView(QTableView):
    """The table. A click on "replay", or Enter, goes to the failure."""

    replay_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.console = ConsoleModel(self)
        self.setModel(self.console)
        self.setItemDelegate(ConsoleDelegate(self))
        self.setAccessibleName("Console")
        self.setToolTip("What happened in this run; Enter on a violation replays it.")
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().hide()
        self._size_columns()
        self._follow = True
        self._empty = IDLE
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.console.rowsInserted.connect(lambda *_: self.scrollToBottom() if self._follow else None)

    def show_busy(self, busy: bool) -> None:
        """A run is on its way: nobody needs to be told to start one."""
        words = WAITS if busy else IDLE
        if words != self._empty:
            self._empty = words
            self.viewport().update()

    def show_violations(self) -> None:
        """Scroll to the latest violation, if there is one: it is what one wants to see of a run that is over."""
        rows = range(self.console.rowCount() - 1, -1, -1)
        last = next((row for row in rows if self.console.line(row).level == "violation"), None)
        if last is not None:
            self.scrollTo(self.console.index(last, 0), QAbstractItemView.ScrollHint.PositionAtBottom)

    def _size_columns(self) -> None:
        theme = Theme.current()
        mono, header = QFontMetrics(theme.font("mono")), self.horizontalHeader()
        for column, sample in (
            (TIME, "00:00.000"),
            (LEVEL, "violation  "),
            (SOURCE, "response_lost on pay"),
            (REPLAY, "replay ↗"),
        ):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, mono.horizontalAdvance(sample) + 20)
        header.setSectionResizeMode(MESSAGE, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(round(26 * theme.scale))

    def _scrolled(self, value: int) -> None:
        """Follow the end until somebody scrolls up to read."""
        self._follow = value >= self.verticalScrollBar().maximum() - 4

    def _replay(self, index: QModelIndex) -> None:
        line = self.console.line(index.row())
        if line.level == "violation":
            self.replay_wanted.emit(line)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The lines, or what will be here."""
        super().paintEvent(event)
        if self.console.rowCount() == 0:
            theme = Theme.current()
            painter = QPainter(self.viewport())
            painter.setFont(theme.font("body"))
            painter.setPen(theme.ink("dim"))
            words = self._empty if not self.console.total() else "No line passes the filter."
            painter.drawText(self.viewport().rect(), int(Qt.AlignmentFlag.AlignCenter), words)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on the last column replays."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == REPLAY and event.button() == Qt.MouseButton.LeftButton:
            self._replay(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The hand over what can be clicked."""
        index = self.indexAt(event.position().toPoint())
        over = index.isValid() and index.column() == REPLAY and bool(index.data())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter replays the chosen violation."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._replay(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other type, other widths."""
        if event.type() == QEvent.Type.PaletteChange:
            self._size_columns()
        super().changeEvent(event)
