from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Exponential, Lognormal, Percentiles, Quantity, Table, Uniform
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.phrases import find_phrases
from turbulence_app.gui.places.personas.spans import quantity_at, span_of, with_quantity, with_span
from turbulence_app.gui.places.personas.state import leaving_options, panel_of, reason_of, shares_of

WORKFLOW = Workflow.model_validate(
    {
        "id": "checkout",
        "parameters": {"quantity": {"type": "range", "min": 1, "max": 5}},
        "variation": {"toggles": [{"name": "coupon", "probability": 0.3}]},
        "flow": [
            {"name": "browse", "type": "http"},
            {
                "name": "after_browse", "type": "decide", "decision": "next", "output_var": "next",
                "options": {"add": "adds it", "look": "looks closer", "leave": "leaves"},
            },
            {"name": "gone", "type": "branch", "condition": "next == 'leave'",
             "if_true": [{"name": "left", "type": "end", "outcome": "abandoned"}]},
            {"name": "address", "type": "form", "fields": [{"name": "street"}]},
        ],
    }
)  # fmt: skip
POLICY = Policy.model_validate(
    {
        "persona_id": "ann", "workflow": "checkout",
        "decisions": {"next": {"options": {"add": 5, "look": 3, "leave": 2}}},
        "patience": {"step_wait_seconds": {"min": 4, "max": 10}},
        "retries": {"default": 1, "steps": {"browse": 2}},
        "evidence": {"decisions.next": "knows what she wants", "patience.step_wait_seconds": None},
        "provenance": {"approved_by": "bo", "approved_at": "2026-01-01T00:00:00Z"},
    }
)  # fmt: skip
MAGNITUDE = st.floats(min_value=0, max_value=1e6, allow_nan=False)
QUANTITY: st.SearchStrategy[Quantity] = st.one_of(
    MAGNITUDE,
    st.tuples(MAGNITUDE, MAGNITUDE).map(lambda p: Uniform(min=min(p), max=max(p))),
    st.just(Percentiles(p50=10, p95=40, p99=80)),
    st.just(Lognormal(kind="lognormal", median=5, p95=9)),
    st.just(Exponential(kind="exponential", mean=3)),
    st.just(Table(kind="table", values=(1, 2, 9))),
)


@given(st.sampled_from(["add", "look", "leave"]), st.floats(min_value=-1, max_value=2, allow_nan=False))
def test_shares_stay_whole_and_the_others_keep_their_proportions(option: str, share: float) -> None:
    after = edits.set_share(POLICY, WORKFLOW, "next", option, share)
    shares = shares_of(after, "next", WORKFLOW.decisions()["next"].options)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert shares[option] == pytest.approx(min(1, max(0, share)), abs=1e-5)
    before = shares_of(POLICY, "next", ())
    first, second = (name for name in before if name != option)
    assert shares[first] * before[second] == pytest.approx(shares[second] * before[first], abs=1e-4)


def test_from_everything_on_one_option_the_others_come_back_evenly() -> None:
    all_on_one = edits.set_share(POLICY, WORKFLOW, "next", "add", 1.0)
    back = edits.set_share(all_on_one, WORKFLOW, "next", "add", 0.4)
    shares = shares_of(back, "next", WORKFLOW.decisions()["next"].options)
    assert shares["look"] == pytest.approx(0.3)
    assert shares["leave"] == pytest.approx(0.3)


@given(QUANTITY, MAGNITUDE, MAGNITUDE)
def test_a_dragged_quantity_stays_in_order_and_of_its_kind(quantity: Quantity, low: float, high: float) -> None:
    after = with_span(quantity, low, high)
    span = span_of(after)
    assert span.low <= span.high
    if not isinstance(quantity, float | int):
        assert type(after) is type(quantity)


@given(QUANTITY)
def test_showing_and_setting_a_quantity_changes_nothing(quantity: Quantity) -> None:
    span = span_of(quantity)
    again = span_of(with_span(quantity, span.low, span.high))
    assert again.low == pytest.approx(span.low, abs=1e-6)
    assert again.high == pytest.approx(span.high, abs=1e-6)


@pytest.mark.parametrize(
    "path",
    ["patience.step_wait_seconds", "patience.visit_seconds", "pacing.think_ms", "pacing.steps.address",
     "forms.typing_ms_per_char"],
)  # fmt: skip
def test_every_range_of_the_panel_can_be_set(path: str) -> None:
    after = edits.set_span(POLICY, path, 3, 7)
    assert span_of(quantity_at(after, path)).low == 3
    assert span_of(quantity_at(after, path)).high == 7
    assert Policy.model_validate(after.model_dump(mode="json", by_alias=True)) == after


def test_patience_can_be_without_a_limit_and_get_one_again() -> None:
    endless = edits.set_forever(POLICY, "patience.step_wait_seconds")
    assert quantity_at(endless, "patience.step_wait_seconds") is None
    row = panel_of(endless, WORKFLOW, POLICY).patience[0]
    assert row.absent
    assert quantity_at(edits.set_span(endless, row.path, 5, 9), row.path) == Uniform(min=5, max=9)
    assert with_quantity(endless, row.path, None) == endless


def test_parameters_toggles_and_retries_are_edited_too() -> None:
    assert edits.set_span(POLICY, "parameters.quantity", 2.4, 1.2).parameters["quantity"].min == 1
    assert edits.set_probability(POLICY, "toggles.coupon", 1.5).toggles["coupon"] == 1
    assert edits.set_probability(POLICY, "forms.skip_optional", 0.25).forms.skip_optional == 0.25
    assert edits.set_count(POLICY, "retries.steps.browse", 4).retries.steps == {"browse": 4}
    assert edits.set_count(POLICY, "retries.default", -3).retries.default == 0


def test_an_edit_is_noted_and_takes_the_approval_away() -> None:
    after = edits.set_count(edits.set_count(POLICY, "retries.default", 3), "retries.default", 4)
    assert not after.approved
    assert after.provenance.notes == ("edited retries.default",)
    assert reason_of(after, "retries.default").origin == "edited"


def test_reasons_are_words_or_an_assumption() -> None:
    assert reason_of(POLICY, "decisions.next").phrase == "knows what she wants"
    assert reason_of(POLICY, "decisions.next.leave").origin == "said"
    assert reason_of(POLICY, "patience.step_wait_seconds").origin == "assumed"
    assert reason_of(POLICY, "pacing.think_ms").origin == "assumed"


def test_the_panel_shows_all_that_the_workflow_lets_a_policy_say() -> None:
    panel = panel_of(POLICY, WORKFLOW, POLICY)
    assert [row.name for row in panel.decisions[0].options] == ["add", "look", "leave"]
    assert panel.decisions[0].options[0].share == pytest.approx(0.5)
    assert panel.decisions[0].options[2].leaves
    assert [row.path for row in panel.retries] == ["retries.default", "retries.steps.browse"]
    assert panel.parameters[0].whole
    assert panel.toggles[0].share == 0.3
    assert len(panel.forms) == 3


def test_an_option_leaves_only_if_its_branch_ends_the_visit_as_abandoned() -> None:
    assert leaving_options(WORKFLOW) == {("next", "leave")}


def test_phrases_are_found_whatever_their_blanks_and_case() -> None:
    text = "A busy  person. Abandons the\ncart if slow. Rarely reads."
    found = find_phrases(text, {"a": "abandons the cart", "b": "Rarely reads", "c": None, "d": "not there"})
    said = [(text[phrase.start : phrase.end].split(maxsplit=1)[0], phrase.paths) for phrase in found]
    assert said == [("Abandons", ("a",)), ("Rarely", ("b",))]


def test_overlapping_phrases_become_one_with_both_paths() -> None:
    evidence = {"a": "may try once", "b": "try once then leave", "c": "may … leave"}
    found = find_phrases("may try once then leave", evidence)
    assert len(found) == 1
    assert set(found[0].paths) == {"a", "b", "c"}


@given(st.text(max_size=200), st.dictionaries(st.text(max_size=5), st.text(max_size=60) | st.none(), max_size=5))
def test_any_evidence_on_any_text_gives_stretches_inside_it(text: str, evidence: dict[str, str | None]) -> None:
    last = 0
    for phrase in find_phrases(text, evidence):
        assert last <= phrase.start <= phrase.end <= len(text)
        last = phrase.end
