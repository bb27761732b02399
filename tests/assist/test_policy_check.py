"""What the validator lets through, what it mends, and what it refuses in words."""

from __future__ import annotations

import copy
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.llm.sampler import Gbnf
from tests.llm.samples import PERSONA, WORKFLOW
from turbulence_app.assist.evidence import quoted
from turbulence_app.assist.policy import policy_task
from turbulence_app.assist.policy_answer import decode
from turbulence_app.assist.policy_check import validate_policy
from turbulence_app.assist.policy_prompt import PROMPT_VERSION, policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.answers import violations
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.surface import policy_surface

SCHEMA = policy_schema(WORKFLOW)
GBNF = Gbnf(to_grammar(SCHEMA).text)
DOCUMENT = {
    "decisions": {
        "browse_next": {
            "options": {"add_to_cart": 0.7, "view_details": 0.2, "leave": 0.1},
            "cases": [{"when": "failures('pay') >= 2", "options": {"leave": 1.0}}],
        },
        "payment_failed": {"options": {"retry": 1, "stop": 3}},
    },
    "patience": {"step_wait_seconds": {"min": 4, "max": 10}, "visit_seconds": {"p50": 60, "p95": 200}},
    "retries": {"default": 1, "steps": {"pay": 2}},
    "pacing": {"think_ms": {"min": 100, "max": 500}, "steps": {"address": 900}},
    "forms": {"typing_ms_per_char": {"min": 80, "max": 200}, "correction_probability": 0.1, "skip_optional": 0.9},
    "parameters": {
        "cart_quantity": {"type": "range", "min": 1, "max": 3},
        "shipping": {"type": "choice", "values": ["express"]},
    },
    "toggles": {"apply_coupon": 0.1},
    "data": {"sku": ["A-1"]},
    "evidence": {"decisions.payment_failed": "may try once, then leave", "patience.step_wait_seconds": None},
}


def changed(path, value):
    document = copy.deepcopy(DOCUMENT)
    *parents, last = path
    place = document
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def test_a_whole_policy_passes():
    policy, problems = validate_policy(DOCUMENT, WORKFLOW, PERSONA)
    assert problems == []
    assert policy is not None
    assert (policy.persona_id, policy.workflow) == ("impatient_shopper", "checkout")
    assert policy.evidence["decisions.payment_failed"] == "may try once, then leave"


REFUSED = [
    (("decisions", "other"), {"options": {"a": 1}}, "no decision called other"),
    (("decisions", "payment_failed"), None, "decisions.payment_failed is missing"),
    (("decisions", "payment_failed", "options", "stop"), None, "says nothing about stop"),
    (("decisions", "payment_failed", "options", "dance"), 1, "no option is called dance"),
    (("decisions", "payment_failed", "options"), {"retry": 0, "stop": 0}, "sum to nothing"),
    (("decisions", "payment_failed", "options"), {"retry": -1, "stop": 2}, "greater than or equal to 0"),
    (("decisions", "payment_failed", "options"), {"retry": float("nan"), "stop": 2}, "finite"),
    (("decisions", "browse_next", "cases", 0, "options"), {"stay": 1}, "no option is called stay"),
    (("decisions", "browse_next", "cases", 0, "when"), "__import__('os')", "cases"),
    (("patience", "step_wait_seconds"), {"min": 9, "max": 4}, "swap"),
    (("patience", "step_wait_seconds"), 100_000, "more than anybody"),
    (("patience", "anger"), 1, "patience.anger"),
    (("retries", "default"), 51, "retries.default"),
    (("retries", "steps"), {"fly": 1}, "no step called fly"),
    (("pacing", "steps"), {"fly": 1}, "no step called fly"),
    (("forms", "skip_optional"), 2, "forms.skip_optional"),
    (("parameters", "cart_quantity", "max"), 50, "leaves 1 to 5"),
    (("parameters", "shipping", "values"), ["drone"], "not one of the workflow's values"),
    (("parameters", "shipping"), {"type": "range", "min": 1, "max": 2}, "must be a choice"),
    (("parameters", "other"), {"type": "range", "min": 1, "max": 2}, "no parameter called other"),
    (("toggles", "other"), 0.5, "no toggle called other"),
    (("data", "other"), [1], "no data called other"),
    (("evidence", "decisions.other"), None, ""),
    (("persona_id",), "somebody_else", "not of 'impatient_shopper'"),
    (("workflow",), "other", "not for 'checkout'"),
    (("surprise",), 1, "surprise"),
]


@pytest.mark.parametrize(("path", "value", "words"), [r for r in REFUSED if r[2]])
def test_what_the_workflow_does_not_define_is_refused(path, value, words):
    policy, problems = validate_policy(changed(path, value), WORKFLOW, PERSONA)
    assert policy is None
    assert any(words in str(p) for p in problems), [str(p) for p in problems]


def test_evidence_points_at_something_real():
    document = {**DOCUMENT, "evidence": {"decisions.other": "then leave"}}
    policy, problems = validate_policy(document, WORKFLOW, PERSONA)
    assert policy is None
    assert "evidence.decisions.other" in str(problems[0])


def test_evidence_that_nobody_said_becomes_assumed_with_a_note():
    document = {**DOCUMENT, "evidence": {"retries.default": "tries a hundred times"}}
    policy, problems = validate_policy(document, WORKFLOW, PERSONA)
    assert policy is not None
    assert policy.evidence == {"retries.default": None}
    assert [p.severity for p in problems] == ["warning"]
    assert "counts as assumed" in problems[0].message


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("abandons the CART", "Abandons the cart"),
        ("lunch breaks. Abandons", "lunch breaks.\nAbandons"),
        ("a cafe's wi fi", "a café's Wi-Fi"),
        ("checkout takes too long", "checkout takes too long"),
        ("takes long", None),
        ("lunch break", None),
        ("a", None),
        ("...", None),
        ("", None),
    ],
)
def test_quotes_are_found_word_by_word(phrase, found):
    assert quoted(phrase, PERSONA.description) == found


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_word_of_the_grammar_becomes_a_policy(rng):
    """Except where all percentages of a decision are 0, which no grammar can forbid."""
    answer = json.loads(GBNF.draw(rng))
    assert violations(answer, SCHEMA) == []
    found = decode(answer, SCHEMA)
    empty = any(not sum(d["percent"].values()) for d in answer["decisions"].values())
    assert bool(found.problems) == empty
    if not empty:
        policy, problems = validate_policy(found.document, WORKFLOW, PERSONA)
        assert policy is not None, [str(p) for p in problems]
        assert policy.decisions["browse_next"].options.keys() == WORKFLOW.decisions()["browse_next"].options.keys()


@pytest.mark.parametrize("backend", [RulesBackend(), BuiltinBackend()], ids=["rules", "builtin"])
@pytest.mark.parametrize(
    "persona",
    [PERSONA, Persona(id="e"), Persona(id="h", hints={"patience": "very high", "retries": 9, "speed": "Fast"})],
    ids=["words", "empty", "hints"],
)
def test_documents_of_backends_pass_the_validator(backend, persona):
    policy, problems = validate_policy(backend.policy_document(persona, WORKFLOW), WORKFLOW, persona)
    assert policy is not None, [str(p) for p in problems]
    assert [p for p in problems if p.severity == "error"] == []


def test_rules_know_who_gives_up_only_from_the_flow():
    options = RulesBackend().policy_document(Persona(id="x"), WORKFLOW)["decisions"]["browse_next"]["options"]
    assert options["leave"] < options["add_to_cart"] == options["view_details"]
    assert policy_surface(WORKFLOW).decisions["payment_failed"].gives_up == {"stop"}


def test_hints_bend_the_rules():
    def document(**hints):
        return RulesBackend().policy_document(Persona(id="x", hints=hints), WORKFLOW)

    calm, usual, hasty = document(patience="high"), document(), document(patience="low")
    waits = [d["patience"]["step_wait_seconds"]["max"] for d in (hasty, usual, calm)]
    assert waits == sorted(waits)
    assert len(set(waits)) == 3
    assert document(retries=3)["retries"]["default"] == 3
    assert document(speed="high")["pacing"]["think_ms"]["max"] < usual["pacing"]["think_ms"]["max"]


def test_the_prompt_says_in_words_what_the_schema_asks_for():
    system, user = (m["content"] for m in policy_messages(PERSONA, WORKFLOW))
    assert PERSONA.description.strip() in user
    assert "timeout_tolerance: low" in user
    for section, inner in SCHEMA["properties"].items():
        assert section in system
        names = inner["properties"] if section in ("decisions", "pauses", "parameters", "toggles") else ()
        assert all(name in system for name in names)
    assert "puts the product into the cart at once" in system
    other = PERSONA.model_copy(update={"description": "Somebody else."})
    assert policy_messages(other, WORKFLOW)[0]["content"] == system, "what a model may keep is the same for everybody"
    assert "because" in system
    assert PROMPT_VERSION >= 1
    assert len(system) + len(user) < 3000


def test_a_large_workflow_still_has_a_schema_of_its_own():
    steps = [
        {
            "name": f"d{i}",
            "type": "decide",
            "decision": f"d{i}",
            "options": {"a": "x", "b": "y", "c": "z"},
            "output_var": f"v{i}",
        }
        for i in range(40)
    ]
    workflow = Workflow.model_validate({"id": "big", "flow": steps})
    grammar = to_grammar(policy_schema(workflow))
    word = Gbnf(grammar.text).draw(random.Random(1), long=True)
    assert len(word) <= grammar.max_chars
    assert set(json.loads(word)["decisions"]) == {f"d{i}" for i in range(40)}


def test_the_question_depends_on_what_shapes_a_policy_and_on_nothing_else():
    plain = WORKFLOW.plain()
    moved = Workflow.model_validate({**plain, "services": {"api": {"base_url": "http://127.0.0.1:1"}}})
    reworded = Workflow.model_validate({**plain, "description": "Other words."})
    material = policy_task(PERSONA, WORKFLOW).material
    assert policy_task(PERSONA, moved).material == material
    assert policy_task(PERSONA, reworded).material != material
    assert policy_task(PERSONA.model_copy(update={"weight": 9.0}), WORKFLOW).material == material
