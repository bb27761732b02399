"""The command palette: type a few letters, get the action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.gui.fuzzy import Hay
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_ROW
from turbulence_app.gui.widgets.basics import Label

ROW = 34
SHOWN = 9
FEW_LETTERS = 24
"""Pixels below which words are left out."""
Index = QModelIndex | QPersistentModelIndex


NOTHING = Hay("")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette."""

    title: str
    where: str
    icon: str
    shortcut: str
    run: Callable[[], object]
    key: str = ""
    """By which it is remembered as used lately; "" is not remembered."""
    hay: Hay = NOTHING
    """What it is found by."""


class EntryModel(QAbstractListModel):
    """The lines that match."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Lines under the root."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Title, and the whole line for screen readers."""
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.title}, {entry.where} {entry.shortcut}".strip()
        return entry if role == Qt.ItemDataRole.UserRole else None


def elided(painter: QPainter, words: str, room: float) -> str:
    """Words as far as there is room; nothing where not even a few letters fit."""
    return painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room)) if room > FEW_LETTERS else ""


class EntryDelegate(QStyledItemDelegate):
    """Icon, title, where it is, shortcut."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, ARG002
        """All lines are alike."""
        return QSize(300, Theme.current().px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one line."""
        entry, theme = index.data(Qt.ItemDataRole.UserRole), Theme.current()
        if not isinstance(entry, Entry):
            return
        box = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("soft"))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), RADIUS_ROW, RADIUS_ROW)
        if entry.icon:
            ratio = painter.device().devicePixelRatioF()
            picture = theme.pixmap(entry.icon, "accent" if chosen else "dim", 16, ratio)
            where = QRectF(box.left() + 10, box.center().y() - 8, 16, 16)
            painter.drawPixmap(where, picture, QRectF(picture.rect()))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        text = box.adjusted(38, 0, -10, 0)
        keys = QFontMetricsF(theme.font("mono_small")).horizontalAdvance(entry.shortcut)
        room = text.width() - (keys + 12 if keys else 0)
        title = elided(painter, entry.title, room)
        painter.drawText(text, int(middle), title)
        left = painter.fontMetrics().horizontalAdvance(title) + 12
        painter.setPen(theme.ink("dim", "raised"))
        painter.setFont(theme.font("small"))
        painter.drawText(text.adjusted(left, 0, 0, 0), int(middle), elided(painter, entry.where, room - left))
        painter.setFont(theme.font("mono_small"))
        painter.drawText(text, int(middle | Qt.AlignmentFlag.AlignRight), entry.shortcut)
        painter.restore()


class CommandPalette(QFrame):
    """An overlay in the upper middle of its parent. ``find`` gives the lines for what was typed, best first."""

    closed = Signal()
    used = Signal(str)
    """The key of a line that was run."""

    def __init__(self, parent: QWidget, find: Callable[[str], Sequence[Entry]]) -> None:
        super().__init__(parent)
        self.setProperty("kind", "well")
        self.setAccessibleName("Command palette")
        self._find = find
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.setAccessibleName("Command")
        self.model = EntryModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(EntryDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Matching commands")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        self.nothing = Label("Nothing by that name. Try another word.", kind="dim")
        column.addWidget(self.list)
        column.addWidget(self.nothing)
        shadow = QGraphicsDropShadowEffect(self, blurRadius=40, xOffset=0, yOffset=10)
        self.setGraphicsEffect(shadow)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._run)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.hide()

    def open(self) -> None:
        """Come up, empty, with the keyboard."""
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Arrows and Enter work from the field; Escape and losing the focus close."""
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._close()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._key(event):
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: SHOWN, Qt.Key.Key_PageUp: -SHOWN}
        if event.key() in moves and self.model.entries:
            line = self.list.currentIndex().row() + moves[Qt.Key(event.key())]
            self.list.setCurrentIndex(self.model.index(max(0, min(len(self.model.entries) - 1, line))))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
            return True
        if event.key() == Qt.Key.Key_Escape:
            self._close()
            return True
        return False

    def _search(self, text: str) -> None:
        self.model.show(self._find(text))
        self.nothing.setVisible(not self.model.entries)
        if self.model.entries:
            self.list.setCurrentIndex(self.model.index(0))
        host = self.parentWidget()
        if host is not None:
            px, shown = Theme.current().px, max(1, min(SHOWN, len(self.model.entries)))
            width, tall = min(px(580), host.width() - 40), self.field.sizeHint().height() + 30 + px(ROW) * shown
            self.list.setVisible(bool(self.model.entries))
            self.setGeometry((host.width() - width) // 2, px(56), width, tall)

    def _run(self, index: QModelIndex) -> None:
        if index.isValid():
            entry = self.model.entries[index.row()]
            self._close()
            if entry.key:
                self.used.emit(entry.key)
            entry.run()

    def _close(self) -> None:
        self.hide()
        self.closed.emit()
