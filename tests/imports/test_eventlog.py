"""Logs become models: what was measured is what the model draws, and the person's file keeps its comments."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.quantity import Table
from turbulence_app.domain.recording import Exchange, Recording
from turbulence_app.domain.workflow import AnswerModel, HttpStep, ServiceModel
from turbulence_app.engine.quantiles import compile_quantity
from turbulence_app.formats.eventlog import Event, Samples, with_models
from turbulence_app.formats.eventlog_read import read_log
from turbulence_app.formats.fitting import KNOTS, outcomes_of, quantity_of, shares
from turbulence_app.formats.loader import parse_workflow
from turbulence_app.formats.refit import refitted
from turbulence_app.resources import resource_path
from turbulence_app.service import imports
from turbulence_app.service.projects import init_project

SHOP = resource_path("samples/shop") / "workflows" / "checkout.yaml"
WORDS = (
    "id: w\nservices: {api: {base_url: 'http://127.0.0.1:80/v1'}}\nflow:\n"
    "  - {name: list, type: http, service: api, path: /orders}\n"
    "  - {name: latest, type: http, service: api, path: /orders/latest}\n"
    "  - {name: read, type: http, service: api, path: '/orders/{{order_id | default:1}}'}\n"
    "  - name: pay          # the dear one\n    type: http\n    service: api\n    method: POST\n"
    "    path: /orders/{{order_id | default:1}}/pay   # no key, on purpose\n"
    "    model: {latency_ms: 5, outcomes: {ok: {p: 0.9, status: 201, json: {n: 1}}, no_money: {p: 0.1, status: 402}}}\n"
)


@pytest.fixture
def samples() -> Samples:
    return Samples(parse_workflow(WORDS, "w.yaml"))


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_requests_find_their_steps(samples):
    routes = samples.routes
    assert routes.steps("GET /orders") == ["list"]
    assert routes.steps("GET /orders?page=2") == ["list"]
    assert routes.steps("GET /orders/latest") == ["latest"]
    assert routes.steps("GET /v1/orders/4711") == ["read"]
    assert routes.steps("POST /v1/orders/4711/pay") == ["pay"]
    twice = Samples(parse_workflow(WORDS + "  - {name: again, type: http, service: api, path: /orders}\n", "w.yaml"))
    assert twice.routes.steps("GET /orders") == ["list", "again"]
    assert routes.steps("DELETE /orders/4711") == routes.steps("nonsense") == []


def test_csv(samples, tmp_path):
    lines = ["user,event,time,status,latency_ms"]
    lines += [f"u{i},pay,2026-05-04T09:30:{i % 60:02d}Z,{402 if i % 4 == 0 else 201},{100 + i}" for i in range(40)]
    lines += ['u1,"GET /orders/9",1777887000.25,200,12.5', "u1,unheard_of,1,200,1", "u2,list,2,timeout,"]
    samples.add(read_log(write(tmp_path / "log.csv", *lines)))
    models = samples.models()
    pay = models["pay"]
    assert pay.outcomes == {
        "ok": AnswerModel(p=0.75, status=201, json_={"n": 1}), "no_money": AnswerModel(p=0.25, status=402)
    }  # fmt: skip
    assert isinstance(pay.latency_ms, Table)
    assert (pay.latency_ms.values[0], pay.latency_ms.values[-1], len(pay.latency_ms.values)) == (100, 139, 40)
    assert models["read"].latency_ms == 12.5
    assert models["list"] == ServiceModel(outcomes={"timeout": 1.0})
    told = " ".join(samples.notes())
    assert "1 unheard_of" in told
    assert "Only 1 measurements of 'read'" in told
    assert "Nothing was measured of 'latest'" in told


COMMON = '127.0.0.1 - - [04/May/2026:09:30:00 +0000] "GET /v1/orders/{} HTTP/1.1" {} 512'


@pytest.mark.parametrize(
    ("tail", "unit", "milliseconds"),
    [
        (' "-" "Mozilla/5.0 (X11)" 0.012', None, 12.0),
        (' "http://shop/" "agent \\"x\\" 5" rt=0.250 uct="0.0"', None, 250.0),
        (' "-" "agent" 1500', None, 1.5),
        (' "-" "agent" 15', "ms", 15.0),
        (' "-" "agent" request_time=3ms', None, 3.0),
        (' "-" "Mozilla/5.0 agent 99"', None, None),
        ("", None, None),
    ],
)
def test_access_logs(samples, tmp_path, tail, unit, milliseconds):
    file = write(tmp_path / "access.log", *(COMMON.format(i, 200 + 204 * (i == 3)) + tail for i in range(10)))
    samples.add(read_log(file, unit))
    fitted = {f.step: f for f in samples.report()}["read"]
    assert fitted.outcomes == {"ok": 0.9, "not_found": 0.1}
    assert fitted.median_ms == pytest.approx(milliseconds)


def test_a_few_broken_lines_are_skipped_many_are_no_log(samples, tmp_path):
    good, bad = COMMON.format(1, 200), "--- rotated ---"
    samples.add(read_log(write(tmp_path / "a.log", good, bad, *[good] * 50)))
    assert samples.events == 51
    with pytest.raises(InputError, match="no line of an access log") as caught:
        list(read_log(write(tmp_path / "b.log", good, *[bad] * 50)))
    assert caught.value.problem.where is not None
    assert caught.value.problem.where.line == 22


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ([""], 0, "empty"),
        (["hello"], 1, "no log"),
        (["user,event,time", "1,2"], 2, "2 values under 3 names"),
        (["user,event,time,status", "1,a,1,fine"], 2, "no status"),
        (["user,event,time,latency_ms", "1,a,1,-5"], 2, "latency_ms"),
        (["user,event,time,latency_ms", "1,a,1,nan"], 2, "latency_ms"),
        (["user,event,time", "1,a,noon"], 2, "no time"),
        (["user,event,time", '1,"a,1'], 2, "quote"),
        (["user,event,time", "1," + "a" * 70_000 + ",1"], 2, "too long"),
    ],
)
def test_what_is_wrong_has_a_line(tmp_path, lines, line, words):
    with pytest.raises(InputError, match=words) as caught:
        list(read_log(write(tmp_path / "log.csv", *lines)))
    assert caught.value.problem.where is not None
    assert caught.value.problem.where.line == line


def test_recordings_leave_out_what_says_nothing_of_the_service(samples):
    def one(n: int, **more: object) -> Exchange:
        base = {"step": "pay", "attempt": n, "target": "/x", "status": 201, "answer": "ok", "due_us": 0, "sent_us": 500}
        return Exchange.model_validate({**base, "waited_us": 10_500, **more})

    exchanges = [one(n) for n in range(30)]
    exchanges += [one(31, status=0, answer="timeout", waited_us=30_000_000), one(32, status=0, answer="gave_up")]
    exchanges += [one(33, changed=(0,), status=500, answer="error"), one(34, step="@probe"), one(35, target="")]
    samples.add_recording(Recording(user=1, exchanges=tuple(exchanges)))
    model = samples.models()["pay"]
    assert model.latency_ms == 10.0
    assert model.outcomes["timeout"] == pytest.approx(1 / 31, abs=1e-6)
    told = " ".join(samples.notes())
    assert "1 people gave up on 'pay'" in told
    assert "2 requests were struck by the run's own faults" in told


def test_the_file_keeps_its_comments(samples):
    samples.add([Event("pay", 201, 10.0 + i) for i in range(9)])
    samples.add([Event("read", 200, 5.0)])
    text, kept = refitted(WORDS, "w.yaml", samples.models())
    assert kept
    for comment in ("# the dear one", "# no key, on purpose"):
        assert comment in text
    assert parse_workflow(text, "w.yaml") == with_models(samples.workflow, samples.models())


def test_the_sample_shop_is_refitted_in_place():
    text = SHOP.read_text("utf-8")
    flow = parse_workflow(text, str(SHOP))
    dice = random.Random(7)
    samples = Samples(flow)
    for name in samples.steps:
        samples.add(Event(name, 200 if dice.random() < 0.97 else 503, dice.lognormvariate(4, 0.5)) for _ in range(300))
    fitted, kept = refitted(text, str(SHOP), samples.models())
    assert kept
    lost = [line for line in text.splitlines() if line.strip().startswith("#") and line not in fitted]
    assert lost == []
    assert parse_workflow(fitted, "x") == with_models(flow, samples.models())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.001, 1e6), min_size=5, max_size=400))
def test_the_model_draws_what_was_measured(milliseconds):
    """Kolmogorov's distance between the sample and the compiled table is at most the tables' own spacing."""
    quantity = quantity_of(milliseconds)
    sampler = compile_quantity(quantity, 1000)
    words = np.linspace(0, 2**32 - 1, 4001).astype(np.uint64)
    drawn = np.sort([sampler.value(int(w)) for w in words])
    measured = np.sort(np.array(milliseconds) * 1000)
    points = np.concatenate([measured, drawn])
    ours = np.searchsorted(drawn, points + 1.0, side="right") / drawn.size
    theirs = np.searchsorted(measured, points - 1.0, side="left") / measured.size
    assert float(np.max(theirs - ours)) <= 2 / min(len(milliseconds), KNOTS) + 1e-3


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), st.integers(0, 10**7), min_size=1))
def test_shares_sum_to_one(counts):
    if not any(counts.values()):
        return
    found = shares(counts)
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-9)
    assert all(0 <= p <= 1 for p in found.values())
    ServiceModel(outcomes={f"x{k}": AnswerModel(p=p, status=400) for k, p in found.items()})


def test_quantiles_are_linear_between_measurements():
    table = quantity_of([float(i * i) for i in range(200)])
    assert isinstance(table, Table)
    assert len(table.values) == KNOTS
    for k, value in enumerate(table.values):
        assert value == pytest.approx(float(np.quantile([i * i for i in range(200)], k / (KNOTS - 1))), abs=1e-3)


def test_few_measurements_are_not_dressed_up():
    assert quantity_of([7.0]) == 7.0
    assert quantity_of([7.0, 9.0, 8.0]).model_dump() == {"min": 7.0, "max": 9.0}
    assert outcomes_of({200: 1}) == {"ok": AnswerModel(p=1.0, status=200)}


def test_fitting_a_project(tmp_path):
    init_project(tmp_path / "shop")
    file = write(tmp_path / "log.csv", "user,event,time,status,latency_ms", *(f"{i},pay,1,201,{i}" for i in range(30)))
    done = imports.log(tmp_path / "shop", str(file))
    assert [f.step for f in done.fitted] == ["pay"]
    text = done.files[0].read_text("utf-8")
    assert "# Here is the bug" in text
    step = next(s for s in parse_workflow(text, "x").steps() if s.name == "pay")
    assert isinstance(step, HttpStep)
    assert step.model is not None
    assert step.model.outcomes == {"ok": AnswerModel(p=1.0, status=201)}


def test_stopping_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(imports, "TELL_S", -1.0)
    init_project(tmp_path / "shop")
    before = (tmp_path / "shop/workflows/checkout.yaml").read_bytes()
    file = write(tmp_path / "log.csv", "user,event,time,latency_ms", *(f"{i},pay,1,{i}" for i in range(3000)))
    with pytest.raises(CancelledError):
        imports.log(tmp_path / "shop", str(file), should_stop=lambda: True)
    assert (tmp_path / "shop/workflows/checkout.yaml").read_bytes() == before
