"""Recordings of browsers become journeys with real pauses; secrets and personal data stay out of every file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.imports.browser import Recorder, shopping
from tests.imports.worked import requests, run, stats
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.quantity import Table
from turbulence_app.domain.workflow import AnswerModel
from turbulence_app.formats.har import import_har
from turbulence_app.formats.imported import Imported, project_files


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Imported:
    return import_har([shopping().save(tmp_path_factory.mktemp("har") / "shop.har")])


@pytest.fixture(scope="module")
def several(tmp_path_factory) -> Imported:
    root = tmp_path_factory.mktemp("hars")
    ends = ["", "", "products", "basket", "", "", ""]
    files = [shopping((5 + k, 9 + k, 12 + 2 * k), 1 + k / 10, until=ends[k]).save(root / f"{k}.har") for k in range(7)]
    return import_har(files, "visits")


def test_it_runs(one, tmp_path):
    summary = run(one, tmp_path)
    assert summary.completed == summary.users
    assert [s.step for s in summary.funnel if s.type == "http"] == [
        "open_home", "get_products", "get_product", "get_stock", "post_login", "post_baskets", "post_pay", "get_orders",
    ]  # fmt: skip


def test_pauses_are_the_real_ones(one):
    steps = one.policies[0].pacing.steps
    assert steps == {"get_product": 6200, "get_stock": 5000, "post_login": 11500, "post_pay": 21000}
    assert one.policies[0].pacing.think_ms == 0


def test_values_that_travel_become_extracts(one):
    steps = requests(one.workflow)
    assert steps["get_products"].extract == {"product_id": "$.items[1].id"}
    assert steps["get_product"].path == "/api/products/{{product_id}}"
    assert steps["post_baskets"].extract == {"basket_id": "$.basket.id"}
    assert steps["post_pay"].path == "/api/baskets/{{basket_id}}/pay"
    assert steps["post_pay"].headers["authorization"] == "Bearer {{access_token}}"
    assert steps["get_orders"].query == {"number": "{{order_number}}"}


def test_the_model_gives_what_is_extracted(one, tmp_path):
    model = requests(one.workflow)["post_baskets"].model
    assert model is not None
    ok = model.outcomes["ok"]
    assert isinstance(ok, AnswerModel)
    assert ok.json_ == {"basket": {"id": "b-77ab31"}}
    assert model.latency_ms == 120


def test_no_secret_and_no_person_is_in_the_files(one, several, tmp_path):
    for imported in (one, several):
        text = "\n".join(project_files(imported, tmp_path).values())
        for secret in ("analytical-engine", "ada.lovelace", "eyJhbGci", "9f8e7d6c", "4111111111111111"):
            assert secret not in text
    assert "{{env.SHOP_PASSWORD}}" in str(requests(one.workflow)["post_login"].json_)
    told = " ".join(one.notes)
    assert "password from SHOP_PASSWORD" in told
    assert "cardNumber, email" in told


def test_what_was_dropped_is_counted(one):
    told = " ".join(one.notes)
    assert "3 requests left out that load parts of pages: 1 image, 1 script, 1 stylesheet." in told
    assert "1 request to other hosts left out (1 stats.tracker.example)" in told
    assert "3 repetitions" in told


def test_several_visits_become_distributions(several, tmp_path):
    summary = stats(run(several, tmp_path, users=7000))
    assert several.policies[0].decisions["after_get_products"].options == {"go_on": 6.0, "leave": 1.0}
    assert abs(summary["get_product"].reached / 7000 - 6 / 7) < 0.03
    pause = several.policies[0].pacing.steps["get_product"]
    assert isinstance(pause, Table)
    assert pause.values == (5000, 6000, 8000, 9000, 10000, 11000)
    latency = requests(several.workflow)["open_home"].model
    assert latency is not None
    assert isinstance(latency.latency_ms, Table)
    assert latency.latency_ms.values == (180, 198, 216, 234, 252, 270, 288)


def test_what_some_leave_out_is_a_decision(tmp_path):
    files = []
    for k in range(4):
        seen = Recorder()
        seen.page("/", "Start")
        seen.wait(3)
        if k:
            seen.ask("GET", "/api/terms", 30, answer={"text": "…"})
            seen.wait(4)
        seen.ask("POST", "/api/signup", 90, status=201, send={"plan": "free"})
        files.append(seen.save(tmp_path / f"{k}.har"))
    made = import_har(files, "signup")
    assert made.policies[0].decisions["does_get_terms"].options == {"get_terms": 3.0, "skip": 1.0}
    summary = stats(run(made, tmp_path / "project", users=4000))
    assert abs(summary["get_terms"].reached / 4000 - 0.75) < 0.03
    assert summary["post_signup"].reached == 4000


def test_statuses_become_outcomes(tmp_path):
    files = []
    for k in range(10):
        seen = Recorder()
        seen.ask("POST", "/api/orders", 50 + k, status=409 if k == 3 else 201, send={"sku": "x"})
        files.append(seen.save(tmp_path / f"{k}.har"))
    model = requests(import_har(files).workflow)["post_orders"].model
    assert model is not None
    assert model.outcomes == {"ok": AnswerModel(p=0.9, status=201), "conflict": AnswerModel(p=0.1, status=409)}


def test_forms_are_said(tmp_path):
    seen = Recorder()
    seen.ask("POST", "/login", 50, status=302, kind="document", mime="", form={"user": "bob", "password": "hunter2"})
    made = import_har([seen.save(tmp_path / "form.har")])
    assert requests(made.workflow)["post_login"].json_ == {"user": "bob", "password": "{{env.FORM_PASSWORD}}"}
    assert any("sends a form" in note for note in made.notes)


@pytest.mark.parametrize(
    ("document", "words", "line"),
    [
        ({}, "no 'log'", 1),
        ({"log": {}}, "'entries'", 1),
        ({"log": {"entries": []}}, "no request", 1),
        ({"log": {"entries": [{}]}}, "'request'", 1),
        ({"log": {"entries": [{"request": {"url": "http://a/"}}]}}, "without a time", 1),
        ({"log": {"entries": [{"request": {}, "startedDateTime": "2026-05-04"}]}}, "without an address", 1),
    ],
)
def test_what_is_wrong_is_said(tmp_path, document, words, line):
    file = tmp_path / "x.har"
    file.write_text(json.dumps(document), "utf-8")
    with pytest.raises(InputError, match=words) as caught:
        import_har([file])
    assert caught.value.problem.where is not None
    assert caught.value.problem.where.line == line


def test_the_line_of_a_wrong_entry(tmp_path):
    seen = shopping()
    seen.entries[5]["startedDateTime"] = "yesterday"
    file = seen.save(tmp_path / "x.har")
    with pytest.raises(InputError) as caught:
        import_har([file])
    where = caught.value.problem.where
    assert where is not None
    assert "yesterday" in file.read_text("utf-8").splitlines()[where.line - 1]


def test_only_trackers_is_nothing(tmp_path):
    seen = Recorder()
    seen.ask("GET", "/logo.png", 5, kind="image", mime="image/png")
    with pytest.raises(InputError, match="no request of a person"):
        import_har([seen.save(Path(tmp_path) / "x.har")])


def test_only_a_persons_pauses_count(tmp_path):
    seen = Recorder()
    seen.wait(9)  # before the first request nobody thinks
    seen.page("/", "Start")
    start = seen.clock
    seen.ask("GET", "/api/events", 300_000.0)  # a stream that stays open all along
    seen.clock = start
    seen.wait(0.1)
    seen.ask("GET", "/api/config", 20)
    seen.wait(4)
    seen.ask("GET", "/api/news/17", 20)
    for _ in range(3):
        seen.wait(5)
        seen.ask("GET", "/api/news/17", 20)
    seen.wait(1.5)
    seen.ask("POST", "/api/read", 20, send={"done": True})
    made = import_har([seen.save(tmp_path / "x.har")])
    assert made.policies[0].pacing.steps == {"get_news": 4000, "post_read": 1500}


def test_what_was_typed_is_not_an_extract(tmp_path):
    seen = Recorder()
    seen.ask(
        "GET", "/api/search?query=teapot-blue-2000", 20, answer={"query": "teapot-blue-2000", "token_id": "tk-998877"}
    )
    seen.ask("GET", "/api/search?query=teapot-blue-2000&page_token=tk-998877", 20)
    seen.ask("POST", "/api/notes", 20, send={"text": "ask grace.hopper@navy.example about it"})
    steps = requests(import_har([seen.save(tmp_path / "x.har")]).workflow)
    assert steps["get_search_2"].query == {"query": "teapot-blue-2000", "page_token": "{{token_id}}"}
    assert steps["get_search"].extract == {"token_id": "$.token_id"}
    assert steps["post_notes"].json_ == {"text": "ask person{{person_number}}@example.com about it"}
