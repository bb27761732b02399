"""Keeps what is typed in drafts, and finds those that a window left behind which was killed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from turbulence_app.domain.base import Noun
from turbulence_app.domain.errors import KnownError
from turbulence_app.gui.project import ProjectData, ProjectState
from turbulence_app.gui.recovery_state import Content, Found, Kind, source, worth_offering, written
from turbulence_app.gui.scribe import Scribe
from turbulence_app.service.drafts import Draft, Shelf, digest
from turbulence_app.settings import preferences

SAVE_THEMSELVES = ("persona", "policy")
"""Kinds that are written to their files by themselves, a moment after the edit."""


def soon_ms() -> int:
    """From the first change to the draft on the disk, as the person has it. Not put off by more typing."""
    return round(float(preferences().get("window.autosave_s")) * 1000)


@dataclass(frozen=True, slots=True)
class _Edit:
    title: str
    content: Content
    data: str | None


class Recovery(QObject):
    """Editors call :meth:`keep` at every change and :meth:`saved` when a file holds it; a few lines each.

    Everything slow is done by a thread of its own. ``found`` is what the last window left, oldest answers last.
    """

    changed = Signal()
    """Another list of what was found."""
    restoring = Signal(object)
    """A ``Draft`` that its editor is to take back."""
    returning = Signal(object)
    """The same, of a project that this window comes back to: nothing is to be brought to the front for it."""
    parted = Signal(object, object)
    """A project was left: its root, and the titles of what stays in its drafts."""
    trouble = Signal(str)
    """Drafts cannot be written: said once."""
    _scanned = Signal(object, object)

    def __init__(self, project: ProjectState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._scribe = Scribe("drafts")
        self._shelf: Shelf | None = None
        self._root: Path | None = None
        self._read = ProjectData()
        self._waiting: dict[tuple[str, str], _Edit | None] = {}
        self._bases: dict[tuple[str, str], Content] = {}
        self._latest: dict[tuple[str, str], Content] = {}
        self._known: dict[tuple[str, str], Content] = {}
        self._titles: dict[tuple[str, str], str] = {}
        self._parted: dict[Path, set[tuple[str, str]]] = {}
        """By root: the drafts that this window itself left there for another project."""
        self._told = False
        self.found: list[Found] = []
        self.looked = False
        """Whether this project's drafts were looked for."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.flush)
        self._scanned.connect(self._show, Qt.ConnectionType.QueuedConnection)
        project.changed.connect(self._project_changed)

    # -- for editors

    def keep(self, kind: Kind, key: str, title: str, content: Content, data: str | None = None) -> None:
        """It is being edited and says this now. ``data``: what the editor wants back, where the content is not it."""
        name = (kind, key)
        if name not in self._bases:
            self._bases[name] = self._known[name] if name in self._known else source(self._read, kind, key)
        self._latest[name], self._titles[name] = content, title
        self._waiting[name] = _Edit(title, content, data)
        self._soon()

    def saved(self, kind: Kind, key: str, content: Content = "") -> None:
        """Its file holds this now ('': the edits were thrown away). What was typed since stays a draft."""
        name = (kind, key)
        if content:
            self._known[name] = content
            if self._latest.get(name, content) != content:
                self._bases[name] = content
                return
        self._latest.pop(name, None)
        if self._bases.pop(name, None) is not None:
            self._waiting[name] = None
            self._soon()

    # -- what was left

    def restore(self, found: Found, *, returning: bool = False) -> None:
        """Put a draft back into its editor; it stays a draft until it is saved."""
        shelf, left = self._shelf, found.left
        if shelf is not None:
            self._forget(found)
            self._do(lambda: shelf.adopt(left))
            self._bases[left.draft.kind, left.draft.key] = found.now
            (self.returning if returning else self.restoring).emit(left.draft)

    def discard(self, found: Found) -> None:
        """Throw a draft away."""
        shelf, left = self._shelf, found.left
        if shelf is not None:
            self._forget(found)
            self._do(lambda: shelf.discard(left))

    def later(self) -> None:
        """Say no more of it until the next start; everything stays where it is."""
        self.found = []
        self.changed.emit()

    # -- life

    def flush(self) -> None:
        """Hand what waits to the thread."""
        self._timer.stop()
        waiting, self._waiting = self._waiting, {}
        shelf = self._shelf
        if shelf is None:
            return
        for (kind, key), edit in waiting.items():
            if edit is None:
                self._do(functools.partial(shelf.remove, kind, key))
            else:
                base = self._bases.get((kind, key), "")
                self._do(functools.partial(_write, shelf, kind, key, edit, base, _now()))

    def close(self) -> None:
        """The window closes: everything is written, the folder is given back."""
        self.flush()
        self._close_shelf()
        self._scribe.close()

    def _project_changed(self) -> None:
        data = self._project.data
        if self._root != data.root:
            self.flush()
            self._close_shelf()
            self._part()
            self._bases.clear()
            self._latest.clear()
            self._root, self._shelf, self.found = data.root, Shelf(data.root), []
            self.looked = False
            self.changed.emit()
            self._scan(self._shelf, data)
        self._read = data
        self._known.clear()

    def _part(self) -> None:
        """Remember what stays in the drafts of the project that is left. What saves itself needs no word."""
        names = [name for name in self._bases if name[0] not in SAVE_THEMSELVES]
        if names and self._root is not None:
            self._parted[self._root] = set(names)
            self.parted.emit(self._root, [self._titles[name] for name in names if name in self._titles])

    def _return(self) -> None:
        """Back in a project: what this window left there goes back into its editors, unless the file moved on."""
        mine = self._parted.pop(self._root or Path(), set())
        for one in reversed(list(self.found)):
            if (one.draft.kind, one.draft.key) in mine and not one.moved:
                self.restore(one, returning=True)

    def _close_shelf(self) -> None:
        if self._shelf is not None:
            self._do(self._shelf.close)
            self._shelf = None

    def _scan(self, shelf: Shelf, data: ProjectData) -> None:
        def look() -> None:
            offered, same = worth_offering(data, shelf.left())
            for left in same:
                shelf.discard(left)
            self._scanned.emit(shelf, offered)

        self._do(look)

    def _show(self, shelf: Shelf, found: list[Found]) -> None:
        if shelf is self._shelf:
            self.found, self.looked = found, True
            self._return()
            self.changed.emit()

    def _forget(self, found: Found) -> None:
        self.found = [one for one in self.found if one is not found]
        self.changed.emit()

    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start(soon_ms())

    def _do(self, task: Callable[[], object]) -> None:
        def careful() -> None:
            try:
                task()
            except (KnownError, OSError) as error:
                if not self._told:
                    self._told = True
                    self.trouble.emit(f"What you type is kept in the files only when it is saved: {error}")

        self._scribe.do(careful)


def _write(shelf: Shelf, kind: str, key: str, edit: _Edit, base: Content, at: str) -> None:
    data = edit.data
    if data is None:
        data = edit.content.model_dump_json(by_alias=True) if isinstance(edit.content, Noun) else ""
    shelf.write(Draft(kind, key, edit.title, written(edit.content), data, digest(written(base)), at))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
