"""Campaigns in the database: what they were made from, every batch that is done, and the report."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignManifest, CampaignReport
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.store import processes
from turbulence_app.store.database import Database, now

LAST = "last"
_INSERT_BATCH = "INSERT OR REPLACE INTO campaign_batches (campaign_id, number, document) VALUES (?, ?, ?)"


class CampaignStore:
    """Reads and writes the campaigns of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, inputs: RunInputs, describe: Callable[[str, str], CampaignManifest]) -> CampaignManifest:
        """Store a new campaign and return its manifest; ``describe(campaign_id, created_at)`` fills it in."""

        def act(connection: sqlite3.Connection) -> CampaignManifest:
            newest = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'campaigns'").fetchone()
            number = (newest[0] if newest else 0) + 1
            manifest = describe(f"c-{number:04d}", now())
            connection.execute(
                "INSERT INTO campaigns (number, campaign_id, created_at, status, workflow, scenario, manifest, inputs,"
                " pid, process) VALUES (?, ?, ?, 'running', ?, ?, ?, ?, ?, ?)",
                (
                    number, manifest.campaign_id, manifest.created_at, manifest.workflow, manifest.scenario,
                    manifest.model_dump_json(), inputs.model_dump_json(by_alias=True),
                    os.getpid(), processes.own_identity(),
                ),
            )  # fmt: skip
            return manifest

        return self._database.writer.call(act)

    def take_up(self, manifest: CampaignManifest) -> None:
        """Say that a campaign goes on in this process. Raises ``InputError`` where another one has it."""
        campaign_id = manifest.campaign_id

        def act(connection: sqlite3.Connection) -> bool:
            status, pid, process = connection.execute(
                "SELECT status, pid, process FROM campaigns WHERE campaign_id = ?", (campaign_id,)
            ).fetchone()
            if status == "running" and processes.identity(pid or 0) == process:
                return False
            connection.execute(
                "UPDATE campaigns SET status = 'running', manifest = ?, pid = ?, process = ? WHERE campaign_id = ?",
                (manifest.model_dump_json(), os.getpid(), processes.own_identity(), campaign_id),
            )
            return True

        if not self._database.writer.call(act):
            raise InputError(f"campaign {campaign_id} is still running", "wait for it, or stop it first")

    def add(self, campaign_id: str, batch: Batch) -> None:
        """Queue a finished batch; :meth:`Database.flush` acknowledges it."""
        document = zlib.compress(batch.model_dump_json().encode(), 6)
        self._database.writer.put(_INSERT_BATCH, [(campaign_id, batch.number, document)])

    def finish(self, report: CampaignReport) -> None:
        """Store how a campaign ended, or how far it is."""
        manifest = report.manifest
        self._database.writer.put(
            "UPDATE campaigns SET status = ?, manifest = ?, report = ? WHERE campaign_id = ?",
            [(manifest.status, manifest.model_dump_json(), report.model_dump_json(), manifest.campaign_id)],
        )
        self._database.flush()

    def fail(self, campaign_id: str, status: str) -> None:
        """Say that a campaign ended without a report; its batches stay."""
        self._database.writer.put("UPDATE campaigns SET status = ? WHERE campaign_id = ?", [(status, campaign_id)])
        self._database.flush()

    def resolve(self, name: str) -> str:
        """A campaign's id out of an id, its number, or ``last``. Raises ``InputError``."""
        if name == LAST:
            newest = self._database.row("SELECT campaign_id FROM campaigns ORDER BY number DESC LIMIT 1")
            if newest is None:
                raise InputError("there is no campaign yet", "start one with `turbulence campaign SCENARIO`")
            return str(newest["campaign_id"])
        exact = f"c-{int(name):04d}" if name.isascii() and name.isdigit() and len(name) < 12 else name
        if self._database.row("SELECT 1 FROM campaigns WHERE campaign_id = ?", (exact,)) is None:
            raise InputError(
                f"no campaign {name!r} here", "`turbulence campaign --trend` lists them; `last` is the newest"
            )
        return exact

    def manifest(self, campaign_id: str) -> CampaignManifest:
        """What the campaign was made from. ``campaign_id`` is exact here and below."""
        return _manifest(self._get(campaign_id, "manifest, status"))

    def inputs(self, campaign_id: str) -> RunInputs:
        """The inputs of its worlds."""
        return RunInputs.model_validate_json(self._get(campaign_id, "inputs")["inputs"])

    def batches(self, campaign_id: str) -> Iterator[Batch]:
        """Everything that is done and acknowledged, in order."""
        rows = self._database.rows(
            "SELECT document FROM campaign_batches WHERE campaign_id = ? ORDER BY number", (campaign_id,)
        )
        for row in rows:
            yield Batch.model_validate_json(zlib.decompress(row["document"]))

    def report(self, campaign_id: str) -> CampaignReport | None:
        """How it ended; None where it was interrupted before that."""
        row = self._get(campaign_id, "report, manifest, status")
        if row["report"] is None:
            return None
        found = CampaignReport.model_validate_json(row["report"])
        return found.model_copy(update={"manifest": _manifest(row)})

    def representative(self, name: str, cause: str) -> Failure:
        """The stored failure of a cause, named by its id or a unique beginning of it. Raises ``InputError``."""
        campaign_id = self.resolve(name)
        report = self.report(campaign_id)
        found = [c for c in report.clusters if cause and c.cluster_id.startswith(cause)] if report is not None else []
        if len(found) != 1:
            mend = f"`turbulence campaign --show {campaign_id}` lists its causes"
            raise InputError(f"campaign {campaign_id} has no cause {cause!r}", mend)
        kept = found[0].representative
        if kept is None or not kept.run_id:
            raise InputError(f"cause {cause} of {campaign_id} was not run again", found[0].note or "run it again")
        return kept

    def first_failure(self, name: str) -> Failure:
        """The stored failure of the first cause that was run again. Raises ``InputError`` where nothing broke."""
        campaign_id = self.resolve(name)
        report = self.report(campaign_id)
        kept = (c.representative for c in (report.clusters if report is not None else ()))
        found = next((failure for failure in kept if failure is not None and failure.run_id), None)
        if found is None:
            raise InputError(
                f"campaign {campaign_id} kept no failure", f"`turbulence campaign --show {campaign_id}` is its report"
            )
        return found

    def recent(self, limit: int) -> tuple[CampaignManifest, ...]:
        """The newest campaigns first."""
        rows = self._database.rows(
            "SELECT manifest, status FROM campaigns WHERE campaign_id NOT IN"
            " (SELECT id FROM history WHERE removed_at IS NOT NULL) ORDER BY number DESC LIMIT ?",
            (limit,),
        )
        return tuple(_manifest(row) for row in rows)

    def _get(self, campaign_id: str, columns: str) -> dict[str, str]:
        row = self._database.row(f"SELECT {columns} FROM campaigns WHERE campaign_id = ?", (campaign_id,))
        if row is None:
            raise InputError(f"no campaign {campaign_id!r} here", "`last` is the newest")
        return row


def _manifest(row: dict[str, str]) -> CampaignManifest:
    return CampaignManifest.model_validate({**json.loads(row["manifest"]), "status": row["status"]})
