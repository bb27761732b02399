"""Personas as data: who is in the crowd, what changed, what comes in, what can be said in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Exponential, Quantity, Table, Uniform
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.changes_state import Points, changes_of, digest_of, part_words, signs
from turbulence_app.gui.places.personas.crowd_state import (
    CrowdRow,
    borders,
    matching,
    moved,
    ordered,
    parted,
    sums_to,
    weight_for,
)
from turbulence_app.gui.places.personas.moving_state import key_of, swings_of
from turbulence_app.gui.places.personas.moving_state import rows_of as tornado_rows
from turbulence_app.gui.places.personas.portrait import portrait
from turbulence_app.gui.places.personas.preview import unfit
from turbulence_app.gui.places.personas.spans import SHAPES, shape_of, span_of, with_shape, with_span
from turbulence_app.gui.places.personas.state import panel_of
from turbulence_app.gui.places.personas.suggestions import place_for, suggestion
from turbulence_app.gui.places.personas.transfer_state import Here, clashes, file_name, free_id, settled
from turbulence_app.gui.places.personas.versions import versions_of
from turbulence_app.gui.widgets.sliders import NumberField
from turbulence_app.insight.parts import part_paths
from turbulence_app.resources import resource_path
from turbulence_app.service.inputs import build_inputs
from turbulence_app.service.projects import open_project

WORKFLOW = Workflow.model_validate(
    {
        "id": "checkout",
        "parameters": {
            "quantity": {"type": "range", "min": 1, "max": 5}, "size": {"type": "choice", "values": ["S", "M", 3]},
        },
        "flow": [
            {"name": "browse", "type": "http"},
            {
                "name": "after_browse", "type": "decide", "decision": "next", "output_var": "next",
                "options": {"add": "puts it into the cart", "leave": "leaves the shop"},
            },
            {"name": "address", "type": "form", "fields": [{"name": "street"}]},
        ],
    }
)  # fmt: skip
POLICY = Policy.model_validate(
    {
        "persona_id": "ann", "workflow": "checkout",
        "decisions": {
            "next": {
                "options": {"add": 4, "leave": 1},
                "cases": [{"when": "elapsed_ms > 100", "options": {"leave": 1}}],
            },
        },
        "patience": {"step_wait_seconds": {"min": 4, "max": 10}},
        "retries": {"default": 1, "steps": {"browse": 2}},
        "data": {"words": ["shoes", 7]},
        "evidence": {"decisions.next": "knows what she wants", "patience.step_wait_seconds": None},
        "provenance": {"approved_by": "bo", "approved_at": "2026-01-01T00:00:00Z"},
    }
)  # fmt: skip


def crowd(*shares: float) -> list[CrowdRow]:
    return [CrowdRow(f"p{n}", f"Person {n}", share, "accent", "approved") for n, share in enumerate(shares)]


# -- the crowd


@given(st.floats(0, 1), st.floats(0.01, 1e6))
def test_a_weight_gives_the_share_that_was_asked_for(share: float, rest: float) -> None:
    weight = weight_for(share, rest)
    assert weight is not None
    assert weight / (weight + rest) == pytest.approx(min(0.99, share), abs=1e-9)
    assert weight_for(share, 0) is None


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(-1, 2))
def test_parting_two_neighbours_keeps_what_both_have(first: float, second: float, share: float) -> None:
    one, two = parted(first, second, share)
    assert one + two == pytest.approx(first + second)
    assert one >= 0
    assert two >= -1e-9


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.sampled_from("abcdef"), st.integers(-9, 9))
def test_moving_somebody_keeps_the_others_in_their_order(order: list[str], who: str, by: int) -> None:
    made = moved(order, who, by)
    assert sorted(made) == sorted(order)
    assert [name for name in made if name != who] == [name for name in order if name != who]


def test_the_own_order_leads_and_newcomers_follow() -> None:
    rows = crowd(0.5, 0.3, 0.2)
    assert [row.id for row in ordered(rows, ["p2", "p0"])] == ["p2", "p0", "p1"]
    assert ordered(rows, []) == rows


def test_people_are_found_by_name_first_and_by_their_words() -> None:
    rows = [CrowdRow("a", "Ann", 0.5, "accent", "no policy", words="likes Bob"), CrowdRow("b", "Bob", 0.5, "dim", "")]
    assert [row.id for row in matching(rows, "bob")] == ["b", "a"]
    assert [row.id for row in matching(rows, "likes BOB")] == ["a"]
    assert matching(rows, "nobody") == []
    assert matching(rows, " ") == rows


def test_borders_and_sums_are_what_they_are() -> None:
    assert borders([0.5, 0.3, 0.2]) == [0.5, 0.8]
    assert borders([]) == []
    assert sums_to({"a": 35, "b": 85}) == "weights sum to 120"
    assert sums_to({"a": 35, "b": 85}, without=1) == "1 without a policy left out"
    assert sums_to({"a": 35}, without=1) == sums_to({}) == ""
    assert crowd(0.0625)[0].percent == "6.2 %"
    assert "6.2 % of the crowd" in crowd(0.0625)[0].sentence


# -- numbers of every kind


def test_a_policy_that_chooses_what_is_not_offered_is_for_an_earlier_workflow() -> None:
    assert not unfit(POLICY, WORKFLOW)
    decision = WORKFLOW.decisions()["next"]
    renamed = decision.model_copy(update={"options": {"buy": "buys", "leave": "leaves"}})
    flow = tuple(renamed if step is decision else step for step in WORKFLOW.flow)
    assert unfit(POLICY, WORKFLOW.model_copy(update={"flow": flow}))


@pytest.mark.parametrize(
    ("typed", "value"), [("3,600", 3600.0), ("1,234,567", 1234567.0), ("0,5", 0.5), ("2,75", 2.75)]
)
def test_a_comma_is_of_thousands_or_of_decimals(qtbot: QtBot, typed: str, value: float) -> None:
    field = NumberField("wait")
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.entered) as entered:
        field.setText(typed)
        field.setModified(True)
        field.editingFinished.emit()
    assert entered.args == [value]


def test_every_part_of_a_policy_has_a_row() -> None:
    paths = {row.path for row in panel_of(POLICY, WORKFLOW, None).rows()}
    assert set(part_paths(POLICY)) <= paths
    assert {"parameters.quantity", "parameters.size"} <= paths


def test_cases_are_edited_added_reworded_and_removed() -> None:
    when = "elapsed_ms > 100"
    after = edits.set_share(POLICY, WORKFLOW, "next", "add", 0.4, when)
    assert after.decisions["next"].cases[0].options == {"add": 0.4, "leave": 0.6}
    assert after.decisions["next"].options == POLICY.decisions["next"].options
    more = edits.add_case(after, WORKFLOW, "next")
    assert [case.when for case in more.decisions["next"].cases] == [when, edits.NEW_CASE]
    assert edits.add_case(more, WORKFLOW, "next") == more
    named = edits.set_when(more, "next", edits.NEW_CASE, "visits('browse') >= 2")
    assert named.decisions["next"].cases[1].when == "visits('browse') >= 2"
    gone = edits.drop_case(named, "next", when)
    assert len(gone.decisions["next"].cases) == 1
    assert edits.readable("visits('browse' >=")
    assert not edits.readable("visits('browse') >= 2")
    row = panel_of(POLICY, WORKFLOW, POLICY).decisions[0]
    assert [(option.name, option.share) for option in row.cases[0].options] == [("add", 0.0), ("leave", 1.0)]


def test_steps_get_numbers_of_their_own_and_lose_them() -> None:
    retried = edits.add_step(POLICY, "retries", "address")
    assert retried.retries.steps == {"browse": 2, "address": 1}
    paced = edits.add_step(POLICY, "pacing", "browse")
    assert edits.drop_step(paced, "pacing.steps.browse").pacing == POLICY.pacing
    sections = {section.key: section for section in panel_of(POLICY, WORKFLOW, None).sections()}
    assert sections["retries"].addable == ("address",)
    assert sections["pacing"].addable == ("browse", "address")


def test_choices_and_lists_are_edited_and_never_emptied() -> None:
    less = edits.set_choice(POLICY, WORKFLOW, "parameters.size", "M", False)
    assert less.parameters["size"].values == ("S", 3)
    one = edits.set_choice(edits.set_choice(less, WORKFLOW, "parameters.size", "S", False), WORKFLOW,
                           "parameters.size", "3", False)  # fmt: skip
    assert one.parameters["size"].values == (3,)
    typed = edits.set_list(POLICY, "data.words", "shoes, 7, 2.5, true, left foot,")
    assert typed.data["words"] == ("shoes", 7, 2.5, True, "left foot")
    assert edits.set_list(POLICY, "data.words", " , ") == POLICY


QUANTITIES: st.SearchStrategy[Quantity] = st.one_of(
    st.floats(0.1, 1e5), st.floats(0.1, 1e5).map(lambda v: Uniform(min=v, max=3 * v)),
    st.just(Exponential(kind="exponential", mean=3)), st.just(Table(kind="table", values=(1, 2, 9))),
)  # fmt: skip


@given(QUANTITIES, st.sampled_from(sorted(SHAPES)))
def test_another_shape_is_about_as_large(quantity: Quantity, shape: str) -> None:
    made = with_shape(quantity, shape)
    if shape != "table":
        assert shape_of(made) == shape
    before, after = span_of(quantity), span_of(made)
    assert after.low <= before.high * 1.1
    assert after.high >= before.low * 0.9


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_a_measured_table_is_stretched_to_new_ends(low: float, high: float) -> None:
    made = with_span(Table(kind="table", values=(1, 2, 9)), low, high)
    assert isinstance(made, Table)
    assert (made.values[0], made.values[-1]) == (min(low, high), max(low, high))


def test_taking_everything_back_gives_the_signature_back() -> None:
    after = edits.set_count(edits.set_share(POLICY, WORKFLOW, "next", "leave", 0.9), "retries.default", 5)
    half = edits.revert(after, POLICY, "decisions.next")
    assert not half.approved
    assert half.provenance.notes == ("edited retries.default",)
    assert edits.revert(half, POLICY, "retries.default") == POLICY


# -- what changed


def test_changes_say_from_and_to_and_the_strongest_comes_first() -> None:
    after = edits.set_share(POLICY, WORKFLOW, "next", "leave", 0.5)
    after = edits.set_span(after, "patience.visit_seconds", 10, 40)
    lines = changes_of(POLICY, after, WORKFLOW)
    assert {line.path for line in lines} == {"decisions.next", "patience.visit_seconds"}
    decision = next(line for line in lines if line.path == "decisions.next")
    assert [(turn.name, turn.before, turn.after) for turn in decision.turns] == [
        ("add", "80 %", "50 %"), ("leave", "20 %", "50 %"),
    ]  # fmt: skip
    visit = next(line for line in lines if line.path == "patience.visit_seconds")
    assert (visit.turns[0].before, visit.turns[0].after) == ("for ever", "10–40 s")
    known = {"patience.visit_seconds": Points(-7.4, -8, -7), "decisions.next": Points(0.2, -0.1, 0.5)}
    ranked = changes_of(POLICY, after, WORKFLOW, known)
    assert [line.path for line in ranked] == ["patience.visit_seconds", "decisions.next"]
    assert ranked[0].effect is not None
    assert ranked[0].effect.certain
    assert not ranked[1].effect.certain
    assert "−7.4 points" in ranked[0].sentence


def test_a_case_that_changed_stands_under_its_condition() -> None:
    after = edits.set_share(POLICY, WORKFLOW, "next", "add", 0.4, "elapsed_ms > 100")
    (line,) = changes_of(POLICY, after, WORKFLOW)
    assert [turn.name for turn in line.turns] == ["if elapsed_ms > 100", "add", "leave"]
    dropped = edits.drop_case(POLICY, "next", "elapsed_ms > 100")
    (line,) = changes_of(POLICY, dropped, WORKFLOW)
    assert (line.turns[0].before, line.turns[0].after) == ("leave 100 %", "–")


def test_approving_signs_numbers_and_not_where_they_came_from() -> None:
    after = edits.set_count(POLICY, "retries.default", 5)
    assert digest_of(POLICY) != digest_of(after)
    assert digest_of(POLICY) == digest_of(POLICY.model_copy(update={"evidence": {}}))
    assert signs(after, POLICY, "Ann", 1).startswith("Approving signs 1 changed number of Ann in checkout, version ")
    assert "all of its numbers" in signs(after, None, "Ann", 9)


def test_every_part_has_words() -> None:
    from turbulence_app.insight.parts import part_of

    for path in part_paths(POLICY):
        assert part_words(path, part_of(POLICY, path))


def test_versions_lead_with_the_approved_one_and_repeat_nothing() -> None:
    edited = edits.set_count(POLICY, "retries.default", 5)
    older = edits.set_count(POLICY, "retries.default", 9)
    entries = [
        {"policy": p.model_dump(mode="json"), "saved_at": f"2026-02-0{n}T10:00:00", "reason": "edited"}
        for n, p in enumerate((edited, older, older, POLICY), 1)
    ]
    found = versions_of({"versions": entries}, edited, POLICY)
    assert [version.policy for version in found] == [POLICY, older]
    assert found[0].words == "approved 2026-01-01 00:00 by bo"
    assert found[1].words == "edited · 2026-02-02 10:00"
    assert versions_of(None, None, None) == ()


# -- what moves completion


def inputs(policy: Policy) -> RunInputs:
    return RunInputs(workflow=WORKFLOW, crowd=(Member(persona="ann", weight=1, policy=policy),), users=1000)


def test_the_answer_depends_on_numbers_and_not_on_signatures() -> None:
    unsigned = POLICY.model_copy(update={"provenance": POLICY.provenance.model_copy(update={"approved_by": None})})
    assert key_of(inputs(POLICY)) == key_of(inputs(unsigned))
    assert key_of(inputs(POLICY)) != key_of(inputs(edits.set_count(POLICY, "retries.default", 5)))
    assert key_of(inputs(POLICY)) != key_of(inputs(POLICY), POLICY)


def test_the_tornado_shows_what_moves_anything() -> None:
    def swing(path: str, below: float, above: float) -> dict[str, object]:
        ends = {
            name: {"difference": v, "low": v - 0.01, "high": v + 0.01}
            for name, v in (("below", below), ("above", above))
        }
        return {"path": path, "part": path, "low": 0.1, "high": 0.3, "guessed": False, **ends}

    reply = {"users": 10, "completion": 0.5, "swings": [
        swing("decisions.next.options.leave", 0.07, -0.08), swing("toggles.coupon", 0.0, 0.0)]}  # fmt: skip
    rows = tornado_rows(swings_of(reply))
    assert [row.label for row in rows] == ["Next: leave"]
    assert rows[0].moved == "10 % – 30 %"
    assert rows[0].below == pytest.approx((7, 6, 8))


# -- in and out


def test_a_clash_is_somebody_else_of_the_same_name() -> None:
    ann, other = Persona(id="ann", name="Ann"), Persona(id="ann", name="Another")
    here = Here({"ann": ann}, {}, WORKFLOW)
    assert clashes([ann, Persona(id="bo")], here) == ()
    assert clashes([other], here) == (other,)


@pytest.mark.parametrize(("choice", "ids"), [("replace", ["ann"]), ("keep", ["ann_2"]), ("skip", [])])
def test_a_policy_goes_where_its_persona_goes(choice: str, ids: list[str]) -> None:
    here = Here({"ann": Persona(id="ann", name="Ann")}, {}, WORKFLOW)
    made = settled([Persona(id="ann", name="Another")], [POLICY], here, {"ann": choice})  # type: ignore[dict-item]
    assert [persona.id for persona in made.personas] == ids
    assert [policy.persona_id for policy in made.policies] == ids
    assert not any(policy.approved for policy in made.policies)


def test_what_belongs_to_nobody_is_left_out_and_said() -> None:
    made = settled([], [POLICY.model_copy(update={"workflow": None})], Here(workflow=WORKFLOW), {})
    assert made.policies == ()
    assert "'ann' was left out" in made.notes[0]
    here = Here({"ann": Persona(id="ann")}, {}, WORKFLOW)
    made = settled([], [POLICY.model_copy(update={"workflow": None})], here, {})
    assert made.policies[0].workflow == "checkout"
    assert made.words == "1 policy"


def test_names_of_files_and_ids_are_free() -> None:
    assert file_name("Impatient Shopper!", "policy") == "impatient-shopper-policy.yaml"
    assert file_name("…") == "personas.yaml"
    assert free_id("ann", {"ann", "ann_2"}) == "ann_3"


# -- words


def test_every_number_of_the_sample_can_be_said_in_words() -> None:
    folder = open_project(resource_path("samples/shop"))
    workflow = folder.workflows["checkout"]
    for policy in folder.policies.values():
        for row in panel_of(policy, workflow, None).rows():
            sentence = suggestion(policy, workflow, row.path)
            assert sentence.endswith("."), row.path
            assert sentence[0].isupper(), sentence
    assert suggestion(POLICY, WORKFLOW, "data.words") == ""


def test_a_sentence_joins_what_is_written() -> None:
    assert place_for("", "Waits.") == (0, "Waits.")
    assert place_for("Is busy\n\n", "Waits.") == (7, ". Waits.")
    assert place_for("Is busy. ", "Waits.") == (8, " Waits.")


def test_a_portrait_says_where_its_numbers_came_from() -> None:
    traits = {trait.path: trait for trait in portrait(POLICY, WORKFLOW)}
    assert traits["patience.step_wait_seconds"].value == "4–10 s"
    assert traits["patience.step_wait_seconds"].origin == "assumed"
    assert traits["patience.visit_seconds"].value == "no limit"
    assert traits["forms.skip_optional"].value == "50 %"
    plain = build_inputs(open_project(resource_path("samples/shop")))
    assert all(portrait(member.policy, plain.workflow) for member in plain.crowd)
