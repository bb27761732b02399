"""The lists at the left: kinds of failure, and the users of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from turbulence_app.domain.failure import Failure
from turbulence_app.gui.places.failures.state import Group
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CONTROL
from turbulence_app.gui.trace_words import virtual_time

Index = QModelIndex | QPersistentModelIndex
ItemRole = int(Qt.ItemDataRole.UserRole) + 1
StateRole = ItemRole + 1


class GroupsModel(QAbstractListModel):
    """Kinds of failure."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[Group] = []
        self._states: list[str] = []

    def set_groups(self, groups: Sequence[Group]) -> None:
        """Show these."""
        self.beginResetModel()
        self._groups = list(groups)
        self._states = ["open"] * len(self._groups)
        self.endResetModel()

    def set_states(self, states: Sequence[str]) -> None:
        """What is decided about each, in order."""
        if list(states) != self._states and len(states) == len(self._groups):
            self._states = list(states)
            if states:
                self.dataChanged.emit(self.index(0, 0), self.index(len(states) - 1, 0))

    def group(self, row: int) -> Group:
        """One of them."""
        return self._groups[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many."""
        return 0 if parent.isValid() else len(self._groups)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The group for the delegate, words for everybody else."""
        if not index.isValid() or not 0 <= index.row() < len(self._groups):
            return None
        group = self._groups[index.row()]
        if role == ItemRole:
            return group
        state = self._states[index.row()]
        if role == StateRole:
            return state
        words = f"{group.invariant}: {group.size:,} {group.where}, {state}"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return words
        return None


class GroupDelegate(QStyledItemDelegate):
    """Two lines: the invariant with a count, and where and who."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802
        """Two lines of type and air."""
        return QSize(150, round(58 * Theme.current().scale))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One kind."""
        group = index.data(ItemRole)
        if not isinstance(group, Group):
            return
        theme, box = Theme.current(), QRect(option.rect).adjusted(0, 2, 0, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("soft" if chosen else "hover"))
            painter.drawRoundedRect(QRectF(box), RADIUS_CONTROL, RADIUS_CONTROL)
        mono = theme.font("mono_small")
        count = f"{group.size:,}"
        width = QFontMetrics(mono).horizontalAdvance(count) + 16
        pill = QRectF(box.right() - width - 10, box.top() + 9, width, 18)
        tone = "dim" if index.data(StateRole) == "known" else "bad"
        painter.setPen(QPen(theme.color(tone), 1))
        painter.setBrush(theme.color(tone, 0.08))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setFont(mono)
        painter.setPen(theme.ink(tone))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), count)
        middle = box.top() + box.height() / 2
        self._line(
            painter,
            group.invariant,
            "strong",
            "text",
            QRectF(box.left() + 12, box.top() + 4, pill.left() - box.left() - 18, middle - box.top() - 2),
        )
        state = str(index.data(StateRole))
        sign = {"seen": "○ seen · ", "known": "✓ known · "}.get(state, "")
        self._line(
            painter,
            f"{sign}{group.where}",
            "small",
            "dim",
            QRectF(box.left() + 12, middle, box.width() - 22, box.bottom() - middle - 3),
        )
        painter.restore()

    def _line(self, painter: QPainter, words: str, role: str, token: str, room: QRectF) -> None:
        theme = Theme.current()
        font = theme.font("strong" if role == "strong" else "small")
        painter.setFont(font)
        painter.setPen(theme.color("text") if token == "text" else theme.ink("dim", "soft"))
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)


class UsersModel(QAbstractListModel):
    """Users of one kind of failure."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failures: tuple[Failure, ...] = ()

    def set_failures(self, failures: Sequence[Failure]) -> None:
        """Show these."""
        if tuple(failures) != self._failures:
            self.beginResetModel()
            self._failures = tuple(failures)
            self.endResetModel()

    def failure(self, row: int) -> Failure:
        """One of them."""
        return self._failures[row]

    def row_of(self, failure: Failure) -> int:
        """Where it is; -1 if it is not there."""
        return self._failures.index(failure) if failure in self._failures else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many."""
        return 0 if parent.isValid() else len(self._failures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """User number, time of the violation, size."""
        if not index.isValid() or not 0 <= index.row() < len(self._failures):
            return None
        failure = self._failures[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"user {failure.user:,} · {virtual_time(failure.at_us)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                f"{failure.failure_id} user {failure.user}: broke {failure.invariant} at {virtual_time(failure.at_us)}"
            )
        if role == Qt.ItemDataRole.FontRole:
            return Theme.current().font("mono_small")
        return None


class PickList(QListView):
    """A list in which the chosen row matters; arrows and clicks choose."""

    row_chosen = Signal(int)

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]  # noqa: N802
        """Tell, unless the program itself chose."""
        super().currentChanged(current, previous)
        if current.isValid() and not self._quiet:
            self.row_chosen.emit(current.row())

    def choose(self, row: int) -> None:
        """Choose a row without telling."""
        self._quiet = True
        model = self.model()
        if model is not None and row >= 0:
            self.setCurrentIndex(model.index(row, 0))
        else:
            self.clearSelection()
        self._quiet = False
