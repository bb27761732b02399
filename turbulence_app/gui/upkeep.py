"""What a window needs that is really open: its log's thread, the watchdog, hooks for faults, the mark of its life."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QApplication

from turbulence_app import __version__
from turbulence_app.domain.errors import KnownError
from turbulence_app.gui.watchdog import Watchdog
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.journal import journal, leave_logging, take_logging
from turbulence_app.service.vigil import Left, Vigil
from turbulence_app.settings import preferences

REST_S = 2.0
"""The first lines wait so long: finding personal data in them needs tables that take time to load."""


class Upkeep:
    """Begins when the window shows, ends when the application does."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self._window = window
        self._vigil = Vigil()
        self._journal = journal()
        self._watchdog = Watchdog(lambda: window.places.open, app)

    def begin(self) -> None:
        """From now on what goes wrong leaves a trace; tells what the last window left and what settings lack."""
        self._journal.start(REST_S)
        take_logging()
        self._journal.note("info", "window", f"Turbulence {__version__} opened")
        self._window.faults.install()
        for left in self._vigil.begin():
            self._tell_of(left)
        self._watchdog.start()
        self._heal()

    def end(self) -> None:
        """The window closed as it should."""
        self._watchdog.close()
        self._window.faults.close()
        leave_logging()
        self._journal.note("info", "window", "closed")
        self._journal.close()
        self._vigil.end()

    def _tell_of(self, left: Left) -> None:
        why = "crashed" if left.stack else "was ended from outside"
        message = f"The window that was opened {moment(left.began)} {why}"
        self._journal.note("error", "window", message, stack=left.stack)
        self._window.notices.show(
            "Turbulence did not end as it should last time.",
            "warn",
            "Show the report",
            lambda: self._window.menus.report(message, left.stack),
        )

    def _heal(self) -> None:
        """A settings file with something wrong is kept aside, and the rest of it stays."""
        notices = self._window.notices
        try:
            problems = preferences().heal()
        except KnownError as error:
            notices.show(str(error), "warn")
            return
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            words = f"{problems[0]}{more}. The file as it was is kept beside it."
            notices.show(words, "warn", "Settings", lambda: self._window.go("settings"))


def moment(written: str) -> str:
    """A time as it stands in a file, for people of this computer's time zone."""
    try:
        return datetime.fromisoformat(written).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return "some time ago"
