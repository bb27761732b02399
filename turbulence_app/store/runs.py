"""Runs in the database: what they were made from, what was measured, what broke."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import ChunkDigest, RunManifest, Summary
from turbulence_app.store import processes
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import Database, now, number_failures

LAST = "last"
HERE = "run_id NOT IN (SELECT id FROM history WHERE removed_at IS NOT NULL)"
"""Runs that nobody moved aside."""
KEPT_FAILURES = 1000
"""Failures kept per run, by user number; any other user can be recomputed."""

_INSERT_CHUNK = """
INSERT OR REPLACE INTO run_chunks (run_id, first_user, users, digest, steps, fingerprints) VALUES (?, ?, ?, ?, ?, ?)
"""
_INSERT_FAILURE = """
INSERT INTO failures (run_id, user, invariant, persona, step, document) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id, user, invariant) DO UPDATE SET document = excluded.document
"""


class RunStore:
    """Reads and writes the runs of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, inputs: RunInputs, describe: Callable[[str, str], RunManifest]) -> RunManifest:
        """Store a new run and return its manifest; ``describe(run_id, created_at)`` fills it in."""

        def act(connection: sqlite3.Connection) -> RunManifest:
            newest = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'runs'").fetchone()
            number = (newest[0] if newest else 0) + 1
            manifest = describe(f"r-{number:04d}", now())
            connection.execute(
                "INSERT INTO runs (number, run_id, created_at, status, workflow, scenario, users, manifest, inputs,"
                " pid, process, campaign) VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number, manifest.run_id, manifest.created_at, manifest.workflow, manifest.scenario,
                    manifest.users, manifest.model_dump_json(), inputs.model_dump_json(by_alias=True),
                    os.getpid(), processes.own_identity(), manifest.campaign,
                ),
            )  # fmt: skip
            return manifest

        return self._database.writer.call(act)

    def progress(
        self,
        run_id: str,
        done: int,
        chunks: Iterable[ChunkDigest] = (),
        failures: Iterable[Failure] = (),
        summary: Summary | None = None,
    ) -> None:
        """Queue what a running run has so far; :meth:`Database.flush` acknowledges it."""
        put = self._database.writer.put
        put(_INSERT_CHUNK, [_chunk_row(run_id, chunk) for chunk in chunks])
        put(_INSERT_FAILURE, [_failure_row(run_id, failure) for failure in failures])
        written = summary.model_dump_json() if summary is not None else None
        put(
            "UPDATE runs SET users_done = ?, summary = coalesce(?, summary) WHERE run_id = ? AND status = 'running'",
            [(done, written, run_id)],
        )

    def finish(
        self,
        manifest: RunManifest,
        summary: Summary,
        chunks: Sequence[ChunkDigest],
        failures: Sequence[Failure],
        users_done: int,
    ) -> tuple[Failure, ...]:
        """Store the end of a run in one transaction and return its failures with their ids."""
        run_id = manifest.run_id

        def act(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE runs SET status = ?, digest = ?, manifest = ?, summary = ?, users_done = ? WHERE run_id = ?",
                (
                    manifest.status, manifest.digest, manifest.model_dump_json(), summary.model_dump_json(),
                    users_done, run_id,
                ),
            )  # fmt: skip
            connection.execute("DELETE FROM run_chunks WHERE run_id = ?", (run_id,))
            connection.executemany(_INSERT_CHUNK, [_chunk_row(run_id, chunk) for chunk in chunks])
            connection.execute("DELETE FROM failures WHERE run_id = ?", (run_id,))
            connection.executemany(_INSERT_FAILURE, [_failure_row(run_id, f) for f in failures[:KEPT_FAILURES]])
            number_failures(connection, run_id)

        self._database.writer.call(act)
        return self.failures(run_id)

    def fail(self, run_id: str, status: str) -> None:
        """Say that a run ended without a result; what was acknowledged stays."""

        def act(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE runs SET status = ? WHERE run_id = ?", (status, run_id))
            number_failures(connection, run_id)

        self._database.writer.call(act)

    def resolve(self, name: str) -> str:
        """A run's id out of an id, its number, a unique prefix, or ``last``. Raises ``InputError``.

        ``last`` is the newest that somebody asked for; where only campaigns were, the run of the first cause of
        the last one that found any.
        """
        if name == LAST:
            newest = self._database.row(
                f"SELECT run_id FROM runs WHERE campaign = '' AND {HERE} ORDER BY number DESC LIMIT 1"
            )
            if newest is not None:
                return str(newest["run_id"])
            if self._database.row("SELECT 1 FROM runs LIMIT 1"):
                return self.newest_failure().run_id
            raise InputError("there is no run yet", "start one with `turbulence run`")
        exact = f"r-{int(name):04d}" if name.isascii() and name.isdigit() and len(name) < 12 else name
        if self._database.row("SELECT 1 FROM runs WHERE run_id = ?", (exact,)):
            return exact
        found = self._database.rows(
            "SELECT run_id FROM runs WHERE substr(run_id, 1, ?) = ? ORDER BY number DESC LIMIT 6", (len(name), name)
        )
        if len(found) == 1 and name:
            return str(found[0]["run_id"])
        if found and name:
            some = ", ".join(str(row["run_id"]) for row in found[:5])
            raise InputError(f"more than one run begins with {name!r}: {some}", "give more of the id")
        raise InputError(f"no run {name!r} here", "`turbulence run` prints the id; `last` is the newest")

    def manifest(self, run_id: str) -> RunManifest:
        """What the run was made from. ``run_id`` is exact here and below."""
        return _manifest(self._get(run_id, "manifest, status"))

    def inputs(self, run_id: str) -> RunInputs:
        """Everything needed to compute the run again."""
        return RunInputs.model_validate_json(self._get(run_id, "inputs")["inputs"])

    def summary(self, run_id: str) -> Summary:
        """What was measured, as far as the run came."""
        text = self._get(run_id, "summary")["summary"]
        return Summary.model_validate_json(text) if text else Summary()

    def users_done(self, run_id: str) -> int:
        """How many users were computed and acknowledged."""
        return int(self._get(run_id, "users_done")["users_done"])

    def chunks(self, run_id: str) -> tuple[ChunkDigest, ...]:
        """Digests by block of users, in order."""
        rows = self._database.rows("SELECT * FROM run_chunks WHERE run_id = ? ORDER BY first_user", (run_id,))
        return tuple(
            ChunkDigest(
                first_user=row["first_user"],
                users=row["users"],
                digest=row["digest"],
                steps=json.loads(row["steps"]),
                fingerprints=base64.b64encode(row["fingerprints"]).decode("ascii"),
            )
            for row in rows
        )

    def recent(self, limit: int) -> tuple[RunManifest, ...]:
        """The newest runs first; not those that only represent a campaign's failure."""
        rows = self._database.rows(
            f"SELECT manifest, status FROM runs WHERE campaign = '' AND {HERE} ORDER BY number DESC LIMIT ?", (limit,)
        )
        return tuple(_manifest(row) for row in rows)

    def failures(self, run_id: str, limit: int = KEPT_FAILURES) -> tuple[Failure, ...]:
        """Failures of a run by user number."""
        rows = self._database.rows(
            "SELECT failure_id, document FROM failures WHERE run_id = ? ORDER BY user, invariant LIMIT ?",
            (run_id, limit),
        )
        return tuple(_failure(run_id, row["failure_id"], row["document"]) for row in rows)

    def newest_failure(self) -> Failure:
        """The first failure of the newest run that has one; of a campaign the first cause's. Raises ``InputError``."""
        row = self._database.row(
            "SELECT run_id, campaign FROM runs WHERE run_id IN (SELECT run_id FROM failures WHERE failure_id != '')"
            f" AND {HERE} ORDER BY number DESC LIMIT 1"
        )
        if row is None:
            raise InputError("no failure is kept here yet", "`turbulence campaign` looks for one in many worlds")
        if row["campaign"] and CampaignStore(self._database).report(str(row["campaign"])) is not None:
            return CampaignStore(self._database).first_failure(str(row["campaign"]))
        return self.first_failure(str(row["run_id"]))

    def first_failure(self, run_id: str) -> Failure:
        """The first failure of a run. Raises ``InputError`` where it broke nothing."""
        found = self.failures(run_id, 1)
        if not found:
            raise InputError(f"run {run_id} broke no invariant", "name a failure of another run: RUN/f-0001")
        return found[0]

    def count_failures(self, run_id: str) -> int:
        """How many failures of the run are kept."""
        row = self._database.row("SELECT count(*) AS n FROM failures WHERE run_id = ?", (run_id,))
        return int(row["n"]) if row else 0

    def failure(self, run_id: str, name: str) -> Failure:
        """A failure by its id, or the first one of the user whose number ``name`` is."""
        column = "user" if name.isascii() and name.isdigit() and len(name) < 12 else "failure_id"
        row = self._database.row(
            f"SELECT failure_id, document FROM failures WHERE run_id = ? AND {column} = ? ORDER BY invariant",
            (run_id, int(name) if column == "user" else name),
        )
        if row is None:
            what = (
                f"user {name} broke no invariant that was kept" if column == "user" else f"there is no failure {name}"
            )
            raise InputError(f"run {run_id}: {what}", f"`turbulence run` lists them; {run_id} has its own")
        return _failure(run_id, row["failure_id"], row["document"])

    def save_shrunk(self, shrunk: Shrunk) -> None:
        """Keep the smallest reproduction beside its failure."""
        failure = shrunk.failure
        self._database.writer.put(
            "UPDATE failures SET shrunk = ? WHERE run_id = ? AND user = ? AND invariant = ?",
            [(shrunk.model_dump_json(), failure.run_id, failure.user, failure.invariant)],
        )
        self._database.flush()

    def shrunk(self, run_id: str) -> dict[str, Shrunk]:
        """The smallest reproductions found so far, by the id of their failure."""
        rows = self._database.rows(
            "SELECT failure_id, shrunk FROM failures WHERE run_id = ? AND shrunk IS NOT NULL ORDER BY user", (run_id,)
        )
        return {str(row["failure_id"]): Shrunk.model_validate_json(row["shrunk"]) for row in rows}

    def _get(self, run_id: str, columns: str) -> dict[str, str]:
        row = self._database.row(f"SELECT {columns} FROM runs WHERE run_id = ?", (run_id,))
        if row is None:
            raise InputError(f"no run {run_id!r} here", "`last` is the newest")
        return row


def _manifest(row: dict[str, str]) -> RunManifest:
    return RunManifest.model_validate({**json.loads(row["manifest"]), "status": row["status"]})


def _failure(run_id: str, failure_id: str | None, document: str) -> Failure:
    stored = json.loads(document)
    return Failure.model_validate({**stored, "run_id": run_id, "failure_id": failure_id or ""})


def _chunk_row(run_id: str, chunk: ChunkDigest) -> tuple[str, int, int, str, str, bytes]:
    steps = json.dumps(chunk.steps, separators=(",", ":"), sort_keys=True)
    prints = base64.b64decode(chunk.fingerprints, validate=True)
    return run_id, chunk.first_user, chunk.users, chunk.digest, steps, prints


def _failure_row(run_id: str, failure: Failure) -> tuple[str, int, str, str, str, str]:
    return run_id, failure.user, failure.invariant, failure.persona, failure.step, failure.model_dump_json()
