"""Scenarios as files: trying an edit, and writing it with the comments that stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.domain.scenario import Scenario
from turbulence_app.formats import writer
from turbulence_app.formats.check import check_scenario
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.loader import parse_scenario
from turbulence_app.formats.scenario_text import ListedFault, edit_scenario
from turbulence_app.formats.source import read_text


@dataclass(frozen=True, slots=True)
class Edited:
    """A scenario's text before and after an edit, what it says then, and what is wrong with it.

    ``scenario`` is None where the text can no longer be read as one; the file is the old one then.
    """

    path: Path
    before: str
    text: str
    scenario: Scenario | None
    problems: tuple[Problem, ...]
    written: bool = False

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from being written."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def scenario_path(folder: Folder, scenario_id: str) -> Path:
    """The file of a scenario. Raises ``InputError`` for one that the project does not have."""
    known = folder.files.get(("scenario", scenario_id))
    if known is None:
        raise InputError(
            f"no scenario {scenario_id!r}",
            f"this project has: {', '.join(sorted(folder.scenarios)) or 'none'}",
            Location(str(folder.root)),
        )
    return folder.root / known


def edit(
    folder: Folder,
    scenario_id: str,
    values: Mapping[str, Any],
    faults: Sequence[ListedFault] | None = None,
    *,
    write: bool = False,
) -> Edited:
    """Try an edit of a scenario's file, or make it: written only where nothing is wrong with what it says then."""
    path = scenario_path(folder, scenario_id)
    before = read_text(path)
    return _finish(folder, path, before, edit_scenario(before, str(path), values, faults), write)


def save(folder: Folder, text: str, scenario_id: str) -> Edited:
    """Write a scenario's text as it is. Raises ``InputError`` while it has errors."""
    path = scenario_path(folder, scenario_id)
    done = _finish(folder, path, read_text(path), text, write=True)
    if done.errors:
        raise InputError.of(list(done.errors))
    return done


def _finish(folder: Folder, path: Path, before: str, text: str, write: bool) -> Edited:
    try:
        scenario = parse_scenario(text, path.name)
    except InputError as error:
        return Edited(path, before, text, None, error.problems)
    problems = tuple(check_scenario(scenario, folder, text, path.name))
    done = Edited(path, before, text, scenario, problems)
    if not write or done.errors:
        return done
    if text != before:
        writer.write_atomic(path, text)
    return Edited(path, before, text, scenario, problems, written=True)
