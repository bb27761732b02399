"""The list of personas: painted row by row, so that hundreds scroll as few do; shares by mouse, keys and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.places.personas.crowd_state import CrowdRow
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CONTROL, RING
from turbulence_app.gui.widgets.sliders import NumberField

Index = QModelIndex | QPersistentModelIndex
LEFT, RIGHT, TOP = 24, 8, 7
NUMBER = 48
TRACK = 8.0


class CrowdModel(QAbstractListModel):
    """Rows of the mix."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[CrowdRow] = []

    def set_rows(self, rows: Sequence[CrowdRow]) -> None:
        """Show these; the same people with other values stay where they are."""
        if [row.id for row in rows] == [row.id for row in self.rows]:
            self.rows = list(rows)
            self.dataChanged.emit(self.index(0), self.index(max(0, len(rows) - 1)))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name, and the row in words for who hears it."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        item = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return item.sentence
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{item.sentence}\nSet by crowd: in turbulence.yaml" if item.fixed else item.sentence
        return None


def _heights() -> tuple[int, int]:
    """Of the name and of the small line, in the type in force."""
    theme = Theme.current()
    return QFontMetrics(theme.font("strong")).height(), QFontMetrics(theme.font("small")).height()


class CrowdDelegate(QStyledItemDelegate):
    """Name, bar with the share, how this persona fares."""

    @staticmethod
    def number_width() -> int:
        """Room for the share, in the type in force."""
        return round(NUMBER * Theme.current().scale)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, ARG002
        """Three lines."""
        name, small = _heights()
        return QSize(120, TOP + name + 20 + small + 6)

    def bar_rect(self, box: QRect) -> QRectF:
        """The bar's track in a row's box."""
        name, _ = _heights()
        return QRectF(
            box.left() + LEFT, box.top() + TOP + name + 6, box.width() - LEFT - RIGHT - self.number_width(), TRACK
        )

    def number_rect(self, box: QRect) -> QRect:
        """Where the share is written."""
        bar = self.bar_rect(box)
        high = round(22 * Theme.current().scale)
        return QRect(int(bar.right()) + 2, int(bar.center().y()) - high // 2, self.number_width() + 4, high)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        model, view = index.model(), self.parent()
        assert isinstance(model, CrowdModel)
        assert isinstance(view, CrowdList)
        item, theme, box = model.rows[index.row()], Theme.current(), option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = item.id == view.chosen_id
        ground = "soft" if chosen else "panel"
        focus = ringed(view) and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(theme.color("accent"), RING) if focus else Qt.PenStyle.NoPen)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(theme.color("soft" if chosen else "raised"))
        painter.drawRoundedRect(QRectF(box).adjusted(1, 1, -1, -1), RADIUS_CONTROL, RADIUS_CONTROL)
        self._words(painter, item, box, ground)
        self._bar(painter, item, box, hot=chosen or bool(state & QStyle.StateFlag.State_MouseOver))
        painter.restore()

    def _words(self, painter: QPainter, item: CrowdRow, box: QRect, ground: str) -> None:
        theme, (name, small) = Theme.current(), _heights()
        room = QRect(box.left() + LEFT, box.top() + TOP, box.width() - LEFT - RIGHT, name)
        font = theme.font("strong")
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        elided = QFontMetrics(font).elidedText(item.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), elided)
        font = theme.font("small")
        painter.setFont(font)
        painter.setPen(theme.ink("dim", ground))
        line = QRect(room.left(), room.bottom() + 20, room.width(), small)
        says = item.fare or item.status
        elided = QFontMetrics(font).elidedText(says, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), elided)

    def _bar(self, painter: QPainter, item: CrowdRow, box: QRect, *, hot: bool) -> None:
        theme, bar = Theme.current(), self.bar_rect(box)
        name, _ = _heights()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(item.color))
        painter.drawEllipse(QPointF(box.left() + 14, box.top() + TOP + name / 2 + 0.5), 4.5, 4.5)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(bar, TRACK / 2, TRACK / 2)
        filled = QRectF(bar.left(), bar.top(), max(3.0, bar.width() * min(1.0, item.share)), bar.height())
        painter.setBrush(theme.color(item.color))
        painter.drawRoundedRect(filled, TRACK / 2, TRACK / 2)
        if hot and not item.fixed:
            painter.setPen(QPen(theme.color("panel"), 2))
            painter.drawEllipse(QPointF(filled.right(), bar.center().y()), 6, 6)
        painter.setFont(theme.font("mono"))
        painter.setPen(theme.color("text"))
        painter.drawText(self.number_rect(box), int(Qt.AlignmentFlag.AlignCenter), item.percent)


class CrowdList(QListView):
    """Up and Down choose, Left and Right weigh (Shift: by five), a digit types a share, Alt with Up and Down moves."""

    picked = Signal(str)
    share_dragged = Signal(str, float)
    dropped = Signal()
    menu = Signal(str, object)
    moved = Signal(str, int)
    opened = Signal(str)
    """Enter, or a double click: to the words."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen_id = ""
        self._dragged = ""
        self.people = CrowdModel(self)
        self.setModel(self.people)
        self.painter_ = CrowdDelegate(self)
        self.setItemDelegate(self.painter_)
        self.setAccessibleName("Personas")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setMouseTracking(True)
        self.setProperty("kind", "plainlist")
        self.setTabKeyNavigation(False)
        self.field: NumberField | None = None

    def show_rows(self, rows: Sequence[CrowdRow], chosen: str) -> None:
        """Show these; the chosen one comes into view when it is another one."""
        self.people.set_rows(rows)
        other = chosen != self.chosen_id
        self.chosen_id = chosen
        place = next((number for number, row in enumerate(rows) if row.id == chosen), -1)
        if place >= 0 and (other or self.currentIndex().row() != place):
            self.setCurrentIndex(self.people.index(place))
            self.scrollTo(self.people.index(place))
        self.viewport().update()

    def row_of(self, index: Index) -> CrowdRow | None:
        """The row under an index."""
        return self.people.rows[index.row()] if index.isValid() and index.row() < len(self.people.rows) else None

    def current(self) -> CrowdRow | None:
        """The row that the keyboard is on."""
        return self.row_of(self.currentIndex())

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """On the bar: take the share; elsewhere: choose."""
        index = self.indexAt(event.position().toPoint())
        item = self.row_of(index)
        if item is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.setCurrentIndex(index)
        self.picked.emit(item.id)
        bar = self.painter_.bar_rect(self.visualRect(index)).adjusted(-8, -5, 8, 5)
        if bar.contains(event.position()) and not item.fixed:
            self._dragged = item.id
            self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand; the pointer says what can be taken."""
        if self._dragged:
            self._drag(event.position().x())
            return
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        item = self.row_of(index)
        over = item is not None and not item.fixed
        bar = self.painter_.bar_rect(self.visualRect(index)).adjusted(-8, -5, 8, 5) if over else QRectF()
        shape = Qt.CursorShape.SizeHorCursor if bar.contains(event.position()) else Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape if item is not None else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        if self._dragged:
            self._dragged = ""
            self.dropped.emit()
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """On the number: type it; elsewhere: to the words."""
        index = self.indexAt(event.position().toPoint())
        item = self.row_of(index)
        if item is None:
            return
        if self.painter_.number_rect(self.visualRect(index)).contains(event.position().toPoint()):
            self.type_share()
        else:
            self.opened.emit(item.id)

    def _drag(self, x: float) -> None:
        place = next((n for n, row in enumerate(self.people.rows) if row.id == self._dragged), -1)
        if place >= 0:
            bar = self.painter_.bar_rect(self.visualRect(self.people.index(place)))
            self.share_dragged.emit(self._dragged, min(1.0, max(0.0, (x - bar.left()) / max(1.0, bar.width()))))

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Choose, weigh, move, type, open."""
        item, key = self.current(), Qt.Key(event.key())
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        steps = {Qt.Key.Key_Left: -0.01, Qt.Key.Key_Right: 0.01}
        if item is None:
            super().keyPressEvent(event)
        elif key in steps and not item.fixed:
            much = 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.share_dragged.emit(item.id, round(item.share + much * steps[key], 4))
            self.dropped.emit()
        elif alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(item.id, -1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(item.id)
        elif event.text().isdigit() and not item.fixed:
            self.type_share(event.text())
        else:
            super().keyPressEvent(event)
            self._walked()

    def _walked(self) -> None:
        item = self.current()
        if item is not None and item.id != self.chosen_id:
            self.picked.emit(item.id)

    def type_share(self, first: str = "") -> None:
        """A field over the number; Enter takes it, Escape leaves it."""
        item, index = self.current(), self.currentIndex()
        if item is None or item.fixed:
            return
        self._close_field()
        field = NumberField(f"Share of {item.name} in the crowd, per cent", " %", NUMBER)
        field.setParent(self.viewport())
        field.setGeometry(self.painter_.number_rect(self.visualRect(index)))
        field.show_number(item.percent.rstrip(" %"))
        field.entered.connect(lambda value, name=item.id: self._typed(name, value))
        field.editingFinished.connect(self._close_field)
        field.installEventFilter(self)
        self.field = field
        field.show()
        field.setFocus()
        field.selectAll()
        if first:
            field.insert(first)
            field.setModified(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Escape closes the field."""
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if isinstance(watched, NumberField) and escape and event.type() == QEvent.Type.KeyPress:
            watched.setModified(False)
            self._close_field()
            return True
        return super().eventFilter(watched, event)

    def _typed(self, name: str, value: float) -> None:
        self.share_dragged.emit(name, min(100.0, value) / 100)
        self.dropped.emit()

    def _close_field(self) -> None:
        field, self.field = self.field, None
        if field is not None:
            field.hide()
            field.deleteLater()
            self.setFocus()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """What can be done with it, at the pointer or at the row."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        item = self.row_of(index)
        if item is None:
            return
        self.picked.emit(item.id)
        where = self.viewport().mapToGlobal(self.visualRect(index).center()) if by_key else event.globalPos()
        self.menu.emit(item.id, QPoint(where))


def below(widget: QWidget) -> QPoint:
    """Where a menu of a button opens."""
    return widget.mapToGlobal(widget.rect().bottomLeft())
