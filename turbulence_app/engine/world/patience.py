"""How long an engine process may be silent, and what its interpreter says of where it stands."""

from __future__ import annotations

import re
from pathlib import Path

from turbulence_app.domain.errors import Location

PATIENCE_S = 20.0
"""Seconds of real time that one callback, or one import of a module, may take."""
_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+)')
_NOT_THEIRS = ("site-packages", "<", str(Path(re.__file__).parents[1]), str(Path(__file__).parents[2]))


def stands_in(lines: tuple[str, ...]) -> Location | None:
    """The innermost frame, of a dump of the interpreter's stack, that is in nobody's package."""
    for found in filter(None, map(_FRAME.match, lines)):
        if not any(part in found["file"] for part in _NOT_THEIRS):
            return Location(found["file"], int(found["line"]))
    return None
