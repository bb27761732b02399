"""What the window remembers from one start to the next: where it stood, and for each project how it was left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QWidget

from turbulence_app.domain.errors import KnownError
from turbulence_app.gui.layout import fills, fitting, give_scrolls, give_splitters, read_layout
from turbulence_app.gui.places.base import Place
from turbulence_app.gui.scribe import Scribe
from turbulence_app.service.remembered import Recent, forget, recall, recent, remember

SIZE = (1440, 900)
"""Pixels of a window that was never opened before."""
LOOK_MS = 2000
"""How often a window in front looks whether something is to be remembered: what a kill loses is below that."""


class Memory(QObject):
    """Geometry in the window's settings; place, selection, panes and scroll positions in a file of each project."""

    recent_changed = Signal()
    _listed = Signal(object)

    def __init__(self, window: QMainWindow, settings: QSettings, state: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__(window)
        self._window, self._settings, self._state = window, settings, state
        self._scribe = Scribe("memory")
        self._root: Path | None = None
        self._name = ""
        self._kept: Mapping[str, Any] = {}
        self.layouts: dict[str, Any] = {}
        """What was read of each place's layout, until the place takes it."""
        self._seen: dict[str, Any] = {}
        self.recent: list[Recent] = []
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        # not a single shot of Qt's: one that a closing window cancels is never let go of, nor is the window
        self._coming: list[tuple[QWidget, Mapping[str, Any]]] = []
        self._filled = QTimer(self, singleShot=True, interval=0)
        self._filled.timeout.connect(self._give_scrolls)
        self._listed.connect(self._take_list, Qt.ConnectionType.QueuedConnection)
        self.list_recent()

    # -- the window

    def restore(self) -> None:
        """Size and position as they were, on a display that is there."""
        geometry = self._settings.value("geometry")
        if not (isinstance(geometry, QByteArray) and self._window.restoreGeometry(geometry)):
            self._first()
            return
        main = QGuiApplication.primaryScreen()
        screens = sorted(QGuiApplication.screens(), key=lambda screen: screen is not main)
        whole = self._window.geometry()
        fit = fitting(whole, [screen.availableGeometry() for screen in screens])
        if fit != whole:
            self._window.setGeometry(fit)

    def _first(self) -> None:
        """The usual size, or the whole of a small display."""
        self._window.resize(*SIZE)
        screen = QGuiApplication.primaryScreen()
        if screen is not None and fills(QSize(*SIZE), screen.availableGeometry(), self._window.minimumSize()):
            self._window.setWindowState(Qt.WindowState.WindowMaximized)

    # -- the project

    def open(self, root: Path, name: str) -> dict[str, Any]:
        """Another project is open: how it was left the last time."""
        self._root, self._name = root, name
        self._kept = recall(root)
        layouts = self._kept.get("layouts")
        self.layouts = dict(layouts) if isinstance(layouts, dict) else {}
        self._seen = {}
        self._timer.start()
        return dict(self._kept)

    def place_made(self, place: Place) -> None:
        """A new place's panes as they were."""
        give_splitters(place.widget, _mapping(self.layouts.get(place.name)))

    def place_opened(self, place: Place) -> None:
        """It is in front for the first time: its editors as they were, once its texts are in them."""
        layout = _mapping(self.layouts.pop(place.name, None))
        if layout:
            self._coming.append((place.widget, layout))
            self._filled.start()

    def _give_scrolls(self) -> None:
        coming, self._coming = self._coming, []
        for widget, layout in coming:
            give_scrolls(widget, layout)

    def layout_of(self, place: Place) -> Any:
        """What is to be kept of a place's layout: as it was read, until it was shown.

        Only the place in front is looked at: hands move nothing in the others, and a look takes milliseconds.
        """
        if place.name in self.layouts:
            return self.layouts[place.name]
        if place.widget.isVisible() or place.name not in self._seen:
            self._seen[place.name] = read_layout(place.widget)
        return self._seen[place.name]

    def place_left(self, place: Place) -> None:
        """It goes to the back: as it stands now is how it is kept."""
        if place.name not in self.layouts:
            self._seen[place.name] = read_layout(place.widget)

    def look_now(self) -> None:
        """Remember how it stands, if that is new."""
        if self._root is None:
            return
        root, name, state = self._root, self._name, dict(self._state())
        if state == self._kept:
            return
        self._kept = state
        self._do(lambda: remember(root, name, datetime.now(UTC).isoformat(timespec="seconds"), state))

    # -- recent projects

    def list_recent(self) -> None:
        """Look which projects were open and are still there; disks may be slow."""
        self._do(lambda: self._listed.emit(recent()))

    def forget(self, root: Path) -> None:
        """Take a project out of the list; the project itself is not touched."""
        self._do(lambda: forget(root))
        self.list_recent()

    def close(self) -> None:
        """The window closes."""
        self._timer.stop()
        self._filled.stop()
        self._settings.setValue("geometry", self._window.saveGeometry())
        self._root = None
        self._scribe.close()

    def _look(self) -> None:
        if self._window.isActiveWindow():
            self._settings.setValue("geometry", self._window.saveGeometry())
            self.look_now()

    def _take_list(self, found: list[Recent]) -> None:
        self.recent = found
        self.recent_changed.emit()

    def _do(self, task: Callable[[], object]) -> None:
        def careful() -> None:
            try:
                task()
            except (KnownError, OSError):
                return  # a layout that cannot be kept is no reason to disturb anybody

        self._scribe.do(careful)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def layouts_of(places: Mapping[str, Place], memory: Memory) -> dict[str, Any]:
    """Layouts of all places that were made; of the others what was read."""
    return {**memory.layouts, **{name: memory.layout_of(place) for name, place in places.items()}}
