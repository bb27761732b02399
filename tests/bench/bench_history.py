"""Pages of the history of a million runs: CPU milliseconds per question, and how long the list takes to fill.

Run it on its own: ``python -m tests.bench.bench_history``. It prints one JSON document and asserts nothing.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.machine import cpu
from turbulence_app.domain.history import HistoryQuery
from turbulence_app.store.database import Database
from turbulence_app.store.history import HistoryStore

RUNS = 1_000_000
QUESTIONS: dict[str, dict[str, Any]] = {
    "first page": {},
    "page at 900,000": {"offset": 900_000},
    "by completion": {"sort": "completion"},
    "by completion, in the middle": {"sort": "completion", "offset": 500_000, "descending": False},
    "broken": {"verdict": "broken"},
    "a rare word": {"words": "odd"},
    "a word of all": {"words": "lost"},
    "two words": {"words": "charged odd"},
    "a persona of all": {"persona": "careful"},
}
_FILL = f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {RUNS})
INSERT INTO history (id, kind, number, created_at, status, workflow, scenario, users, verdict, completion, broken,
    elapsed_s, digest, invariants, personas, fresh, notes)
SELECT 'r-' || i, 'run', i, printf('2026-%09d', i), 'done', 'checkout', 'lost-answers', 20000,
    CASE WHEN i % 3 THEN 'holds' ELSE 'broken' END, (i * 7919 % 1000) / 1000.0, i % 3 = 0, 0.2, hex(randomblob(16)),
    CASE WHEN i % 3 THEN '' ELSE 'charged_once' END, 'impatient_shopper careful', 1,
    CASE WHEN i % 1000 = 0 THEN 'odd thing' ELSE '' END FROM n
"""
_WORDS = """
INSERT INTO history_words (rowid, words, personas)
SELECT row, id || ' ' || workflow || ' ' || scenario || ' ' || digest || ' ' || invariants || ' ' || notes, personas
FROM history
"""


def fill(connection: sqlite3.Connection) -> None:
    """A million lines."""
    connection.execute(_FILL)
    connection.execute(_WORDS)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, Database(Path(folder) / "turbulence.db") as database:
        began = time.process_time()
        database.writer.call(fill)
        filled = time.process_time() - began
        store = HistoryStore(database)
        store.page(HistoryQuery())
        found = {}
        for name, query in QUESTIONS.items():
            began = time.process_time()
            page = store.page(HistoryQuery.model_validate(query))
            found[name] = {"cpu_ms": round(1000 * (time.process_time() - began), 1), "lines": page.total}
    json.dump({"cpu": cpu(), "runs": RUNS, "fill_cpu_s": round(filled, 1), "pages": found}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
