"""The small parts that every place is made of: cards, labels, buttons, chips, empty states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import CARD, GAP, Role

Tone = Literal["neutral", "accent", "good", "warn", "bad", "second"]
ButtonKind = Literal["plain", "primary", "quiet", "danger"]
LabelKind = Literal["", "dim", "small", "good", "warn", "bad"]


class Label(QLabel):
    """Text in one of the type roles; follows changes of the theme."""

    def __init__(self, text: str = "", role: Role = "body", kind: LabelKind = "", *, wrap: bool = False) -> None:
        super().__init__(text)
        self._role: Role = role
        self._given: QFont | None = None
        self.setProperty("kind", kind)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        self._restyle()

    def set_kind(self, kind: LabelKind) -> None:
        """Change what the colour says."""
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the font of the new theme or scale."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        # size and weight come from the application's sheet by the role; this gives what a sheet cannot: equal figures
        font = Theme.current().font(self._role)
        if font != self._given:
            self._given = font
            self.setFont(font)


class ElidedLabel(Label):
    """One line that ends in an ellipsis where there is no room; the whole text is its tooltip then."""

    def __init__(self, text: str = "", role: Role = "body", kind: LabelKind = "", *, least: int = 24) -> None:
        self._full = text
        self._least = least
        super().__init__(text, role, kind)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(text)

    def full_text(self) -> str:
        """What it would say with room enough."""
        return self._full

    def setText(self, text: str) -> None:  # noqa: N802
        """Show another text."""
        self._full = text
        self.setAccessibleName(text)
        self._fit()
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Almost nothing: it can always be shortened."""
        return QSize(self._least, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the whole text."""
        self.ensurePolished()
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self._full) + 2 + margins.left() + margins.right()
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Shorten or lengthen to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _room(self) -> int:
        return max(0, self.contentsRect().width())

    def _fit(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._full, Qt.TextElideMode.ElideRight, self._room())
        if shown != self.text():
            super().setText(shown)
        self.setToolTip(self._full if shown != self._full else "")


class SectionLabel(ElidedLabel):
    """A heading in small capitals, dimmed; shortened where large type has no room for all of it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text.upper(), "section", "dim")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(text)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show another heading."""
        super().setText(text.upper())
        self.setAccessibleName(text)


class Button(QPushButton):
    """A button with an optional icon. ``primary`` once per view; ``quiet`` without a frame; ``danger`` destroys."""

    def __init__(
        self,
        text: str = "",
        kind: ButtonKind = "plain",
        icon: str = "",
        tip: str = "",
        clicked: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text)
        self._icon = icon
        self.setProperty("kind", kind)
        self.setAccessibleName(text or tip)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if clicked is not None:
            self.clicked.connect(lambda *_: clicked())
        self._restyle()

    def set_icon(self, name: str) -> None:
        """Show another icon ("" for none)."""
        self._icon = name
        self._restyle()

    def setText(self, text: str) -> None:  # noqa: N802
        """Say something else; between an icon and words there is room."""
        anew = bool(text) != bool(self.text())
        super().setText(text)
        if anew:
            self._restyle()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tint the icon anew."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.EnabledChange):
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        if self._icon:
            token = {"primary": "on_accent", "danger": "bad"}.get(str(self.property("kind")), "text")
            side = Theme.current().px(15)
            gap = Theme.current().px(5) if self.text() else 0
            self.setIcon(Theme.current().icon(self._icon, token, side, gap=gap))
            self.setIconSize(QSize(side + gap, side))


class IconButton(QToolButton):
    """A square button that is only an icon; the tooltip is its name."""

    def __init__(
        self, icon: str, tip: str, kind: ButtonKind = "quiet", clicked: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        self._icon = icon
        self.setProperty("kind", kind)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if clicked is not None:
            self.clicked.connect(lambda *_: clicked())
        self._restyle()

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon = name
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tint the icon anew."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        side = Theme.current().px(16)
        self.setIcon(Theme.current().icon(self._icon, "text", side))
        self.setIconSize(QSize(side, side))


class Chip(QWidget):
    """A small rounded label that carries a state. Not a control: see :class:`ChipButton`."""

    def __init__(self, text: str = "", tone: Tone = "neutral", icon: str = "") -> None:
        super().__init__()
        self._text, self._tone, self._icon = text, tone, icon
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def text(self) -> str:
        """What it says."""
        return self._text

    def set(self, text: str, tone: Tone | None = None, icon: str | None = None) -> None:
        """Say something else, in another tone."""
        self._text = text
        self._tone = tone if tone is not None else self._tone
        self._icon = icon if icon is not None else self._icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Text with room at both ends."""
        metrics = QFontMetrics(Theme.current().font("small"))
        icon = 16 if self._icon else 0
        return QSize(metrics.horizontalAdvance(self._text) + icon + 24, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Some of the text, elided."""
        return QSize(min(48, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A pill outlined in its tone."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        neutral = self._tone == "neutral"
        painter.setPen(QPen(theme.color("line" if neutral else self._tone), 1))
        painter.setBrush(theme.color("raised") if neutral else theme.color(self._tone, 0.08))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        left = 10.0
        if self._icon:
            pixmap = theme.pixmap(self._icon, "dim" if neutral else self._tone, 12, self.devicePixelRatioF())
            painter.drawPixmap(QRectF(8, (self.height() - 12) / 2, 12, 12), pixmap, QRectF(pixmap.rect()))
            left += 14
        painter.setFont(theme.font("small"))
        painter.setPen(theme.ink("dim" if neutral else self._tone, "raised" if neutral else "panel"))
        room = box.adjusted(left, 0, -9, 0)
        shown = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, int(room.width()) + 1)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        self.setToolTip(self._text if shown != self._text else "")


class ChipButton(QPushButton):
    """A chip that can be pressed; ``checkable`` ones are filters."""

    def __init__(
        self, text: str = "", *, checkable: bool = False, tip: str = "", clicked: Callable[[], object] | None = None
    ) -> None:
        super().__init__(text)
        self.setProperty("kind", "chip")
        self.setCheckable(checkable)
        self.setToolTip(tip)
        self.setAccessibleName(tip or text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if clicked is not None:
            self.clicked.connect(lambda *_: clicked())


class Card(QFrame):
    """A panel with a heading. Put controls into ``header`` (right of the title), contents into ``body``."""

    def __init__(self, title: str = "", *, margins: int = CARD, spacing: int = 8) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(margins, margins - 2, margins, margins)
        outer.setSpacing(spacing)
        self.title = SectionLabel(title)
        self.header = QHBoxLayout()
        self.header.setSpacing(6)
        if title:
            self.header.addWidget(self.title)
            self.header.addStretch(1)
            outer.addLayout(self.header)
        else:
            self.title.setParent(self)
            self.title.hide()
        self.body = QVBoxLayout()
        self.body.setSpacing(spacing)
        outer.addLayout(self.body, 1)


class EmptyState(QWidget):
    """What a pane says when there is nothing to show: what it is, and the one thing to do next."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str,
        action: str = "",
        clicked: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._icon = icon
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.title = Label(title, "heading")
        self.text = Label(text, "body", "dim", wrap=True)
        self.text.setMaximumWidth(Theme.current().px(440))
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 20, 20, 20)
        box.setSpacing(8)
        box.addStretch(1)
        for widget in (self._picture, self.title, self.text):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (self._picture, self.title):
            box.addWidget(widget)
        # a wrapped label is centred by stretches: an alignment would give it only its narrowest shape
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.text, 100)
        middle.addStretch(1)
        box.addLayout(middle)
        self.button: Button | None = None
        if action:
            self.button = Button(action, "primary", clicked=clicked)
            box.addSpacing(6)
            box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(1)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tint the icon anew."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        self._picture.setPixmap(Theme.current().pixmap(self._icon, "dim", 28, self.devicePixelRatioF()))


class Splitter(QSplitter):
    """A splitter whose handle is the gap between cards; a line shows under the pointer."""

    def __init__(self, orientation: Qt.Orientation, name: str, *widgets: QWidget) -> None:
        super().__init__(orientation)
        self.setObjectName(name)
        self.setHandleWidth(GAP)
        self.setChildrenCollapsible(False)
        for widget in widgets:
            self.addWidget(widget)


class Rule(QFrame):
    """A hairline."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "rule")


def scrolled(content: QWidget) -> QScrollArea:
    """``content`` in a frameless scroll area that scrolls only downwards."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content.setObjectName(content.objectName() or "body")
    area.setWidget(content)
    return area


def row(*items: QWidget | int, spacing: int = 8) -> QHBoxLayout:
    """A horizontal layout; an integer is a stretch of that factor."""
    line = QHBoxLayout()
    line.setSpacing(spacing)
    line.setContentsMargins(0, 0, 0, 0)
    for item in items:
        if isinstance(item, int):
            line.addStretch(item)
        else:
            line.addWidget(item)
    return line
