"""Whatever is fed to the importers: a project that stands, or one clear line with a place; never anything else."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.imports.browser import shopping
from tests.imports.library_app import create_app
from turbulence_app.domain.errors import InputError
from turbulence_app.formats.check import check_workflow
from turbulence_app.formats.documents import Document, parse_document
from turbulence_app.formats.eventlog import Samples
from turbulence_app.formats.eventlog_read import read_log
from turbulence_app.formats.har import of_recordings
from turbulence_app.formats.har_read import read_har
from turbulence_app.formats.imported import Imported, project_files
from turbulence_app.formats.loader import parse_policies, parse_scenario, parse_workflow
from turbulence_app.formats.openapi import of_document
from turbulence_app.formats.patterns import example_of

ORDERS = yaml.safe_load((Path(__file__).parent / "data" / "orders.yaml").read_text("utf-8"))
LIBRARY = create_app().openapi()
VISIT = shopping().document()
quick = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])

odd = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from([
        "", " ", "{{", "}}", "{{ x }}", "{{env.HOME}}", "a\nb", "\x00", "\ud800", "é" * 300, "#/", "#", "/../..",
        "#/components/schemas/Order", "$response.body#/id", "http://[", "http://{host", "//x", "yes", "1e999",
        "__class__", "*/*", "{id}", "/{a}{b}", "/a/{id}/{id}", "GET", "2XX", "default", "string", "object", "array",
        "integer", "(" * 40, "application/json", "eyJhbGciOiJI.eyJzdWIiOiI", "2026-05-04T09:30:00Z",
        "0001-01-01T00:00:00+23:59",
    ]),
    st.just([]), st.just({}), st.just({"$ref": "#"}), st.just({"$ref": "#/paths"}), st.just([None]),
)  # fmt: skip
values = st.recursive(
    odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a document."""
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += places(inner, (*path, key))
    return found


def damaged(document: Any, seed: int, new: list[Any]) -> Any:
    """The document with a few places replaced, renamed, removed or doubled."""
    dice, made = random.Random(seed), copy.deepcopy(document)
    for value in new:
        spots = places(made)
        if not spots:
            return made
        *way, last = dice.choice(spots)
        holder = made
        for key in way:
            holder = holder[key]
        match dice.randrange(4):
            case 0:
                del holder[last]
            case 1 if isinstance(holder, dict):
                holder[value if isinstance(value, str) else str(value)[:20]] = holder.pop(last)
            case 2 if isinstance(holder, dict):
                holder["x" + str(dice.random())] = copy.deepcopy(holder[last])
            case _:
                holder[last] = value
    return made


def stands(made: Imported) -> None:
    """What was imported reads back equal, and nothing in it is an error."""
    for path, text in project_files(made, Path("p")).items():
        if path.parent.name == "workflows":
            assert parse_workflow(text, "w.yaml") == made.workflow
            problems = check_workflow(made.workflow, text, "w.yaml")
            assert [str(p) for p in problems if p.severity == "error"] == []
        elif path.parent.name == "policies":
            assert parse_policies(text, "p.yaml") == made.policies
        elif path.parent.name == "scenarios":
            parse_scenario(text, "s.yaml")


def refused_well(error: InputError) -> None:
    for problem in error.problems:
        assert problem.message
        assert problem.where is not None
        assert "\n" not in str(problem)
        assert len(str(problem)) < 3000


def feed(document: Any, read: Any) -> None:
    try:
        made = read(parse_document(json.dumps(document), "f.json"))
    except InputError as error:
        refused_well(error)
        return
    stands(made)


def recorded(document: Document) -> Imported:
    return of_recordings([read_har(document)], ["f.har"])


@settings(quick, max_examples=250)
@given(st.integers(0, 2**32), st.lists(values, min_size=1, max_size=6), st.sampled_from([ORDERS, LIBRARY]))
def test_damaged_openapi(seed, new, document):
    feed(damaged(document, seed, new), of_document)


@settings(quick, max_examples=200)
@given(st.integers(0, 2**32), st.lists(values, min_size=1, max_size=6))
def test_damaged_har(seed, new):
    feed(damaged(VISIT, seed, new), recorded)


schemas = st.recursive(
    st.sampled_from(
        [{}, {"type": "string"}, {"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}, True]
    ),
    lambda inner: st.one_of(
        st.builds(lambda k, v: {k: v}, st.sampled_from(["allOf", "oneOf", "anyOf"]), st.lists(inner, max_size=4)),
        st.builds(lambda v: {"type": "array", "items": v, "minItems": 3}, inner),
        st.builds(
            lambda v: {"type": "object", "properties": v, "required": list(v)},
            st.dictionaries(st.sampled_from(["a", "thing_id", "email", "b"]), inner, max_size=4),
        ),
    ),
    max_leaves=20,
)


@settings(quick, max_examples=150)
@given(schemas, schemas)
def test_any_schema_ends(one, other):
    """Cyclic, nested and contradictory schemas: a bounded value or none, quickly."""
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    answers = {"201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/B"}}}}}
    paths = {"/things": {"post": {"requestBody": body, "responses": answers}}, "/things/{thing_id}": {"get": {}}}
    feed({"openapi": "3.1.0", "paths": paths, "components": {"schemas": {"A": one, "B": other}}}, of_document)


def test_a_bomb_of_alternatives_is_cut_short():
    schemas = {f"L{i}": {"anyOf": [{"$ref": f"#/components/schemas/L{i + 1}"} for _ in range(30)]} for i in range(30)}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/L0"}}}}
    paths = {f"/t{i}": {"post": {"requestBody": body, "responses": {"200": {"description": ""}}}} for i in range(20)}
    feed({"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}}, of_document)


@pytest.mark.parametrize(
    "text",
    [
        "{" * 50_000, '{"a":' * 3000 + "1" + "}" * 3000, "[" + "1," * 10 + "]",
        '{"log": {"entries": ' + "9" * 1000 + "}}",
        "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
        ),
    ],
)  # fmt: skip
def test_bombs(text):
    with pytest.raises(InputError) as caught:
        of_document(parse_document(text, "f.yaml"))
    refused_well(caught.value)


lines = st.one_of(
    st.text(max_size=80),
    st.builds(
        lambda a, b, c, d, e: f"{a},{b},{c},{d},{e}",
        st.text(max_size=8), st.sampled_from(["pay", "GET /orders", '"x', "", "=1+1"]),
        st.sampled_from(["1", "2026-05-04", "x", "nan", "1e309"]),
        st.sampled_from(["200", "timeout", "", "999", "-1", "٣"]),
        st.sampled_from(["5", "", "-1", "nan", "1e308", "inf"]),
    ),
    st.builds(
        lambda request, status, rest: f'1.2.3.4 - bob [04/May/2026:10:00:00 +0000] "{request}" {status} 17 {rest}',
        st.sampled_from(["GET /orders HTTP/1.1", "-", "", 'GET /a\\" b', "G" * 500]),
        st.sampled_from(["200", "-", "000", "499", "777"]),
        st.sampled_from(['"-" "agent" 0.5', "rt=1.5", '"', "D=99999999999999999999", "\\"]),
    ),
)  # fmt: skip


@settings(quick, max_examples=200)
@given(st.sampled_from(["user,event,time,status,latency_ms", "user;event;time", ""]), st.lists(lines, max_size=8))
@example("user,event,time", ["a" * 70_000])
def test_any_log(tmp_path_factory, head, rows):
    file = tmp_path_factory.getbasetemp() / "fuzz.log"
    file.write_bytes("\n".join([head, *rows] if head else rows).encode("utf-8", "surrogatepass"))
    text = "id: w\nflow:\n  - {name: pay, type: http, path: /orders, model: {latency_ms: 5}}\n"
    samples = Samples(parse_workflow(text, "w.yaml"))
    try:
        samples.add(read_log(file))
    except InputError as error:
        refused_well(error)
    samples.models()
    samples.notes()


@settings(quick, max_examples=300)
@given(st.text(alphabet="ab[](){}|*+?.^$\\-09,dwDs:!", max_size=20))
def test_any_pattern(pattern):
    import re
    import warnings

    made = example_of(pattern)
    if made is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compiled = re.compile(pattern)
        except re.error:
            return
    assert compiled.search(made) is not None or "$" in pattern or "^" in pattern
