"""Starting the window: as little as possible before it shows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from turbulence_app import __version__
from turbulence_app.gui.chronicle import worker_state
from turbulence_app.gui.collector import Collector
from turbulence_app.gui.settings.applying import adopt, pinned, quiet_effects
from turbulence_app.gui.theme import Theme
from turbulence_app.home import window_file
from turbulence_app.privacy import egress
from turbulence_app.service.client import Client
from turbulence_app.settings import preferences


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


def main(root: Path | None = None, argv: Sequence[str] = ()) -> int:
    """Open the window on a project folder (None: the last one, else the sample) and stay until it closes."""
    # a busy Python thread of a library may not hold the window for longer than half a millisecond
    sys.setswitchinterval(0.0005)
    egress.lock()
    client = Client(on_state=worker_state)
    client.request("live", "ping", {})  # its process starts while Qt does
    app = make_application(argv)
    settings = open_settings()
    make_theme(app, settings)
    from turbulence_app.gui.upkeep import Upkeep
    from turbulence_app.gui.window import MainWindow

    collector = Collector(app)
    window = MainWindow(client, settings, root or last_project(settings))
    window.complete.connect(collector.settle)
    window.show()
    upkeep = Upkeep(app, window)
    QTimer.singleShot(0, upkeep.begin)
    status = app.exec()
    upkeep.end()
    collector.close()
    return status


def last_project(settings: QSettings) -> Path | None:
    """The project that was open last, if its folder is still there and the person wants it."""
    if preferences().text("window.start") == "sample":
        return None
    kept = str(settings.value("root", ""))
    return Path(kept) if kept and Path(kept).is_dir() else None
