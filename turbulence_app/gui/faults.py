"""What nobody caught: written down, told in one line, and offered as a report. The window stays open."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.context import Notices
from turbulence_app.service.journal import journal

Report = Callable[[str, str], object]
LONGEST = 160


class Faults(QObject):
    """Takes the interpreter's hooks for exceptions that reach nobody; :meth:`close` gives them back.

    ``report`` opens the sheet with a message and a stack.
    """

    _caught = Signal(str, str)

    def __init__(self, notices: Notices, report: Report, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices, self._report = notices, report
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        self._caught.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """From now on."""
        sys.excepthook = self.caught
        threading.excepthook = self._in_thread
        sys.unraisablehook = self._nowhere

    def close(self) -> None:
        """As it was."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """An exception of any thread. Never raises."""
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        message = headline(kind, error)
        stack = "".join(traceback.format_exception(kind, error, trace))
        journal().note("error", "fault", message, stack=stack, at_once=True)
        self._caught.emit(message, stack)
        if os.environ.get("TURBULENCE_DEBUG"):
            self._before[0](kind, error, trace)

    def of_job(self, failure: JobFailed) -> None:
        """A worker's fault: it is in the log already."""
        self._tell(failure.message, failure.traceback)

    def _in_thread(self, args: Any) -> None:
        if args.exc_type is not SystemExit:
            self.caught(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)

    def _nowhere(self, args: Any) -> None:
        """Python could not raise it anywhere (in a destructor): worth a line, not a message."""
        error = args.exc_value or args.exc_type()
        stack = "".join(traceback.format_exception(args.exc_type, error, args.exc_traceback))
        journal().note("warning", "fault", headline(args.exc_type, error), stack=stack)

    def _tell(self, message: str, stack: str) -> None:
        self._notices.show(
            f"A fault of the program: {message} Nothing was closed.",
            "bad",
            "Show the report",
            lambda: self._report(message, stack),
        )


def headline(kind: type[BaseException], error: BaseException) -> str:
    """One line that names it."""
    try:
        text = str(error)
    except Exception:  # an exception whose words raise one
        text = ""
    said = f"{kind.__name__}: {text}" if text else kind.__name__
    line = " ".join(said.split())
    short = line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
    return short if short.endswith((".", "…")) else f"{short}."
