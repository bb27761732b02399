"""What charts made of rows share: one row is chosen by a click or with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.painting import paint_ring

T = TypeVar("T")


class RowsChart(QWidget, Generic[T]):
    """Rows of equal height, painted by the subclass. ``picked`` tells the row that a person chose."""

    picked = Signal(int)

    def __init__(self, name: str, row_height: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row_height = row_height
        self._rows: list[T] = []
        self._chosen = -1
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def set_rows(self, rows: Sequence[T]) -> None:
        """Show these, in order; the chosen one stays chosen."""
        if list(rows) == self._rows:
            return
        kept = self.key()
        self._rows = list(rows)
        self._chosen = next((i for i, row in enumerate(self._rows) if self.key_of(row) == kept), -1) if kept else -1
        self.setAccessibleDescription("; ".join(self.says(place) for place in range(len(self._rows))))
        self.updateGeometry()
        self.update()

    def rows(self) -> list[T]:
        """What is shown."""
        return list(self._rows)

    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def key_of(self, row: T) -> str:  # noqa: ARG002
        """By what a row is known again; "" where rows are not chosen."""
        return ""

    def key(self) -> str:
        """The chosen row's key."""
        return self.key_of(self._rows[self._chosen]) if 0 <= self._chosen < len(self._rows) else ""

    def says(self, row: int) -> str:
        """A row for who hears the chart instead of seeing it; what the pointer shows where nothing else is said."""
        return self.tip(row)

    def tip(self, row: int) -> str:
        """What the pointer shows over a row."""
        return str(row)

    def top(self) -> float:
        """Where the first row begins."""
        return 0.0

    # Rows are painted in pixels of the design, and as a whole as large as the type is.

    def wide(self) -> float:
        """Width in pixels of the design."""
        return self.width() / Theme.current().scale

    def tall(self) -> float:
        """Height in pixels of the design."""
        return self.height() / Theme.current().scale

    def scale(self, painter: QPainter) -> None:
        """Let a painter work in pixels of the design."""
        painter.scale(Theme.current().scale, Theme.current().scale)

    def scaled(self, width: float, height: float) -> QSize:
        """A size of the design, in pixels."""
        return QSize(Theme.current().px(width), Theme.current().px(height))

    def chosen(self) -> int:
        """The row that is chosen; -1 is none."""
        return self._chosen

    def choose(self, row: int) -> None:
        """Choose without telling."""
        self._chosen = row if 0 <= row < self.row_count() else -1
        self.update()

    def row_at(self, y: float) -> int:
        """The row at a height; -1 outside."""
        row = int((y / Theme.current().scale - self.top()) // self._row_height)
        return row if 0 <= row < self.row_count() else -1

    def pick(self, row: int) -> None:
        """A person chooses; choosing the chosen one again lets go of it."""
        if row >= 0:
            self._chosen = -1 if row == self._chosen else row
            self.update()
            self.picked.emit(self._chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click chooses."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pick(self.row_at(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """The hand over what can be chosen."""
        over = self.focusPolicy() != Qt.FocusPolicy.NoFocus and self.row_at(event.position().y()) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and down choose."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        row = min(self.row_count() - 1, max(0, self._chosen + step))
        if step and row != self._chosen and self.row_count():
            self.pick(row)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The row in full; and a ring around all of them where the keyboard is here and none is chosen yet."""
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.Show):  # rows may have come while it was hidden
            self.updateGeometry()
        if event.type() == QEvent.Type.Paint:
            done = super().event(event)
            if self._chosen < 0:
                paint_ring(self)
            return done
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self.row_at(event.pos().y())
            QToolTip.showText(event.globalPos(), self.tip(row) if row >= 0 else "", self)
            return True
        return super().event(event)
