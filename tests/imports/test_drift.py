"""The model against the service: far apart at first, no further than chance once it is fitted; and the arithmetic."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.insight.drift import SPLITS, Comparison, distance, first_parting, half_of, ks_distance

ROOT = Path(__file__).parents[2]


def trace(user: int, *events: tuple[str, str, str], outcome: str = "completed", waited: int = 1000) -> UserTrace:
    made = [
        TraceEvent(at_us=i, kind=kind, step=step, detail=detail, data={"status": 200, "waited_us": waited})  # type: ignore[arg-type]
        for i, (kind, step, detail) in enumerate(events)
    ]
    return UserTrace(user=user, persona="p", arrived_us=0, ended_us=1, outcome=outcome, events=tuple(made))  # type: ignore[arg-type]


def paid(user: int, detail: str = "ok", waited: int = 1000) -> UserTrace:
    end = "completed" if detail == "ok" else "failed"
    events = (("request", "pay", ""), ("answer", "pay", detail), ("end", "done", end))
    return trace(user, *events, outcome=end, waited=waited)


def test_the_same_twice_is_no_drift():
    compared = Comparison()
    for user in range(200):
        one = paid(user, waited=1000 + 7 * user)
        compared.add(one, one)
    found = compared.drift("r", "http", 0.0, ())
    assert found.score == 0
    assert found.holds
    assert found.parted == 0
    assert found.steps[0].ks == 0


def test_a_slower_service_is_seen():
    compared = Comparison()
    for user in range(400):
        compared.add(paid(user, waited=1000 + user), paid(user, waited=3000 + user))
    step = compared.drift("r", "http", 0.1, ()).steps[0]
    assert step.ks == 1
    assert step.ratio == pytest.approx(2.7, abs=0.3)
    assert step.score > 0.85


def test_the_drivers_lateness_is_not_the_services():
    compared = Comparison()
    for user in range(50):
        compared.add(paid(user, waited=1000 + user), paid(user, waited=9000 + user), {"pay#0.0": 8000})
    assert compared.drift("r", "http", 0.1, ()).steps[0].ks == 0


def test_other_outcomes_are_seen_and_told():
    compared = Comparison()
    for user in range(400):
        compared.add(paid(user), paid(user, "declined" if user % 4 == 0 else "ok"))
    found = compared.drift("r", "http", 0.1, ())
    assert found.steps[0].outcomes["declined"] == (0.0, 0.25)
    assert found.steps[0].outcome_distance == 0.25
    assert found.real_outcomes == {"completed": 0.75, "failed": 0.25}
    assert found.parted == 100
    assert str(found.partings[0].real) == "pay: declined"
    assert not found.holds


def test_a_step_that_only_one_side_has():
    compared = Comparison()
    for user in range(60):
        more = trace(user, ("request", "a", ""), ("answer", "a", "ok"), ("request", "b", ""), ("answer", "b", "ok"))
        compared.add(trace(user, ("request", "a", ""), ("answer", "a", "ok")), more)
    steps = {s.step: s for s in compared.drift("r", "app", 0.1, ()).steps}
    assert (steps["b"].model_reached, steps["b"].real_reached) == (0.0, 1.0)
    assert steps["b"].score == 1.0
    assert steps["b"].parted == 60


def test_the_first_parting_is_the_first():
    one = trace(1, ("decide", "d", "left"), ("answer", "a", "ok"), ("end", "e", "completed"))
    other = trace(1, ("decide", "d", "left"), ("answer", "a", "error"), ("end", "f", "failed"))
    parting = first_parting(one, other)
    assert parting is not None
    assert (parting.step, parting.what, parting.model, parting.real) == ("a", "the answer", "a: ok", "a: error")
    assert first_parting(one, one) is None
    longer = trace(1, *((e.kind, e.step, e.detail) for e in one.events), ("answer", "z", "ok"))
    assert first_parting(one, longer) is not None


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=40), st.lists(st.integers(0, 20), min_size=1, max_size=40))
def test_kolmogorov_by_counting(one, other):
    """Against the definition: the largest difference of the two shares at or below any value."""
    wanted = max(
        abs(sum(a <= x for a in one) / len(one) - sum(b <= x for b in other) / len(other)) for x in {*one, *other}
    )
    found = ks_distance(np.sort(np.array(one, float)), np.sort(np.array(other, float)))
    assert found == pytest.approx(wanted, abs=1e-12)


@given(
    st.dictionaries(st.sampled_from("abc"), st.floats(0, 1)), st.dictionaries(st.sampled_from("abc"), st.floats(0, 1))
)
def test_distance_is_a_distance(one, other):
    assert distance(one, other) == distance(other, one) >= 0
    assert distance(one, one) == 0


def test_halves_are_halves():
    for split in range(SPLITS):
        share = sum(half_of(user, split) for user in range(4000)) / 4000
        assert 0.46 < share < 0.54
    patterns = {tuple(half_of(u, s) for u in range(64)) for s in range(SPLITS)}
    assert len(patterns) == SPLITS


@pytest.fixture(scope="module")
def library():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.imports.serve"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    yield f"http://127.0.0.1:{int(process.stdout.readline())}/openapi.json"
    process.terminate()
    process.wait(10)
    process.stdout.close()


def call(project: Path, *arguments: str) -> tuple[int, dict]:
    command = [sys.executable, "-m", "turbulence_app", *arguments, "--project", str(project), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    return done.returncode, json.loads(done.stdout)


def test_record_once_fit_and_hold(library, tmp_path):
    """The whole way: a live service's own document, a live run, a model out of it, and the check that it holds."""
    project = tmp_path / "library"
    status, made = call(project, "import", "openapi", library, "--id", "library")
    assert (status, made["workflow"]) == (0, "library")
    assert call(project, "check")[0] == 0
    status, ran = call(project, "run", "library", "--target", "http", "--users", "120", "--time-scale", "0")
    assert status == 0
    assert ran["completed"] == 120
    status, far = call(project, "drift")
    assert status == 1
    assert far["steps"][0]["score"] > 0.5
    status, fitted = call(project, "import", "log", "last")
    assert status == 0
    assert {f["step"] for f in fitted["fitted"]} >= {"list_books", "create_book", "create_member"}
    status, near = call(project, "drift", "--threshold", "0.1")
    assert (status, near["holds"]) == (0, True)
    assert near["score"] < 0.1
    status, asked = call(project, "drift", "--threshold", "0", "--workflow", str(project / "nothing.yaml"))
    assert (status, "there is no such file" in asked["error"]["message"]) == (2, True)


def test_an_imported_workflow_runs_in_process(tmp_path):
    """The same document, and the application itself imported: every documented status is what it really answers."""
    from tests.imports.library_app import create_app

    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(create_app().openapi()), "utf-8")
    project = tmp_path / "library"
    application = "tests.imports.library_app:create_app"
    assert call(project, "import", "openapi", str(document), "--id", "library", "--app", application)[0] == 0
    settings_file = project / "turbulence.yaml"
    settings_file.write_text(settings_file.read_text("utf-8") + f"app: {{paths: [{json.dumps(str(ROOT))}]}}\n", "utf-8")
    status, ran = call(project, "run", "library", "--target", "app", "--users", "40")
    assert status == 0, ran
    assert ran["completed"] == 40
    status, far = call(project, "drift", "last")
    assert (status, far["target"], far["users"]) == (1, "app", 40)


def test_secrets_come_from_the_environment_of_the_application(tmp_path):
    from tests.imports.library_app import create_locked_app

    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(create_locked_app().openapi()), "utf-8")
    project = tmp_path / "vault"
    application = "tests.imports.library_app:create_locked_app"
    status, made = call(project, "import", "openapi", str(document), "--app", application)
    assert (status, made["workflow"]) == (0, "vault")
    assert "environment variable VAULT_HTTP_BEARER" in " ".join(made["notes"])
    settings_file, place = project / "turbulence.yaml", f"paths: [{json.dumps(str(ROOT))}]"
    plain = settings_file.read_text("utf-8")
    settings_file.write_text(f"{plain}app: {{{place}}}\n", "utf-8")
    status, refused = call(project, "run", "vault", "--target", "app", "--users", "5")
    assert (status, "VAULT_HTTP_BEARER is not set" in refused["error"]["message"]) == (2, True)
    settings_file.write_text(f"{plain}app: {{{place}, env: {{VAULT_HTTP_BEARER: open-sesame}}}}\n", "utf-8")
    status, ran = call(project, "run", "vault", "--target", "app", "--users", "5")
    assert (status, ran["completed"]) == (0, 5)
