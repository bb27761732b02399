"""A ring around what has the keyboard, and only while the keyboard is used: the pointer needs none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtWidgets import QApplication, QWidget

RINGED = "ring"
"""The dynamic property that the style sheet and painted widgets ask for."""
_KEYS = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta})


class FocusRing(QObject):
    """Marks the widget with the focus by the property ``ring`` where it came there by the keyboard.

    What a person did last is seen at the windows, not at every object: a filter on the application would be asked for
    each event of each widget.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.keys = True
        """Whether the last thing that a person used was the keyboard."""
        # not focusChanged, which also tells the widget that loses the focus and may just be dying. And none is held: a
        # window that lives only by being held here would go in the midst of Qt's own change of focus, and crash it
        app.focusObjectChanged.connect(self._moved)
        app.focusWindowChanged.connect(self._watch)

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002, N802
        """Keys light the ring, the pointer puts it out."""
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            self._use(keys=False)
        elif kind == QEvent.Type.KeyPress and event.key() not in _KEYS:  # type: ignore[attr-defined]
            self._use(keys=True)
        return False

    def _use(self, *, keys: bool) -> None:
        here = QApplication.focusWidget()
        if keys != self.keys and here is not None:
            _mark(here, keys)
        self.keys = keys

    def _moved(self, there: QObject | None) -> None:
        """Whoever loses the focus needs nothing: the ring shows only together with it."""
        if isinstance(there, QWidget):
            _mark(there, self.keys and QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton)


def ringed(widget: QWidget) -> bool:
    """Whether a widget that paints itself shows the ring."""
    return widget.hasFocus() and bool(widget.property(RINGED))


def _mark(widget: QWidget, on: bool) -> None:
    if bool(widget.property(RINGED)) != on:
        widget.setProperty(RINGED, on)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
