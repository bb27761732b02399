"""Small helps for widgets that paint themselves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF


def bold(font: QFont) -> QFont:
    """The same font, heavier."""
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made


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
