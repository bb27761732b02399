"""Small helps for widgets that paint themselves."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_ROW, RING


def bold(font: QFont) -> QFont:
    """The same font, heavier."""
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made


def paint_ring(widget: QWidget) -> None:
    """A ring around a widget that paints itself, where it has the keyboard; within its paint event."""
    if ringed(widget):
        painter = QPainter(widget)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(Theme.current().color("accent"), RING))
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(1, 1, -1, -1), RADIUS_ROW, RADIUS_ROW)
        painter.end()


def wrap_label(text: str, metrics: QFontMetricsF, width: float, lines: int = 2) -> list[str]:
    """``text`` broken at spaces and underscores into at most ``lines`` lines; what is too long ends in an ellipsis."""
    rows: list[str] = []
    for word in text.replace("_", " ").split():
        joined = f"{rows[-1]} {word}" if rows else word
        if rows and metrics.horizontalAdvance(joined) <= width:
            rows[-1] = joined
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join(rows[lines - 1 :])]
    return [metrics.elidedText(row, Qt.TextElideMode.ElideRight, width) for row in rows]
