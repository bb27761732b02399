"""What every import is asked: does it stand as a project, is there nothing to mend, does it run."""

from __future__ import annotations

from pathlib import Path

from turbulence_app.domain.run import StepStats, Summary
from turbulence_app.domain.workflow import HttpStep, Workflow
from turbulence_app.engine.preview import preview
from turbulence_app.formats.check import check_folder
from turbulence_app.formats.folder import read_folder
from turbulence_app.formats.imported import Imported, write_imported
from turbulence_app.service.inputs import build_inputs

NOTES_OF_USE = ("never exercised",)


def run(imported: Imported, root: Path, users: int = 2000) -> Summary:
    """Write the import as a project, check it without a finding, and let a crowd through."""
    write_imported(imported, root)
    folder = read_folder(root)
    assert [str(p) for p in check_folder(folder)] == []
    summary = preview(build_inputs(folder), users=users)
    assert summary.users == users
    assert summary.completed > 0.5 * users
    return summary


def requests(workflow: Workflow) -> dict[str, HttpStep]:
    return {s.name: s for s in workflow.steps() if isinstance(s, HttpStep)}


def stats(summary: Summary) -> dict[str, StepStats]:
    return {s.step: s for s in summary.funnel}
