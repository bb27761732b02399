"""What somebody decided about kinds of failure, by workflow: seen, known, and why."""

from __future__ import annotations

from turbulence_app.domain.history import KindNote
from turbulence_app.store.database import Database, now


class KindStore:
    """Reads and writes what was decided."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def notes(self, workflow: str) -> tuple[KindNote, ...]:
        """All that was decided about the workflow's kinds of failure."""
        rows = self._database.rows(
            "SELECT kind, state, note, changed_at FROM kinds WHERE workflow = ? ORDER BY kind", (workflow,)
        )
        return tuple(KindNote.model_validate(row) for row in rows)

    def save(self, workflow: str, note: KindNote) -> KindNote:
        """Keep it. An open kind without a note is as if nobody had ever said anything."""
        kept = note.model_copy(update={"changed_at": now()})
        if note.state == "open" and not note.note:
            self._database.writer.put("DELETE FROM kinds WHERE workflow = ? AND kind = ?", [(workflow, note.kind)])
        else:
            self._database.writer.put(
                "INSERT OR REPLACE INTO kinds (workflow, kind, state, note, changed_at) VALUES (?, ?, ?, ?, ?)",
                [(workflow, kept.kind, kept.state, kept.note, kept.changed_at)],
            )
        self._database.flush()
        return kept
