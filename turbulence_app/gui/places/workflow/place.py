"""The Workflow place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.workflow.elsewhere import Elsewhere
from turbulence_app.gui.places.workflow.files import WorkflowFiles
from turbulence_app.gui.places.workflow.presenter import WorkflowPresenter
from turbulence_app.gui.places.workflow.view import WorkflowView
from turbulence_app.gui.places.workflow.walking import wanted_of
from turbulence_app.gui.undo_step import TEXT_STEPS, undo_stack

if TYPE_CHECKING:
    from turbulence_app.service.drafts import Draft


class Place(BasePlace):
    """Text and graph of one workflow."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._undo = self.undo_stack = undo_stack(context.undo, TEXT_STEPS)
        self.presenter = WorkflowPresenter(context)
        self.files = WorkflowFiles(context, lambda: self.presenter.document)
        self.view = WorkflowView(context, self.presenter)
        self.elsewhere = Elsewhere(context, self.presenter, self.undo_stack)
        self.widget = self.view

    def fill(self) -> Iterator[None]:
        """The cards, one after another, and then the text."""
        yield from self.view.fill()
        self.view.editor.keep_history(self._undo)
        self.presenter.load()

    def actions(self) -> Mapping[str, Handler]:
        """Save, revert, check, find, fit."""
        return {
            "workflow.save": self.presenter.save,
            "workflow.check": self.presenter.check,
            "workflow.find": self.view.find_bar.open,
            "workflow.replace": self.view.find_bar.open_replace,
            "workflow.fit": self.view.graph.fit,
            "workflow.add": self.view.acting.add,
            "workflow.rename": self.view.acting.rename,
            "workflow.duplicate": self.view.acting.duplicate,
            "workflow.delete": self.view.acting.delete,
            "workflow.mend": self.view.mend,
            "workflow.walk": self.view.walk,
            "workflow.walk_on": self.presenter.walking.step,
            "workflow.walk_back": lambda: self.presenter.walking.step(-1),
            "workflow.walk_play": self.presenter.walking.play,
            "workflow.new": self.files.new,
            "workflow.copy_file": self.files.duplicate,
            "workflow.rename_file": self.files.rename,
            "workflow.delete_file": self.files.delete,
            "workflow.next_problem": self.view.next_problem,
            "workflow.previous_problem": lambda: self.view.next_problem(-1),
        }

    def enabled(self, action: str) -> bool:
        """Save only what has changed."""
        if action == "workflow.save":
            return self.presenter.document.dirty
        if action in ("workflow.next_problem", "workflow.previous_problem", "workflow.mend"):
            return self.widget.isVisible() and bool(self.presenter.document.problems)
        if action in ("workflow.rename", "workflow.duplicate", "workflow.delete"):
            return bool(self.view.graph.current()) and self.presenter.edits.possible
        if action == "workflow.add":
            return self.presenter.edits.possible
        if action == "workflow.walk":
            return self.presenter.document.workflow is not None
        if action.startswith("workflow.walk_"):
            return self.widget.isVisible() and self.presenter.walking.walk is not None
        if action == "workflow.new":
            return self.context.project.loaded
        if action in ("workflow.copy_file", "workflow.rename_file", "workflow.delete_file"):
            return bool(self.presenter.document.workflow_id)
        return bool(self.presenter.document.file)

    def breadcrumb(self) -> str:
        """The workflow's id, with a dot while it has edits."""
        document = self.presenter.document
        return document.workflow_id + (" •" if document.dirty else "")

    def opened(self, target: Mapping[str, Any]) -> None:
        """``step`` goes to a step; ``walk`` goes along with a user: a number of the crowd, or ``RUN/USER``."""
        if step := target.get("step"):
            self.view.go_to_step(str(step))
        if "walk" in target:
            self.view.walk(wanted_of(target, self.presenter.walking.wanted))

    def restore(self, draft: Draft) -> None:
        """A text that was not saved."""
        self.presenter.restore(draft.key, draft.text)

    def close(self) -> bool:
        """Unsaved edits ask first, also those of workflows that are not in front."""
        files = [document.file for document in self.presenter.unsaved]
        names = " and ".join(Path(file).name for file in files)
        words = f"{names} {'has' if len(files) == 1 else 'have'} edits that are not saved."
        if files and not self.context.dialogs.confirm("Unsaved edits", words, "Close without saving", danger=True):
            return False
        for file in files:
            self.context.recovery.saved("workflow", file)
        self.presenter.close()
        return True
