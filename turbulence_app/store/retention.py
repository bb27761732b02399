"""Which runs are so old that the person no longer wants them."""

from __future__ import annotations

import os

from turbulence_app.store.database import Database
from turbulence_app.store.history import HistoryStore

_SPARE = """
SELECT id FROM history WHERE kind = 'run' AND removed_at IS NULL AND status != 'running'
AND pinned = 0 AND coalesce(name, '') = '' AND coalesce(notes, '') = '' AND coalesce(tags, '') = ''
ORDER BY created_at DESC, row DESC LIMIT -1 OFFSET ?
"""


def tidy(database: Database, keep: int) -> tuple[str, ...]:
    """Move all but the newest ``keep`` runs aside (0 keeps all), as the list of runs does; returns their ids.

    Runs that somebody wrote about (a pin, a name, a note, a tag) stay and do not count, nor do those of campaigns. What
    was moved aside comes back by undo in the list, and is deleted for good later.
    """
    if keep <= 0:
        return ()
    spare = [str(row["id"]) for row in database.rows(_SPARE, (keep,))]
    return HistoryStore(database).remove(spare, os.getpid()) if spare else ()
