"""Opening a database: what must be true before anything is written, and what is put right on the way."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlite_utils

from turbulence_app.domain.errors import Location, MachineError
from turbulence_app.locks import exclusive
from turbulence_app.store import processes
from turbulence_app.store.errors import DamagedError, plainly, told_plainly
from turbulence_app.store.migrations import migrations
from turbulence_app.store.writer import Writer

APPLICATION_ID = 0x54555242
"""``TURB`` in the file's header: a database of ours."""
SCHEMA_VERSION = len(migrations.pending(sqlite_utils.Database(memory=True)))
"""``user_version`` of a database with every migration applied."""
BUSY_MS = 10_000
MAGIC = b"SQLite format 3\x00"


class Database:
    """An open database: one writer, any number of readers. ``notices`` tell what was put right while opening.

    Opening migrates (after a backup), marks runs of dead processes as interrupted, and keeps a damaged file aside.
    Raises ``MachineError`` where the file is from a newer version, is somebody else's, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notices: list[str] = []
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        with told_plainly(path):
            _private_folder(path.parent)
            try:
                self._prepare()
            except DamagedError:
                self._keep_aside()
                self._prepare()
            except sqlite3.DatabaseError as error:
                if "malformed" not in str(error) and "not a database" not in str(error):
                    raise
                self._keep_aside()
                self._prepare()
        self.writer = Writer(path, lambda: connect(path))
        self._interrupt_dead_runs()

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        """A read-only query, as dictionaries; each thread reads through a connection of its own."""
        with told_plainly(self.path):
            return list(self._reader().query(sql, parameters))

    def row(self, sql: str, parameters: tuple[Any, ...] = ()) -> dict[str, Any] | None:
        """The first row of a query."""
        with told_plainly(self.path):
            return next(iter(self._reader().query(sql, parameters)), None)

    def value(self, sql: str, parameters: tuple[Any, ...] = ()) -> Any:
        """The first column of a query's first row, or None; for whoever asks often (a tenth of the time of ``row``)."""
        try:
            found = self._reader().conn.execute(sql, parameters).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise plainly(self.path, error) from error
        return found[0] if found else None

    def flush(self) -> None:
        """Wait until everything written so far is committed; raises ``MachineError`` if some of it could not be."""
        self.writer.flush()

    def close(self) -> None:
        """Write what waits, then let go of the file."""
        self.writer.close()
        for connection in self._readers:
            connection.close()
        self._readers.clear()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> str:
        """SQLite's own integrity check: ``ok``, or the first thing that is wrong."""
        found = self.row("PRAGMA integrity_check(1)")
        return str(found["integrity_check"]) if found else "no answer"

    def version(self) -> str:
        """The version of the SQLite library."""
        return sqlite3.sqlite_version

    def _reader(self) -> sqlite_utils.Database:
        reader: sqlite_utils.Database | None = getattr(self._local, "reader", None)
        if reader is None:
            connection = sqlite3.connect(
                f"{self.path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            self._readers.append(connection)
            reader = sqlite_utils.Database(connection)
            self._local.reader = reader
        return reader

    def _prepare(self) -> None:
        self._refuse_foreign(*_header(self.path))
        _create_private(self.path)
        unclean = _size(self.path.with_name(self.path.name + "-wal")) > 0
        connection = connect(self.path)
        try:
            version = _pragma(connection, "user_version")
            self._refuse_foreign(_pragma(connection, "application_id"), version)
            if unclean and (found := str(_pragma(connection, "quick_check(1)"))) != "ok":
                raise DamagedError(f"the database is damaged: {found}", where=Location(str(self.path)))
            if version < SCHEMA_VERSION:
                with exclusive(self.path.with_suffix(".lock")):
                    self._migrate(connection)
        finally:
            connection.close()

    def _refuse_foreign(self, application: int, version: int) -> None:
        where = Location(str(self.path))
        if application not in (0, APPLICATION_ID):
            raise MachineError("this database belongs to another program", "move it away", where)
        if version > SCHEMA_VERSION:
            raise MachineError(
                f"this database is from a newer Turbulence (schema {version}, this one knows {SCHEMA_VERSION})",
                "update Turbulence; the file was not touched",
                where,
            )

    def _migrate(self, connection: sqlite3.Connection) -> None:
        version = _pragma(connection, "user_version")  # another process may have been here first
        if version >= SCHEMA_VERSION:
            return
        if version > 0:
            backup = self.path.with_name(f"{self.path.stem}.before-{SCHEMA_VERSION}.{_stamp()}.db")
            connection.execute("VACUUM INTO ?", (str(backup),))
            backup.chmod(0o600)
            self.notices.append(f"the database was brought up to date; the old one is kept as {backup.name}")
        migrations.apply(sqlite_utils.Database(connection))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _keep_aside(self) -> None:
        aside = self.path.with_name(f"{self.path.stem}.damaged.{_stamp()}.db")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
        self.notices.append(f"the database was damaged; it is kept as {aside.name} and a new one was made")

    def _interrupt_dead_runs(self) -> None:
        """A run or a campaign that says ``running`` while its process is gone was interrupted."""
        running = self.rows("SELECT run_id, pid, process FROM runs WHERE status = 'running'")
        dead = [row["run_id"] for row in running if processes.identity(row["pid"] or 0) != row["process"]]
        started = self.rows("SELECT campaign_id, pid, process FROM campaigns WHERE status = 'running'")
        left = [row["campaign_id"] for row in started if processes.identity(row["pid"] or 0) != row["process"]]
        if not dead and not left:
            return

        def act(connection: sqlite3.Connection) -> None:
            for run_id in dead:
                connection.execute(
                    "UPDATE runs SET status = 'interrupted' WHERE run_id = ? AND status = 'running'", (run_id,)
                )
                number_failures(connection, run_id)
            connection.executemany(
                "UPDATE campaigns SET status = 'interrupted' WHERE campaign_id = ? AND status = 'running'",
                [(campaign_id,) for campaign_id in left],
            )

        self.writer.call(act)
        self.notices.append(f"interrupted earlier, with what was done kept: {', '.join([*dead, *left])}")


def number_failures(connection: sqlite3.Connection, run_id: str) -> None:
    """Give the failures of a run their ids ``f-0001``, ``f-0002``, ... in the order of users."""
    connection.execute("UPDATE failures SET failure_id = NULL WHERE run_id = ?", (run_id,))
    connection.execute(
        """
        UPDATE failures SET failure_id = numbered.id
        FROM (
            SELECT user, invariant, printf('f-%04d', row_number() OVER (ORDER BY user, invariant)) AS id
            FROM failures WHERE run_id = ?1
        ) AS numbered
        WHERE failures.run_id = ?1 AND failures.user = numbered.user AND failures.invariant = numbered.invariant
        """,
        (run_id,),
    )


def connect(path: Path) -> sqlite3.Connection:
    """A connection that may write, set up as all of them are; transactions are begun explicitly."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000)
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "journal_size_limit = 67108864",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


def now() -> str:
    """The moment as text, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _header(path: Path) -> tuple[int, int]:
    """``application_id`` and ``user_version`` read from the file itself, so that a newer database is never opened."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return 0, 0
    if not head:
        return 0, 0
    if not head.startswith(MAGIC) or len(head) < 100:
        raise DamagedError("this is not a database", where=Location(str(path)))
    return int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big")


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _create_private(path: Path) -> None:
    """SQLite gives its side files the rights of the main one; so that one is made first."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(descriptor)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Database]:
    """A database for a moment."""
    database = Database(path)
    try:
        yield database
    finally:
        database.close()
