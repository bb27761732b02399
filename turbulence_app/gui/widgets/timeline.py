"""A visit as a timeline: one line per event, only the visible ones are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.trace_words import TraceLine, virtual_time
from turbulence_app.gui.widgets.painting import bold

LINE_HEIGHT = 28
LineRole = int(Qt.ItemDataRole.UserRole) + 1
Index = QModelIndex | QPersistentModelIndex


class TraceModel(QAbstractListModel):
    """The lines of a visit."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: list[TraceLine] = []

    def set_lines(self, lines: Sequence[TraceLine]) -> None:
        """Show another visit."""
        self.beginResetModel()
        self._lines = list(lines)
        self.endResetModel()

    def line(self, row: int) -> TraceLine:
        """One line."""
        return self._lines[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many events."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line itself for the delegate, words for everybody else."""
        if not index.isValid() or not 0 <= index.row() < len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == LineRole:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{virtual_time(line.at_us)}  {line.step}  {line.words}"
        if role == Qt.ItemDataRole.ToolTipRole:
            note = "\nDecisive: without it the invariant holds." if line.decisive else ""
            return f"{virtual_time(line.at_us)}  {line.step}\n{line.words}{note}"
        return None


class LineDelegate(QStyledItemDelegate):
    """Time, a dot, the step, the words; decisive lines stand out by weight and a mark."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802
        """All lines are equally high, so the view need not ask each."""
        scale = Theme.current().scale
        return QSize(200, round(LINE_HEIGHT * scale))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One line."""
        line = index.data(LineRole)
        if not isinstance(line, TraceLine):
            return
        theme, box = Theme.current(), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("soft"))
        elif line.decisive:
            painter.fillRect(box, theme.color(line.tone if line.tone != "dim" else "accent", 0.07))
        if line.decisive:
            painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), theme.color(line.tone))
        painter.setPen(theme.color("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        self._paint_words(painter, line, box)
        painter.restore()

    def _paint_words(self, painter: QPainter, line: TraceLine, box: QRect) -> None:
        theme = Theme.current()
        mono = theme.font("mono")
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        time_width = QFontMetrics(mono).horizontalAdvance("00:00.000") + 10
        painter.setFont(mono)
        painter.setPen(theme.color("dim"))
        painter.drawText(
            QRectF(box.left() + 12, box.top(), time_width + 30, box.height()), centre, virtual_time(line.at_us)
        )
        x = box.left() + 12.0 + time_width + 8
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(line.tone))
        painter.drawEllipse(QPointF(x, box.center().y() + 0.5), 4, 4)
        body = theme.font("body")
        step_width = min(150.0, max(90.0, box.width() * 0.22))
        step = QFontMetrics(body).elidedText(line.step or "visit", Qt.TextElideMode.ElideRight, int(step_width))
        painter.setFont(body)
        painter.setPen(theme.color("dim"))
        painter.drawText(QRectF(x + 14, box.top(), step_width, box.height()), centre, step)
        font = bold(body) if line.decisive else body
        painter.setFont(font)
        painter.setPen(theme.color("text") if line.decisive or line.tone != "dim" else theme.color("dim"))
        room = QRectF(x + 24 + step_width, box.top(), box.right() - x - 28 - step_width, box.height())
        words = QFontMetrics(font).elidedText(line.words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, centre, words)


class TimelineView(QListView):
    """Shows a :class:`TraceModel`; thousands of events scroll as lightly as ten."""

    step_chosen = Signal(str)

    def __init__(self, name: str = "Timeline", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trace = TraceModel(self)
        self.setModel(self.trace)
        self.setItemDelegate(LineDelegate(self))
        self.setUniformItemSizes(True)
        self.setAccessibleName(name)
        self.setToolTip("What this user did, in virtual time. Lines with a mark decide the outcome.")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.activated.connect(lambda index: self.step_chosen.emit(self.trace.line(index.row()).step))

    def set_lines(self, lines: Sequence[TraceLine]) -> None:
        """Show a visit from its start."""
        self.trace.set_lines(lines)
        self.scrollToTop()

    def table(self) -> Table:
        """A line per event."""
        lines = [self.trace.line(row) for row in range(self.trace.rowCount())]
        rows = [(line.at_us / 1e6, line.step, line.kind, line.words, line.decisive) for line in lines]
        return Table(("seconds", "step", "kind", "what happened", "decisive"), rows)

    def show_decisive(self) -> None:
        """Scroll to the first line that decides."""
        rows = range(self.trace.rowCount())
        first = next((row for row in rows if self.trace.line(row).decisive), None)
        if first is not None:
            self.scrollTo(self.trace.index(first, 0), QAbstractItemView.ScrollHint.PositionAtTop)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other type, other line height."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.doItemsLayout()
        super().changeEvent(event)
