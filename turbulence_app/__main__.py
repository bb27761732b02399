"""``turbulence`` and ``python -m turbulence_app``: the window without a command or with a file, else a command."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # nothing is loaded before Ctrl-C is quiet
    from pathlib import Path

COMMANDS = "the command line works without: turbulence demo"

NEW_WINDOW = "--new-window"


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
    if arguments == ["--self-test"]:
        from turbulence_app.gui.self_test import main as self_test

        return self_test()
    from turbulence_app.privacy import ledger

    wanted = _wanted(arguments)
    ledger.start("command line" if wanted is None else "window")
    if wanted is not None:
        return _window(*wanted)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from turbulence_app.cli.main import main as command

    return command(arguments)


def _wanted(arguments: list[str]) -> tuple[bool, str] | None:
    """Whether a new window is wanted, and which file or folder in it ('' for none); None is a command.

    A command's name counts before a file of the same name.
    """
    from os.path import exists

    fresh = arguments[:1] == [NEW_WINDOW]
    rest = arguments[1:] if fresh else arguments
    if not rest:
        return fresh, ""
    if len(rest) > 1 or rest[0].startswith("-"):
        return None
    if fresh:
        return fresh, rest[0]
    if not exists(rest[0]):  # noqa: PTH110 - before anything else is loaded
        return None
    from turbulence_app.cli.main import COMMANDS as NAMES

    return None if rest[0] in NAMES else (False, rest[0])


def _window(fresh: bool = False, name: str = "") -> int:
    """The window, or the one that is open already; where it cannot open, one line that says why."""
    from pathlib import Path

    from turbulence_app.cli import cancel, console
    from turbulence_app.domain.errors import InputError, Location, MachineError
    from turbulence_app.gui.instance import find_door, hand_over
    from turbulence_app.gui.screen import why_none

    path = Path(name).absolute() if name else _project_here()
    if name and path is not None and not path.exists():
        return console.explain(InputError("there is no such file or folder", "", Location(name)), as_json=False)
    if why := why_none():
        return console.explain(MachineError(why, COMMANDS), as_json=False)
    door = None if fresh else find_door()
    if door is not None and door.lock is None:
        if hand_over(door, path):
            return 0
        door = None  # it does not answer: this start does not wait for it
    try:
        from turbulence_app.gui.app import main as window
    except ImportError as error:
        if ".so" not in str(error) and (error.name or "").split(".")[0] not in ("PySide6", "shiboken6", "pyqtgraph"):
            raise
        missing = str(error).partition(": cannot open shared object")[0]
        from turbulence_app.bundle import mend_for_qt

        mend = f"{mend_for_qt()}; {COMMANDS}"
        return console.explain(MachineError(f"the window cannot open: {missing} is missing", mend), as_json=False)
    cancel.call_once(_close)
    return int(window(path, door=door))


def _close() -> None:
    """Ctrl-C in the window's terminal: close it as its own button does, so that everything typed is written."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    QTimer.singleShot(0, QApplication.closeAllWindows)


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
