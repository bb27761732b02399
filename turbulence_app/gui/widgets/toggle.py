"""A switch that is on or off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme

WIDTH, HEIGHT = 36, 20


class Toggle(QAbstractButton):
    """A small slide; the knob's place says it, the colour only repeats it."""

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Slide and room for the ring."""
        scale = Theme.current().scale
        return QSize(round(WIDTH * scale) + 6, round(HEIGHT * scale) + 6)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another text size is another slide."""
        if event.type() == QEvent.Type.PaletteChange:
            self.updateGeometry()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show the pointer's coming and going."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A slide with a knob; a ring where the keyboard is."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        round_ = box.height() / 2
        on, free = self.isChecked(), self.isEnabled()
        painter.setPen(QPen(theme.color("accent" if on and free else "dim"), 1.2))
        painter.setBrush(theme.color("accent" if on and free else "hover" if self.underMouse() else "raised"))
        painter.drawRoundedRect(box, round_, round_)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("on_accent" if on and free else "dim"))
        middle = QPointF(box.right() - round_ if on else box.left() + round_, box.center().y())
        painter.drawEllipse(middle, round_ - 4, round_ - 4)
        if ringed(self):
            painter.setPen(QPen(theme.color("text" if on else "accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), round_ + 2, round_ + 2)
