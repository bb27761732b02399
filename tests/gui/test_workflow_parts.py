"""The parts of the Workflow place that need no window: mends, suggestions, forms, places on ways, the picture."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gui.test_graph import steps
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.check import check_workflow
from turbulence_app.formats.flow_edit import Insert, Move, edit_flow
from turbulence_app.formats.flow_places import Spot
from turbulence_app.formats.line_changes import put_in, stretches
from turbulence_app.formats.loader import parse_workflow
from turbulence_app.formats.writer import dump
from turbulence_app.gui.graph_model import build_graph
from turbulence_app.gui.graph_river import lay_out
from turbulence_app.gui.graph_spots import spots_of
from turbulence_app.gui.graph_steps import beside
from turbulence_app.gui.places.workflow.completing import suggest
from turbulence_app.gui.places.workflow.inspecting import edits_for, form_of
from turbulence_app.gui.places.workflow.kinds import KINDS, new_steps
from turbulence_app.gui.places.workflow.mending import mends
from turbulence_app.gui.places.workflow.state import definition_line, step_lines
from turbulence_app.gui.widgets.text_changes import trimmed, units
from turbulence_app.gui.widgets.yaml_brackets import partner
from turbulence_app.resources import resource_path
from turbulence_app.service.files import check_text

SHOP = resource_path("samples/shop/workflows/checkout.yaml").read_text("utf-8")
CHECKOUT = parse_workflow(SHOP, "checkout.yaml")


# ---- mends -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ("service: payments\n", "service: paiments\n", "Write payments"),
        ("condition: browse_next == 'leave'", "condition: browse_next == 'leav'", "Write leave"),
        ("condition: browse_next == 'leave'", "condition: browse_next == 'dance'", "Add option dance to the decision"),
        ("    method: GET\n", "    metod: GET\n", "Write method"),
        ("    path: /cart\n", "    path: /cart\n    colour: red\n", "Take the line out"),
        ("    max: 3\n", "", "Add max: 3"),
        ("- name: shipping\n", "- name: coupon\n", "Call it coupon_2"),
        ("effects('pay') <= 1 ", "effects('pey') <= 1 ", "Write pay"),
        ("type: branch\n    condition: browse.failed", "type: branche\n    condition: browse.failed", "Write branch"),
    ],
)
def test_a_known_mend_takes_its_problem_away(good, bad, words):
    text = SHOP.replace(good, bad, 1)
    assert text != SHOP
    problems = check_text("workflow", text, "checkout.yaml")
    found = [mend for problem in problems for mend in mends(problem, text)]
    mend = next(one for one in found if one.words == words)
    start, end, new = mend.change
    mended = text[:start] + new + text[end:]
    after = check_text("workflow", mended, "checkout.yaml")
    assert len([p for p in after if p.severity == "error"]) < len([p for p in problems if p.severity == "error"])


def test_a_problem_beyond_the_text_has_no_mend():
    problem = check_text("workflow", SHOP.replace("service: payments\n", "service: paiments\n", 1), "x")[0]
    assert mends(problem, "id: x\n") == []


# ---- suggestions -----------------------------------------------------------------------------------------------------


def suggested(before, workflow=CHECKOUT):
    lines = before.split("\n")
    prefix, found = suggest(before, len(lines), len(lines[-1]), workflow)
    return prefix, [one.word for one in found]


@pytest.mark.parametrize(
    ("before", "prefix", "word"),
    [
        ("flow:\n  - name: a\n    type: de", "de", "decide"),
        ("flow:\n  - name: a\n    type: http\n    service: pa", "pa", "payments"),
        ("flow:\n  - name: a\n    type: http\n    met", "met", "method"),
        ("flow:\n  - name: a\n    type: repeat\n    wh", "wh", "while"),
        ("flow:\n  - {name: a, type: end, outcome: ab", "ab", "abandoned"),
        ("flow:\n  - name: a\n    type: branch\n    condition: browse_ne", "browse_ne", "browse_next"),
        ("flow:\n  - name: a\n    type: branch\n    condition: browse_next == 'le", "le", "leave"),
        ("flow:\n  - name: a\n    type: branch\n    condition: pay.fa", "fa", "failed"),
        ("flow:\n  - name: a\n    type: branch\n    condition: failures('pa", "pa", "pay"),
        ("flow:\n  - name: a\n    type: http\n    model:\n      lat", "lat", "latency_ms"),
        ("flow:\n  - name: a\n    type: branch\n    condition: browse_next == 'leave' and pa", "pa", "pay"),
        ("inv", "inv", "invariants"),
    ],
)
def test_what_fits_the_place_is_suggested(before, prefix, word):
    found_prefix, words = suggested(before)
    assert found_prefix == prefix
    assert word in words


def test_nothing_is_suggested_in_a_remark_or_for_a_word_that_is_whole():
    assert suggested("flow:\n  # typ")[1] == []
    assert suggested("flow:\n  - name: a\n    type: wait")[1] == []


def test_a_name_leads_to_where_it_is_defined():
    lines = step_lines(SHOP, [step.name for step in CHECKOUT.steps()])
    rows = SHOP.split("\n")
    assert "name: pay" in rows[definition_line(SHOP, "pay", lines) - 1]
    assert "payments:" in rows[definition_line(SHOP, "payments", lines) - 1]
    assert "output_var: coupon_next" in rows[definition_line(SHOP, "coupon_next", lines) - 1]
    assert definition_line(SHOP, "nowhere", lines) == 0


@given(st.text(alphabet="{}[]() '\"#a\n", max_size=60))
def test_a_bracket_and_its_partner_name_each_other(text):
    for at in range(len(text)):
        other = partner(text, at)
        if other is not None:
            assert partner(text, other) == at
            assert {text[at], text[other]} in ({"{", "}"}, {"[", "]"}, {"(", ")"})


# ---- stretches of text -----------------------------------------------------------------------------------------------


@given(st.text(alphabet="ab\n🚀", max_size=40), st.text(alphabet="ab\n🚀", max_size=40))
def test_the_stretches_that_differ_make_one_text_of_the_other(before, after):
    changes = stretches(before, after)
    assert put_in(before, changes) == after
    assert put_in(before, trimmed(before, changes)) == after
    assert units(before, len(before)) == len(before.encode("utf-16-le")) // 2


# ---- places on ways --------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(flow=steps(), data=st.data())
def test_a_step_put_on_a_way_stands_on_that_way(flow, data):
    workflow = Workflow.model_validate({"id": "w", "flow": flow})
    spots, graph = spots_of(workflow), build_graph(workflow)
    ways = [edge for edge in graph.edges if edge.source != edge.target and edge.kind != "skip"]
    if not ways:
        return
    edge = data.draw(st.sampled_from(ways))
    spot = spots.on(edge)
    text, name = edit_flow(
        dump(workflow), "w", Insert(Spot(spot.owner, spot.side, spot.index), {"name": "x", "type": "http"})
    )
    after = build_graph(parse_workflow(text, "w"))
    assert any(e.target == name for e in after.edges) or edge.source == edge.target
    assert (edge.source, name) in {(e.source, e.target) for e in after.edges}


@settings(max_examples=40, deadline=None)
@given(flow=steps(), data=st.data())
def test_every_way_takes_every_step_that_is_not_on_it(flow, data):
    workflow = Workflow.model_validate({"id": "w", "flow": flow})
    spots, graph = spots_of(workflow), build_graph(workflow)
    name = data.draw(st.sampled_from(list(graph.nodes)))
    inside = set(spots.inside(name))
    ways = [e for e in graph.edges if e.source not in inside and e.target not in inside]
    if not ways:
        return
    spot = spots.on(data.draw(st.sampled_from(ways)))
    try:
        text, _ = edit_flow(dump(workflow), "w", Move(name, Spot(spot.owner, spot.side, spot.index)))
    except InputError as error:
        assert "needs a step" in str(error)
        return
    assert sorted(build_graph(parse_workflow(text, "w")).nodes) == sorted(graph.nodes)


# ---- the picture -----------------------------------------------------------------------------------------------------


def inside(point, box):
    return box.x + 1 < point[0] < box.x + box.width - 1 and box.y + 1 < point[1] < box.y + box.height - 1


def samples(path):
    x, y = path.commands[0]
    for command in path.commands[1:]:
        end = command[-2:]
        for i in range(1, 8):
            yield x + (end[0] - x) * i / 8, y + (end[1] - y) * i / 8
        x, y = end


@settings(max_examples=80, deadline=None)
@given(flow=steps())
def test_no_card_overlaps_another_and_no_way_runs_through_one(flow):
    graph = build_graph(Workflow.model_validate({"id": "w", "flow": flow}))
    river = lay_out(graph, lambda name: 60.0 + 7 * len(name))
    boxes = list(river.boxes.values())
    assert set(river.boxes) == set(graph.nodes)
    for number, a in enumerate(boxes):
        assert a.x >= 0
        assert a.x + a.width <= river.width
        assert a.y >= 0
        assert a.y + a.height <= river.height
        for b in boxes[number + 1 :]:
            apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart, (a, b)
    for path in river.paths:
        for point in samples(path):
            hit = [box.name for box in boxes if inside(point, box)]
            assert not set(hit) - {path.source, path.target}, (path.source, path.target, path.kind, hit)


@settings(max_examples=40, deadline=None)
@given(flow=steps(), data=st.data())
def test_another_name_moves_no_card_up_or_down(flow, data):
    graph = build_graph(Workflow.model_validate({"id": "w", "flow": flow}))
    before = lay_out(graph, lambda _name: 100.0)
    longer = data.draw(st.sampled_from(list(graph.nodes)))
    after = lay_out(graph, lambda name: 180.0 if name == longer else 100.0)
    assert {n: (b.y, b.lane) for n, b in before.boxes.items()} == {n: (b.y, b.lane) for n, b in after.boxes.items()}


def test_the_main_line_is_straight():
    graph = build_graph(CHECKOUT)
    river = lay_out(graph, lambda _name: 120.0)
    main = [river.boxes[step.name] for step in CHECKOUT.flow]
    assert {box.x + box.width / 2 for box in main} == {main[0].x + main[0].width / 2}
    assert [box.y for box in main] == sorted(box.y for box in main)


@settings(max_examples=40, deadline=None)
@given(flow=steps())
def test_every_step_can_be_reached_with_the_arrows(flow):
    graph = build_graph(Workflow.model_validate({"id": "w", "flow": flow}))
    river = lay_out(graph, lambda _name: 100.0)
    seen, waiting = set(), [beside(graph, river, "", "down")]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [beside(graph, river, name, way) for way in ("up", "down", "left", "right")]
    assert seen == set(graph.nodes)


# ---- new steps and forms ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind.key for kind in KINDS])
def test_a_new_step_of_every_type_runs_at_once(kind):
    spots = spots_of(CHECKOUT)
    text = SHOP
    for edit in new_steps(kind, CHECKOUT, spots, spots.after("browse")):
        at = edit["at"]
        text, _ = edit_flow(text, "w", Insert(Spot(at["owner"], at["side"], at["index"]), edit["data"]))
    workflow = parse_workflow(text, "w")
    assert [p for p in check_workflow(workflow, text, "w") if p.severity == "error"] == []


@pytest.mark.parametrize("step", list(CHECKOUT.steps()), ids=lambda step: step.name)
def test_every_field_of_every_step_goes_back_as_it_came(step):
    for line in form_of(step, CHECKOUT).lines:
        for entry in line.entries:
            if not entry.key or entry.kind == "note" or entry.key in ("name",) or entry.key.startswith("option_name"):
                continue
            try:
                edits = edits_for(step, entry.key, entry.value)
            except ValueError:
                continue
            changed = {**step.plain(), **edits[0]["data"]}
            again = type(step).model_validate({key: value for key, value in changed.items() if value is not None})
            assert again == step, entry.key


def test_shares_of_answers_always_sum_to_one():
    step = next(step for step in CHECKOUT.steps() if step.name == "pay")
    model = edits_for(step, "outcome.declined", "10")[0]["data"]["model"]
    shares = {name: one["p"] if isinstance(one, dict) else one for name, one in model["outcomes"].items()}
    assert shares == {"ok": 0.89, "declined": 0.1, "error": 0.01}
    with pytest.raises(ValueError, match="above 100 %"):
        edits_for(step, "outcome.declined", "100")
