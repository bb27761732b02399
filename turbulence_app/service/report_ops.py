"""The worker's operations on reports of problems: parameters and handlers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.service import report

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

Text = Annotated[str, Field(max_length=2_000_000)]


class ReportDraft(Noun):
    """``report_draft``: a whole report, redacted. ``facts``: what the window knows of itself."""

    message: Text = ""
    stack: Text = ""
    facts: tuple[tuple[str, str], ...] = ()
    home: str | None = None


class ReportText(Noun):
    """``report_check``: what redaction would take out of this text."""

    text: Text


class ReportSave(ReportText):
    """``report_save``: the text as a file."""

    path: str


def draft(_: Operations, given: ReportDraft, __: Job) -> Any:
    """The text."""
    home = Path(given.home) if given.home else None
    return {"text": report.draft(given.message, given.stack, given.facts, home)}


def check(_: Operations, given: ReportText, __: Job) -> Any:
    """Values by kind."""
    return {"replaced": dict(report.replaced(given.text))}


def save(_: Operations, given: ReportSave, __: Job) -> Any:
    """What was written, and where."""
    return {"path": given.path, "text": report.save(given.text, Path(given.path))}


OPERATIONS: Mapping[str, tuple[type[Noun], Callable[..., Any]]] = {
    "report_draft": (ReportDraft, draft),
    "report_check": (ReportText, check),
    "report_save": (ReportSave, save),
}
