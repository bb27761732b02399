"""Opening a database, whatever state it is in."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlite_utils

from turbulence_app.domain.errors import ExitStatus, MachineError
from turbulence_app.store import database as module
from turbulence_app.store.database import APPLICATION_ID, SCHEMA_VERSION, Database
from turbulence_app.store.meta import Meta
from turbulence_app.store.migrations import migrations


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]
    finally:
        connection.close()


def test_a_new_database_is_ours_private_and_sound(path: Path) -> None:
    with Database(path) as opened:
        assert opened.check() == "ok"
        assert opened.notices == []
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert pragma(path, "application_id") == APPLICATION_ID
    assert pragma(path, "user_version") == SCHEMA_VERSION
    assert pragma(path, "journal_mode") == "wal"


def test_what_was_written_is_there_again(path: Path) -> None:
    with Database(path) as opened:
        Meta(opened).set("greeting", "grüß dich")
    with Database(path) as opened:
        assert Meta(opened).get("greeting") == "grüß dich"
        assert Meta(opened).get("other") is None


def test_a_newer_database_is_refused_and_not_touched(path: Path) -> None:
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.parent.iterdir()}
    with pytest.raises(MachineError, match="newer Turbulence") as error:
        Database(path)
    assert error.value.exit_status == ExitStatus.MACHINE
    assert "update" in error.value.problem.mend
    assert {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in path.parent.iterdir()} == before


def test_somebody_elses_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 77")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(MachineError, match="another program"):
        Database(path)


@pytest.mark.parametrize("garbage", [b"this is no database " * 500, b"SQLite format 3\x00" + b"\xff" * 9000, b"x"])
def test_a_damaged_file_is_kept_aside_and_the_program_goes_on(path: Path, garbage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(garbage)
    if garbage[16:18] == b"\xff\xff":  # a header that could be ours, and nothing behind it
        garbage = (
            garbage[:60] + (0).to_bytes(4, "big") + garbage[64:68] + APPLICATION_ID.to_bytes(4, "big") + garbage[72:]
        )
        path.write_bytes(garbage)
    with Database(path) as opened:
        assert opened.check() == "ok"
        assert len(opened.notices) == 1
        assert "damaged" in opened.notices[0]
    kept = [file for file in path.parent.iterdir() if ".damaged." in file.name and file.suffix == ".db"]
    assert [file.read_bytes() for file in kept] == [garbage]


def test_pages_torn_in_the_middle_are_found_after_an_unclean_end(path: Path) -> None:
    opened = Database(path)
    opened.writer.call(
        lambda c: c.executemany("INSERT INTO meta VALUES (?, ?)", [(f"k{i}", "v" * 500) for i in range(400)])
    )
    opened.writer.call(lambda c: c.execute("SELECT 1"))
    checkpoint = sqlite3.connect(path)
    checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    checkpoint.close()
    opened.writer.call(lambda c: c.execute("INSERT INTO meta VALUES ('last', 'v')"))
    copy = path.with_name("copy.db")
    copy.write_bytes(path.read_bytes())
    copy.with_name("copy.db-wal").write_bytes(path.with_name(path.name + "-wal").read_bytes())
    opened.close()
    body = bytearray(copy.read_bytes())
    body[5 * 4096 : 9 * 4096] = os.urandom(4 * 4096)
    copy.write_bytes(body)
    with Database(copy) as mended:
        assert mended.check() == "ok"
        assert any("damaged" in notice for notice in mended.notices)


def test_an_older_database_is_backed_up_before_it_is_migrated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    old = sqlite_utils.Database(path)
    migrations.apply(old, stop_before="m005_policy_history")
    old.execute("INSERT INTO meta VALUES ('kept', 'yes')").connection.commit()
    old.execute("PRAGMA user_version = 4")
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.close()
    with Database(path) as opened:
        assert Meta(opened).get("kept") == "yes"
        assert opened.rows("SELECT * FROM policy_history") == []
        assert "brought up to date" in opened.notices[0]
    (backup,) = [file for file in path.parent.iterdir() if ".before-" in file.name]
    assert pragma(backup, "user_version") == 4
    assert pragma(backup, "integrity_check") == "ok"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_failing_migration_leaves_the_old_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Database(path) as opened:
        Meta(opened).set("kept", "yes")

    def broken(db: sqlite_utils.Database) -> None:
        db.execute("CREATE TABLE half (x)")
        raise sqlite3.OperationalError("disk is full")

    monkeypatch.setattr(migrations, "_migrations", [*migrations._migrations, migrations._Migration("m999", broken)])
    monkeypatch.setattr(module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    with pytest.raises(MachineError, match="disk is full"):
        Database(path)
    monkeypatch.undo()
    with Database(path) as opened:
        assert Meta(opened).get("kept") == "yes"
        assert opened.rows("SELECT 1 FROM sqlite_master WHERE name = 'half'") == []


def test_two_processes_may_make_it_at_the_same_moment(path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from turbulence_app.store.database import Database\n"
        "from turbulence_app.store.meta import Meta\n"
        "with Database(pathlib.Path(sys.argv[1])) as d:\n"
        "    for i in range(50): Meta(d).set(sys.argv[2] + str(i), 'x')\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "ab"]
    assert [child.wait(60) for child in children] == [0, 0]
    with Database(path) as opened:
        assert opened.rows("SELECT count(*) AS n FROM meta") == [{"n": 100}]
        assert opened.check() == "ok"


def test_a_folder_in_the_way_is_one_clear_line(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(MachineError, match="something else is where the database should be"):
        Database(path)


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(MachineError, match="cannot write"):
        database.rows("INSERT INTO meta VALUES ('a', 'b') RETURNING key")
