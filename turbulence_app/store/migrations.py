"""The schema, as the steps that led to it. Append only: a step that was ever released is never edited.

JSON lives in TEXT columns as the nouns of ``domain`` write themselves; a seed may be 64 bits without a sign, which an
SQLite integer cannot hold, so it is only ever inside JSON.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("turbulence")


@migrations()
def m001_meta(db: Database) -> None:
    """Facts about the database itself, by name."""
    db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")


@migrations()
def m002_runs(db: Database) -> None:
    """One row per run. ``pid`` and ``process`` tell whether a run that says ``running`` still has a process."""
    db.execute(
        """
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id TEXT NOT NULL UNIQUE,
            created_at TEXT NOT NULL,
            status TEXT NOT NULL,
            workflow TEXT NOT NULL,
            scenario TEXT NOT NULL,
            users INTEGER NOT NULL,
            users_done INTEGER NOT NULL DEFAULT 0,
            digest TEXT NOT NULL DEFAULT '',
            manifest TEXT NOT NULL,
            inputs TEXT NOT NULL,
            summary TEXT,
            pid INTEGER,
            process TEXT
        )
        """
    )
    db.execute("CREATE INDEX runs_status ON runs (status)")


@migrations()
def m003_run_chunks(db: Database) -> None:
    """Digest of each block of users: what ``verify`` compares against. Fingerprints are 2 bytes per user."""
    db.execute(
        """
        CREATE TABLE run_chunks (
            run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
            first_user INTEGER NOT NULL,
            users INTEGER NOT NULL,
            digest TEXT NOT NULL,
            steps TEXT NOT NULL,
            fingerprints BLOB NOT NULL,
            PRIMARY KEY (run_id, first_user)
        ) WITHOUT ROWID
        """
    )


@migrations()
def m004_failures(db: Database) -> None:
    """Users who broke an invariant. ``failure_id`` is given by user number when the run ends."""
    db.execute(
        """
        CREATE TABLE failures (
            run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
            user INTEGER NOT NULL,
            invariant TEXT NOT NULL,
            failure_id TEXT,
            persona TEXT NOT NULL,
            step TEXT NOT NULL,
            document TEXT NOT NULL,
            shrunk TEXT,
            PRIMARY KEY (run_id, user, invariant)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE UNIQUE INDEX failures_id ON failures (run_id, failure_id)")


@migrations()
def m005_policy_history(db: Database) -> None:
    """Every saved version of every policy."""
    db.execute(
        """
        CREATE TABLE policy_history (
            id INTEGER PRIMARY KEY,
            workflow TEXT NOT NULL,
            persona TEXT NOT NULL,
            saved_at TEXT NOT NULL,
            reason TEXT NOT NULL,
            digest TEXT NOT NULL,
            document TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX policy_history_of ON policy_history (workflow, persona, id)")


@migrations()
def m006_cache(db: Database) -> None:
    """Answers of models under the digest of everything that led to them (level 2 of the cache)."""
    db.execute(
        """
        CREATE TABLE cache (
            key BLOB PRIMARY KEY,
            value TEXT NOT NULL,
            meta TEXT NOT NULL,
            created_at TEXT NOT NULL,
            last_used TEXT NOT NULL,
            hits INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID
        """
    )


@migrations()
def m007_campaigns(db: Database) -> None:
    """One row per campaign, its batches (deflated JSON), and which runs only represent a campaign's failure."""
    db.execute(
        """
        CREATE TABLE campaigns (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            campaign_id TEXT NOT NULL UNIQUE,
            created_at TEXT NOT NULL,
            status TEXT NOT NULL,
            workflow TEXT NOT NULL,
            scenario TEXT NOT NULL,
            manifest TEXT NOT NULL,
            inputs TEXT NOT NULL,
            report TEXT,
            pid INTEGER,
            process TEXT
        )
        """
    )
    db.execute(
        """
        CREATE TABLE campaign_batches (
            campaign_id TEXT NOT NULL REFERENCES campaigns (campaign_id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (campaign_id, number)
        ) WITHOUT ROWID
        """
    )
    db.execute("ALTER TABLE runs ADD COLUMN campaign TEXT NOT NULL DEFAULT ''")


@migrations()
def m008_recordings(db: Database) -> None:
    """What live services answered to each user: deflated JSON of ``domain.recording.Recording``."""
    db.execute(
        """
        CREATE TABLE recordings (
            run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
            user INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (run_id, user)
        ) WITHOUT ROWID
        """
    )


@migrations()
def m009_telemetry(db: Database) -> None:
    """What was counted about models: one JSON document per minute and process; rows of a minute are added up."""
    db.execute(
        """
        CREATE TABLE telemetry (
            minute INTEGER NOT NULL,
            process TEXT NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (minute, process)
        ) WITHOUT ROWID
        """
    )


@migrations()
def m010_cache_levels(db: Database) -> None:
    """The cache under its canonical keys (older ones are never found again), with what it is counted and cleared by,
    and the counters that outlive a process. ``print`` holds digests only."""
    db.execute("DROP TABLE cache")
    db.execute(
        """
        CREATE TABLE cache (
            key BLOB PRIMARY KEY,
            value TEXT NOT NULL,
            kind TEXT NOT NULL,
            backend TEXT NOT NULL,
            model TEXT NOT NULL,
            digest TEXT NOT NULL,
            prompt_version INTEGER NOT NULL,
            tokens INTEGER NOT NULL,
            elapsed_ms REAL NOT NULL,
            print TEXT NOT NULL,
            meta TEXT NOT NULL,
            created_at TEXT NOT NULL,
            last_used TEXT NOT NULL,
            hits INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE TABLE cache_counters (name TEXT PRIMARY KEY, amount INTEGER NOT NULL) WITHOUT ROWID")


@migrations()
def m011_model_bench(db: Database) -> None:
    """Models on the persona benchmark (of the machine, so in the database of the person's data folder)."""
    db.execute(
        """
        CREATE TABLE model_bench (
            backend TEXT NOT NULL,
            model TEXT NOT NULL,
            mode TEXT NOT NULL,
            people TEXT NOT NULL,
            machine TEXT NOT NULL,
            status TEXT NOT NULL,
            measured_at TEXT NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (backend, model, mode, people, machine)
        )
        """
    )
