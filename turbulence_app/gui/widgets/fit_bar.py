"""A need as a bar against what there is, with its words: does it fit?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from turbulence_app.gui.theme import Theme

BAR = 6.0
CELL = 30
"""Length of the bar in a cell."""
Fit = tuple[float, str, str]
"""Share of what there is (0: not known, may be above 1), the theme's colour for it, and words."""


def paint_bar(painter: QPainter, box: QRectF, share: float, token: str) -> None:
    """The bar; a need above what there is runs over the end, where a line stands."""
    theme = Theme.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("track"))
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
    if share <= 0:
        return
    scale = box.width() / max(1.0, share)
    painter.setBrush(theme.color(token or "dim"))
    filled = QRectF(box.left(), box.top(), max(box.height(), share * scale), box.height())
    painter.drawRoundedRect(filled, box.height() / 2, box.height() / 2)
    if share > 1:
        painter.setPen(QPen(theme.color("text"), 1.5))
        x = box.left() + scale
        painter.drawLine(
            QRectF(x, box.top() - 3, 0, box.height() + 6).topLeft(), QRectF(x, box.bottom() + 3, 0, 0).topLeft()
        )


class FitBar(QWidget):
    """The bar alone; the words stand beside it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._share, self._token = 0.0, ""
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set(self, share: float, token: str, words: str) -> None:
        """Show another need."""
        self._share, self._token = share, token
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """A thin line with room for the mark."""
        return QSize(160, int(BAR) + 8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw it."""
        paint_bar(QPainter(self), QRectF(0, (self.height() - BAR) / 2, self.width(), BAR), self._share, self._token)


class FitDelegate(QStyledItemDelegate):
    """A cell of a table: the bar with its words at the right."""

    def __init__(self, fit: Callable[[Any], Fit], parent: QWidget) -> None:
        super().__init__(parent)
        self._fit = fit

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """Words and some bar."""
        size = super().sizeHint(option, index)
        return QSize(size.width() + CELL + 10, size.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The cell's ground as usual, then bar and words."""
        model: Any = index.model()
        share, token, words = self._fit(model.item(index.row()))
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.text = ""
        box: QRect = plain.rect
        style = plain.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, plain, painter, plain.widget)
        painter.save()
        theme = Theme.current()
        font = theme.font("small")
        painter.setFont(font)
        painter.setPen(theme.ink(token if token in ("good", "warn", "bad") else "dim"))
        left, right = box.left() + 8.0, box.right() - 8.0
        if share > 0:
            paint_bar(painter, QRectF(left, box.center().y() - BAR / 2 + 0.5, CELL, BAR), share, token)
            left += CELL + 8
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(right - left) + 1)
        painter.setPen(theme.ink(token if token in ("good", "warn", "bad") else "dim"))
        painter.drawText(QRectF(left, box.top(), right - left, box.height()), int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.restore()
