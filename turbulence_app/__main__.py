"""``turbulence`` and ``python -m turbulence_app``: the window without a command, else the command line."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # nothing is loaded before Ctrl-C is quiet
    from pathlib import Path


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
    from turbulence_app.privacy import egress

    egress.lock()
    if not arguments:
        from turbulence_app.cli import cancel
        from turbulence_app.gui.app import main as window

        cancel.listen()
        return int(window(_project_here()))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from turbulence_app.cli.main import main as command

    return command(arguments)


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
