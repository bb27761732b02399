"""Where a checked thing stands in its file, and the list that findings go to."""

from __future__ import annotations

from typing import Literal

from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.formats.shape import Path, mend_name
from turbulence_app.formats.tree import Node, read_tree
from turbulence_app.formats.validate import place

Severity = Literal["error", "warning"]


class Findings:
    """Problems with their places. Without a text only the file is known, without a file nothing."""

    def __init__(self, text: str | None = None, file: str = "") -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Node | None = None
        if text is not None:
            try:
                self.root = read_tree(text, file)
            except InputError:
                self.root = None

    def at(self, path: Path) -> Location | None:
        """The line of a path; the file alone where the text is not known."""
        if self.root is not None:
            return place(self.root, path, self.file)
        return Location(self.file) if self.file else None

    def add(self, path: Path, message: str, mend: str = "", severity: Severity = "error") -> None:
        """Note a finding."""
        problem = Problem(message, mend, self.at(path), severity)
        if problem not in self.problems:
            self.problems.append(problem)

    def unknown(self, path: Path, what: str, name: str, known: list[str], severity: Severity = "error") -> None:
        """Note a name that nothing defines, with the nearest one that something does."""
        plural = what + ("es" if what.endswith("s") else "s")
        self.add(path, f"no {what} is called {name!r}", mend_name(name, known, plural), severity)

    def sorted(self) -> list[Problem]:
        """The findings in the order of the file."""
        return sorted(self.problems, key=lambda p: (p.where.line if p.where else 0, p.severity))
