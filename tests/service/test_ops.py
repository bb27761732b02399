"""The worker's operations through the real client and real child processes."""

import queue
from pathlib import Path
from typing import Any

import pytest

from turbulence_app.domain.events import FailureFound, RunFinished, RunProgress, RunStarted
from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import Summary
from turbulence_app.domain.trace import UserTrace
from turbulence_app.domain.workflow import Workflow
from turbulence_app.service.client import Client
from turbulence_app.service.ops import TABLE
from turbulence_app.service.projects import init_project


@pytest.fixture(scope="module")
def client():
    one = Client()
    yield one
    one.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("ops") / "shop"
    init_project(root)
    return str(root)


@pytest.fixture(scope="module")
def opened(client: Client, project: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.call("live", "open_project", {"project": project})
    return answer


def run(client: Client, project: str, **params: Any) -> tuple[list[Any], RunFinished]:
    events: list[Any] = []
    answers: queue.Queue[Any] = queue.Queue()
    inputs = client.call("live", "build_inputs", {"project": project, **params})
    client.request(
        "run", "run", {"project": project, "inputs": inputs}, on_event=events.append, on_result=answers.put,
        on_error=answers.put,
    )  # fmt: skip
    return events, RunFinished.model_validate(answers.get(timeout=120))


def test_a_project_comes_whole(opened: dict[str, Any], project: str) -> None:
    assert opened["root"] == project
    assert [w["id"] for w in opened["workflows"]] == ["checkout"]
    assert len(opened["personas"]) == len(opened["policies"]) == 5
    assert not [p for p in opened["problems"] if p["severity"] == "error"]
    assert {entry["kind"] for entry in opened["files"]} >= {"project", "workflow", "persona", "policy", "scenario"}
    for document in opened["policies"]:
        assert Policy.model_validate(document).workflow == "checkout"


def test_the_sample_is_what_opens_without_a_name(client: Client) -> None:
    answer = client.call("live", "open_project", {})
    assert answer["sample"]
    assert Path(answer["root"]).is_dir()
    assert answer == client.call("live", "open_project", {"root": None})


def test_preview_is_the_run_in_small(client: Client, project: str) -> None:
    document = client.call("live", "build_inputs", {"project": project, "scenario": "quiet-day", "users": 4096})
    assert RunInputs.model_validate(document).scenario == "quiet-day"
    preview = Summary.model_validate(client.call("live", "preview", {"inputs": document}))
    _, finished = run(client, project, scenario="quiet-day", users=4096)
    assert preview == finished.summary


def test_a_run_its_events_and_what_can_be_asked_about_it(client: Client, project: str) -> None:
    events, finished = run(client, project, scenario="lost-answers", users=100_000)
    kinds = [type(event) for event in events]
    assert kinds[0] is RunStarted
    assert kinds[-1] is RunFinished
    assert {RunProgress, FailureFound} <= set(kinds)
    run_id = finished.manifest.run_id
    asked = {"project": project, "run_id": run_id}
    assert client.call("run", "verify", asked)["same"] is True
    listed = client.call("live", "list_runs", {"project": project})["runs"]
    assert listed[0]["manifest"]["run_id"] == run_id
    assert listed[0]["broken"] == 1
    assert Summary.model_validate(client.call("live", "run_summary", asked)["summary"]) == finished.summary
    assert RunInputs.model_validate(client.call("live", "run_inputs", asked)).users == 100_000
    failures = client.call("live", "failures", asked)
    assert failures["run_id"] == run_id
    first = failures["failures"][0]
    again = client.call("live", "replay", {**asked, "user": first["user"]})
    assert again["same"] is True
    assert first["invariant"] in UserTrace.model_validate(again["trace"]).violations
    small = Shrunk.model_validate(
        client.call("run", "shrink", {"project": project, "failure_id": f"{run_id}/{first['failure_id']}"})
    )
    assert small.minimal
    assert client.call("live", "failures", asked)["shrunk"][first["failure_id"]]["choices"]


def test_a_run_is_cancelled_and_kept(client: Client, project: str) -> None:
    inputs = client.call("live", "build_inputs", {"project": project, "users": 50_000_000})
    answers: queue.Queue[Any] = queue.Queue()
    started: queue.Queue[Any] = queue.Queue()
    job = client.request(
        "run", "run", {"project": project, "inputs": inputs, "workers": 1},
        on_event=lambda e: started.put(e) if isinstance(e, RunProgress) else None,
        on_result=answers.put, on_error=answers.put,
    )  # fmt: skip
    assert started.get(timeout=60).done > 0
    client.cancel(job)
    finished = RunFinished.model_validate(answers.get(timeout=60))
    assert finished.manifest.status == "cancelled"
    assert 0 < finished.summary.users < 50_000_000
    assert client.call("live", "run_summary", {"project": project})["manifest"]["status"] == "cancelled"


def test_texts_are_checked_as_they_are_typed(client: Client, opened: dict[str, Any], project: str) -> None:
    path = next(entry["path"] for entry in opened["files"] if entry["kind"] == "workflow")
    text = Path(path).read_text()
    assert client.call("live", "check_text", {"project": project, "kind": "workflow", "text": text}) == {"problems": []}
    assert Workflow.model_validate(client.call("live", "parse_workflow", {"text": text})).id == "checkout"
    broken = text.replace("type: http", "type: htpp", 1)
    (problem, *_) = client.call("live", "check_text", {"kind": "workflow", "text": broken})["problems"]
    assert problem["where"]["line"] > 1
    with pytest.raises(RuntimeError, match="save_workflow"):
        client.call("live", "save_workflow", {"project": project, "text": broken, "file": path})
    with pytest.raises(RuntimeError, match="inside its project"):
        client.call("live", "save_workflow", {"project": project, "text": text, "file": "../out.yaml"})
    commented = text + "# a remark\n"
    client.call("live", "save_workflow", {"project": project, "text": commented, "file": path})
    assert Path(path).read_text() == commented


def test_policies_are_saved_approved_and_remembered(client: Client, opened: dict[str, Any], project: str) -> None:
    before = opened["policies"][0]
    who = {"project": project, "persona": before["persona_id"]}
    client.call("live", "save_policy", {"project": project, "policy": {**before, "toggles": {"apply_coupon": 0.5}}})
    approved = client.call("live", "approve_policy", {**who, "by": "Ada"})
    assert approved["provenance"]["approved_by"] == "Ada"
    again = client.call("live", "open_project", {"project": project})
    (now,) = [p for p in again["policies"] if p["persona_id"] == before["persona_id"]]
    assert now["toggles"] == {"apply_coupon": 0.5}
    assert now["provenance"]["approved_by"] == "Ada"
    reasons = [version["reason"] for version in client.call("live", "policy_history", who)["versions"]]
    assert reasons == ["approved", "edited"]


def test_personas_come_and_go(client: Client, opened: dict[str, Any], project: str) -> None:
    persona = {**opened["personas"][0], "id": "newcomer", "name": "Newcomer"}
    client.call("live", "save_persona", {"project": project, "persona": persona})
    ids = [p["id"] for p in client.call("live", "open_project", {"project": project})["personas"]]
    assert "newcomer" in ids
    client.call("live", "delete_persona", {"project": project, "persona": "newcomer"})
    ids = [p["id"] for p in client.call("live", "open_project", {"project": project})["personas"]]
    assert "newcomer" not in ids
    with pytest.raises(RuntimeError, match="no persona"):
        client.call("live", "delete_persona", {"project": project, "persona": "newcomer"})


def test_compile_says_where_numbers_come_from(client: Client, opened: dict[str, Any], project: str) -> None:
    ask = {"project": project, "persona": opened["personas"][0], "workflow": opened["workflows"][0]}
    policy = Policy.model_validate(client.call("model", "compile", {**ask, "backend": "builtin"}))
    assert policy.provenance.backend == "builtin"
    assert any(policy.evidence.values())
    models = client.call("model", "models", {})["models"]
    assert {"builtin", "rules"} <= {model["backend"] for model in models}
    with pytest.raises(RuntimeError, match="no such file"):
        client.call("model", "add_model", {"path": "/nowhere.gguf"})


def test_a_wrong_call_is_a_clear_error_whatever_the_operation(client: Client) -> None:
    for op in sorted(TABLE):
        with pytest.raises(RuntimeError, match=f"^{op}: {op}: "):
            client.call("live", op, {"fnord": 1})
    for op, params in (("replay", {"user": -1}), ("list_runs", {"limit": "many"}), ("open_project", {"project": 7})):
        with pytest.raises(RuntimeError, match=f"^{op}: {op}: {next(iter(params))}: "):
            client.call("live", op, params)
    with pytest.raises(RuntimeError, match="no operation"):
        client.call("live", "fnord", {})
    assert client.call("live", "ping", {"data": [1]}) == [1]
