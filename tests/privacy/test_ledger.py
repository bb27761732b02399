"""The ledger: what is noted and what never is, several writers, rotation, damage, kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.privacy import ledger
from turbulence_app.privacy.ledger import FILE, Ledger, ledger_folder, read

posix = pytest.mark.skipif(os.name == "nt", reason="rights and signals of POSIX")


def program(home: Path, code: str, **options: object) -> subprocess.Popen[str]:
    """A process of its own that keeps a ledger under ``home``."""
    source = (
        "import os, sys, socket, subprocess\nfrom turbulence_app.privacy import egress, ledger\n"
        "ledger.start('test')\n" + textwrap.dedent(code)
    )
    env = {**os.environ, "TURBULENCE_HOME": str(home)}
    return subprocess.Popen([sys.executable, "-c", source], text=True, stdout=subprocess.PIPE, env=env, **options)


def ended(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return out


def details(home: Path, kind: str) -> list[dict]:
    return [entry.detail for entry in read(home, kinds=frozenset({kind}))]


def text(home: Path) -> str:
    return "".join(path.read_text() for path in ledger.files(home))


def test_sockets_files_programs_and_models_are_noted_and_no_content(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("a secret of Anna Meyer")
    ended(program(tmp_path / "home", f"""
        server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
        for _ in range(3): socket.create_connection(("127.0.0.1", port)).close()
        try: socket.socket().connect(("192.0.2.1", 80))
        except OSError: pass
        open({str(mine)!r}).read(); open({str(mine)!r}).read(); open({str(mine)!r}, "a").close()
        import sqlite3; sqlite3.connect({str(tmp_path / "x.db")!r}).close()
        subprocess.run([sys.executable, "-c", "pass", "hunter2", "Anna"])
        ledger.note("model", {{"backend": "builtin", "model": "m", "digest": "d", "level": "x"}})
        ledger.note("ollama pull", "tiny from here")
        print(port)
    """))  # fmt: skip
    home = tmp_path / "home"
    sockets = {(d["call"], d["to"].rpartition(":")[0], d["allowed"]) for d in details(home, "socket")}
    assert {("bind", "127.0.0.1", True), ("connect", "127.0.0.1", True), ("connect", "192.0.2.1", False)} <= sockets
    again = [d["again"] for d in details(home, "socket") if d["call"] == "connect" and "again" in d]
    assert again == [2], "three connections: the first, and two more"
    files = {(d["path"], d["write"]) for d in details(home, "file")}
    assert files == {(str(mine), False), (str(mine), True), (str(tmp_path / "x.db"), True)}
    assert [d["program"] for d in details(home, "process")] == [Path(sys.executable).name]
    assert details(home, "model") == [{"backend": "builtin", "model": "m", "digest": "d", "level": "x"}]
    assert details(home, "ollama pull") == [{"what": "tiny from here"}]
    for word in ("Anna", "Meyer", "hunter2", "secret of"):
        assert word not in text(home)


def test_the_module_of_a_child_is_named_behind_its_launcher(tmp_path: Path) -> None:
    ended(program(tmp_path, """
        command = [sys.executable, "-m", "turbulence_app.privacy.confined", "turbulence_app.privacy.probe"]
        subprocess.run(command, stdout=subprocess.DEVNULL)
    """))  # fmt: skip
    assert "turbulence_app.privacy.probe" in [d.get("module") for d in details(tmp_path, "process")]
    assert {entry.process for entry in read(tmp_path)} >= {"test"}


@posix
def test_files_are_their_owner_s_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Ledger(ledger_folder(tmp_path / "new" / "home"), "test").note("x", {})
    finally:
        os.umask(before)
    for folder in ("new", "new/home", "new/home/ledger"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700
    assert (ledger_folder(tmp_path / "new" / "home") / FILE).stat().st_mode & 0o777 == 0o600


@posix
def test_what_was_noted_survives_kill(tmp_path: Path) -> None:
    process = program(tmp_path, """
        for number in range(200): ledger.note("x", {"number": number})
        print("done", flush=True)
        import time; time.sleep(60)
    """)  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [d["number"] for d in details(tmp_path, "x")] == list(range(200))


def test_several_processes_write_whole_lines_also_while_files_are_put_aside(tmp_path: Path) -> None:
    code = """
        ledger.MOST_BYTES, ledger.LOOK_EVERY = 60_000, 8
        for number in range(400): ledger.note("x", {"who": sys.argv[0], "pid": os.getpid(), "number": number})
    """
    together = [program(tmp_path, code) for _ in range(3)]
    for process in together:
        ended(process)
    assert len(ledger.files(tmp_path)) > 1
    seen = sorted((d["pid"], d["number"]) for d in details(tmp_path, "x"))
    lines = [line for line in text(tmp_path).splitlines() if line]
    assert all(json.loads(line) for line in lines)
    assert seen == [(pid, n) for pid in sorted({p for p, _ in seen}) for n in range(400)]
    assert len({p for p, _ in seen}) == 3


def test_the_ledger_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_BYTES", 5_000)
    monkeypatch.setattr(ledger, "LOOK_EVERY", 1)
    mine = Ledger(ledger_folder(tmp_path), "test")
    for number in range(1500):
        mine.note("x", {"number": number})
    mine.close()
    assert sum(path.stat().st_size for path in ledger.files(tmp_path)) < 4 * 5_200
    assert [d["number"] for d in details(tmp_path, "x")][-1] == 1499


def test_one_kind_is_written_so_often_and_then_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_ENTRIES", 10)
    mine = Ledger(ledger_folder(tmp_path), "test")
    for number in range(25):
        mine.note("x", {"number": number})
    mine.close()
    found = details(tmp_path, "x")
    assert len(found) == 11
    assert found[-1] == {"uncounted": 15}


@given(st.binary(max_size=300), st.integers(0, 3))
def test_damage_costs_the_damaged_line_only(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    home = tmp_path_factory.mktemp("home")
    for number in range(3):
        mine = Ledger(ledger_folder(home), "test", clock=lambda: 1000.0)
        if number == at:
            with (mine.folder / FILE if mine.folder.is_dir() else home / "x").open("ab") as file:
                file.write(b"\n" + junk)
        mine.note("x", {"number": number})
        mine.close()
    assert [d["number"] for d in details(home, "x")] == [0, 1, 2]


@pytest.mark.parametrize("line", [
    b"{}", b"[]", b"null", b'{"entry": 3, "detail": {}}', b'{"entry": [1e300, 1, "p", "k"], "detail": {}}',
    b'{"entry": [1, 1, "p", "k"], "detail": []}', b'{"entry": [1, "1", "p", "k"], "detail": {}}', b"\xff\xfe",
    b'{"entry": ["now", 1, "p", "k"], "detail": {}}', b"[" * 100_000, b'{"entry": [NaN, 1, "p", "k"], "detail": {}}',
])  # fmt: skip
def test_a_line_that_is_none_is_skipped(tmp_path: Path, line: bytes) -> None:
    mine = Ledger(ledger_folder(tmp_path), "test")
    mine.note("x", {"number": 1})
    mine.close()
    with (ledger_folder(tmp_path) / FILE).open("ab") as file:
        file.write(b"\n" + line)
    assert [d["number"] for d in details(tmp_path, "x")] == [1]


def test_what_cannot_be_written_is_counted_and_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    mine = Ledger(blocked / "ledger", "test")
    mine.note("x", {})
    mine.note("y", {"long": "x" * 10_000})
    mine.close()
    assert mine.lost == 2
    assert list(read(blocked)) == []


def test_entries_are_chosen_by_time_kind_and_process(tmp_path: Path) -> None:
    moments = iter([100.0, 200.0, 300.0])
    for process, kind in (("a", "x"), ("b", "x"), ("b", "y")):
        mine = Ledger(ledger_folder(tmp_path), process, clock=lambda: next(moments))
        mine.note(kind, {})
        mine.close()
    chosen = {
        "all": list(read(tmp_path)),
        "late": list(read(tmp_path, since=datetime.fromtimestamp(200, UTC))),
        "x": list(read(tmp_path, kinds=frozenset({"x"}))),
        "b": list(read(tmp_path, process="b")),
        "number": list(read(tmp_path, process=str(os.getpid()))),
        "late b x": list(read(tmp_path, since=datetime.fromtimestamp(150, UTC), kinds=frozenset({"x"}), process="b")),
    }
    assert {name: len(found) for name, found in chosen.items()} == {
        "all": 3, "late": 2, "x": 2, "b": 2, "number": 3, "late b x": 1,
    }  # fmt: skip


def test_a_process_without_a_ledger_notes_nothing_and_is_no_error() -> None:
    assert not ledger._STARTED, "tests keep no ledger of their own process"
    ledger.note("x", "y")
    ledger.flush()
    assert ledger.lost() == 0


def test_opening_the_ledger_itself_is_no_entry_and_no_recursion(tmp_path: Path) -> None:
    ended(program(tmp_path, "open('/dev/null').close(); import json, decimal, xml.dom.minidom"))
    assert list(read(tmp_path)) == []
