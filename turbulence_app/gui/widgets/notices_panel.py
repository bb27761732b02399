"""The bell and what is behind it: everything that was told, newest first, with what could be done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from turbulence_app.gui.notices import Notice, NoticeBook, clock
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, IconButton, Label, Rule, SectionLabel, row, scrolled
from turbulence_app.gui.widgets.toast import ICONS, SPOKEN, TOKENS, Toaster

WIDTH, TALLEST = 420, 460


class Bell(QPushButton):
    """How many messages nobody has looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "status")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setIconSize(QSize(14, 14))
        self._token = "dim"
        self.show_book(NoticeBook())

    def show_book(self, book: NoticeBook) -> None:
        """Count again."""
        unread = book.unread()
        self._token = {"bad": "bad", "warn": "warn"}.get(book.worst(), "accent") if unread else "dim"
        self.setText(str(unread) if unread else "")
        told = f"{unread} new" if unread else "none new"
        self.setAccessibleName(f"Notifications: {told}")
        self.setToolTip(f"Notifications: {told} (Ctrl+Shift+N)")
        self._tint()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Tint anew."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self.setIcon(Theme.current().icon("bell", self._token, 14))


class NoticesPanel(QFrame):
    """Opens over the bell; Escape or a press elsewhere closes it."""

    def __init__(
        self,
        host: QWidget,
        toaster: Toaster,
        open_log: Callable[[], object],
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(host, Qt.WindowType.Popup)
        self._toaster, self._open_log, self._now = toaster, open_log, now
        self.setProperty("kind", "card")
        self.setAccessibleName("Notifications")
        self.setFixedWidth(WIDTH)
        self.clear = Button("Clear", "quiet", tip="Empty this list; the log keeps everything", clicked=self._clear)
        self.log = Button("Open the log", "quiet", "scroll-text", "Everything that was told, with more", self._to_log)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.area = scrolled(self._body)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.setSpacing(8)
        box.addLayout(row(SectionLabel("Notifications"), 1, self.clear, self.log))
        box.addWidget(self.area, 1)

    def open(self, above: QWidget) -> None:
        """Show it over a widget; everything counts as looked at from now on."""
        self._fill()
        self._toaster.look()
        tall = min(TALLEST, self._body.sizeHint().height() + 76)
        self.setFixedHeight(tall)
        corner = above.mapToGlobal(QPoint(above.width(), 0))
        self.move(corner - QPoint(WIDTH, tall + 6))
        self.show()
        self.log.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Nobody looks: two hundred lines are more than a thousand widgets, which each change of the theme styles."""
        super().hideEvent(event)
        self._empty()

    def _empty(self) -> None:
        while self._column.count():
            item = self._column.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    def _fill(self) -> None:
        self._empty()
        notices = self._toaster.book.notices
        self.clear.setEnabled(bool(notices))
        if not notices:
            words = Label("Nothing was told yet. What the program has to say comes up here.", "body", "dim", wrap=True)
            words.setContentsMargins(0, 8, 0, 8)
            self._column.addWidget(words)
        for place, notice in enumerate(reversed(notices)):
            if place:
                self._column.addWidget(Rule())
            self._column.addWidget(self._line(notice))
        self._column.addStretch(1)

    def _line(self, notice: Notice) -> QWidget:
        line = QWidget()
        line.setAccessibleName(f"{SPOKEN[notice.kind]}{notice.text}")
        picture = QLabel()
        picture.setPixmap(Theme.current().pixmap(ICONS[notice.kind], TOKENS[notice.kind], 16, self.devicePixelRatioF()))
        words = Label(notice.text, "strong" if not notice.read else "body", wrap=True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(words)
        column.addWidget(Label(clock(notice, self._now()), "mono_small", "dim"))
        box = QHBoxLayout(line)
        box.setContentsMargins(0, 8, 0, 8)
        box.setSpacing(10)
        box.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(column, 1)
        if notice.action and notice.clicked is not None:
            box.addWidget(Button(notice.action, "plain", clicked=lambda: self._act(notice)))
        dismiss = IconButton("x", "Dismiss", clicked=lambda: self._drop(notice))
        dismiss.setAccessibleName(f"Dismiss: {notice.text}")
        box.addWidget(dismiss, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _act(self, notice: Notice) -> None:
        self.close()
        if notice.clicked is not None:
            notice.clicked()

    def _drop(self, notice: Notice) -> None:
        self._toaster.book.drop(notice)
        self._toaster.look()
        self._fill()
        self.log.setFocus()

    def _clear(self) -> None:
        self._toaster.book.clear()
        self._toaster.look()
        self.close()

    def _to_log(self) -> None:
        self.close()
        self._open_log()
