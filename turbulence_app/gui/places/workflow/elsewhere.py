"""A step's new name in policies and scenarios, too: one act with the saving of the workflow, and one step of undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.presenter import WorkflowPresenter
from turbulence_app.gui.undo_step import Step

Files = Sequence[Mapping[str, str]]


class Elsewhere(QObject):
    """Hears that a step was renamed of which others speak, and does it there when the person wants it."""

    def __init__(self, context: Context, presenter: WorkflowPresenter, undo: QUndoStack) -> None:
        super().__init__(context.hub)
        self._context, self._presenter, self._undo = context, presenter, undo
        presenter.renamed.connect(self.offer)

    def offer(self, old: str, new: str, words: str) -> None:
        """Say who still has the old name; the notice has the act."""
        self._context.notices.show(words, "warn", "Rename there too", lambda: self.rename(old, new))

    def rename(self, old: str, new: str) -> None:
        """Write the workflow and everything else that speaks of the step."""
        document = self._presenter.document
        names = [step.name for step in document.workflow.steps()] if document.workflow is not None else []
        if new not in names or old in names or document.errors or not document.checked:
            why = "mend the errors first" if document.errors else f"{old} is not called {new} any more"
            self._context.notices.show(f"Not renamed: {why}.", "warn")
            return
        given = {"text": self._presenter.written(), "file": document.file, "step": old, "name": new}
        self._ask("rename_step_there", given, lambda reply: self._renamed(reply["files"], old, new))

    def _renamed(self, files: Files, old: str, new: str) -> None:
        back = [{"path": one["path"], "before": one["after"], "after": one["before"]} for one in files]
        undo, redo = (lambda: self._exchange(back)), (lambda: self._exchange(files))
        self._undo.push(Step(f"renaming {old} in other files", undo, redo))
        names = ", ".join(Path(one["path"]).name for one in files)
        self._context.notices.show(f"{old} is {new} in {names}.", "good")
        self._written(files)

    def _exchange(self, files: Files) -> None:
        self._ask("exchange_texts", {"files": [dict(one) for one in files]}, lambda _: self._written(files))

    def _written(self, files: Files) -> None:
        """The window takes in what the files say now."""
        mine = next((one["after"] for one in files if one["path"] == self._presenter.document.file), None)
        self._presenter.wrote(mine)
        self._context.navigation.act("window.reload")

    def _ask(self, op: str, given: Mapping[str, Any], done: Any) -> None:
        def failed(failure: JobFailed) -> None:
            self._presenter.wrote(None)
            words = failure.message + (f" ({failure.mend})" if failure.mend else "")
            self._context.notices.show(f"Nothing was renamed: {words}", "bad")

        self._presenter.writing()
        project = str(self._context.project.data.root)
        self._context.bridge.request("live", op, {"project": project, **given}, on_result=done, on_error=failed)
