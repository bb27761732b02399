"""Short messages that come up in the window's corner and go away by themselves.

They take no focus, hold still under the pointer and while the keyboard is in them, are announced to screen readers, and
keep clear of the view's primary button. All are kept in a book, shown or not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QCloseEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from turbulence_app.gui.notices import SHARE, Kind, Notice, NoticeBook, Restraint, wanted
from turbulence_app.gui.settings.applying import still
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, IconButton, Label
from turbulence_app.settings import preferences

ToastKind = Kind
ICONS = {"info": "info", "good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
TOKENS = {"info": "accent", "good": "good", "warn": "warn", "bad": "bad"}
SPOKEN = {"info": "", "good": "Done: ", "warn": "Warning: ", "bad": "Error: "}
MOST, GAP, EDGE, WIDTH, INLINE = 3, 8, 20, 420, 210
SLIDE_MS, SLIDE_PX = 140, 14


class Toast(QFrame):
    """One message, with an optional action."""

    closed = Signal(object)

    def __init__(self, parent: QWidget, notice: Notice) -> None:
        super().__init__(parent)
        self.notice = notice
        self._stays = False
        self.setProperty("kind", "well")
        self.setAccessibleName(f"{SPOKEN[notice.kind]}{notice.text}")
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 8, 6, 8)
        line.setSpacing(10)
        self._picture = QLabel()
        line.addWidget(self._picture)
        self.label = Label(notice.text, wrap=True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setMinimumWidth(220)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.label)
        line.addLayout(words, 1)
        if notice.action and notice.clicked is not None:
            does = Button(notice.action, "plain", clicked=self._act)
            if self.label.fontMetrics().horizontalAdvance(notice.text) > INLINE * Theme.current().scale:
                # beside a long text it would leave no room to read; without an alignment it would narrow the words, too
                words.addWidget(does, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                line.addWidget(does)
        line.addWidget(IconButton("x", "Dismiss", clicked=self.close))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        share = SHARE[notice.kind] * preferences().number("notify.seconds")
        self.timer = QTimer(self, singleShot=True, interval=share * 1000)
        self.timer.timeout.connect(self._time_is_up)
        self.timer.start()
        self.slide: QPropertyAnimation | None = None
        self._tint()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Somebody reads: hold still."""
        self.timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Go on."""
        if not self._stays:
            self.timer.start()
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tint anew."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Tell the stack."""
        self.timer.stop()
        self.closed.emit(self)
        super().closeEvent(event)

    def stay(self) -> None:
        """Until somebody closes it: what it tells of goes on."""
        self.timer.stop()
        self._stays = True

    def say(self, text: str) -> None:
        """Other words of the same message."""
        self.notice.text = text
        self.label.setText(text)
        self.setAccessibleName(f"{SPOKEN[self.notice.kind]}{text}")

    def put(self, where: QPoint) -> None:
        """Go there; one that slides ends there."""
        if self.slide is not None and self.slide.state() == QPropertyAnimation.State.Running:
            self.slide.setEndValue(where)
        else:
            self.move(where)

    def come(self) -> None:
        """Show it in its place; it slides in from a little below, where motion is wanted."""
        where = self.pos()
        self.show()
        if not still():
            self.slide = QPropertyAnimation(self, b"pos", self)
            self.slide.setDuration(SLIDE_MS)
            self.slide.setEasingCurve(QEasingCurve.Type.OutCubic)
            self.slide.setStartValue(where + QPoint(0, SLIDE_PX))
            self.slide.setEndValue(where)
            self.slide.start()

    def _time_is_up(self) -> None:
        focus = self.window().focusWidget()
        if focus is not None and self.isAncestorOf(focus) and self.isActiveWindow():
            self.timer.start()  # the keyboard is in it
        else:
            self.close()

    def _act(self) -> None:
        if self.notice.clicked is not None:
            self.notice.clicked()
        self.close()

    def _tint(self) -> None:
        kind, theme = self.notice.kind, Theme.current()
        self._picture.setPixmap(theme.pixmap(ICONS[kind], TOKENS[kind], 16, self.devicePixelRatioF()))


class Toaster(QObject):
    """Stacks toasts in the lower right corner of a window, the newest at the bottom. ``told`` hears of each."""

    told = Signal(str, str)
    changed = Signal()
    """The book has another line, or was looked at."""

    def __init__(self, host: QWidget, margin_bottom: int = 44, now: Callable[[], datetime] = datetime.now) -> None:
        super().__init__(host)
        self._host = host
        self._bottom = margin_bottom
        self._now = now
        self._toasts: list[Toast] = []
        self._restraint = Restraint()
        self.book = NoticeBook()
        self.history: list[tuple[Kind, str]] = []
        host.installEventFilter(self)

    def show(
        self, text: str, kind: Kind = "info", action: str = "", clicked: Callable[[], object] | None = None
    ) -> Toast | None:
        """Tell something; returns its toast, None where it only goes into the book."""
        self.history = [*self.history[-199:], (kind, text)]
        notice = self.book.add(Notice(self._now(), kind, text, action, clicked))
        self.told.emit(kind, text)
        self.changed.emit()
        if not wanted(kind, preferences().text("notify.show")) or not self._restraint.allows(text, self._now()):
            return None
        for old in self._toasts[: max(0, len(self._toasts) - MOST + 1)]:
            old.close()
        toast = Toast(self._host, notice)
        toast.closed.connect(self._forget)
        self._toasts.append(toast)
        self._place()
        toast.come()
        announce(self._host, toast.accessibleName(), urgent=kind == "bad")
        return toast

    def look(self) -> None:
        """Somebody looks at the book."""
        self.book.look()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep to the corner when the window is resized."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _forget(self, toast: object) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            self._place()

    def _place(self) -> None:
        width = min(WIDTH, self._host.width() - 2 * EDGE)
        for toast in self._toasts:
            toast.setFixedWidth(width)
            toast.adjustSize()
        tall = sum(toast.height() + GAP for toast in self._toasts) - GAP
        left = self._host.width() - width - EDGE
        bottom = clear_of(QRect(left, self._host.height() - self._bottom - tall, width, tall), self._primary())
        for toast in reversed(self._toasts):
            bottom -= toast.height()
            toast.put(QPoint(left, bottom))
            toast.raise_()
            bottom -= GAP

    def _primary(self) -> list[QRect]:
        buttons = [
            button
            for button in self._host.findChildren(QPushButton)
            if button.property("kind") == "primary" and button.isVisible() and button.window() is self._host
        ]
        return [QRect(button.mapTo(self._host, QPoint(0, 0)), button.size()) for button in buttons]


def clear_of(stack: QRect, buttons: list[QRect]) -> int:
    """The lower edge of the stack, moved up until it covers none of the buttons; where it is, if there is no room."""
    moved = QRect(stack)
    for button in sorted(buttons, key=lambda box: -box.top()):
        if moved.intersects(button):
            moved.moveBottom(button.top() - GAP)
    fits = moved.top() >= 0 and not any(moved.intersects(button) for button in buttons)
    return (moved if fits else stack).y() + stack.height()


def announce(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Have a screen reader say it."""
    event = QAccessibleAnnouncementEvent(widget, text)
    polite = QAccessible.AnnouncementPoliteness
    event.setPoliteness(polite.Assertive if urgent else polite.Polite)
    QAccessible.updateAccessibility(event)
