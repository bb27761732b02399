"""Every version of a policy that was ever saved."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

from turbulence_app.domain.policy import Policy
from turbulence_app.store.database import Database, now


@dataclass(frozen=True, slots=True)
class SavedPolicy:
    """One version: the policy, when and why it was saved, and the SHA-256 of its document."""

    policy: Policy
    saved_at: str
    reason: str
    digest: str


class PolicyHistory:
    """Append-only history of the policies of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, policy: Policy, reason: str) -> None:
        """Add a version, unless it equals the newest one. Acknowledged when this returns."""
        document = policy.model_dump_json(by_alias=True)
        digest = hashlib.sha256(document.encode("utf-8")).hexdigest()
        key = (policy.workflow or "", policy.persona_id)

        def act(connection: sqlite3.Connection) -> None:
            newest = connection.execute(
                "SELECT digest FROM policy_history WHERE workflow = ? AND persona = ? ORDER BY id DESC LIMIT 1", key
            ).fetchone()
            if newest is None or newest[0] != digest:
                connection.execute(
                    "INSERT INTO policy_history (workflow, persona, saved_at, reason, digest, document)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (*key, now(), reason, digest, document),
                )

        self._database.writer.call(act)

    def versions(self, workflow: str, persona: str, limit: int = 100) -> tuple[SavedPolicy, ...]:
        """The newest first."""
        rows = self._database.rows(
            "SELECT * FROM policy_history WHERE workflow = ? AND persona = ? ORDER BY id DESC LIMIT ?",
            (workflow, persona, limit),
        )
        return tuple(
            SavedPolicy(Policy.model_validate_json(row["document"]), row["saved_at"], row["reason"], row["digest"])
            for row in rows
        )
