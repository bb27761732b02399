"""Whatever a model finds probable, the policy that comes of it is valid; and the more it moves, the more it says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies
from tests.llm.samples import PERSONA, WORKFLOW
from turbulence_app.assist.policy_check import validate_policy
from turbulence_app.assist.policy_items import items
from turbulence_app.assist.policy_poll import policy_poll, sentences
from turbulence_app.llm.backends.rules import RulesBackend


def still(poll):
    return tuple((0.0,) * len(q.answers) for q in poll.nobody)


@settings(max_examples=60, deadline=None)
@given(strategies.workflows, strategies.personas, st.randoms(use_true_random=False))
def test_any_answers_of_a_model_make_a_valid_policy(workflow, persona, random):
    poll = policy_poll(persona, workflow)
    changes = tuple(tuple(random.uniform(-50, 50) for _ in row) for row in still(poll))
    quotes = dict(enumerate(poll.sentences[: len(changes)]))
    document = poll.document(changes, quotes)
    policy, problems = validate_policy(document, workflow, persona)
    assert policy is not None, problems
    for name, decision in policy.decisions.items():
        assert math.fsum(decision.options.values()) == pytest.approx(1, abs=1e-3), name


@settings(max_examples=60, deadline=None)
@given(strategies.workflows)
def test_bases_are_shares_and_questions_have_answers(workflow):
    for item in items(workflow):
        assert len(item.answers) == len(item.base) >= 1
        assert math.fsum(item.base) == pytest.approx(1)
        assert item.question.strip()
        assert all(answer.strip() for answer in item.answers)
        assert not item.says([0.0] * len(item.base))


def test_whoever_changes_nothing_is_about_what_the_rules_call_neutral():
    persona = PERSONA.model_copy(update={"hints": {}, "description": "Somebody."})
    poll = policy_poll(persona, WORKFLOW)
    document = poll.document(still(poll), {})
    neutral = RulesBackend().policy_document(persona, WORKFLOW)
    assert document["decisions"]["browse_next"]["options"] == pytest.approx(
        neutral["decisions"]["browse_next"]["options"], abs=1e-4
    )
    for section, name in (("patience", "step_wait_seconds"), ("patience", "visit_seconds"), ("pacing", "think_ms")):
        for end in ("min", "max"):
            assert document[section][name][end] == pytest.approx(neutral[section][name][end], rel=0.35)
    assert document["retries"] == {"default": 1}
    assert document["parameters"] == {}
    assert document["toggles"] == pytest.approx(neutral["toggles"])


def test_an_answer_that_becomes_likelier_moves_its_number():
    asked = items(WORKFLOW)
    numbers = {item.path: n for n, item in enumerate(asked)}
    poll = policy_poll(PERSONA.model_copy(update={"description": "Somebody who says no amounts."}), WORKFLOW)
    rows = [list(row) for row in still(poll)]
    rows[numbers["patience.step_wait_seconds"]][0] = 6.0
    rows[numbers["retries.default"]][-1] = 8.0
    rows[numbers["parameters.cart_quantity"]][0] = 9.0
    rows[numbers["parameters.shipping"]][1] = 5.0
    rows[numbers["toggles.apply_coupon"]][1] = 3.0
    document = poll.document(tuple(map(tuple, rows)), {})
    assert document["patience"]["step_wait_seconds"]["max"] < 4
    assert document["retries"]["default"] == 5
    assert document["parameters"]["cart_quantity"]["max"] <= 2
    assert document["parameters"]["shipping"]["values"] == ["express"]
    assert document["toggles"]["apply_coupon"] < 0.05
    assert poll.moved(numbers["retries.default"], tuple(rows[numbers["retries.default"]]))
    assert not poll.moved(numbers["pacing.think_ms"], tuple(rows[numbers["pacing.think_ms"]]))


def test_amounts_that_are_stated_stand_above_the_model():
    said = "Waits at most ten seconds for a page. Tries twice more when it fails. Thinks for 2 to 4 seconds. Likes tea."
    persona = PERSONA.model_copy(update={"description": said})
    poll = policy_poll(persona, WORKFLOW)
    rows = tuple(tuple(9.0 * n for n, _ in enumerate(row)) for row in still(poll))
    document = poll.document(rows, {})
    assert document["patience"]["step_wait_seconds"] == {"min": 5, "max": 10}
    assert document["pacing"]["think_ms"] == {"min": 2000, "max": 4000}
    assert document["retries"]["default"] == 2
    assert document["evidence"]["retries.default"] == "Tries twice more when it fails"
    numbers = {item.path: n for n, item in enumerate(items(WORKFLOW))}
    assert not poll.moved(numbers["retries.default"], rows[numbers["retries.default"]]), "nothing is left to look for"
    assert validate_policy(document, WORKFLOW, persona)[0] is not None


def test_what_is_quoted_is_a_sentence_of_the_description():
    assert sentences("Waits 5 s. Then, bored, leaves!\nNever pays; ever\n - ") == (
        "Waits 5 s.",
        "Then, bored, leaves!",
        "Never pays;",
        "ever",
    )
    assert sentences("One two three. " * 30) == ()
    assert sentences("") == ()
