"""Another look for widgets that are there: at once for what is seen, later and in slices for what is hidden.

A style sheet that is given to the application makes Qt ask every widget there is, twice, which holds a window of 3,000
widgets for a second. While the sheet changes, no widget here looks as if it had to be asked; then those that are seen
are polished, and the others when nobody waits or when they come into view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakMethod, ref

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemDelegate, QApplication, QComboBox, QWidget
from shiboken6 import isValid

from turbulence_app.gui.slices import Slices

POLISHED, OWN_STYLE = Qt.WidgetAttribute.WA_WState_Polished, Qt.WidgetAttribute.WA_SetStyle
AT_ONCE = 24
"""Hidden widgets that are polished in one turn at least: less would be more turns than work."""


class Follower:
    """Something that a widget does when the look changes; held weakly."""

    def __init__(self, widget: QWidget, call: Callable[[], object]) -> None:
        self._widget, self._call = ref(widget), WeakMethod(call)

    @property
    def widget(self) -> QWidget | None:
        """Whose it is; None where that is gone."""
        widget = self._widget()
        return widget if widget is not None and isValid(widget) else None

    def __call__(self) -> None:
        """Tell it, if it is still there."""
        call = self._call()
        if call is not None and self.widget is not None:
            call()


class Restyle(QObject):
    """Polishes widgets anew. ``finish`` is the end of it; whoever is shown before its turn gets it at once."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._followers: list[Follower] = []
        self._late: dict[QWidget, list[QWidget]] = {}
        """What waits below each widget that hides it; the hidden one itself is first."""
        self._slices = Slices(self)

    def follow(self, widget: QWidget, call: Callable[[], object]) -> None:
        """Call a method whenever the look changes: now where ``widget`` is seen, else in its turn."""
        self._followers.append(Follower(widget, call))

    @property
    def waiting(self) -> int:
        """How many widgets still have the old look."""
        return sum(len(below) for below in self._late.values())

    def wear(self, app: QApplication, sheet: str) -> None:
        """Give the application another style sheet."""
        self._followers = [one for one in self._followers if one.widget is not None]
        for root in list(self._late):
            self._forget(root)
        everybody = QApplication.allWidgets()
        widgets = [widget for widget in everybody if not widget.testAttribute(OWN_STYLE)]
        for widget in widgets:
            widget.setAttribute(OWN_STYLE)
            widget.setAttribute(POLISHED, on=False)
        app.setStyleSheet("")  # a sheet that replaces another makes Qt polish once for each of a widget's parents
        app.setStyleSheet(sheet)
        for widget in widgets:
            widget.setAttribute(OWN_STYLE, on=False)
        self._share(everybody)

    def _share(self, widgets: list[QWidget]) -> None:
        seen = [widget for widget in widgets if widget.isVisible()]
        for widget in widgets:
            if not widget.isVisible():
                self._late.setdefault(_hiding(widget), []).append(widget)
        self._serve_all(seen)
        for root in self._late:
            root.installEventFilter(self)
        if self._late:
            self._slices.run(self._rest())

    def finish(self) -> None:
        """Polish everything that waits, now."""
        self._slices.stop()
        for root in list(self._late):
            self._serve(root)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Somebody who still waits comes into view."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
            self._serve(watched)
        return False

    def _forget(self, root: QWidget) -> list[QWidget]:
        below = self._late.pop(root, [])
        if isValid(root):
            root.removeEventFilter(self)
        return below

    def _serve(self, root: QWidget) -> None:
        self._serve_all(self._forget(root))

    def _serve_all(self, widgets: list[QWidget]) -> None:
        self._polish(widgets)
        them = {*widgets}
        for follower in self._followers:
            if follower.widget in them:
                follower()

    def _rest(self) -> Iterable[None]:
        while self._late:
            root, below = next(iter(self._late.items()))
            if len(below) > AT_ONCE:
                part, self._late[root] = below[:AT_ONCE], below[AT_ONCE:]
                self._serve_all(part)
            else:
                self._serve(root)
            yield

    @staticmethod
    def _polish(widgets: Iterable[QWidget]) -> None:
        for widget in widgets:
            if isValid(widget):
                widget.setAttribute(POLISHED)
                widget.style().polish(widget)
                QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
                if isinstance(widget, QComboBox):
                    sweep(widget)


def _hiding(widget: QWidget) -> QWidget:
    """The outermost widget that must be shown before this one can be seen."""
    found, above = widget, widget
    while not above.isWindow() and (parent := above.parentWidget()) is not None:
        above = parent
        if above.isHidden():
            found = above
    return found


def sweep(box: QComboBox) -> None:
    """Qt gives a combo box new delegates with each style and keeps the old ones: they go here."""
    now = box.itemDelegate()
    for delegate in box.view().findChildren(QAbstractItemDelegate):
        if delegate is not now:
            delegate.deleteLater()
