"""What a placeholder stands for is in memory alone: in no cache, log, ledger, telemetry or report, and not on the wire.

A policy's evidence quotes the person's own description; so do the project's policy files and their history.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm.samples import WORKFLOW
from tests.llm.stub_ollama import says, serving
from tests.llm.test_gateway import GOOD
from turbulence_app.cli import main as cli
from turbulence_app.formats.writer import dump

WORDS = (
    "anna.meyer@example.org",
    "+49 30 1234567",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "Meyer",
    "Kx7!pq2Zt",
)
DESCRIPTION = (
    "My name is Anna Meyer. Shops during lunch breaks, mail anna.meyer@example.org, phone +49 30 1234567. "
    "Pays with 4111 1111 1111 1111 or from DE89 3704 0044 0532 0130 00; password: Kx7!pq2Zt."
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    for name in ("workflows", "personas"):
        (root / name).mkdir(parents=True)
    (root / "workflows" / "checkout.yaml").write_text(dump(WORKFLOW))
    persona = {"personas": [{"id": "anna", "name": "Anna", "description": DESCRIPTION}]}
    (root / "personas" / "anna.yaml").write_text(json.dumps(persona))
    return root


def kept(*folders: Path) -> dict[str, bytes]:
    """Every file of the folders, by its path."""
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def told(database: Path) -> str:
    """All tables of a project's database but the history of its policies."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert {"cache", "telemetry", "policy_history"} <= set(tables)
        return repr([list(db.execute(f"SELECT * FROM {name}")) for name in tables if name != "policy_history"])


@pytest.mark.parametrize("backend", ["ollama", "builtin"])
def test_personal_data_is_kept_nowhere(tmp_path: Path, project: Path, backend: str) -> None:
    home, inputs = tmp_path / "home", kept(project)
    with serving(lambda _: says(GOOD)) as server:
        path = os.pathsep.join(part for part in sys.path if part)
        env = {**os.environ, "TURBULENCE_HOME": str(home), "OLLAMA_URL": server.url, "PYTHONPATH": path}
        command = [sys.executable, "-m", "turbulence_app", "policy", "generate", "--project", str(project)]
        for _ in range(2):  # the second time from the cache
            done = subprocess.run(
                [*command, "--backend", backend], capture_output=True, text=True, env=env, check=False
            )
            assert done.returncode == 0, done.stderr
    sent = json.dumps([body for _, body in server.requests], ensure_ascii=False)
    made = {path: data for path, data in kept(project, home).items() if inputs.get(path) != data}
    assert any(path.endswith("ledger.jsonl") for path in made)
    rows = told(project / ".turbulence" / "turbulence.db")
    assert "browse_next" in rows, "the answer is in the cache"
    own = (".yaml", ".db", ".db-wal", ".db-shm") if backend == "builtin" else (".yaml",)
    for word in WORDS:
        assert word not in sent
        assert word not in done.stderr
        assert word not in rows
        assert [path for path, data in made.items() if word.encode() in data and not path.endswith(own)] == []


def test_the_report_of_a_fault_holds_no_personal_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path))
    try:
        raise ValueError(f"cannot read {DESCRIPTION!r}")
    except ValueError as error:
        cli._bug(error, ["policy", "generate", "--persona", "anna.meyer@example.org"])
    (report,) = (tmp_path / "reports").iterdir()
    text = report.read_text()
    assert "ValueError" in text
    assert "[EMAIL_1]" in text
    for word in WORDS:
        assert word not in text
