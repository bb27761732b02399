"""The folded flow: what people do stays, what they decide and where they leave goes under it, and nobody is lost."""

from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.loader import load_workflow
from turbulence_app.gui.graph_fold import fold
from turbulence_app.gui.graph_model import Flow, build_graph
from turbulence_app.resources import resource_path


def http(name, **more):
    return {"name": name, "type": "http", "path": "/", **more}


def end(name, outcome="abandoned"):
    return {"name": name, "type": "end", "outcome": outcome}


def branch(name, yes, no=()):
    return {"name": name, "type": "branch", "condition": "x == 'a'", "if_true": list(yes), "if_false": list(no)}


def folded(*steps):
    return fold(build_graph(Workflow.model_validate({"id": "w", "flow": list(steps)})))


def lines(made):
    return [(edge.source, edge.target) for edge in made.graph.edges]


def test_the_sample_has_a_card_for_everything_that_is_done():
    made = fold(build_graph(load_workflow(resource_path("samples/shop/workflows/checkout.yaml"))))
    assert list(made.graph.nodes) == [
        "browse", "details", "add_to_cart", "coupon", "shipping", "address", "payment", "receipt", "bought",
    ]  # fmt: skip
    assert [node.name for node in made.exits["browse"]] == ["left_without_products", "left_after_browsing"]


def test_every_step_has_a_home_that_is_a_card():
    workflow = load_workflow(resource_path("samples/shop/workflows/checkout.yaml"))
    made = fold(build_graph(workflow))
    assert set(made.home) == {step.name for step in workflow.steps()}
    assert set(made.home.values()) == set(made.graph.nodes)


def test_an_arm_that_only_ends_is_an_exit_and_the_other_one_the_way_on():
    made = folded(http("a"), branch("b", [end("left")], [http("c")]), http("d"), end("done", "completed"))
    assert lines(made) == [("a", "c"), ("c", "d"), ("d", "done")]
    assert [node.name for node in made.exits["a"]] == ["left"]


def test_a_side_way_stays_and_comes_back():
    made = folded(http("a"), branch("b", [http("c")]), http("d"))
    assert set(lines(made)) == {("a", "c"), ("a", "d"), ("c", "d")}


def test_a_second_side_way_at_the_same_step_keeps_its_condition():
    made = folded(http("a"), branch("b", [http("c")]), branch("e", [http("f")]), http("d"))
    assert "e" in made.graph.nodes
    assert ("e", "f") in lines(made)


def test_a_workflow_may_begin_with_a_condition():
    assert list(folded(branch("b", [http("a")]), http("d")).graph.nodes) == ["b", "a", "d"]


def test_a_loop_is_one_card_with_the_ways_out_of_its_body():
    loop = {"name": "again", "type": "repeat", "while": "a.failed", "max": 3,
            "steps": [http("try"), branch("enough", [end("left")])]}  # fmt: skip
    made = folded(http("a"), loop, end("done", "completed"))
    assert list(made.graph.nodes) == ["a", "again", "done"]
    assert [node.name for node in made.exits["again"]] == ["left"]


def test_counts_follow_the_steps_into_their_cards():
    made = folded(http("a"), branch("b", [end("left")]), http("c"), end("done", "completed"))
    flow = Flow(
        users=10,
        reached={"a": 10, "b": 9, "left": 2, "c": 7, "done": 7},
        ways={("a", "b"): 9, ("b", "left"): 2, ("b", "c"): 7, ("c", "done"): 7},
        broken={"b": 1},
        gone={"a": (1, "too slow")},
    )
    shown = made.flow(flow)
    assert shown.ways == {("a", "c"): 7, ("c", "done"): 7}
    assert shown.reached == {"a": 10, "c": 7, "done": 7}
    assert shown.broken == {"a": 1}
    assert [way.words for way in made.ways_out(flow)["a"]] == ["2 left", "1 too slow"]


def test_those_who_pass_by_a_conditional_step_are_not_counted_into_it():
    made = folded(http("a"), http("coupon", when="toggle"), branch("refused", [end("left")]), http("d"))
    flow = Flow(
        users=10,
        reached={"a": 10, "coupon": 3, "refused": 10, "left": 1, "d": 9},
        ways={("a", "coupon"): 3, ("a", "refused"): 7, ("coupon", "refused"): 3, ("refused", "d"): 9},
    )
    assert made.flow(flow).ways == {("a", "coupon"): 3, ("a", "d"): 7, ("coupon", "d"): 2}
