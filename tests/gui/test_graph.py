"""The workflow's picture: nothing overlaps, everything is there, the same every time."""

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui import graph_layout
from turbulence_app.gui.graph_layout import _Cut, layout
from turbulence_app.gui.graph_model import Flow, build_graph, spread
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.graph import GraphView


def http(name, **more):
    return {"name": name, "type": "http", "path": "/", **more}


def end(name, outcome="abandoned"):
    return {"name": name, "type": "end", "outcome": outcome}


SHOP = {
    "id": "shop",
    "flow": [
        http("browse"),
        {"name": "gone", "type": "branch", "condition": "x == 'leave'", "if_true": [end("left")]},
        {
            "name": "ways",
            "type": "branch",
            "condition": "x == 'a'",
            "if_true": [http("one"), http("two")],
            "if_false": [http("other")],
        },
        http("coupon", when="toggle"),
        {"name": "trouble", "type": "repeat", "while": "pay.failed", "max": 3, "steps": [http("pay"), http("look")]},
        end("bought", "completed"),
    ],
}


def ways(workflow):
    return {(e.source, e.target, e.kind) for e in build_graph(workflow).edges}


def test_edges_say_how_a_visit_can_go():
    assert ways(Workflow.model_validate(SHOP)) == {
        ("browse", "gone", "next"),
        ("gone", "left", "yes"),
        ("gone", "ways", "no"),
        ("ways", "one", "yes"),
        ("one", "two", "next"),
        ("ways", "other", "no"),
        ("two", "coupon", "next"),
        ("other", "coupon", "next"),
        ("two", "trouble", "skip"),
        ("other", "trouble", "skip"),
        ("coupon", "trouble", "next"),
        ("trouble", "pay", "body"),
        ("pay", "look", "next"),
        ("look", "trouble", "again"),
        ("trouble", "bought", "next"),
    }


names = (f"s{i}" for i in range(10**9))


@st.composite
def steps(draw, depth=0):
    made = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["http", "http", "guarded", "end", "branch", "repeat"]))
        name = next(names)
        if kind == "branch" and depth < 3:
            sides = {"if_true": draw(steps(depth + 1)), "if_false": draw(st.just([]) | steps(depth + 1))}
            made.append({"name": name, "type": "branch", "condition": "a", **sides})
        elif kind == "repeat" and depth < 3:
            made.append({"name": name, "type": "repeat", "while": "a", "max": 2, "steps": draw(steps(depth + 1))})
        elif kind == "end":
            made.append(end(name))
        else:
            made.append(http(name, **({"when": "a"} if kind == "guarded" else {})))
    return made


@settings(max_examples=60, deadline=None)
@given(flow=steps(), room=st.tuples(st.integers(200, 1600), st.integers(150, 1000)))
def test_cards_never_overlap_and_lie_inside_and_repeat_exactly(flow, room):
    graph = build_graph(Workflow.model_validate({"id": "w", "flow": flow}))
    picture = layout(graph, room, lambda _name: 100.0)
    assert set(picture.boxes) == set(graph.nodes)
    boxes = list(picture.boxes.values())
    for number, a in enumerate(boxes):
        assert a.x >= 0
        assert a.x + a.width <= picture.width
        assert a.y >= 0
        assert a.y + a.height <= picture.height
        for b in boxes[number + 1 :]:
            apart = a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
            assert apart, (a, b)
    assert {(p.source, p.target) for p in picture.paths} == {
        (e.source, e.target) for e in graph.edges if e.source != e.target
    }
    assert layout(graph, room, lambda _name: 100.0) == picture


def test_a_long_workflow_wraps_to_be_larger():
    graph = build_graph(Workflow.model_validate({"id": "w", "flow": [http(f"step_{i}") for i in range(30)]}))
    assert layout(graph, (800, 500), lambda _n: 100.0).rows > 2
    assert layout(graph, (10_000, 500), lambda _n: 100.0).rows == 1


@settings(max_examples=80, deadline=None)
@given(
    widths=st.lists(st.sampled_from([96.0, 110.5, 131.25, 160.0]), min_size=1, max_size=60),
    crossing=st.lists(st.integers(0, 3), min_size=61, max_size=61),
    cut=st.builds(_Cut, st.integers(1, graph_layout.MAX_ROWS), st.sampled_from(graph_layout.CUT_COSTS)),
)
def test_rows_of_a_long_workflow_are_those_that_are_found_one_by_one(widths, crossing, cut):
    ends = [0.0, *accumulate(widths)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph_layout, "MANY_LAYERS", 0)
        whole = graph_layout._best_cuts(crossing, ends, cut)
        patch.setattr(graph_layout, "MANY_LAYERS", len(ends))
        assert graph_layout._best_cuts(crossing, ends, cut) == whole


def test_a_way_out_of_a_loop_is_counted_on_every_edge_it_takes():
    edges = build_graph(Workflow.model_validate(SHOP)).edges
    assert spread({("look", "bought"): 7, ("trouble", "bought"): 1, ("bought", "browse"): 9}, edges) == {
        ("look", "trouble"): 7,
        ("trouble", "bought"): 8,
    }


@pytest.fixture
def view(qtbot: QtBot, theme: Theme):
    made = GraphView()
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.set_workflow(Workflow.model_validate(SHOP))
    made.show()
    return made


def test_arrows_go_from_step_to_step_and_a_click_chooses(view, qtbot):
    steps = view.nodes()
    assert "gone" not in steps, "conditions are folded into the steps before them"
    with qtbot.waitSignal(view.step_clicked) as told:
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert told.args == ["browse"]
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.current() == steps[1]
    last = steps[-1]
    node = view._nodes[last]
    point = view.mapFromScene(node.mapToScene(node.shape().boundingRect().center()))
    with qtbot.waitSignal(view.step_clicked) as told:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert told.args == [last]
    with qtbot.waitSignal(view.step_activated) as told:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert told.args == [last]


def test_ways_are_as_wide_as_their_share(view):
    taken = {("browse", "gone"): 60, ("gone", "ways"): 60, ("ways", "one"): 40, ("ways", "other"): 20}
    view.set_flow(Flow(100, {"browse": 100}, taken, {"pay": 2}, {}))
    wide, half = view._ways[("browse", "one")].thickness, view._ways[("browse", "other")].thickness
    assert wide == pytest.approx(2 * half)
    assert view._ways[("one", "two")].thickness < half
