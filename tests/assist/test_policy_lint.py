"""Words against numbers: what is contradicted is found with its words, and nothing else is."""

from __future__ import annotations

import pytest

from tests.llm.samples import WORKFLOW
from turbulence_app.assist.policy_lint import lint
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.llm.backends.rules import RulesBackend

READER = BuiltinBackend()


def judged(description, **changes):
    persona = Persona(id="p", description=description)
    document = {**READER.policy_document(persona, WORKFLOW), **changes}
    return [problem.message for problem in lint(Policy.model_validate(document), persona, WORKFLOW, READER)]


def decisions(**options):
    usual = RulesBackend().policy_document(Persona(id="p"), WORKFLOW)["decisions"]
    return {**usual, "payment_failed": {"options": options}}


@pytest.mark.parametrize(
    "text",
    [
        "Never gives up; tries again until it works.",
        "Waits at most ten seconds and leaves.",
        "Tries twice.",
        "",
        "Likes tea.",
    ],
)
def test_what_was_read_from_the_words_does_not_contradict_them(text):
    assert judged(text) == []


def test_never_gives_up_and_a_policy_that_does():
    (found,) = judged(
        "Never gives up when a payment fails; tries again and again.", decisions=decisions(retry=0.4, stop=0.6)
    )
    assert found.startswith("decisions.payment_failed: ")
    assert "stop 60 %" in found
    assert "again and again" in found
    (found,) = judged("She never gives up.", decisions=decisions(retry=0.6, stop=0.4))
    assert "She never gives up" in found
    assert judged("Tries it again, mostly.", decisions=decisions(retry=0.4, stop=0.6)) == [], "that is not firm"


def test_an_amount_that_is_stated_and_another_one():
    patience = {"step_wait_seconds": {"min": 60, "max": 120}, "visit_seconds": {"min": 60, "max": 600}}
    (found,) = judged("Waits at most ten seconds for a page.", patience=patience)
    assert "60 to 120, but the description says 5 to 10" in found
    (found,) = judged("Tries twice more when something fails.", retries={"default": 0})
    assert found.startswith("retries.default: 0, but the description says 2 (“Tries twice more")


def test_a_quantity_of_another_kind_contradicts_nothing_that_it_may_be():
    exponential = {"step_wait_seconds": {"kind": "exponential", "mean": 90}}
    assert judged("Waits at most ten seconds for a page.", patience=exponential) == []
