"""``turbulence privacy``: the page, its exit status, and that it holds nothing personal."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from turbulence_app.cli.privacy import when
from turbulence_app.domain.errors import InputError
from turbulence_app.formats.exports.privacy_page import privacy_html
from turbulence_app.privacy.ledger import Ledger, ledger_folder
from turbulence_app.service import ops, privacy
from turbulence_app.service.privacy import privacy_page
from turbulence_app.service.touched import is_here, touched
from turbulence_app.service.worker import Job

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def turbulence(home: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "TURBULENCE_HOME": str(home), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-m", "turbulence_app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, timeout=240, check=False)


def noted(home: Path, *entries: tuple[str, dict], at: float = 1000.0, process: str = "command line") -> None:
    mine = Ledger(ledger_folder(home), process, clock=lambda: at)
    for kind, detail in entries:
        mine.note(kind, detail)
    mine.close()


def test_the_page_of_a_real_run_can_be_signed(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "page.html"
    assert turbulence(home, "demo", "--users", "20000", "--workers", "2", "--quiet").returncode == 0
    done = turbulence(home, "privacy", "--json", "--save", str(file), cwd=tmp_path)
    page = json.loads(done.stdout)
    assert (done.returncode, page["problems"]) == (0, []), page["problems"]
    assert page["lock"] == {"on": True, "holds": True, "allowed": [], "refused": 0}
    assert page["ledger"]["sockets"]["refused"] == page["ledger"]["sockets"]["allowed"] == 0
    assert {model["backend"] for model in page["ledger"]["models"]} == {"builtin"}
    assert all(len(model["digest"]) > 20 for model in page["ledger"]["models"])
    assert [area["name"] for area in page["ledger"]["files"]] == ["the program's data"]
    again = json.loads(turbulence(home, "privacy", "--json", cwd=tmp_path).stdout)
    assert any(name.endswith("turbulence_app.privacy.probe") for name in again["ledger"]["programs"])
    assert page["ledger"]["processes"]["command line"] >= 1
    assert re.fullmatch("sha256:[0-9a-f]{64}", page["installation"]["digest"])
    assert page["redaction_limits"]
    html = file.read_text()
    for part in (
        "Signature",
        page["installation"]["digest"],
        "audit hook",
        "Data at rest",
        "What leaves",
    ):
        assert part in html
    assert not re.search(r"<script|<link|href=|src=|url\(", html)
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600

    said = turbulence(home, "privacy", cwd=tmp_path)
    assert said.returncode == 0
    for part in ("egress lock: on, and holds", "Signature", "0 refused", "model: builtin", "Not found:"):
        assert part in said.stdout
    assert turbulence(home, "privacy", "--quiet", cwd=tmp_path).stdout == "ok\n"


def test_a_refused_attempt_is_for_somebody_to_look_at(tmp_path: Path) -> None:
    attempt = ("socket", {"call": "connect", "to": "203.0.113.9:443", "allowed": False})
    noted(tmp_path, attempt, attempt, at=NOW.timestamp())
    page = privacy_page(tmp_path, now=NOW)
    assert page.ledger.sockets.refused == 2
    assert any("2 attempts to leave this machine were refused: 203.0.113.9:443" in p for p in page.problems)
    later = privacy_page(tmp_path, since=NOW + timedelta(hours=1), now=NOW)
    assert later.problems == tuple(p for p in later.problems if "attempts" not in p)
    assert turbulence(tmp_path, "privacy", "--quiet", cwd=tmp_path).returncode == 1
    assert turbulence(tmp_path, "privacy", "--quiet", "--since", "1h", cwd=tmp_path).returncode in (0, 1)


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_folder_that_others_can_look_into_is_named(tmp_path: Path) -> None:
    noted(tmp_path, ("model", {"backend": "builtin"}))
    tmp_path.chmod(0o755)
    assert any(str(tmp_path) in problem and "chmod 700" in problem for problem in privacy_page(tmp_path).problems)
    tmp_path.chmod(0o700)
    assert not any("chmod" in problem for problem in privacy_page(tmp_path).problems)


def test_a_lock_that_does_not_hold_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy.egress, "holds", lambda: False)
    assert any("let a connection through" in problem for problem in privacy_page(tmp_path).problems)
    monkeypatch.setattr(privacy.egress, "locked", lambda: False)
    assert any("lock is off" in problem for problem in privacy_page(tmp_path).problems)


def test_sockets_files_and_models_are_counted_by_what_they_are(tmp_path: Path) -> None:
    project = tmp_path / "shop"
    noted(
        tmp_path / "home",
        ("socket", {"call": "connect", "to": "127.0.0.1:8080", "allowed": True}),
        ("socket", {"call": "connect", "to": "127.0.0.1:8080", "allowed": True, "again": 41}),
        ("socket", {"call": "connect", "to": "[::1]:11434", "allowed": True}),
        ("socket", {"call": "connect", "to": "unix:/run/x", "allowed": True}),
        ("socket", {"call": "connect", "to": "staging.example:443", "allowed": True}),
        ("file", {"path": str(project / "a.yaml"), "write": False}),
        ("file", {"path": str(project / "a.yaml"), "write": True}),
        ("file", {"path": "/opt/elsewhere/b", "write": False}),
        ("model", {"backend": "ollama", "model": "m", "digest": "d", "level": "l"}),
        ("ollama pull", {"what": "m from there"}),
    )
    found = touched(tmp_path / "home", project)
    assert (found.sockets.this_machine, found.sockets.allowed) == (44, 1)
    assert found.sockets.hosts == {"staging.example:443": 1}
    assert {area.name: (area.read, area.written) for area in found.files} == {
        "this project": (1, 1),
        "elsewhere": (1, 0),
    }
    assert found.models == [{"backend": "ollama", "model": "m", "digest": "d", "level": "l", "answers": 1}]
    assert [pull["what"] for pull in found.pulls] == ["m from there"]


HERE = (
    "127.0.0.1:80",
    "localhost:80",
    "[::1]:80",
    "[::ffff:127.0.0.1]:80",
    "unix:/x",
    "127.9.9.9:1",
    "::1",
    "localhost",
)
AWAY = ("192.0.2.1:80", "192.0.2.1", "example.test", "[2001:db8::1]:80", "2001:db8::1", "localhost.example:80", "")


@pytest.mark.parametrize(("target", "here"), [*((one, True) for one in HERE), *((one, False) for one in AWAY)])
def test_what_is_on_this_machine(target: str, here: bool) -> None:
    assert is_here(target) is here


@pytest.mark.parametrize(
    ("text", "expected"),
    [("24h", NOW - timedelta(hours=24)), ("7d", NOW - timedelta(days=7)), ("90m", NOW - timedelta(minutes=90)),
     ("2026-01-31T12:00+00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)), ("999999w", datetime.min.replace(tzinfo=UTC))],
)  # fmt: skip
def test_since_reads_spans_and_moments(text: str, expected: datetime) -> None:
    assert when(text, NOW) == expected
    assert when("2026-01-31", NOW).tzinfo is not None


@pytest.mark.parametrize("text", ["", "yesterday", "24", "-1h", "24y", "2026-13-01", "0001-01-01T00:00+99:00"])
def test_since_that_is_none_is_one_line(text: str) -> None:
    with pytest.raises(InputError) as error:
        when(text, NOW)
    assert error.value.problem.mend


def test_the_first_day_of_all_is_a_moment_or_one_line() -> None:
    with contextlib.suppress(InputError):
        assert when("0001-01-01", NOW).tzinfo is not None


def test_the_window_gets_the_same_page(tmp_path: Path) -> None:
    operations = ops.Operations(tmp_path)
    job = Job(1, "privacy", {})
    try:
        document = operations.handle("privacy", {"save": str(tmp_path / "page.html")}, job)
    finally:
        operations.close()
    assert json.loads(json.dumps(document)).keys() == privacy_page(tmp_path).document().keys()
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


def test_nothing_in_the_page_is_markup_of_somebody_else(tmp_path: Path) -> None:
    noted(tmp_path, ("socket", {"call": "<b>", "to": "<script>alert(1)</script>", "allowed": False}))
    html = privacy_html(privacy_page(tmp_path).document())
    assert "<script" not in html
    assert "&lt;script&gt;" in html
