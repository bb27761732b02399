"""What a style sheet cannot reach: corners of menus, icons of the menus that text fields make by themselves."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainterPath, QRegion
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QMenu, QProxyStyle, QWidget

from turbulence_app.gui.tokens import RADIUS_MENU

TEXT_MENU = {
    "edit-undo": "undo-2", "edit-redo": "redo-2", "edit-cut": "scissors", "edit-copy": "copy",
    "edit-paste": "clipboard-paste", "edit-delete": "trash-2", "select-all": "text-select", "link-copy": "link",
}  # fmt: skip
"""Names that Qt gives the entries of a text field's menu, and our icons for them."""
_ROUND = ("QTipLabel", "QComboBoxPrivateContainer")


class LookStyle(QProxyStyle):
    """Fusion, with round windows for menus, tips and lists that drop down."""

    def __init__(self) -> None:
        super().__init__("Fusion")
        self._cuts = _Cuts()

    def polish(self, thing: Any) -> Any:
        """Called once for each widget before it shows."""
        if isinstance(thing, QMenu):
            self._round(thing, RADIUS_MENU)
            _give_icons(thing)
        elif isinstance(thing, QWidget) and thing.metaObject().className() in _ROUND:
            self._round(thing, RADIUS_MENU)
            _name_list(thing)
        return super().polish(thing)

    def _round(self, window: QWidget, radius: int) -> None:
        """Corners that are not there: seen through, and cut off where nobody composes the screen (X11 may be so)."""
        window.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        if QGuiApplication.platformName() == "xcb":
            self._cuts.watch(window, radius)


class _Cuts(QObject):
    """Cuts the corners off windows whenever they get another size."""

    def watch(self, window: QWidget, radius: int) -> None:
        """From now on."""
        window.setProperty("cut", radius)
        window.removeEventFilter(self)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Another size, other corners."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            path, radius = QPainterPath(), float(watched.property("cut"))
            path.addRoundedRect(QRectF(watched.rect()), radius, radius)
            watched.setMask(QRegion(path.toFillPolygon().toPolygon()))
        return False


def _name_list(dropped: QWidget) -> None:
    """The list of a combo box is spoken by the box's name."""
    box, view = dropped.parentWidget(), dropped.findChild(QAbstractItemView)
    if isinstance(box, QComboBox) and view is not None:
        view.setAccessibleName(box.accessibleName())


def _give_icons(menu: QMenu) -> None:
    """The window's own icons in a menu that Qt made."""
    from turbulence_app.gui.theme import Theme

    for action in menu.actions():
        if name := TEXT_MENU.get(action.objectName()):
            action.setIcon(Theme.current().icon(name, "text", 15))
