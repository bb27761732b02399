"""``turbulence`` and ``python -m turbulence_app``: the window without a command, else the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from turbulence_app.privacy import egress


def main() -> int:
    """Lock the way out first, then do what was asked; returns the exit status."""
    egress.lock()
    arguments = sys.argv[1:]
    if not arguments:
        from turbulence_app.gui.app import main as window

        return int(window(_project_here()))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from turbulence_app.cli.main import main as command

    return command(arguments)


def _project_here() -> Path | None:
    """The folder that the person stands in, if it is a project; the window opens it then."""
    from turbulence_app.service.projects import is_project

    try:
        here = Path.cwd()
    except OSError:
        return None
    return here if is_project(here) else None


if __name__ == "__main__":
    sys.exit(main())
