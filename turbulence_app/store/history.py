"""The list of runs and campaigns: paged, sorted and searched by SQLite; tags, notes, names and pins; the bin.

A page costs the same wherever it lies: the rows before it are skipped in an index, only its own are read.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from turbulence_app.domain.history import HistoryLine, HistoryPage, HistoryQuery
from turbulence_app.store import processes
from turbulence_app.store.database import Database, now

AT_ONCE = 200
"""Lines that are filled in within one transaction."""
KEPT_ASIDE = timedelta(days=1)
"""After this a line that was moved aside is deleted for good, even if the program never closed."""

_RUN_LINES = """
UPDATE history SET
    users = r.users,
    target = coalesce(json_extract(r.manifest, '$.target'), 'model'),
    digest = r.digest,
    elapsed_s = coalesce(json_extract(r.manifest, '$.elapsed_s'), 0),
    completion = CASE WHEN coalesce(json_extract(r.summary, '$.users'), 0) > 0
        THEN 1.0 * json_extract(r.summary, '$.completed') / json_extract(r.summary, '$.users') END,
    broken = (SELECT count(*) FROM json_each(coalesce(r.summary, '{}'), '$.verdicts')
        WHERE json_extract(value, '$.status') = 'broken'),
    invariants = (SELECT coalesce(group_concat(json_extract(value, '$.name'), ' '), '')
        FROM json_each(coalesce(r.summary, '{}'), '$.verdicts') WHERE json_extract(value, '$.status') = 'broken'),
    shape = (SELECT coalesce(group_concat(json_extract(value, '$.reached'), ' '), '')
        FROM json_each(coalesce(r.summary, '{}'), '$.funnel')
        WHERE json_extract(value, '$.type') NOT IN ('decide', 'branch', 'end', 'wait', 'assert')),
    personas = (SELECT coalesce(group_concat(json_extract(value, '$.persona'), ' '), '')
        FROM json_each(r.inputs, '$.crowd')),
    verdict = CASE WHEN r.status = 'running' THEN 'running'
        WHEN EXISTS (SELECT 1 FROM json_each(coalesce(r.summary, '{}'), '$.verdicts')
            WHERE json_extract(value, '$.status') = 'broken') THEN 'broken'
        WHEN r.status = 'done' THEN 'holds' ELSE 'unfinished' END
FROM runs r WHERE r.run_id = history.id AND history.row IN (SELECT value FROM json_each(?))
"""
_CAMPAIGN_LINES = """
UPDATE history SET
    users = coalesce(json_extract(c.manifest, '$.worlds_done'), 0),
    target = coalesce(json_extract(c.manifest, '$.target'), 'model'),
    digest = coalesce(json_extract(c.manifest, '$.digest'), ''),
    elapsed_s = coalesce(json_extract(c.manifest, '$.elapsed_s'), 0),
    completion = CASE WHEN c.report IS NOT NULL AND coalesce(json_extract(c.manifest, '$.worlds_done'), 0) > 0
        THEN 1.0 - 1.0 * json_extract(c.report, '$.failing_worlds') / json_extract(c.manifest, '$.worlds_done') END,
    broken = coalesce(json_array_length(c.report, '$.clusters'), 0),
    invariants = (SELECT coalesce(group_concat(DISTINCT json_extract(value, '$.invariant')), '')
        FROM json_each(coalesce(c.report, '{}'), '$.clusters')),
    personas = (SELECT coalesce(group_concat(json_extract(value, '$.persona'), ' '), '')
        FROM json_each(c.inputs, '$.crowd')),
    verdict = CASE WHEN c.status = 'running' THEN 'running'
        WHEN coalesce(json_array_length(c.report, '$.clusters'), 0) > 0 THEN 'broken'
        WHEN c.status = 'done' THEN 'holds' ELSE 'unfinished' END
FROM campaigns c WHERE c.campaign_id = history.id AND history.row IN (SELECT value FROM json_each(?))
"""
_WORDS = """
INSERT INTO history_words (rowid, words, personas)
SELECT row, concat_words, personas FROM (
    SELECT row, personas, id || ' ' || name || ' ' || workflow || ' ' || scenario || ' ' || target || ' ' || status
        || ' ' || replace(digest, 'sha256:', '') || ' ' || replace(invariants, ',', ' ') || ' ' || tags || ' ' || notes
        AS concat_words
    FROM history WHERE row IN (SELECT value FROM json_each(?)))
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A line whose difference to the one before it is not known: both sets of inputs as they are stored."""

    id: str
    inputs: Mapping[str, Any]
    before: Mapping[str, Any] | None
    """None: it was the first of its workflow."""
    before_id: str = ""


class HistoryStore:
    """Reads and writes the list of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- reading ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Fill in the lines of whatever began or ended since the last time."""
        while stale := self._database.rows("SELECT row FROM history WHERE fresh = 0 ORDER BY row LIMIT ?", (AT_ONCE,)):
            rows = [int(line["row"]) for line in stale]
            self._database.writer.call(partial(_fill, rows=rows))

    def page(self, query: HistoryQuery) -> HistoryPage:
        """The lines of ``query`` from its offset on, pinned ones first, and how many there are."""
        self.refresh()
        where, values = _where(query)
        pinned, total = self._counts(where, values)
        rows: list[int] = []
        if query.offset < pinned:
            rows += self._rows(where, values, query, 1, query.offset, query.limit)
        if len(rows) < query.limit:
            skip = max(0, query.offset - pinned)
            rows += self._rows(where, values, query, 0, skip, query.limit - len(rows))
        return HistoryPage(total=total, offset=query.offset, lines=self._lines("row", rows))

    def lines(self, ids: Sequence[str]) -> tuple[HistoryLine, ...]:
        """Lines by their ids, in that order; those that are not there are left out."""
        self.refresh()
        return self._lines("id", list(ids))

    def tags(self) -> tuple[tuple[str, int], ...]:
        """All tags with how many lines have each, the most used first."""
        found = self._database.rows(
            "SELECT t.tag, count(*) AS n FROM history_tags t JOIN history h ON h.id = t.id"
            " WHERE h.removed_at IS NULL GROUP BY t.tag ORDER BY n DESC, t.tag"
        )
        return tuple((str(row["tag"]), int(row["n"])) for row in found)

    def before(self, run_id: str) -> str:
        """The run of the same workflow before this one; '' where it is the first."""
        row = self._database.row(
            "SELECT b.id FROM history h JOIN history b ON b.kind = h.kind AND b.workflow = h.workflow"
            " AND b.number < h.number AND b.removed_at IS NULL WHERE h.id = ? ORDER BY b.number DESC LIMIT 1",
            (run_id,),
        )
        return str(row["id"]) if row else ""

    def same_seed(self, run_id: str) -> str:
        """The newest run before this one of the same workflow with its seed; '' where there is none."""
        row = self._database.row(
            "SELECT b.id FROM history h JOIN runs r ON r.run_id = h.id"
            " JOIN history b ON b.kind = 'run' AND b.workflow = h.workflow AND b.number < h.number"
            " AND b.removed_at IS NULL JOIN runs s ON s.run_id = b.id"
            " WHERE h.id = ? AND json_extract(s.manifest, '$.seed') = json_extract(r.manifest, '$.seed')"
            " ORDER BY b.number DESC LIMIT 1",
            (run_id,),
        )
        return str(row["id"]) if row else ""

    def unlike(self, ids: Sequence[str]) -> list[Subject]:
        """Of these lines the ones of which nobody knows yet what was different to the run before."""
        open_ = self._database.rows(
            "SELECT id, kind FROM history WHERE changed IS NULL AND id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        found = []
        for row in open_:
            before = self.before(str(row["id"]))
            first = self._inputs(before) if before else None
            found.append(Subject(str(row["id"]), self._inputs(str(row["id"])), first, before))
        return found

    def _inputs(self, key: str) -> Mapping[str, Any]:
        table, column = ("campaigns", "campaign_id") if key.startswith("c-") else ("runs", "run_id")
        text = self._database.value(f"SELECT inputs FROM {table} WHERE {column} = ?", (key,))
        found: Mapping[str, Any] = json.loads(text) if text else {}
        return found

    def _counts(self, where: str, values: tuple[Any, ...]) -> tuple[int, int]:
        counts = self._database.rows(f"SELECT pinned, count(*) AS n FROM history WHERE {where} GROUP BY pinned", values)
        by = {int(row["pinned"]): int(row["n"]) for row in counts}
        return by.get(1, 0), sum(by.values())

    def _rows(
        self, where: str, values: tuple[Any, ...], query: HistoryQuery, pinned: int, skip: int, most: int
    ) -> list[int]:
        way = "DESC" if query.descending else "ASC"
        found = self._database.rows(
            f"SELECT row FROM history WHERE pinned = ? AND {where} ORDER BY {query.sort} {way}, row {way}"
            " LIMIT ? OFFSET ?",
            (pinned, *values, most, skip),
        )
        return [int(row["row"]) for row in found]

    def _lines(self, column: str, keys: Sequence[Any]) -> tuple[HistoryLine, ...]:
        rows = self._database.rows(
            "SELECT h.*, coalesce(r.manifest, c.manifest) AS manifest FROM history h"
            " LEFT JOIN runs r ON h.kind = 'run' AND r.run_id = h.id"
            " LEFT JOIN campaigns c ON h.kind = 'campaign' AND c.campaign_id = h.id"
            f" WHERE h.{column} IN (SELECT value FROM json_each(?)) AND h.removed_at IS NULL",
            (json.dumps(list(keys)),),
        )
        by = {row[column]: _line(row) for row in rows}
        return tuple(by[key] for key in keys if key in by)

    # -- writing ----------------------------------------------------------------------------------

    def edit(
        self,
        ids: Sequence[str],
        *,
        name: str | None = None,
        notes: str | None = None,
        pinned: bool | None = None,
        add: Iterable[str] = (),
        drop: Iterable[str] = (),
    ) -> tuple[HistoryLine, ...]:
        """Write about lines; whatever is None stays. Returns them as they are then."""
        self.refresh()
        given = {"name": name, "notes": notes, "pinned": None if pinned is None else int(pinned)}
        fields = {column: value for column, value in given.items() if value is not None}
        more, less, keys = list(add), list(drop), json.dumps(list(ids))

        def act(connection: sqlite3.Connection) -> None:
            if fields:
                setters = ", ".join(f"{column} = ?" for column in fields)
                sql = f"UPDATE history SET {setters} WHERE id IN (SELECT value FROM json_each(?))"
                connection.execute(sql, (*fields.values(), keys))
            connection.executemany(
                "INSERT OR IGNORE INTO history_tags (tag, id) SELECT ?, id FROM history WHERE id = ?",
                [(tag, key) for tag in more for key in ids],
            )
            connection.executemany(
                "DELETE FROM history_tags WHERE tag = ? AND id = ?", [(tag, key) for tag in less for key in ids]
            )
            if more or less:
                connection.execute(
                    "UPDATE history SET tags = (SELECT coalesce(group_concat(tag, ' '), '') FROM"
                    " (SELECT tag FROM history_tags t WHERE t.id = history.id ORDER BY tag))"
                    " WHERE id IN (SELECT value FROM json_each(?))",
                    (keys,),
                )
            _index(connection, _rows_of(connection, keys))

        self._database.writer.call(act)
        return self.lines(ids)

    def save_changes(self, changes: Mapping[str, Sequence[str]]) -> None:
        """Keep what was different, by line."""
        self._database.writer.put(
            "UPDATE history SET changed = ? WHERE id = ?",
            [(json.dumps(list(words), ensure_ascii=False), key) for key, words in changes.items()],
        )
        self._database.flush()

    def remove(self, ids: Sequence[str], pid: int) -> tuple[str, ...]:
        """Move lines aside for as long as process ``pid`` lives; what still runs stays. Returns the ids that went."""

        def act(connection: sqlite3.Connection) -> tuple[str, ...]:
            found = connection.execute(
                "UPDATE history SET removed_at = ?, removed_pid = ?, removed_process = ? WHERE removed_at IS NULL"
                " AND status != 'running' AND id IN (SELECT value FROM json_each(?)) RETURNING id",
                (now(), pid, processes.identity(pid) or "", json.dumps(list(ids))),
            ).fetchall()
            return tuple(str(row[0]) for row in found)

        return self._database.writer.call(act)

    def restore(self, ids: Sequence[str]) -> None:
        """Bring lines back that were moved aside."""
        self._database.writer.put(
            "UPDATE history SET removed_at = NULL, removed_pid = NULL, removed_process = NULL WHERE id = ?",
            [(key,) for key in ids],
        )
        self._database.flush()

    def purge(self, moment: datetime | None = None) -> int:
        """Delete for good what was moved aside by a process that is gone, or a day ago. Returns how many lines."""
        late = ((moment or datetime.now(UTC)) - KEPT_ASIDE).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        aside = self._database.rows("SELECT * FROM history WHERE removed_at IS NOT NULL")
        gone = [
            row
            for row in aside
            if row["removed_at"] <= late or processes.identity(row["removed_pid"] or 0) != row["removed_process"]
        ]
        if not gone:
            return 0

        def act(connection: sqlite3.Connection) -> None:
            for row in gone:
                connection.execute("DELETE FROM history_words WHERE rowid = ?", (row["row"],))
                connection.execute(
                    "DELETE FROM runs WHERE run_id = ? OR (campaign != '' AND campaign = ?)", (row["id"],) * 2
                )
                connection.execute("DELETE FROM campaigns WHERE campaign_id = ?", (row["id"],))

        self._database.writer.call(act)
        return len(gone)


def own_parent() -> int:
    """The process that this worker works for."""
    return os.getppid()


def _where(query: HistoryQuery) -> tuple[str, tuple[Any, ...]]:
    parts, values = ["removed_at IS NULL"], list[Any]()
    for column, value in (("kind", query.kind), ("verdict", query.verdict), ("target", query.target)):
        if value:
            parts.append(f"{column} = ?")
            values.append(value)
    for sign, moment in ((">=", query.since), ("<", query.until)):
        if moment:
            parts.append(f"created_at {sign} ?")
            values.append(moment)
    if query.tag:
        parts.append("id IN (SELECT id FROM history_tags WHERE tag = ?)")
        values.append(query.tag)
    if match := _match(query):
        parts.append("row IN (SELECT rowid FROM history_words WHERE history_words MATCH ?)")
        values.append(match)
    return " AND ".join(parts), tuple(values)


def _match(query: HistoryQuery) -> str:
    """A full-text question: every word as a prefix, the persona in its own column. Quotes keep it from being syntax."""
    parts = [f'words : "{quoted}" *' for word in query.words.split() if (quoted := _quoted(word))]
    if persona := _quoted(query.persona):
        parts.append(f'personas : "{persona}"')
    return " AND ".join(parts)


def _quoted(word: str) -> str:
    """A word for a full-text question; '' where nothing in it could be searched for."""
    kept = word.replace("\0", "").replace('"', '""')
    return kept if any(c.isalnum() for c in kept) else ""


def _fill(connection: sqlite3.Connection, rows: Sequence[int]) -> None:
    keys = json.dumps(rows)
    connection.execute(_RUN_LINES, (keys,))
    connection.execute(_CAMPAIGN_LINES, (keys,))
    connection.execute("UPDATE history SET fresh = 1 WHERE row IN (SELECT value FROM json_each(?))", (keys,))
    _index(connection, rows)


def _index(connection: sqlite3.Connection, rows: Sequence[int]) -> None:
    keys = json.dumps(list(rows))
    connection.execute("DELETE FROM history_words WHERE rowid IN (SELECT value FROM json_each(?))", (keys,))
    connection.execute(_WORDS, (keys,))


def _rows_of(connection: sqlite3.Connection, ids: str) -> list[int]:
    found = connection.execute("SELECT row FROM history WHERE id IN (SELECT value FROM json_each(?))", (ids,))
    return [int(row[0]) for row in found.fetchall()]


def _line(row: dict[str, Any]) -> HistoryLine:
    manifest = json.loads(row["manifest"] or "{}")
    seed = manifest.get("seed", (manifest.get("settings") or {}).get("seed", 0))
    return HistoryLine(
        id=row["id"],
        kind=row["kind"],
        created_at=row["created_at"],
        status=row["status"],
        workflow=row["workflow"],
        scenario=row["scenario"],
        target=row["target"],
        users=row["users"],
        seed=int(seed),
        verdict=row["verdict"],
        completion=row["completion"],
        broken=row["broken"],
        elapsed_s=row["elapsed_s"],
        digest=row["digest"],
        invariants=tuple(row["invariants"].replace(",", " ").split()),
        personas=tuple(row["personas"].split()),
        shape=tuple(int(float(count)) for count in row["shape"].split()),
        changed=tuple(json.loads(row["changed"])) if row["changed"] is not None else None,
        name=row["name"],
        tags=tuple(row["tags"].split()),
        notes=row["notes"],
        pinned=bool(row["pinned"]),
    )
