"""``kill -9`` at any moment: what was acknowledged is there, and the run says what became of it."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.store import processes
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore

CHILD = """
import pathlib, sys
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunManifest
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore
from tests.store.conftest import chunk, failure

database = Database(pathlib.Path(sys.argv[1]))
store = RunStore(database)
inputs = RunInputs.model_validate_json(pathlib.Path(sys.argv[2]).read_text())
manifest = store.begin(inputs, lambda run_id, at: RunManifest(
    run_id=run_id, created_at=at, workflow="checkout", users=10**6, seed=1))
for i in range(10**6):
    store.progress(manifest.run_id, i + 1, [chunk(i)], [failure(i)])
    database.flush()
    print(i, flush=True)
"""


@pytest.fixture
def child(tmp_path: Path, path: Path, inputs: RunInputs):
    file = tmp_path / "inputs.json"
    file.write_text(inputs.model_dump_json(by_alias=True))
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(file)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def acknowledged(child: subprocess.Popen[str], count: int) -> int:
    assert child.stdout is not None
    for line in child.stdout:
        if int(line) >= count:
            return int(line)
    raise AssertionError("the child ended by itself")


@pytest.mark.parametrize("count", [0, 3, 40, 170])
def test_nothing_acknowledged_is_lost(child: subprocess.Popen[str], path: Path, count: int) -> None:
    acknowledged(child, count)
    os.kill(child.pid, signal.SIGKILL)
    rest = [int(line) for line in child.stdout or ()]
    child.wait()
    last = max([count, *rest])
    with Database(path) as database:
        store = RunStore(database)
        assert database.check() == "ok"
        assert store.manifest("r-0001").status == "interrupted"
        assert any("interrupted" in notice for notice in database.notices)
        chunks, failures = store.chunks("r-0001"), store.failures("r-0001", 10**6)
        assert [c.first_user for c in chunks][: last + 1] == list(range(last + 1))
        assert [f.user for f in failures][: last + 1] == list(range(last + 1))
        assert [f.failure_id for f in failures][:3] == ["f-0001", "f-0002", "f-0003"][: len(failures)]
        assert store.users_done("r-0001") >= last + 1


def test_a_run_that_is_really_running_elsewhere_is_left_alone(child: subprocess.Popen[str], path: Path) -> None:
    acknowledged(child, 2)
    with Database(path) as database:
        assert RunStore(database).manifest("r-0001").status == "running"
        assert database.notices == []
    acknowledged(child, 5)


def test_a_process_number_that_somebody_else_has_now_does_not_count(child: subprocess.Popen[str], path: Path) -> None:
    acknowledged(child, 0)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE runs SET pid = ?", (os.getpid(),))
    connection.commit()
    connection.close()
    with Database(path) as database:
        assert RunStore(database).manifest("r-0001").status == "interrupted"


def test_identity_tells_processes_apart() -> None:
    assert processes.identity(os.getpid()) == processes.own_identity() != ""
    assert processes.identity(1) not in (None, processes.own_identity())
    assert processes.identity(2**22 + 5) is None
