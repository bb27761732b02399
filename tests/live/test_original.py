"""The original Turbulence's scenario and SUT against a real service, without the defects that it had."""

import json
from collections import Counter
from pathlib import Path

import pytest

from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.recording import Recording
from turbulence_app.domain.workflow import GrpcStep
from turbulence_app.engine.execute import execute
from turbulence_app.engine.live.replay import plan_of_recording, replay_recorded
from turbulence_app.engine.place import HttpPlace
from turbulence_app.formats.original import import_original

ORIGINAL = Path(__file__).parents[1] / "conformance" / "original"
USERS = 120


@pytest.fixture(scope="module")
def original(port, tmp_path_factory):
    """The inputs (the scenario as it is, but for its gRPC step), what came of them twice, and the recordings."""
    sut = tmp_path_factory.mktemp("original") / "sut.yaml"
    text = (ORIGINAL / "sut.yaml").read_text()
    sut.write_text(text.replace("http://staging.local:8080", f"http://127.0.0.1:{port}/"))
    read = import_original(
        ORIGINAL / "scenarios" / "checkout.yaml", (sut, ORIGINAL / "personas.yaml", ORIGINAL / "policies.yaml")
    )
    flow = tuple(step for step in read.workflow.flow if not isinstance(step, GrpcStep))
    crowd = tuple(Member(persona=p.persona_id, weight=1, policy=p) for p in read.policies)
    made = RunInputs(
        workflow=read.workflow.model_copy(update={"flow": flow}), crowd=crowd, users=USERS, target="http",
        arrivals={"kind": "closed", "concurrent": 60},
    )  # fmt: skip
    recorded: list[dict] = []
    runs = [execute(made, place=HttpPlace(), record=recorded.append) for _ in range(2)]
    return made, runs, recorded


def step(done, name):
    return next(s for s in done.summary.funnel if s.step == name)


def test_it_runs_and_all_of_its_steps_work(original):
    _, (done, _), _ = original
    bought = step(done, "pay").reached
    assert 20 < bought < USERS
    assert step(done, "create_cart").answers == {"ok": bought}
    assert step(done, "leave_feedback").answers == {"ok": USERS - bought}
    assert step(done, "listed").passed == USERS
    assert step(done, "shipped").failed == 0 < step(done, "shipped").passed
    assert step(done, "shape").passed == USERS


def test_the_same_seed_makes_the_same_people_whatever_the_service_takes(original):
    _, (one, two), _ = original
    for name in ("pick", "second_choice"):
        assert step(one, name).options == step(two, name).options
    assert [p.users for p in one.summary.personas] == [p.users for p in two.summary.personas]
    assert min(p.users for p in one.summary.personas if p.persona in ("bargain", "loyal")) > 20


def test_decisions_of_one_person_are_independent(original):
    _, _, recorded = original
    seen = Counter()
    for document in recorded[:USERS]:
        steps = {e["step"] for e in document["exchanges"]}
        seen["pay" in steps, "shipped" in steps] += 1
    assert len(seen) == 3


def test_a_request_that_succeeded_is_not_repeated(original):
    _, (done, _), _ = original
    pay = step(done, "pay")
    assert pay.answers == {"ok": pay.requests}
    assert pay.requests == pay.reached
    assert pay.retries == 0


def test_what_it_sends_is_what_its_files_say(original):
    _, _, recorded = original
    exchanges = [e for document in recorded for e in document["exchanges"]]
    assert not [e["target"] for e in exchanges if e["target"].startswith("//")]
    for exchange in exchanges:
        assert exchange["request_headers"]["x-client"] == "turbulence"
        assert exchange["request_headers"]["x-env"] == "staging"
    carts = [json.loads(e["request_body"]["text"]) for e in exchanges if e["step"] == "create_cart"]
    assert {cart["quantity"] for cart in carts} == {1, 2, 3}
    assert all(cart["product"] == "A-1" and cart["gift"] is False and cart["notes"] is None for cart in carts)
    assert {e["target"] for e in exchanges if e["step"] == "pay"} == {f"/carts/cart-{n}/pay" for n in (1, 2, 3)}


def test_its_pressure_delays_every_answer(original):
    _, _, recorded = original
    waits = [e["waited_us"] for document in recorded for e in document["exchanges"] if e["step"] == "pay"]
    assert min(waits) >= 10_000


def test_every_visit_replays(original):
    made, (_, done), recorded = original
    plan = plan_of_recording(made)
    for document in recorded:
        again = replay_recorded(plan, Recording.model_validate(document))
        assert again.divergence is None
    assert done.users_done == USERS
