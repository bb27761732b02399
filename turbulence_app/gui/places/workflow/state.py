"""What the Workflow place knows. Qt-free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import Location, Problem
from turbulence_app.domain.workflow import Workflow

MAX_FILE = 2_000_000
"""Bytes that the editor takes; a workflow is a few thousand."""


@dataclass(frozen=True, slots=True)
class Document:
    """One workflow file: what is on disk, what is in the editor, and the last workflow that it could be read as."""

    workflow_id: str = ""
    file: str = ""
    saved: str = ""
    text: str = ""
    workflow: Workflow | None = None
    problems: tuple[Problem, ...] = ()
    checked: bool = False
    """Whether ``problems`` and ``workflow`` belong to the present text."""
    readable: bool = True
    """Whether the text could be read as a workflow when it was last checked, with errors or without."""

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return self.text != self.saved

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the text from running."""
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def stale(self) -> bool:
        """Whether the graph shows an older text than the editor."""
        return not self.readable and self.workflow is not None

    @property
    def unreadable(self) -> bool:
        """Whether the graph cannot stand for the text."""
        return not self.readable

    def read(self, workflow: Workflow | None, problems: tuple[Problem, ...]) -> Document:
        """The same with what a check found; a text that is no workflow keeps the last one that was."""
        return replace(
            self, workflow=workflow or self.workflow, problems=problems, checked=True, readable=workflow is not None
        )


def broken_workflow(problems: Iterable[Problem]) -> str:
    """The first file of a workflow that could not be read, or ''."""
    files = (problem.where.file for problem in problems if problem.severity == "error" and problem.where is not None)
    return next((file for file in files if "workflows" in Path(file).parts[:-1]), "")


def read_problems(data: Iterable[Any]) -> tuple[Problem, ...]:
    """Problems as the service sends them."""
    return tuple(_problem(item) for item in data)


def _problem(item: Any) -> Problem:
    if isinstance(item, Problem):
        return item
    where = item.get("where") if isinstance(item, Mapping) else None
    place = (
        Location(str(where.get("file", "")), int(where.get("line", 0)), int(where.get("column", 0))) if where else None
    )
    return Problem(str(item["message"]), str(item.get("mend", "")), place, str(item.get("severity", "error")))


def step_lines(text: str, names: Iterable[str]) -> dict[str, range]:
    """Lines (from 1, end excluded) of each step: from its ``name`` to the line before the next step's.

    The first ``name: X`` in the flow counts; a step that a broken text no longer holds is left out.
    """
    wanted = set(names)
    starts: dict[str, int] = {}
    last = 1
    in_flow = False
    for number, line in enumerate(text.splitlines(), start=1):
        last = number
        if re.match(r"\S", line):
            in_flow = line.startswith(("flow:", "assertions:"))
        if not in_flow:
            continue
        for match in _NAME.finditer(line):
            name = match.group(1) or match.group(2) or match.group(3)
            if name in wanted:
                starts.setdefault(name, number)
    end = _flow_end(text, last)
    ordered = sorted(starts.items(), key=lambda item: item[1])
    stops = [number for _, number in ordered[1:]] + [end]
    return {name: range(number, max(number + 1, stop)) for (name, number), stop in zip(ordered, stops, strict=False)}


_NAME = re.compile(r"""(?<![\w.])name:\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z_][\w.\-]*))""")


def _flow_end(text: str, last: int) -> int:
    """The line after the flow's last one."""
    in_flow = False
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(r"[A-Za-z_]", line):
            if in_flow:
                return number
            in_flow = line.startswith("flow:")
    return last + 1


def step_at(line: int, lines: Mapping[str, range]) -> str:
    """The step whose text holds the line; '' between steps."""
    inside = [name for name, span in lines.items() if line in span]
    return min(inside, key=lambda name: len(lines[name]), default="")


def step_problems(problems: Iterable[Problem], lines: Mapping[str, range]) -> list[tuple[str, str, str]]:
    """Problems that stand in the lines of a step: (step, severity, words)."""
    found = []
    for problem in problems:
        step = step_at(problem.where.line, lines) if problem.where is not None else ""
        if step:
            found.append((step, problem.severity, problem.message + (f" ({problem.mend})" if problem.mend else "")))
    return found


def definition_line(text: str, word: str, lines: Mapping[str, range]) -> int:
    """The line (from 1) where a step, a service, a parameter, or a decision's variable is defined; 0 for none."""
    if not word:
        return 0
    if word in lines:
        return lines[word].start
    patterns = (
        rf"\s*(?:- )?output_var:\s*{re.escape(word)}\b",
        rf"  {re.escape(word)}:",
        rf".*name: {re.escape(word)}\b",
    )
    rows = text.split("\n")
    for pattern in patterns:
        for number, row in enumerate(rows, 1):
            if re.match(pattern, row):
                return number
    return 0
