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


@migrations()
def m012_history(db: Database) -> None:
    """One line per run and per campaign for lists: what is sorted and searched by, and what people wrote about it.

    Triggers keep it beside the tables that it tells of, so nobody who writes a run has to know of it. They may call
    no JSON and fill no full text (the schema is not trusted): a line that is not ``fresh`` is filled in before it is
    read. A line with ``removed_at`` is moved aside: it is deleted for good when the process that ``removed_pid`` and
    ``removed_process`` name is gone, or a day later. Runs that only represent a campaign's failure have no line.
    """
    db.execute(
        """
        CREATE TABLE history (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            number INTEGER NOT NULL,
            created_at TEXT NOT NULL,
            status TEXT NOT NULL,
            workflow TEXT NOT NULL,
            scenario TEXT NOT NULL,
            target TEXT NOT NULL DEFAULT 'model',
            users INTEGER NOT NULL DEFAULT 0,
            verdict TEXT NOT NULL DEFAULT '',
            completion REAL,
            broken INTEGER NOT NULL DEFAULT 0,
            elapsed_s REAL NOT NULL DEFAULT 0,
            digest TEXT NOT NULL DEFAULT '',
            invariants TEXT NOT NULL DEFAULT '',
            personas TEXT NOT NULL DEFAULT '',
            shape TEXT NOT NULL DEFAULT '',
            changed TEXT,
            name TEXT NOT NULL DEFAULT '',
            tags TEXT NOT NULL DEFAULT '',
            notes TEXT NOT NULL DEFAULT '',
            pinned INTEGER NOT NULL DEFAULT 0,
            fresh INTEGER NOT NULL DEFAULT 0,
            removed_at TEXT,
            removed_pid INTEGER,
            removed_process TEXT
        )
        """
    )
    for column in ("created_at", "scenario", "users", "completion", "broken", "elapsed_s"):
        db.execute(f"CREATE INDEX history_{column} ON history (pinned, {column}) WHERE removed_at IS NULL")
    db.execute("CREATE INDEX history_subject ON history (kind, workflow, number)")
    db.execute("CREATE INDEX history_stale ON history (row) WHERE fresh = 0")
    db.execute("CREATE INDEX history_removed ON history (removed_at) WHERE removed_at IS NOT NULL")
    db.execute(
        """
        CREATE TABLE history_tags (
            tag TEXT NOT NULL,
            id TEXT NOT NULL REFERENCES history (id) ON DELETE CASCADE,
            PRIMARY KEY (tag, id)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX history_tags_of ON history_tags (id)")
    db.execute("CREATE VIRTUAL TABLE history_words USING fts5(words, personas, prefix = '2 3 4')")
    columns = "kind, id, number, created_at, status, workflow, scenario"
    for kind, table, key, only in (
        ("run", "runs", "run_id", "campaign = ''"),
        ("campaign", "campaigns", "campaign_id", "1"),
    ):
        fields = ", ".join(f"{{0}}.{name}" for name in (key, "number", "created_at", "status", "workflow", "scenario"))
        when = f"WHEN new.{only}" if kind == "run" else ""
        for statement in (
            f"INSERT INTO history ({columns}) SELECT '{kind}', {fields.format(table)} FROM {table} WHERE {only}"
            " ORDER BY number",
            f"CREATE TRIGGER history_{kind}_new AFTER INSERT ON {table} {when} BEGIN"
            f" INSERT INTO history ({columns}) VALUES ('{kind}', {fields.format('new')}); END",
            f"CREATE TRIGGER history_{kind}_ended AFTER UPDATE OF status ON {table} BEGIN"
            f" UPDATE history SET status = new.status, fresh = 0 WHERE id = new.{key}; END",
            f"CREATE TRIGGER history_{kind}_gone AFTER DELETE ON {table} BEGIN"
            f" DELETE FROM history WHERE id = old.{key}; END",
        ):
            db.execute(statement)


@migrations()
def m013_kinds(db: Database) -> None:
    """What somebody decided about a kind of failure: ``known`` or ``seen`` (``open`` has no line), and why."""
    db.execute(
        """
        CREATE TABLE kinds (
            workflow TEXT NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            note TEXT NOT NULL,
            changed_at TEXT NOT NULL,
            PRIMARY KEY (workflow, kind)
        ) WITHOUT ROWID
        """
    )


@migrations()
def m014_analyses(db: Database) -> None:
    """What was counted of a run when somebody asked, by the run's digest; it can always be counted again."""
    db.execute(
        """
        CREATE TABLE analyses (
            key TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            document BLOB NOT NULL,
            used_at TEXT NOT NULL
        ) WITHOUT ROWID
        """
    )
