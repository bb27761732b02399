"""The frame around the places: top bar, navigation, status line."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.places.base import PlaceSpec
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CONTROL, RING
from turbulence_app.gui.widgets.basics import Button, ChipButton, ElidedLabel, IconButton, Label
from turbulence_app.gui.widgets.notices_panel import Bell
from turbulence_app.gui.widgets.status_words import StatusWords

NAVIGATION_WIDTH = 172
NARROW_WIDTH = 50
"""Of the navigation where it is only icons."""
TITLES_FROM = 1000
"""Pixels of the design that the window must have for titles in the navigation."""
WORDS_FROM = 1020
"""Pixels of the design from which on every button of the top bar has its words."""


class Mark(QWidget):
    """The product's mark: three waves, the middle one disturbed, and the name."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Turbulence")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Picture and name."""
        font = Theme.current().font("heading")
        return QSize(QFontMetrics(font).horizontalAdvance("Turbulence") + 30, 24)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Draw both."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        for offset, swing, token in ((-5.0, 1.6, "dim"), (0.0, 3.4, "accent"), (5.0, 1.6, "dim")):
            painter.setPen(QPen(theme.color(token), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            path = QPainterPath(QPointF(2, middle + offset))
            path.cubicTo(5, middle + offset - swing, 7, middle + offset - swing, 10, middle + offset)
            path.cubicTo(13, middle + offset + swing, 15, middle + offset + swing, 18, middle + offset)
            painter.drawPath(path)
        painter.setFont(theme.font("heading"))
        painter.setPen(theme.color("text"))
        painter.drawText(self.rect().adjusted(28, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), "Turbulence")


class SearchField(QAbstractButton):
    """Looks like a field, opens the command palette."""

    def __init__(self, shortcut: str) -> None:
        super().__init__()
        self._shortcut = shortcut
        self.setText("Search or run a command")
        self.setAccessibleName("Search or run a command")
        self.setToolTip(f"Every command, persona and place ({shortcut})")
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A comfortable field."""
        return QSize(Theme.current().px(340), Theme.current().px(30))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """A lens and a word."""
        return QSize(Theme.current().px(120), Theme.current().px(30))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A well with a lens, the words and the shortcut."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = ringed(self)
        edge = theme.color("accent") if focused else theme.color("dim" if self.underMouse() else "line")
        painter.setPen(QPen(edge, 2 if focused else 1))
        painter.setBrush(theme.color("ground"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS_CONTROL, RADIUS_CONTROL)
        lens = theme.pixmap("search", "dim", 14, self.devicePixelRatioF())
        painter.drawPixmap(QRectF(10, (self.height() - 14) / 2, 14, 14), lens, QRectF(lens.rect()))
        painter.setPen(theme.ink("dim", "ground"))
        painter.setFont(theme.font("mono_small"))
        keys = painter.fontMetrics().horizontalAdvance(self._shortcut) + 20
        wide = self.width() >= QFontMetrics(theme.font("body")).horizontalAdvance(self.text()) + keys + 40
        middle = Qt.AlignmentFlag.AlignVCenter
        if wide:
            right = int(middle | Qt.AlignmentFlag.AlignRight)
            painter.drawText(self.rect().adjusted(8, 0, -11, 0), right, self._shortcut)
        painter.setFont(theme.font("body"))
        room = self.rect().adjusted(32, 0, -keys if wide else -8, 0)
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(middle), shown)


class TopBar(QFrame):
    """Mark, project, where we are, search, import and open, and the one primary button."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        Theme.current().changed.connect(self._size)
        self.menu = IconButton("menu", "Menu (F10)")
        self.project = ChipButton("no project", tip="The open project: open another, or read it again")
        self.kind = Label("", kind="dim")
        self.crumb = ElidedLabel("", "strong")
        self.crumb.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.search = SearchField("Ctrl K")
        self.import_ = Button("Import…", icon="upload", tip="Bring in files of the original Turbulence (Ctrl+I)")
        self.open = Button("Open…", icon="folder-open", tip="Open a project folder (Ctrl+O)")
        self.run = Button("Run", "primary", "play", tip="Let the whole crowd loose on this workflow (Ctrl+R)")
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 0, 14, 0)
        line.setSpacing(8)
        line.addWidget(self.menu)
        line.addWidget(Mark())
        line.addSpacing(6)
        for widget in (self.project, self.kind, self.crumb):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.search, 2)
        line.addStretch(1)
        for button in (self.import_, self.open, self.run):
            line.addWidget(button)
        self._size()

    def _size(self) -> None:
        theme = Theme.current()
        self.setFixedHeight(theme.px(48))
        self.search.setMaximumWidth(theme.px(380))
        self._show_words(self.width() >= theme.px(WORDS_FROM))

    def _show_words(self, wide: bool) -> None:
        """Where there is little room, two of the buttons are only their icons."""
        for button, words in ((self.import_, "Import…"), (self.open, "Open…")):
            button.setText(words if wide else "")
            button.setAccessibleName(words)
            button.set_icon("upload" if button is self.import_ else "folder-open")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Words or only icons."""
        super().resizeEvent(event)
        wide = self.width() >= Theme.current().px(WORDS_FROM)
        if wide != bool(self.open.text()):
            self._show_words(wide)

    def set_run_available(self, title: str, available: bool) -> None:
        """Say how many would run, or hide the button where nothing can."""
        self.run.setText(title)
        self.run.setAccessibleName(title)
        self.run.setVisible(available)


class NavigationButton(QAbstractButton):
    """A line of the navigation."""

    def __init__(self, spec: PlaceSpec) -> None:
        super().__init__()
        self.spec = spec
        self.badge = ""
        self.narrow = False
        self.setCheckable(True)
        self.setText(spec.title)
        self.setAccessibleName(spec.title)
        self.setToolTip(spec.says)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        Theme.current().changed.connect(self.updateGeometry)

    def set_badge(self, text: str) -> None:
        """A small number at the right end ("" for none)."""
        self.badge = text
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Icon and title."""
        wide = NARROW_WIDTH if self.narrow else NAVIGATION_WIDTH
        return QSize(Theme.current().px(wide - 16), Theme.current().px(34))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The icon."""
        return QSize(Theme.current().px(NARROW_WIDTH - 16), Theme.current().px(34))

    def set_narrow(self, narrow: bool) -> None:
        """Only the icon; the title is in the tip then."""
        self.narrow = narrow
        self.setToolTip(f"{self.spec.title}: {self.spec.says}" if narrow else self.spec.says)
        self.updateGeometry()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Show the pointer's coming and going."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave, QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A soft field when chosen, a ring when focused."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(theme.color("accent"), RING) if ringed(self) else Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.color("soft"))
        elif self.underMouse():
            painter.setBrush(theme.color("hover"))
        painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)
        token = "accent" if self.isChecked() else "dim"
        side = theme.px(16)
        picture = theme.pixmap(self.spec.icon, token, side, self.devicePixelRatioF())
        painter.drawPixmap(QRectF(11, (self.height() - side) / 2, side, side), picture, QRectF(picture.rect()))
        if self.narrow:
            return
        painter.setFont(theme.font("strong" if self.isChecked() else "body"))
        painter.setPen(theme.color("text") if self.isChecked() else theme.ink("dim", "panel"))
        painter.drawText(self.rect().adjusted(21 + side, 0, -8, 0), int(Qt.AlignmentFlag.AlignVCenter), self.text())
        if self.badge:
            painter.setFont(theme.font("mono_small"))
            painter.setPen(theme.ink("bad", "panel"))
            where = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(self.rect().adjusted(0, 0, -12, 0), where, self.badge)


class NavigationBar(QFrame):
    """The places, one under the other; the colour scheme at the foot."""

    chosen = Signal(str)
    scheme = Signal(str)

    def __init__(self, specs: Iterable[PlaceSpec]) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        self.narrow = False
        self._size()
        self.setAccessibleName("Places")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 10, 8, 8)
        column.setSpacing(2)
        self.buttons: dict[str, NavigationButton] = {}
        self._group = QButtonGroup(self)
        foot_column = QVBoxLayout()
        foot_column.setSpacing(2)
        for spec in specs:
            button = NavigationButton(spec)
            button.clicked.connect(lambda *_, name=spec.name: self.chosen.emit(name))
            self._group.addButton(button)
            self.buttons[spec.name] = button
            (foot_column if spec.foot else column).addWidget(button)
        column.addStretch(1)
        column.addLayout(foot_column)
        column.addSpacing(4)
        self._foot = foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        foot.setSpacing(2)
        self.schemes: dict[str, IconButton] = {}
        for name, icon, tip in (
            ("system", "monitor", "Colours as the system has them"),
            ("light", "sun", "Light"),
            ("dark", "moon", "Dark"),
        ):
            button_ = IconButton(icon, tip, clicked=lambda name=name: self.scheme.emit(name))  # type: ignore[misc]
            button_.setCheckable(True)
            self.schemes[name] = button_
            foot.addWidget(button_)
        foot.addStretch(1)
        column.addLayout(foot)

    def fit(self, width: int) -> None:
        """Titles beside the icons where the window is wide enough for them, as large as the type is."""
        narrow = width < Theme.current().px(TITLES_FROM)
        if narrow != self.narrow:
            self.narrow = narrow
            for button in self.buttons.values():
                button.set_narrow(narrow)
            way = QBoxLayout.Direction
            self._foot.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self._size()

    def _size(self) -> None:
        self.setFixedWidth(Theme.current().px(NARROW_WIDTH if self.narrow else NAVIGATION_WIDTH))

    def set_badge(self, name: str, text: str) -> None:
        """The small number beside a place ("" for none)."""
        if name in self.buttons:
            self.buttons[name].set_badge(text)

    def choose(self, name: str) -> None:
        """Mark a place as the open one; '' where none of them is in front."""
        if name in self.buttons:
            self.buttons[name].setChecked(True)
            return
        self._group.setExclusive(False)
        for button in self.buttons.values():
            button.setChecked(False)
        self._group.setExclusive(True)

    def show_scheme(self, name: str) -> None:
        """Mark the colour scheme in force."""
        for key, button in self.schemes.items():
            button.setChecked(key == name)


class StatusButton(QPushButton):
    """Words of the status line that lead somewhere."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "status")
        self.setAccessibleName(name)
        self.setAccessibleDescription(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_tone(self, tone: str) -> None:
        """``good`` or ``warn``."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class StatusLine(QFrame):
    """Model, cache and work under way on the left; the egress lock and the seed on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "bar")
        self._size()
        Theme.current().changed.connect(self._size)
        self.model, self.cache, self.busy = StatusWords(), StatusWords(), StatusWords()
        self.health = StatusButton("How models and cache are")
        self.health.hide()
        self.egress = StatusButton("What leaves this computer")
        self.bell = Bell()
        self.seed = Label("", "mono_small", "dim")
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 0, 8, 0)
        line.setSpacing(20)
        for widget in (self.model, self.health, self.cache, self.busy):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.egress)
        line.addWidget(self.seed)
        line.addWidget(self.bell)
        for widget, name in ((self.model, "Model"), (self.cache, "Cache"), (self.busy, "Work under way")):
            widget.setAccessibleDescription(name)

    def _size(self) -> None:
        self.setFixedHeight(Theme.current().px(28))

    def controls(self) -> tuple[QWidget, ...]:
        """What the Tab key comes to, from left to right."""
        return (self.health, self.egress, self.bell)

    def set_health(self, text: str, tone: str, detail: str) -> None:
        """Cache and breakers of the models at a glance; an empty text hides it."""
        self.health.setText(text)
        self.health.setAccessibleName(text or "How models and cache are")
        self.health.set_tone(tone)
        self.health.setToolTip(f"{detail}\nClick: Telemetry.")
        self.health.setVisible(bool(text))

    def set_egress(self, text: str, good: bool, detail: str) -> None:
        """What the egress lock recorded; an empty text hides it."""
        self.egress.setText(text)
        self.egress.setAccessibleName(text or "What leaves this computer")
        self.egress.set_tone("good" if good else "warn")
        self.egress.setToolTip(f"{detail}\nClick: what is in force, and what was touched.")
        self.egress.setVisible(bool(text))
