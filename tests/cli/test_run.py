"""``run``, ``verify``, ``replay``, ``shrink`` on a real project, a real engine and a real database."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from turbulence_app.service.projects import database_path

Say = Callable[..., Said]


def test_a_run_as_a_document(say: Say, project: Path) -> None:
    said = say("run", "lost-answers", "--users", 8192, "--workers", 1, "--project", project, "--json")
    document = said.json
    assert said.status == 1
    assert said.err == ""
    assert document["run_id"] == "r-0002"
    assert document["status"] == "done"
    assert len(document["digest"]) == 64
    assert document["users"] == 8192 == document["completed"] + document["abandoned"] + document["failed"]
    assert {row["step"] for row in document["funnel"]} >= {"browse", "pay", "bought"}
    assert document["latency_ms"]["pay"]["p95"] > document["latency_ms"]["pay"]["p50"] > 0
    assert not document["holds"]
    assert [v["name"] for v in document["invariants"] if v["status"] == "broken"] == ["charged_once"]
    assert document["failures"][0]["failure_id"] == "f-0001"
    again = say("run", "lost-answers", "--users", 8192, "--workers", 2, "--project", project, "--json").json
    assert again["digest"] == document["digest"]
    other = say("run", "lost-answers", "--users", 8192, "--seed", 7, "--project", project, "--json").json
    assert other["digest"] != document["digest"]


def test_a_run_for_people(say: Say, project: Path) -> None:
    said = say("run", "quiet-day", "--users", 4096, "--project", project)
    assert said.status == 0
    assert said.out.startswith("r-0002  checkout / quiet-day · 4,096 users · seed 42")
    assert "bought" in said.out
    assert "charged_once" in said.out
    assert "\x1b" not in said.out
    quiet = say("run", "quiet-day", "--users", 4096, "--project", project, "--quiet")
    assert quiet.out.split()[0] == "r-0003"
    assert len(quiet.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("option", "expression", "status"),
    [
        ("--fail-on", "rate('completed') < 0.01", 0),
        ("--fail-on", "rate('completed') < 0.99", 1),
        ("--require", "p95('pay.latency_ms') < 1", 1),
        ("--require", "users == 4096", 0),
    ],
)
def test_gates_decide_the_exit_status(say: Say, project: Path, option: str, expression: str, status: int) -> None:
    said = say("run", "quiet-day", "--users", 4096, "--project", project, option, expression, "--json")
    assert said.status == status
    assert said.json["gates"][0]["passed"] is (status == 0)


@pytest.mark.parametrize(
    "expression", ["rate(", "p95('nobody.latency_ms') < 1", "__import__('os')", "fnord > 1", "1 +"]
)
def test_a_gate_that_cannot_be_read_is_refused_before_the_run(say: Say, project: Path, expression: str) -> None:
    said = say("run", "quiet-day", "--project", project, "--require", expression)
    assert said.status == 2
    assert said.err.startswith("error: ")
    assert say("replay", "r-0002/1", "--project", project).status == 2


def test_files_without_a_project(say: Say, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    flow, policy = project / "workflows/checkout.yaml", project / "policies/impatient_shopper.yaml"
    said = say("run", "--workflow", flow, "--policies", policy, "--users", 4096, "--json")
    assert said.status in (0, 1)
    assert say("verify").out.startswith(f"{said.json['run_id']}: the same, bit for bit")
    assert list(empty.iterdir()) == []


def test_verify_names_the_first_difference_of_a_tampered_run(say: Say, project: Path) -> None:
    assert say("verify", "last", "--project", project).status == 0
    connection = sqlite3.connect(database_path(project))
    blob = bytearray(connection.execute("SELECT fingerprints FROM run_chunks WHERE first_user = 4096").fetchone()[0])
    blob[2 * 100] ^= 1
    connection.execute("UPDATE run_chunks SET fingerprints = ?, digest = 'x' WHERE first_user = 4096", (bytes(blob),))
    connection.commit()
    connection.close()
    said = say("verify", "1", "--project", project, "--json")
    assert said.status == 1
    assert said.json["difference"]["user"] == 4196
    assert say("replay", "last/4196", "--project", project).status == 1
    assert say("replay", "last/4195", "--project", project).status == 0


def test_verify_sees_changed_inputs(say: Say, project: Path) -> None:
    connection = sqlite3.connect(database_path(project))
    connection.execute("UPDATE runs SET inputs = replace(inputs, '\"seed\":42', '\"seed\":43')")
    connection.commit()
    connection.close()
    said = say("verify", "--project", project)
    assert said.status == 1
    assert "differs at inputs" in said.out


def test_replay_tells_the_whole_visit(say: Say, project: Path) -> None:
    said = say("replay", "last/17", "--project", project, "--json")
    assert said.status == 0
    assert said.json["same"] is True
    assert said.json["trace"]["user"] == 17
    assert said.json["trace"]["events"][0]["kind"] == "arrive"
    people = say("replay", "r-0001/17", "--project", project, "--draws")
    assert "bit for bit" in people.out.splitlines()[0]
    assert "browse#0.0:latency" in people.out


def test_shrink_and_replay_a_failure(say: Say, project: Path) -> None:
    said = say("shrink", "f-0001", "--project", project, "--json")
    assert said.status == 0
    document = said.json
    assert document["size_shrunk"] == len(document["choices"]) < document["size_found"]
    assert document["minimal"]
    user = document["failure"]["user"]
    assert say("shrink", f"r-0001/{user}", "--project", project, "--json").json["choices"] == document["choices"]
    assert say("replay", "f-0001", "--project", project).out.startswith(f"r-0001/{user}  ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay", "last/99999999"),
        ("replay", "last/-1"),
        ("replay", ""),
        ("replay", "last/"),
        ("replay", "/"),
        ("replay", "r-0009/1"),
        ("replay", "f-9999"),
        ("shrink", "f-9999"),
        ("shrink", "last/0"),
        ("shrink", "last/4294967296"),
        ("shrink", ""),
        ("verify", "nobody"),
        ("run", "no-such-scenario"),
        ("run", "--workflow", "no-such-workflow"),
        ("run", "--policies", "/nowhere.yaml"),
        ("run", "--users", "0"),
        ("run", "--users", "99999999999999999999999"),
        ("run", "--users", "many"),
        ("run", "--seed", "-1"),
        ("run", "--workers", "1000"),
        ("run", "--target", "http", "--profile", "staging"),
        ("run", "--fnord"),
    ],
)
def test_what_does_not_exist_is_one_clear_line(say: Say, project: Path, arguments: tuple[str, ...]) -> None:
    said = say(*arguments, "--project", project)
    assert said.status == 2, said
    assert said.err.startswith("error: ")
    assert said.out == ""
    as_json = say(*arguments, "--project", project, "--json")
    assert as_json.status == 2
    assert as_json.json["error"]["exit_status"] == 2
    assert as_json.json["error"]["message"]


def test_a_persona_without_a_policy_names_the_mend(say: Say, project: Path) -> None:
    (project / "policies/impatient_shopper.yaml").unlink()
    said = say("run", "--project", project)
    assert said.status == 2
    assert "impatient_shopper has no policy" in said.err
    assert "turbulence policy generate" in said.err


@pytest.mark.parametrize("command", [("run",), ("campaign",)])
def test_what_check_refuses_is_not_run(say: Say, project: Path, command: tuple[str, ...]) -> None:
    path = project / "workflows/checkout.yaml"
    path.write_text(path.read_text() + "\ndurable: [nonsense]\n")
    said = say(*command, "lost-answers", "--project", project)
    assert said.status == 2
    assert "checkout.yaml:" in said.err
    assert "'nonsense'" in said.err
