"""What is left of somebody's patience, as a bar that runs down."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.fit_bar import paint_bar

LOW = 0.2
"""Below this share the bar warns."""


class PatienceBar(QWidget):
    """``left`` of ``whole``, both in microseconds; ``words`` say the same."""

    def __init__(self, left: int, whole: int, words: str) -> None:
        super().__init__()
        self._share = max(0.0, min(1.0, left / whole)) if whole else 0.0
        self._words = words
        self.setAccessibleName(self._words)
        self.setToolTip(self._words)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line of words beside a bar."""
        return QSize(200, round(18 * Theme.current().scale))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Bar, then words."""
        theme, painter = Theme.current(), QPainter(self)
        room = min(110.0, self.width() * 0.35)
        box = QRectF(0, (self.height() - 6) / 2, room, 6)
        paint_bar(painter, box, self._share, "warn" if self._share < LOW else "good")
        painter.setFont(theme.font("small"))
        painter.setPen(theme.ink("warn") if self._share < LOW else theme.ink("dim"))
        words = QRectF(room + 8, 0, self.width() - room - 8, self.height())
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), self._words)
