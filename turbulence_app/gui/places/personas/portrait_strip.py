"""What a persona is like in numbers, as a strip of small figures; each leads to its row of the policy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.places.personas.portrait import Trait
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CONTROL, RADIUS_ROW, RING

PAD = 8
_ORIGINS = {"said": "said", "assumed": "assumed", "edited": "edited by hand"}


class TraitButton(QAbstractButton):
    """A value over its name; dim where it is assumed, so that what was said stands out."""

    def __init__(self) -> None:
        super().__init__()
        self.trait: Trait | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_trait(self, trait: Trait) -> None:
        """Show a number."""
        self.trait = trait
        self.setAccessibleName(f"{trait.label} {trait.value}, {_ORIGINS[trait.origin]}")
        self.setToolTip(f"{trait.label} {trait.value}: {_ORIGINS[trait.origin]}. Click: go to this number.")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Two lines."""
        theme = Theme.current()
        value, label = QFontMetrics(theme.font("mono_strong")), QFontMetrics(theme.font("small"))
        if self.trait is None:
            return QSize(0, value.height() + label.height() + 8)
        wide = max(value.horizontalAdvance(self.trait.value), label.horizontalAdvance(self.trait.label) + 12)
        return QSize(wide + 2 * PAD + 2, value.height() + label.height() + 8)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The whole value; the name may be shortened."""
        width = QFontMetrics(Theme.current().font("mono_strong")).horizontalAdvance(
            self.trait.value if self.trait else ""
        )
        return QSize(width + 2 * PAD, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Value above, sign and name below."""
        if self.trait is None:
            return
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if ringed(self) or self.underMouse():
            painter.setPen(QPen(theme.color("accent"), RING) if ringed(self) else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS_ROW, RADIUS_ROW)
        assumed = self.trait.origin == "assumed"
        room = QRectF(self.rect()).adjusted(PAD, 3, -PAD, -3)
        left = Qt.AlignmentFlag.AlignLeft
        painter.setFont(theme.font("mono_strong"))
        painter.setPen(theme.ink("dim", "raised") if assumed else theme.color("text"))
        painter.drawText(room, int(left | Qt.AlignmentFlag.AlignTop), self.trait.value)
        small = theme.font("small")
        painter.setFont(small)
        painter.setPen(theme.ink("dim", "raised"))
        words = QFontMetrics(small).elidedText(self.trait.label, Qt.TextElideMode.ElideRight, int(room.width()) - 10)
        painter.drawText(room.adjusted(11, 0, 0, 0), int(left | Qt.AlignmentFlag.AlignBottom), words)
        self._sign(painter, QRectF(room.left(), room.bottom() - QFontMetrics(small).height() / 2 - 3, 6, 6))

    def _sign(self, painter: QPainter, box: QRectF) -> None:
        theme = Theme.current()
        if self.trait is not None and self.trait.origin == "assumed":
            painter.setPen(QPen(theme.color("dim"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent" if self.trait and self.trait.origin == "said" else "warn"))
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))


class PortraitStrip(QWidget):
    """As many figures as there are."""

    picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("This persona in numbers")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(2, 2, 2, 2)
        self._line.setSpacing(2)
        self.buttons: list[TraitButton] = []

    def show_traits(self, traits: Sequence[Trait]) -> None:
        """Show these; nothing hides the strip."""
        while len(self.buttons) < len(traits):
            button = TraitButton()
            button.clicked.connect(lambda *_, button=button: self._clicked(button))
            self._line.addWidget(button)
            self.buttons.append(button)
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(traits))
            if place < len(traits):
                button.show_trait(traits[place])
        self.setVisible(bool(traits))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A soft ground that holds them together."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)

    def _clicked(self, button: TraitButton) -> None:
        if button.trait is not None:
            self.picked.emit(button.trait.path)
