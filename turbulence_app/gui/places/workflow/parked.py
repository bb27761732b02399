"""Documents with unsaved edits that were left for another workflow: kept as they are until somebody comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.state import Document


class Parked:
    """By file. Of a project that is left nothing is kept here: what was typed there lies in its drafts."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: dict[str, Document] = {}

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of them, the oldest first."""
        return tuple(self._kept.values())

    def leave(self, document: Document, *, same_project: bool) -> None:
        """Another document comes in the place of this one; its edits are kept, and that is said."""
        if not same_project:
            self._kept.clear()
        elif document.dirty and document.file in self._context.project.data.files.values():
            self._kept[document.file] = document
            self._context.notices.show(
                f"Your edits to {Path(document.file).name} are kept; they are not saved yet.",
                action="Go back",
                clicked=lambda: self._context.project.choose_workflow(document.workflow_id),
            )

    def take(self, file: str) -> Document | None:
        """The file's document as it was left, to be checked anew; None where nothing was typed in it."""
        document = self._kept.pop(file, None)
        return replace(document, checked=False) if document is not None else None
