"""One writer: acknowledged means committed, and one bad batch loses only itself."""

import sqlite3
import threading
from pathlib import Path

import pytest

from turbulence_app.domain.errors import MachineError
from turbulence_app.store.database import Database
from turbulence_app.store.writer import Writer

INSERT = "INSERT INTO meta (key, value) VALUES (?, ?)"


def others_view(path: Path) -> list[str]:
    """What another program sees: only what is committed."""
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT key FROM meta ORDER BY key")]
    finally:
        connection.close()


def test_flush_means_committed(database: Database) -> None:
    for i in range(1000):
        database.writer.put(INSERT, [(f"k{i:04d}", "v")])
    database.flush()
    assert others_view(database.path) == [f"k{i:04d}" for i in range(1000)]


def test_a_bad_batch_is_told_once_and_costs_nobody_else(database: Database) -> None:
    database.writer.put(INSERT, [("a", "1")])
    database.writer.put(INSERT, [("b", "1"), ("b", "2")])
    database.writer.put(INSERT, [("c", "1")])
    with pytest.raises(MachineError, match="UNIQUE"):
        database.flush()
    database.flush()
    assert others_view(database.path) == ["a", "c"]


def test_a_call_that_fails_leaves_nothing_behind(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        connection.execute(INSERT, ("half", "1"))
        raise ValueError("second thoughts")

    with pytest.raises(ValueError, match="second thoughts"):
        database.writer.call(half)
    assert others_view(database.path) == []


def test_many_threads_one_order_each(database: Database) -> None:
    def work(name: str) -> None:
        for i in range(200):
            database.writer.put("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [(name, str(i))])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.flush()
    assert database.rows("SELECT key, value FROM meta ORDER BY key") == [
        {"key": name, "value": "199"} for name in "abcd"
    ]


def test_close_writes_what_waits(path: Path) -> None:
    with Database(path) as database:
        for i in range(500):
            database.writer.put(INSERT, [(str(i), "v")])
    assert len(others_view(path)) == 500


def test_a_locked_database_is_waited_for(database: Database) -> None:
    other = sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    database.writer.put(INSERT, [("waited", "v")])
    release = threading.Timer(0.2, lambda: other.execute("COMMIT"))
    release.start()
    database.flush()
    release.join()
    other.close()
    assert others_view(database.path) == ["waited"]


def test_a_connection_that_cannot_be_made_is_an_error_not_a_hang(path: Path) -> None:
    def refuse() -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    writer = Writer(path, refuse)
    with pytest.raises(MachineError, match="cannot write"):
        writer.flush()
    writer.close()
