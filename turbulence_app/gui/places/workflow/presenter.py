"""Between the editor, the graph and the service: reads, checks, saves, and notices changes from outside."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from turbulence_app.domain.errors import Location, Problem
from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.bridge import Latest
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.edits import FlowEdits, Refused
from turbulence_app.gui.places.workflow.parked import Parked
from turbulence_app.gui.places.workflow.state import MAX_FILE, Document, broken_workflow, read_problems
from turbulence_app.gui.places.workflow.walking import Walking

DEBOUNCE_MS = 180
"""After the last key, before the text is read again."""


class WorkflowPresenter(QObject):
    """One document at a time. ``changed`` after anything that the view shows; ``loaded`` when the text is another."""

    loaded = Signal()
    """Another file, or this one as it is on disk now: the editor takes ``document.text``."""
    changed = Signal()
    renamed = Signal(str, str, str)
    """A step has another name (old, new); the words say who still speaks of the old one."""
    outside_change = Signal()
    """The file was changed by somebody else while there are edits here."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self.document = Document()
        self.saving = False
        self._root = context.project.data.root
        self._parked = Parked(context)
        self._check = Latest(context.bridge, "live", "read_workflow", self._checked, self._check_failed)
        self.edits = FlowEdits(context, lambda: self.document, self._take)
        self.walking = Walking(context)
        self.edits.told.connect(self._told)
        self._told_words = ""
        self._renaming = ("", "")
        self._newline = "\n"
        """How the file ends its lines; the editor knows one way only."""
        self._asked = ""
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self.check)
        self._outside = QTimer(self, singleShot=True, interval=150)
        self._outside.timeout.connect(self._look_again)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(lambda _path: self._outside.start())
        context.project.changed.connect(self.load)
        context.project.workflow_changed.connect(self._other_workflow)

    # -- loading ----------------------------------------------------------------------------------

    def load(self) -> None:
        """Take the project's chosen workflow from its file; unsaved edits of the same file stay."""
        project = self._context.project
        workflow = project.workflow
        here, self._root = self._root == project.data.root, project.data.root
        if workflow is None:
            if not here:
                self.document = Document()  # its edits lie in the drafts of the project that was left
            broken = broken_workflow(project.data.problems)
            if broken:
                self.open_file(broken)
            else:
                self._show(Document())
            return
        file = project.data.files.get(("workflow", workflow.id), "")
        if here and self.document.dirty and self.document.file == str(file):
            self._look_again()
            return
        self._parked.leave(self.document, same_project=here)
        text = self._read(str(file))
        kept = self._parked.take(str(file))
        self._watch(str(file))
        self._show(kept or Document(workflow.id, str(file), text, text, workflow, (), checked=False))
        self.check()
        if kept is not None:
            self._look_again()

    def open_file(self, file: str) -> None:
        """Take a workflow's file that the project could not read, to be mended here; edits that wait are kept."""
        if self.document.dirty:
            return
        text = self._read(file)
        self._watch(file)
        self._show(Document("", file, text, text))
        self.check()

    @property
    def unsaved(self) -> tuple[Document, ...]:
        """All documents of this project with something to save: the one in front, and those that were left so."""
        return (*((self.document,) if self.document.dirty else ()), *self._parked.documents)

    def _other_workflow(self, workflow_id: str) -> None:
        if workflow_id != self.document.workflow_id and not self.saving:
            self.load()

    def _show(self, document: Document) -> None:
        self.document = document
        self.loaded.emit()
        self.changed.emit()

    def _path(self, file: str) -> Path:
        path = Path(file)
        return path if path.is_absolute() else self._context.project.data.root / path

    def _read(self, file: str) -> str:
        path = self._path(file)
        try:
            if path.stat().st_size > MAX_FILE:
                self._context.notices.show(f"{path.name} is larger than {MAX_FILE // 1_000_000} MB: not shown.", "warn")
                return ""
            with path.open(encoding="utf-8", newline="") as opened:
                text = opened.read()
            self._newline = "\r\n" if "\r\n" in text else "\n"
            return text.replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            self._context.notices.show(f"{path.name} cannot be read: {error}", "bad")
            return ""

    def _watch(self, file: str) -> None:
        if old := self._watcher.files():
            self._watcher.removePaths(old)
        if file and self._path(file).exists():
            self._watcher.addPath(str(self._path(file)))

    # -- editing ----------------------------------------------------------------------------------

    def edit(self, text: str) -> None:
        """The text in the editor changed."""
        if text == self.document.text:
            return
        self.document = replace(self.document, text=text, checked=False)
        self._draft()
        self._timer.start()
        self.changed.emit()

    def _draft(self) -> None:
        """Keep the edits in case the window dies; what is as on disk needs no draft."""
        document, recovery = self.document, self._context.recovery
        if document.dirty:
            recovery.keep("workflow", document.file, Path(document.file).name, document.text)
        else:
            recovery.saved("workflow", document.file)

    def restore(self, file: str, text: str) -> None:
        """Take edits of a file back that a window left behind which was killed."""
        files = self._context.project.data.files.items()
        known = next((name for (kind, name), path in files if kind == "workflow" and path == file), "")
        if known:
            self._context.project.choose_workflow(known)
        if self.document.file != file:
            self.open_file(file)
        self._show(replace(self.document, text=text, checked=False))
        self._draft()
        self.check()

    def check(self) -> None:
        """Read the text as a workflow now."""
        self._timer.stop()
        document = self.document
        if not document.file and not document.text:
            return
        self._asked = document.text
        self._check.submit({"text": document.text, "file": Path(document.file).name or "workflow.yaml"})

    def _checked(self, reply: Any) -> None:
        if self._asked == self.document.text:
            found = reply["workflow"]
            workflow = None if found is None else Workflow.model_validate(found)
            self._take(self.document.read(workflow, read_problems(reply["problems"])))

    def _take(self, document: Document) -> None:
        """A document that was checked."""
        self._timer.stop()
        if document.workflow == self.document.workflow:  # the same value: what is shown need not be looked at again
            document = replace(document, workflow=self.document.workflow)
        self.document = document
        self.changed.emit()

    def _check_failed(self, failure: JobFailed) -> None:
        problem = Problem(failure.message, failure.mend, Location(Path(self.document.file).name))
        self.document = replace(self.document, problems=(problem,), checked=True, readable=False)
        self.changed.emit()

    # -- the graph's edits ------------------------------------------------------------------------

    def rename(self, step: str, name: str, refused: Refused | None) -> None:
        """Another name for a step, everywhere in the workflow; who else speaks of it is told."""
        self._tell(f"{step} is {name} now. Elsewhere it is still called {step}: ", (step, name))
        self.edits.ask([{"do": "rename", "step": step, "name": name}], f"renaming {step}", refused)

    def delete(self, step: str, inside: int) -> None:
        """A step goes, with what is inside it; what still speaks of it is told."""
        more = f" and {inside} step{'s' * (inside != 1)} inside" if inside else ""
        self._tell(f"{step}{more} deleted. Still spoken of: ")
        self.edits.ask([{"do": "delete", "step": step}], f"deleting {step}")

    def _tell(self, words: str, renaming: tuple[str, str] = ("", "")) -> None:
        self._told_words, self._renaming = words, renaming

    def _told(self, who: str) -> None:
        words = f"{self._told_words}{who}."
        if self._renaming[0]:
            self.renamed.emit(*self._renaming, words)
        else:
            self._context.notices.show(words, "warn")

    # -- file -------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the text as it is, comments and all; refused while it cannot run."""
        document = self.document
        if not document.dirty or self.saving:
            return
        self.saving = True
        self.changed.emit()
        self._context.bridge.request(
            "live",
            "save_workflow",
            {
                "text": self.written(),
                "file": document.file,
                "project": str(self._context.project.data.root),
            },
            on_result=partial(self._saved, document.text),
            on_error=self._not_saved,
        )

    def written(self) -> str:
        """The text as its file has it, with the file's own line ends."""
        return self.document.text.replace("\n", self._newline)

    def writing(self) -> None:
        """The file is being written with others: until that is done nothing is read from it."""
        self.saving = True
        self.changed.emit()

    def wrote(self, text: str | None) -> None:
        """That is done; the file says this now (None: what it said before)."""
        self.saving = False
        if text is not None:
            self.document = replace(self.document, saved=text.replace("\r\n", "\n"))
            self._draft()
        self._watch(self.document.file)
        self.changed.emit()

    def _saved(self, text: str, _reply: Any) -> None:
        self.saving = False
        self.document = replace(self.document, saved=text)
        self._context.recovery.saved("workflow", self.document.file, text)
        self._watch(self.document.file)
        self.changed.emit()
        if not self.document.workflow_id:  # it was broken: the project has to learn that there is one
            self._context.navigation.act("window.reload")
        elif self.document.workflow is not None and not self.document.errors:
            self._context.project.put_workflow(self.document.workflow)
        self._context.notices.show(f"{Path(self.document.file).name} saved.", "good")

    def _not_saved(self, failure: JobFailed) -> None:
        self.saving = False
        self.changed.emit()
        words = failure.message + (f" ({failure.mend})" if failure.mend else "")
        self._context.notices.show(f"Not saved: {words}", "bad")

    def revert(self) -> None:
        """Back to what is on disk."""
        text = self._read(self.document.file)
        self._watch(self.document.file)
        self._show(replace(self.document, text=text, saved=text, checked=False))
        self._draft()
        self.check()

    def keep_mine(self) -> None:
        """The file changed outside, and the edits here win at the next save."""
        text = self._read(self.document.file)
        self.document = replace(self.document, saved=text)
        self._watch(self.document.file)
        self.changed.emit()

    def _look_again(self) -> None:
        """After the file changed outside (or the project was read again)."""
        document = self.document
        if not document.file or self.saving or not self._path(document.file).exists():
            return
        text = self._read(document.file)
        self._watch(document.file)
        if text == document.saved:
            return
        if text == document.text or not document.dirty:
            self._show(replace(document, text=text, saved=text, checked=False))
            self._draft()
            self.check()
        else:
            self.outside_change.emit()

    def close(self) -> None:
        """Nothing more comes."""
        self._timer.stop()
        self._outside.stop()
        self._check.forget()
        self.walking.pause()
        self.walking.cancel()
