"""OpenAPI documents become journeys that run; what cannot be carried over is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from fastapi import FastAPI
from pydantic import BaseModel, Field

from tests.imports.library_app import create_app
from tests.imports.worked import requests, run, stats
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.workflow import AnswerModel, AssertStep, DecideStep, RangeParameter, RepeatStep
from turbulence_app.formats import openapi
from turbulence_app.formats.documents import parse_document
from turbulence_app.formats.imported import Imported
from turbulence_app.formats.openapi import Options, import_openapi, of_document
from turbulence_app.formats.patterns import example_of

ORDERS = Path(__file__).parent / "data" / "orders.yaml"


@pytest.fixture(scope="module")
def orders() -> Imported:
    return import_openapi(ORDERS)


def of(document: object) -> Imported:
    return of_document(parse_document(json.dumps(document), "api.json"))


def small(**more: object) -> dict[str, object]:
    paths = {"/things": {"post": {"responses": {"201": {"description": "made"}}, **more}}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}


def test_a_whole_document_runs(orders, tmp_path):
    summary = run(orders, tmp_path)
    seen = stats(summary)
    assert seen["pay_order"].answers["declined"] > 0
    assert {"create_order", "read_order", "change_order", "delete_order", "delete_line"} <= seen.keys()
    assert min(s.reached for s in seen.values() if s.type == "http") > 0
    assert seen["create_order_answer"].failed == seen["create_order"].failed


def test_ids_come_from_answers_and_links(orders):
    steps = requests(orders.workflow)
    assert steps["create_order"].extract == {"order_id": "$.id", "receipt_no": "$.receipt.number"}
    assert steps["read_order"].path == "/orders/{{order_id | default:'o-1'}}"
    assert steps["read_receipt"].path == "/receipts/{{receipt_no | default:'R-000000'}}"
    assert steps["delete_line"].path == "/orders/{{order_id | default:'o-1'}}/lines/{{line_no | default:1}}"
    assert steps["list_lines"].extract == {"line_no": "$[0].line_no"}
    assert steps["list_orders"].extract == {}  # creating one gives it


def test_a_list_of_plain_ids_gives_the_first():
    listing = {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}}}
    made = of({"openapi": "3.1.0", "paths": {
        "/names": {"get": {"responses": listing}}, "/names/{name}": {"get": {"responses": {"200": {}}}}}})  # fmt: skip
    steps = requests(made.workflow)
    assert steps["list_names"].extract == {"name_name": "$[0]"}
    assert steps["read_name"].path == "/names/{{name_name}}"


def test_who_deletes_is_done_with_it(orders):
    loops = {s.name: s.while_ for s in orders.workflow.steps() if isinstance(s, RepeatStep)}
    assert loops["order_next_rounds"] == "order_next != 'done' and order_next != 'delete'"


def test_a_body_that_names_another_thing_gets_it_first(orders):
    steps = requests(orders.workflow)
    assert steps["get_first_customer"].extract == {"customer_id": "$.id"}
    assert steps["create_order"].json_["customerId"].startswith("{{customer_id | default:")


def test_bodies_are_valid_and_small(orders):
    steps = requests(orders.workflow)
    body = steps["create_customer"].json_
    assert body == {
        "name": "text", "email": "person{{person_number}}@example.com",
        "address": {"street": "Kettle Lane 5", "postcode": "00000"},
    }  # fmt: skip
    assert steps["pay_order"].json_ == {"method": {"kind": "card", "number": "0" * 16}, "amount": 1}
    assert steps["create_order"].json_["lines"] == [{"sku": "teapot-blue", "quantity": 1}]
    assert steps["list_orders"].query == {"state": "{{list_orders_state}}"}
    assert steps["create_order"].headers["Idempotency-Key"] == "create_order-{{person_number}}"
    assert isinstance(orders.workflow.parameters["person_number"], RangeParameter)


def test_documented_statuses_are_outcomes_and_asserts(orders):
    model = requests(orders.workflow)["pay_order"].model
    assert model is not None
    assert {k: v.status for k, v in model.outcomes.items() if isinstance(v, AnswerModel)} == {
        "ok": 200, "declined": 402, "unavailable": 503,
    }  # fmt: skip
    asserted = {s.name: s.expect.status_code for s in orders.workflow.steps() if isinstance(s, AssertStep)}
    assert asserted["create_order_answer"] == 201
    assert asserted["delete_order_answer"] == 204


def test_decisions_have_words(orders):
    asked = {s.decision: s.options for s in orders.workflow.steps() if isinstance(s, DecideStep)}
    assert asked["order_next"]["delete"] == "cancels an order"
    assert asked["what_next"]["customers"] == "registers a customer"
    assert orders.policies[0].decisions.keys() == asked.keys()


def test_secrets_are_templates_and_the_rest_is_said(orders):
    assert requests(orders.workflow)["pay_order"].headers["Authorization"] == (
        "Bearer {{env.TEAPOT_ORDERS_BEARER_AUTH}}"
    )
    told = " ".join(orders.notes)
    for words in ("multipart/form-data", "/old-orders is deprecated", "TEAPOT_ORDERS_BEARER_AUTH", "2 servers"):
        assert words in told
    assert orders.workflow.services["api"].base_url == "http://127.0.0.1:8090/v1"


def test_json_and_yaml_give_the_same(orders, tmp_path):
    file = tmp_path / "orders.yaml"
    file.write_text(json.dumps(yaml.safe_load(ORDERS.read_text("utf-8")), default=str), "utf-8")
    assert import_openapi(file) == orders


def test_what_fastapi_says_of_itself_runs(tmp_path):
    document = create_app().openapi()
    made = of_document(parse_document(json.dumps(document), "library.json"))
    summary = run(made, tmp_path)
    assert stats(summary)["lend_book"].reached > 0
    steps = requests(made.workflow)
    assert steps["lend_book"].json_ == {"member_id": "{{member_id | default:1}}", "weeks": "{{lend_book_weeks}}"}
    assert made.workflow.parameters["lend_book_weeks"] == RangeParameter(type="range", min=1, max=4)
    assert steps["create_book"].json_["genre"] == "{{create_book_genre}}"


class Odd(BaseModel):
    ratio: float = Field(gt=0, lt=1)
    even: int = Field(multiple_of=4, ge=10)
    code: str = Field(pattern=r"^[A-Z]{2}-\d{3,5}$")
    name: str = Field(min_length=12, max_length=14)
    tags: list[str] = Field(min_length=2)
    nested: dict[str, int]
    maybe: str | None


def test_bodies_hold_what_fastapi_accepts():
    """The real application validates what the import made of its schema."""
    app = FastAPI()

    @app.post("/odd", status_code=201)
    async def odd(given: Odd) -> Odd:
        return given

    body = requests(of(app.openapi()).workflow)["send_odd"].json_
    Odd.model_validate(body)


CYCLE = {
    "Node": {"type": "object", "required": ["label", "children"], "properties": {
        "label": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}}},
    "Endless": {"type": "object", "required": ["next"], "properties": {
        "next": {"$ref": "#/components/schemas/Endless"}}},
    "Self": {"$ref": "#/components/schemas/Self"},
    "Either": {"oneOf": [{"$ref": "#/components/schemas/Endless"}, {"type": "string", "enum": ["leaf"]}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Node", {"label": "text", "children": []}), ("Endless", None), ("Self", None), ("Either", "leaf")],
)
def test_cycles_end(name, wanted):
    body = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
    made = of({**small(requestBody=body), "components": {"schemas": CYCLE}})
    assert requests(made.workflow)["send_thing"].json_ == wanted


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "empty"),
        ("swagger: '2.0'\npaths: {}", 1, "Swagger 2.0"),
        ("openapi: 4.0.0\npaths: {}", 1, "4.0.0"),
        ("openapi: 3.0.0\npaths: {}", 2, "no operation"),
        ("openapi: 3.0.0\npaths:\n  /a:\n    get: 5", 4, "not a mapping"),
        ("openapi: 3.0.0\npaths:\n  /a:\n    get:\n      parameters: [{in: query}]", 5, "without a name"),
        ("openapi: 3.0.0\npaths:\n  a: {get: {}}", 3, "does not start"),
        ('{"openapi": "3.0.0",\n "paths": {\n "/a": {"get": 5}}}', 3, "not a mapping"),
        ('{"openapi": "3.0.0",\n "paths": {]}', 2, "not JSON"),
        ('{"openapi": NaN}', 0, "NaN"),
        ("[" * 100_000, 0, "nested"),
        ("a: &a [x]\nb: [*a, *a]\nc: &c [*a]", 1, "no OpenAPI"),
    ],
)
def test_what_is_wrong_has_a_line(text, line, words):
    with pytest.raises(InputError) as caught:
        of_document(parse_document(text, "api.yaml"))
    where = caught.value.problem.where
    assert where is not None
    assert where.line == line
    assert words in str(caught.value)


def test_references_out_of_the_document_are_not_followed():
    body = {"content": {"application/json": {"schema": {"$ref": "/etc/passwd"}}}}
    made = of(small(requestBody=body))
    assert any("was not followed" in note for note in made.notes)


@pytest.mark.parametrize(
    "pattern",
    [r"^[A-Z]{3}-\d{4}$", r"^\+?[1-9]\d{1,14}$", r"^(red|green)$", r"^[a-z0-9]+(?:-[a-z0-9]+)*$", r"^[^,]{2,}$"],
)
def test_patterns_get_an_example(pattern):
    import re

    made = example_of(pattern)
    assert made is not None
    assert re.fullmatch(pattern, made)


@pytest.mark.parametrize("pattern", ["(?=a)b", "[", "(", "a{", "\\", "(" * 300, "a{99999}", r"\1"])
def test_hard_patterns_get_none(pattern):
    assert example_of(pattern) is None


def test_a_part_of_a_document(orders):
    made = import_openapi(ORDERS, Options(name="part", only=("/customers", "/receipts")))
    assert set(requests(made.workflow)) == {"create_customer", "read_customer", "read_receipt"}
    assert made.workflow.id == "part"


def test_a_document_beyond_a_workflow_says_how_to_cut_it(monkeypatch):
    monkeypatch.setattr(openapi, "MAX_TEXT", 10_000)
    with pytest.raises(InputError, match="too large for a workflow"):
        import_openapi(ORDERS)
    import_openapi(ORDERS, Options(only=("/receipts",)))


def test_people_are_not_all_the_same():
    fields = {
        "customer": {"type": "string"},
        "login": {"type": "string", "example": "ada"},
        "title": {"type": "string"},
    }
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": fields}}}}
    steps = requests(of(small(requestBody=body)).workflow)
    assert steps["send_thing"].json_ == {"customer": "customer-{{person_number}}", "login": "ada", "title": "text"}
