"""A decision that was drawn: a bar of the options by their weights, and where in it the draw fell."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.domain.walk import Choice
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_BAR

LINE = 20
BAR = 10.0


class ChoiceBars(QWidget):
    """One line per option: its share as a bar that begins where the one before ends; the draw is a line through all."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self._choice = choice
        shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in choice.weights.items())
        case = f" because {choice.case}" if choice.case else ""
        self.setAccessibleName(f"Weights{case}: {shares}; drawn {choice.drawn:.4f}, so {choice.chosen}")
        self.setToolTip(self.accessibleName())
        self.setMinimumHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line per option, and one for the draw."""
        line = round(LINE * Theme.current().scale)
        return QSize(240, line * (len(self._choice.weights) + 1 + bool(self._choice.case)) + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Names, bars, shares, the draw."""
        theme, painter = Theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font, line = theme.font("mono_small"), round(LINE * theme.scale)
        metrics = QFontMetrics(font)
        names = min(
            2 * self.width() // 5, max(metrics.horizontalAdvance("› " + name) for name in self._choice.weights) + 8
        )
        shares = metrics.horizontalAdvance("100.0 %") + 8
        left, room = float(names), float(self.width() - names - shares)
        painter.setFont(font)
        reached, y = 0.0, 0.0
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        for name, share in self._choice.weights.items():
            chosen = name == self._choice.chosen
            painter.setPen(theme.color("text") if chosen else theme.ink("dim"))
            words = f"› {name}" if chosen else name
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, names - 4)
            painter.drawText(QRectF(0, y, names, line), middle, shown)
            painter.drawText(
                QRectF(left + room, y, shares, line), middle | int(Qt.AlignmentFlag.AlignRight), f"{100 * share:.1f} %"
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("track"))
            bar = QRectF(left, y + (line - BAR) / 2, room, BAR)
            painter.drawRoundedRect(bar, RADIUS_BAR, RADIUS_BAR)
            painter.setBrush(theme.color("accent") if chosen else theme.color("dim", 0.6))
            painter.drawRect(QRectF(left + reached * room, bar.top(), max(1.0, share * room), BAR))
            reached += share
            y += line
        x = left + self._choice.drawn * room
        painter.setPen(QPen(theme.color("text"), 1.5))
        painter.drawLine(round(x), 2, round(x), round(y))
        painter.setPen(theme.ink("dim"))
        drawn = f"drawn {self._choice.drawn:.4f}"
        wide = metrics.horizontalAdvance(drawn) + 4
        painter.drawText(QRectF(min(max(0.0, x - wide / 2), self.width() - wide), y, wide, line), middle, drawn)
        if self._choice.case:
            painter.drawText(QRectF(0, y + line, self.width(), line), middle, f"case: {self._choice.case}")
