"""Lines of several visits side by side as plain data. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.gui.trace_words import TraceLine


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One line: what each lane does at this time (None: nothing). ``mark`` says why the line stands out."""

    at_us: int
    cells: tuple[TraceLine | None, ...]
    mark: str = ""
