"""A large button with an icon, a title and a line that says what comes of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CARD, RING

LEFT = 54
PAD = 14


class Choice(QAbstractButton):
    """One of a few ways on. ``first`` is the one that most people want: its edge has the accent."""

    def __init__(self, icon: str, title: str, text: str, clicked: Callable[[], object], *, first: bool = False) -> None:
        super().__init__()
        self._icon, self._says, self._first = icon, text, first
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setToolTip(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda *_: clicked())

    def sizeHint(self) -> QSize:  # noqa: N802
        """Two lines of type and air around them."""
        theme = Theme.current()
        title, text = QFontMetrics(theme.font("heading")), QFontMetrics(theme.font("body"))
        width = max(title.horizontalAdvance(self.text()), text.horizontalAdvance(self._says))
        return QSize(self._left() + width + PAD + 8, title.height() + text.height() + 2 * PAD + 2)

    def _left(self) -> int:
        return round(LEFT * Theme.current().scale)

    def event(self, event: QEvent) -> bool:
        """Show the pointer's coming and going."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave, QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A panel; a ring where the keyboard is."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(theme.color("accent" if focus or self._first else "line"), RING if focus else 1))
        painter.setBrush(theme.color("hover" if self.underMouse() or self.isDown() else "panel"))
        painter.drawRoundedRect(box, RADIUS_CARD, RADIUS_CARD)
        size = round(20 * theme.scale)
        picture = theme.pixmap(self._icon, "accent" if self._first else "dim", size, self.devicePixelRatioF())
        spot = QRectF((self._left() - size) / 2, (self.height() - size) / 2, size, size)
        painter.drawPixmap(spot, picture, QRectF(picture.rect()))
        room = box.adjusted(self._left(), PAD - 1, -PAD, -PAD + 1)
        painter.setFont(theme.font("heading"))
        painter.setPen(theme.color("text"))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), self.text())
        painter.setFont(theme.font("body"))
        painter.setPen(theme.ink("dim", "panel"))
        shown = painter.fontMetrics().elidedText(self._says, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), shown)
