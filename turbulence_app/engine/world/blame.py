"""Where in the project an error comes from, and what it says."""

from __future__ import annotations

import traceback

from turbulence_app.domain.errors import Location
from turbulence_app.engine.world.active import ACTIVE
from turbulence_app.engine.world.guards import shown


def place_of(error: BaseException) -> Location | None:
    """The innermost line of the project's own files that an error came through; of a syntax error, the line itself."""
    if isinstance(error, SyntaxError) and error.filename:
        return Location(shown(error.filename), error.lineno or 0)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if owned(f.filename)]
    return Location(shown(frames[-1].filename), frames[-1].lineno or 0) if frames else None


def owned(file: str) -> bool:
    """Whether a file is the project's own."""
    return file.startswith(ACTIVE.inside) and "site-packages" not in file


def words_of(error: BaseException) -> str:
    """Kind and message in one line, without the place."""
    said = error.msg if isinstance(error, SyntaxError) else error
    return f"{type(error).__name__}: {said}".strip().removesuffix(":").splitlines()[0]
