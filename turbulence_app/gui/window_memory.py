"""What the window remembers of its layout from one start to the next."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

SIZE = (1440, 900)
"""Pixels of a window that was never opened before."""


class Memory:
    """Geometry, open place and splitters, in the window's settings."""

    def __init__(self, window: QMainWindow, settings: QSettings) -> None:
        self._window, self._settings = window, settings

    @property
    def place(self) -> str:
        """The place that was open last."""
        return str(self._settings.value("place", "personas"))

    def restore(self) -> None:
        """Size and position as they were."""
        geometry = self._settings.value("geometry")
        if not (isinstance(geometry, QByteArray) and self._window.restoreGeometry(geometry)):
            self._window.resize(*SIZE)

    def restore_splitters(self, widget: QWidget) -> None:
        """The named splitters of a place as they were."""
        for splitter in widget.findChildren(QSplitter):
            state = self._settings.value(f"splitter/{splitter.objectName()}")
            if splitter.objectName() and isinstance(state, QByteArray):
                splitter.restoreState(state)

    def keep(self, place: str) -> None:
        """Remember everything, as it is now."""
        self._settings.setValue("geometry", self._window.saveGeometry())
        if place:
            self._settings.setValue("place", place)
        for splitter in self._window.findChildren(QSplitter):
            if splitter.objectName():
                self._settings.setValue(f"splitter/{splitter.objectName()}", splitter.saveState())
