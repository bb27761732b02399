"""What somebody decided about kinds of failure: open, seen or known, and why. Kept by the project's database."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.history import KindNote, KindState
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.failures.state import Group

AUTOSAVE_MS = 600
STATES: tuple[tuple[KindState, str, str], ...] = (
    ("open", "Open", "Nobody has looked into it yet"),
    ("seen", "Seen", "Somebody has looked into it"),
    ("known", "Known", "It is known, and lived with for now"),
)


class Kinds(QObject):
    """``changed``: other decisions are known. A note is kept a moment after the last key."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self._workflow = ""
        self._notes: dict[str, KindNote] = {}
        self._unsaved: dict[str, KindNote] = {}
        self._timer = QTimer(self, singleShot=True, interval=AUTOSAVE_MS)
        self._timer.timeout.connect(self.save)

    def load(self, workflow: str) -> None:
        """Read what was decided about a workflow's kinds."""
        if workflow == self._workflow:
            return
        self.save()
        self._workflow, self._notes = workflow, {}
        if workflow:
            params = {"project": str(self._context.project.data.root), "workflow": workflow}
            request = self._context.bridge.request
            request("live", "kind_notes", params, on_result=self._read, on_error=lambda _: None)

    def forget(self) -> None:
        """Another project."""
        self._timer.stop()
        self._workflow, self._notes, self._unsaved = "", {}, {}

    def of(self, group: Group | None) -> KindNote:
        """What is decided about a kind."""
        key = key_of(group) if group is not None else ""
        return self._notes.get(key, KindNote(kind=key))

    def decide(self, group: Group, *, state: KindState | None = None, note: str | None = None) -> None:
        """Another state at once, another note when the person stops writing."""
        before = self.of(group)
        now = before.model_copy(
            update={"state": state or before.state, "note": before.note if note is None else note[:4000]}
        )
        if now == before:
            return
        self._notes[now.kind] = self._unsaved[now.kind] = now
        if state is not None:
            self.save()
            self.changed.emit()
        else:
            self._timer.start()

    def save(self) -> None:
        """Keep what is not kept yet."""
        self._timer.stop()
        for note in self._unsaved.values():
            params = {
                "project": str(self._context.project.data.root),
                "workflow": self._workflow,
                "note": note.model_dump(mode="json"),
            }
            self._context.bridge.request("live", "save_kind", params, on_result=_kept, on_error=self._not_kept)
        self._unsaved.clear()

    def _read(self, reply: Any) -> None:
        read = {note.kind: note for note in map(KindNote.model_validate, reply["notes"])}
        self._notes = {**read, **self._notes}  # what was decided since it was asked is newer
        self.changed.emit()

    def _not_kept(self, error: JobFailed) -> None:
        self._context.notices.show(f"Not saved: {error.message}", "bad")

    def close(self) -> None:
        """The window closes."""
        self.save()


def key_of(group: Group) -> str:
    """By what a kind is known again in the next run."""
    return group.cluster_id or "|".join(group.key)


def _kept(_reply: Any) -> None:
    return None
