"""Short messages that come up in the window's corner and go away by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, IconButton, Label

ToastKind = Literal["info", "good", "warn", "bad"]
_ICONS = {"info": "info", "good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
_TOKENS = {"info": "accent", "good": "good", "warn": "warn", "bad": "bad"}
SHOWN_MS = {"info": 4000, "good": 4000, "warn": 8000, "bad": 12000}
MOST = 3


class Toast(QFrame):
    """One message, with an optional action."""

    closed = Signal(object)

    def __init__(
        self, parent: QWidget, text: str, kind: ToastKind, action: str, clicked: Callable[[], object] | None
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "well")
        self.setAccessibleName(text)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 8, 6, 8)
        line.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(Theme.current().pixmap(_ICONS[kind], _TOKENS[kind], 16, self.devicePixelRatioF()))
        line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        self.label = Label(text, wrap=True)
        self.label.setMinimumWidth(220)
        line.addWidget(self.label, 1)
        if action and clicked is not None:
            line.addWidget(Button(action, "quiet", clicked=clicked))
        line.addWidget(IconButton("x", "Dismiss", clicked=self.close), 0, Qt.AlignmentFlag.AlignTop)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Tell the stack."""
        self.closed.emit(self)
        super().closeEvent(event)


class Toaster(QObject):
    """Stacks toasts in the lower right corner of a window, the newest at the bottom."""

    def __init__(self, host: QWidget, margin_bottom: int = 44) -> None:
        super().__init__(host)
        self._host = host
        self._bottom = margin_bottom
        self._toasts: list[Toast] = []
        self.history: list[tuple[ToastKind, str]] = []
        host.installEventFilter(self)

    def show(
        self, text: str, kind: ToastKind = "info", action: str = "", clicked: Callable[[], object] | None = None
    ) -> Toast:
        """Show a message; ``bad`` and ``warn`` stay longer."""
        self.history.append((kind, text))
        for old in self._toasts[: max(0, len(self._toasts) - MOST + 1)]:
            old.close()
        toast = Toast(self._host, text, kind, action, clicked)
        toast.closed.connect(self._forget)
        self._toasts.append(toast)
        timer = QTimer(toast, singleShot=True, interval=SHOWN_MS[kind])
        timer.timeout.connect(toast.close)
        timer.start()
        toast.show()
        self._place()
        return toast

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
        bottom = self._host.height() - self._bottom
        width = min(420, self._host.width() - 40)
        for toast in reversed(self._toasts):
            toast.setFixedWidth(width)
            toast.adjustSize()
            bottom -= toast.height()
            toast.move(self._host.width() - width - 20, bottom)
            toast.raise_()
            bottom -= 8
