"""Counting a run for its analysis, compared with the run itself: CPU seconds of all processes, on one and two of them.

``python -m tests.bench.bench_analysis [USERS]`` prints one JSON document.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.machine import cpu
from tests.engine.shop import shop
from turbulence_app.domain.analysis import Among, Wanted
from turbulence_app.service import runs
from turbulence_app.service.analysis import Analyst, open_run
from turbulence_app.store.analyses import AnalysisStore
from turbulence_app.store.database import Database


def cpu_s() -> float:
    """Of this process and of those that it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(act: Callable[[], Any]) -> dict[str, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), cpu_s()
    act()
    return {"wall_s": round(time.perf_counter() - wall, 3), "cpu_s": round(cpu_s() - cpu, 3)}


def main() -> None:
    """Measure and print."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "turbulence.db")
        found: dict[str, Any] = {"users": users}
        found["run, 2 processes"] = timed(lambda: runs.run(shop(users), database, workers=2))
        key = open_run(database, "last").key
        for workers in (1, 2):
            AnalysisStore(database).forget(key)
            name = f"analysis, {workers} process{'es' * (workers > 1)}"
            found[name] = timed(lambda workers=workers: Analyst().board(database, "last", Among(), workers=workers))
        analyst = Analyst()
        found["analysis, from the store"] = timed(lambda: analyst.board(database, "last", Among()))
        found["another filter"] = timed(lambda: analyst.board(database, "last", Among(personas=("careful",))))
        wanted = Wanted(place="browse")
        found["first page of people, by number"] = timed(lambda: analyst.people(database, "last", wanted))
        found["first page of people, longest first"] = timed(
            lambda: analyst.people(database, "last", wanted, sort="longest")
        )
        found["largest process, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        database.close()
    print(json.dumps({"cpu": cpu(), **found}, indent=2))


if __name__ == "__main__":
    main()
