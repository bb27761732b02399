"""``turbulence`` and ``python -m turbulence_app``: the window without a command, else the command line."""

from __future__ import annotations

import sys

from turbulence_app.privacy import egress


def main() -> int:
    """Lock the way out first, then do what was asked; returns the exit status."""
    egress.lock()
    arguments = sys.argv[1:]
    if not arguments:
        from turbulence_app.gui.app import main as window

        return int(window() or 0)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from turbulence_app.cli.main import main as command

    return command(arguments)


if __name__ == "__main__":
    sys.exit(main())
