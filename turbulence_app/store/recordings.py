"""What live services answered, one compressed document per user of a run."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.recording import Recording
from turbulence_app.store.database import Database

LEVEL = 1
"""Of compression: the quickest; bodies of services shrink to about a fifth with it."""
TOGETHER = 128
"""Documents that are handed to the writer at once, as one statement: the writer's thread wakes once for all of them."""
MAX_DOCUMENT = 64 * 1024 * 1024
"""Bytes of one user's document when unpacked; a larger one is not from this program."""
_INSERT = "INSERT OR REPLACE INTO recordings (run_id, user, document) VALUES "


class RecordingStore:
    """Reads and writes the recordings of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recorder(self, run_id: str) -> Recorder:
        """What a running run hands its documents to."""
        return Recorder(self._database, run_id)

    def get(self, run_id: str, user: int) -> Recording:
        """What one user of a run was answered. Raises ``InputError`` where nothing was recorded."""
        row = self._database.row("SELECT document FROM recordings WHERE run_id = ? AND user = ?", (run_id, user))
        if row is None:
            raise InputError(
                f"nothing is recorded of user {user} of run {run_id}", "a visit that was cut short is not kept"
            )
        return _unpacked(row["document"], run_id, user)

    def users(self, run_id: str) -> int:
        """Of how many users something is recorded."""
        row = self._database.row("SELECT count(*) AS n FROM recordings WHERE run_id = ?", (run_id,))
        return int(row["n"]) if row else 0

    def all(self, run_id: str) -> Iterator[Recording]:
        """All recordings of a run by user, read a few at a time."""
        last = -1
        while True:
            rows = self._database.rows(
                "SELECT user, document FROM recordings WHERE run_id = ? AND user > ? ORDER BY user LIMIT ?",
                (run_id, last, TOGETHER),
            )
            for row in rows:
                yield _unpacked(row["document"], run_id, row["user"])
            if len(rows) < TOGETHER:
                return
            last = rows[-1]["user"]


class Recorder:
    """Takes the documents of finished visits, packs them at once and writes them by the batch."""

    def __init__(self, database: Database, run_id: str) -> None:
        self._database, self._run_id = database, run_id
        self._waiting: list[str | int | bytes] = []

    def __call__(self, document: dict[str, Any]) -> None:
        """Keep one visit's document (a plain :class:`~turbulence_app.domain.recording.Recording`)."""
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        packed = zlib.compress(text.encode("utf-8", "replace"), LEVEL)
        self._waiting += (self._run_id, document["user"], packed)
        if len(self._waiting) >= 3 * TOGETHER:
            self.settle()

    def settle(self) -> None:
        """Hand what waits to the writer."""
        if self._waiting:
            rows = ", ".join(["(?, ?, ?)"] * (len(self._waiting) // 3))
            self._database.writer.put(_INSERT + rows, [self._waiting])
            self._waiting = []


def _unpacked(packed: bytes, run_id: str, user: int) -> Recording:
    machine = zlib.decompressobj()
    try:
        text = machine.decompress(packed, MAX_DOCUMENT)
        if not machine.eof:
            raise ValueError("it does not end")
        return Recording.model_validate_json(text)
    except (zlib.error, ValueError) as error:
        message = f"the recording of user {user} of run {run_id} is broken: {str(error).splitlines()[0]}"
        raise InputError(message, "run it again; the database may be damaged: `turbulence doctor`") from error
