"""Starting the window: as little as possible before it shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, SignalInstance
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from turbulence_app import __version__
from turbulence_app.gui.arrivals import arrival_of
from turbulence_app.gui.chronicle import worker_state
from turbulence_app.gui.collector import Collector
from turbulence_app.gui.instance import Door
from turbulence_app.gui.settings.applying import adopt, pinned, quiet_effects
from turbulence_app.gui.theme import Theme
from turbulence_app.home import window_file
from turbulence_app.privacy import egress
from turbulence_app.resources import resource_path
from turbulence_app.service.client import Client
from turbulence_app.settings import preferences

if TYPE_CHECKING:
    from turbulence_app.gui.instance_server import InstanceServer
    from turbulence_app.gui.window import MainWindow


def make_application(argv: Sequence[str] = ()) -> QApplication:
    """The Qt application, named so that settings find their file."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(list(argv) or ["turbulence"])
    app.setApplicationName("turbulence")
    app.setApplicationDisplayName("Turbulence")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("turbulence")
    return app


def open_settings() -> QSettings:
    """What the window remembers: layout, place, last project. An INI file of the user's."""
    portable = window_file()
    if portable is not None:
        return QSettings(str(portable), QSettings.Format.IniFormat)
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "turbulence", "window")


def make_theme(app: QApplication, settings: QSettings) -> Theme:
    """The theme as the user left it."""
    mine = preferences()
    adopt(settings, mine)
    quiet_effects()
    return Theme(app, pinned(mine), mine.number("look.text") / 100, contrast=mine.on("look.contrast"))


def main(path: Path | None = None, argv: Sequence[str] = (), door: Door | None = None) -> int:
    """Open the window on a project folder or a file (None: the last project, else the sample); stay until it closes.

    ``door`` is where later starts hand over what they were asked to open.
    """
    # a busy Python thread of a library may not hold the window for longer than half a millisecond
    sys.setswitchinterval(0.0005)
    egress.lock()
    client = Client(on_state=worker_state)
    client.request("live", "ping", {})  # its process starts while Qt does
    app = make_application(argv)
    settings = open_settings()
    make_theme(app, settings)
    from turbulence_app.gui.farewell import Farewell
    from turbulence_app.gui.upkeep import Upkeep
    from turbulence_app.gui.window import MainWindow

    collector = Collector(app)
    arrival = arrival_of(path) if path is not None else None
    root = arrival.root if arrival is not None else None
    window = MainWindow(client, settings, root or last_project(settings))
    window.places.made.connect(lambda _place: collector.settle())
    window.complete.connect(collector.settle)
    if arrival is None and not settings.contains("root"):
        window.first_run.greet()
    window.show()
    if arrival is not None and arrival.does != "project":
        once(window.project.changed, window, lambda: window.opener.take(arrival))
    upkeep = Upkeep(app, window)
    QTimer.singleShot(0, upkeep.begin)
    # drawn from its SVG once the window is there: a start need not wait for that
    QTimer.singleShot(0, lambda: app.setWindowIcon(QIcon(str(resource_path("app/turbulence.svg")))))
    server = listen(door, window)

    def leave() -> None:
        window.leave()
        app.exit()  # dialogs that are open end with it

    farewell = Farewell(leave, app)
    status = app.exec()
    if server is not None:
        server.close()
    upkeep.end()
    collector.close()
    farewell.close()
    return status


def listen(door: Door | None, window: MainWindow) -> InstanceServer | None:
    """Hear later starts, if this is the first one."""
    if door is None or door.lock is None:
        return None
    from turbulence_app.gui.instance_server import InstanceServer

    server = InstanceServer(door, window)
    server.asked.connect(window.come_to_front)
    return server


def once(signal: SignalInstance, owner: QObject, act: Callable[[], object]) -> None:
    """Do something after the first time, when whoever else listens has been told."""

    def first() -> None:
        signal.disconnect(first)
        QTimer.singleShot(0, owner, act)

    signal.connect(first)


def last_project(settings: QSettings) -> Path | None:
    """The project that was open last, if its folder is still there and the person wants it."""
    if preferences().text("window.start") == "sample":
        return None
    kept = str(settings.value("root", ""))
    return Path(kept) if kept and Path(kept).is_dir() else None
