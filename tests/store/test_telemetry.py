"""Minutes of telemetry: replaced while they last, forgotten in time, and there after ``kill -9``."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from turbulence_app.store import telemetry
from turbulence_app.store.database import Database
from turbulence_app.store.telemetry import MinuteRow, TelemetryStore


def test_a_minute_is_replaced_by_its_process_and_stands_beside_others(database: Database) -> None:
    store = TelemetryStore(database)
    for row in (
        MinuteRow(5, "a", "{}"),
        MinuteRow(5, "a", '{"x": 1}'),
        MinuteRow(5, "b", "{}"),
        MinuteRow(6, "a", "6"),
    ):
        store.put(row)
    database.flush()
    assert store.rows(5, 5) == [MinuteRow(5, "a", '{"x": 1}'), MinuteRow(5, "b", "{}")]
    assert store.rows(6, 9) == [MinuteRow(6, "a", "6")]
    assert store.stats() == {"rows": 3, "bytes": 11, "oldest": 5}


def test_old_minutes_go_by_age_and_by_number(database: Database, monkeypatch) -> None:
    monkeypatch.setattr(telemetry, "MAX_ROWS", 3)
    store = TelemetryStore(database)
    for minute in range(10):
        store.put(MinuteRow(minute, "a", "{}"))
    store.forget(4)
    database.flush()
    assert [row.minute for row in store.rows(0, 99)] == [6, 7, 8, 9]
    store.clear()
    assert store.stats() == {"rows": 0, "bytes": 0, "oldest": 0}


CHILD = """
import pathlib, sys
from turbulence_app.llm.telemetry.telemetry import Telemetry
from turbulence_app.service.telemetry import Keeper
from turbulence_app.store.database import Database

database = Database(pathlib.Path(sys.argv[1]))
telemetry = Telemetry()
now = [1_000_020.0]
keeper = Keeper(telemetry, database, dict, wall=lambda: now[0])
for i in range(10**6):
    telemetry.begin("policy").end("model")
    now[0] += 7.0
    keeper.keep()
    database.flush()
    print(i + 1, flush=True)
"""


def test_killed_it_has_everything_that_was_kept(path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(40)]
    os.kill(process.pid, signal.SIGKILL)
    said += [int(line) for line in process.stdout]
    process.wait()
    process.stdout.close()
    from turbulence_app.service.telemetry_report import report

    with Database(path) as database:
        assert database.check() == "ok"
        found = report(database, minutes=10_000, now=1_000_020.0 + 7.0 * said[-1] + 7.0)
    assert said[-1] <= found["total"]["requests"] <= said[-1] + 1
    assert len(found["series"]) >= 40 * 7 // 60
