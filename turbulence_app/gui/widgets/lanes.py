"""Several visits side by side: one lane each, time runs downwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from turbulence_app.gui.lane_rows import LaneRow
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.trace_words import TraceLine, virtual_time
from turbulence_app.gui.widgets.painting import bold

Index = QModelIndex | QPersistentModelIndex
RowRole = int(Qt.ItemDataRole.UserRole) + 1
LINE_HEIGHT = 28


class LanesModel(QAbstractTableModel):
    """Time, then a column per lane."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lanes: tuple[str, ...] = ()
        self.lines: list[LaneRow] = []

    def set_lanes(self, lanes: Sequence[str], lines: Sequence[LaneRow]) -> None:
        """Show these."""
        self.beginResetModel()
        self.lanes, self.lines = tuple(lanes), list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Time and the lanes."""
        return 0 if parent.isValid() else 1 + len(self.lanes)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Names of the lanes."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return "time" if section == 0 else self.lanes[section - 1]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words of a cell, and the line for the delegate."""
        if not index.isValid() or not 0 <= index.row() < len(self.lines):
            return None
        line = self.lines[index.row()]
        if role == RowRole:
            return line
        cell = line.cells[index.column() - 1] if index.column() else None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return virtual_time(line.at_us) if index.column() == 0 else f"{cell.step} {cell.words}" if cell else ""
        if role == Qt.ItemDataRole.ToolTipRole and (cell or line.mark):
            words = f"{virtual_time(cell.at_us)}  {cell.step}\n{cell.words}" if cell else ""
            return "\n".join(part for part in (line.mark, words) if part)
        return None


class LaneDelegate(QStyledItemDelegate):
    """A lane is a line with dots; words stand beside them."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        line = index.data(RowRole)
        if not isinstance(line, LaneRow):
            return
        theme, box = Theme.current(), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if line.mark:
            painter.fillRect(box, theme.color("warn", 0.12))
        painter.setPen(theme.color("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if index.column() == 0:
            if line.mark:
                painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), theme.color("warn"))
            painter.setFont(theme.font("mono_small"))
            painter.setPen(theme.ink("dim"))
            painter.drawText(box.adjusted(8, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), virtual_time(line.at_us))
        else:
            self._paint_cell(painter, box, line.cells[index.column() - 1])
        painter.restore()

    def _paint_cell(self, painter: QPainter, box: QRect, cell: TraceLine | None) -> None:
        theme, x = Theme.current(), box.left() + 12
        painter.setPen(QPen(theme.color("line"), 1.5))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        if cell is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(cell.tone))
        painter.drawEllipse(QPointF(x, box.center().y() + 0.5), 4, 4)
        body = theme.font("small")
        font = bold(body) if cell.decisive else body
        painter.setFont(font)
        painter.setPen(theme.color("text") if cell.decisive or cell.tone != "dim" else theme.ink("dim"))
        words = f"{cell.step}  {cell.words}" if cell.step else cell.words
        room = box.adjusted(24, 0, -6, 0)
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)


class LanesView(QTableView):
    """Shows :class:`LanesModel`; only visible lines are drawn."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lanes = LanesModel(self)
        self.setModel(self.lanes)
        self.setItemDelegate(LaneDelegate(self))
        self._untouched = True
        self.verticalScrollBar().actionTriggered.connect(self._touched)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        self._size()

    def set_lanes(self, lanes: Sequence[str], lines: Sequence[LaneRow]) -> None:
        """Show these from the start, or from the line that stands out."""
        self.clearSpans()
        self.lanes.set_lanes(lanes, lines)
        self._size()
        self._widen(lines)
        self._untouched = True
        self._show_start()

    def _show_start(self) -> None:
        """From the line that stands out, with a few before it, else from the first."""
        first = next((row for row, line in enumerate(self.lanes.lines) if line.mark), None)
        if first is None:
            self.scrollToTop()
        else:
            self.scrollTo(self.lanes.index(max(0, first - 3), 0), QAbstractItemView.ScrollHint.PositionAtTop)

    def _touched(self, _action: int) -> None:
        self._untouched = False

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Only now it is known how much fits."""
        super().showEvent(event)
        self.doItemsLayout()
        self._show_start()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Until somebody scrolls, what matters stays where it was."""
        super().resizeEvent(event)
        if self._untouched:
            self._show_start()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Somebody reads on."""
        self._untouched = False
        super().wheelEvent(event)

    def _widen(self, lines: Sequence[LaneRow]) -> None:
        """What broke has the room of the lanes at its right, where nothing happens then."""
        for row, line in enumerate(lines):
            place = next((n for n, cell in enumerate(line.cells) if cell and cell.kind == "violation"), None)
            rest = line.cells[place + 1 :] if place is not None else ()
            if place is not None and rest and not any(rest):
                self.setSpan(row, place + 1, 1, 1 + len(rest))

    def _size(self) -> None:
        theme = Theme.current()
        self.verticalHeader().setDefaultSectionSize(round(LINE_HEIGHT * theme.scale))
        header = self.horizontalHeader()
        if self.lanes.columnCount():
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(0, QFontMetrics(theme.font("mono_small")).horizontalAdvance("00:00.000") + 20)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other type, other line height."""
        if event.type() == QEvent.Type.PaletteChange:
            self._size()
        super().changeEvent(event)
