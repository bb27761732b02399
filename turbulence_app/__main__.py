"""``turbulence`` and ``python -m turbulence_app``: the window without a command, else the command line."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # nothing is loaded before Ctrl-C is quiet
    from pathlib import Path

COMMANDS = "the command line works without: turbulence demo"


def main() -> int:
    """Lock the way out first, then do what was asked; returns the exit status. Ctrl-C is 130 at any moment."""
    try:
        from turbulence_app.cli import cancel

        cancel.leave_at_once()
        try:
            return _start(sys.argv[1:])
        finally:
            cancel.deaf()
    except KeyboardInterrupt:
        return 130


def _start(arguments: list[str]) -> int:
    _whole_streams()
    from turbulence_app.privacy import ledger

    ledger.start("command line" if arguments else "window")
    if not arguments:
        return _window()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from turbulence_app.cli.main import main as command

    return command(arguments)


def _window() -> int:
    """The window; where it cannot open, one line that says why."""
    from turbulence_app.cli import cancel, console
    from turbulence_app.domain.errors import MachineError

    if _no_screen():
        return console.explain(MachineError("there is no screen here", COMMANDS), as_json=False)
    try:
        from turbulence_app.gui.app import main as window
    except ImportError as error:
        if ".so" not in str(error) and (error.name or "").split(".")[0] not in ("PySide6", "shiboken6", "pyqtgraph"):
            raise
        missing = str(error).partition(": cannot open shared object")[0]
        mend = f"packaging/setup.sh installs what Qt needs; {COMMANDS}"
        return console.explain(MachineError(f"the window cannot open: {missing} is missing", mend), as_json=False)
    cancel.call_once(_close)
    return int(window(_project_here()))


def _close() -> None:
    """Ctrl-C in the window's terminal: close it as its own button does, so that everything typed is written."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    QTimer.singleShot(0, QApplication.closeAllWindows)


def _no_screen() -> bool:
    """Whether Qt would find no display and abort; elsewhere than on these systems there always is one."""
    from os import environ

    named = any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return sys.platform.startswith(("linux", "freebsd")) and not named


def _whole_streams() -> None:
    """Put the null device where a stream is closed, lowest first: no database may get descriptor 1 or 2."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            from os import devnull

            setattr(sys, name, open(devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - stays open


def _project_here() -> Path | None:
    """The folder that the person stands in, if it is a project; the window opens it then."""
    from pathlib import Path

    from turbulence_app.service.projects import is_project

    try:
        here = Path.cwd()
    except OSError:
        return None
    return here if is_project(here) else None


if __name__ == "__main__":
    sys.exit(main())
