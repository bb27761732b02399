"""Whole policies: valid for any words and any workflow, reproducible, and right in direction."""

import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bench.bench_builtin import OFTEN, calibration, load, run
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.builtin.choices import FLOOR
from turbulence_app.llm.builtin.denials import NEVER, UNWILLING

SHOP = {
    "id": "shop",
    "parameters": {"tickets": {"type": "range", "min": 1, "max": 9}},
    "variation": {"toggles": [{"name": "newsletter", "probability": 0.5}]},
    "flow": [
        {"name": "pay", "type": "http", "description": "the payment is taken"},
        {
            "name": "after",
            "type": "decide",
            "decision": "payment_failed",
            "prompt": "The payment failed.",
            "options": {"retry": "tries again", "other_card": "uses another card", "leave": "leaves"},
            "when": "pay.failed",
        },
        {"name": "terms", "type": "http", "description": "the terms and conditions are shown"},
    ],
}

names = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_.\-]{0,15}\Z")
words = st.one_of(
    st.text(max_size=120),
    st.sampled_from(
        [
            "",
            "🙂🙂",
            "不耐烦的用户，从不等待。",
            "Hasst Warten!",
            "x" * 20_000,
            "never " * 3000,
            "if, when, but",
            "a. b. c",
            "...",
            "\x00\ud7ff",
        ]
    ),
)
decides = st.builds(
    lambda name, decision, prompt, options: {
        "name": name, "type": "decide", "decision": decision, "prompt": prompt, "options": options,
    },
    names, names, words.map(lambda w: w[:200]), st.dictionaries(names, st.text(max_size=30), min_size=1, max_size=6),
)  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    words,
    st.lists(decides, min_size=1, max_size=3),
    st.dictionaries(names, st.sampled_from(["low", "high", 3, None, True, float("nan"), [1]]), max_size=2),
)
def test_any_words_against_any_workflow_give_a_valid_policy(backend, text, flow, hints):
    workflow = Workflow.model_validate({"id": "w", "flow": flow})
    document = backend.policy_document(Persona(id="p", name=text[:40], description=text, hints=hints), workflow)
    policy = Policy.model_validate(document)
    json.dumps(document, allow_nan=False)
    for name in workflow.decisions():
        wanted = {o for step in flow if step["decision"] == name for o in step["options"]}
        shares = policy.decisions[name].options
        assert shares.keys() == wanted
        assert all(share >= FLOOR for share in shares.values())
    assert all(words is None or words in text for words in policy.evidence.values())


def compiled(backend, text, **more):
    return Policy.model_validate(
        backend.policy_document(Persona(id="p", description=text, **more), Workflow.model_validate(SHOP))
    )


def test_stated_quantities_are_kept_exactly(backend):
    policy = compiled(
        backend, "Waits at most 10 seconds for a page. If the payment fails he may try once then leave. Buys 3 tickets."
    )
    assert policy.patience.step_wait_seconds.max == 10
    assert policy.retries.steps["pay"] == policy.retries.default == 1
    assert policy.decisions["payment_failed"].cases[0].when == "failures('pay') >= 2"
    assert policy.decisions["payment_failed"].cases[0].options["leave"] > 0.9
    assert policy.decisions["payment_failed"].options["retry"] >= 0.5
    assert (policy.parameters["tickets"].min, policy.parameters["tickets"].max) == (3, 3)
    assert policy.evidence["patience.step_wait_seconds"] == "Waits at most 10 seconds for a page"


def test_nobody_in_particular_is_near_the_prior(backend):
    policy = compiled(backend, "")
    shares = policy.decisions["payment_failed"].options
    assert max(shares.values()) < 0.6
    assert min(shares.values()) > 0.05
    assert policy.retries.default == 1
    assert policy.forms.skip_optional == 0.5
    assert set(policy.evidence.values()) == {None}


def test_hints_and_names_count(backend):
    neutral, hinted = compiled(backend, ""), compiled(backend, "", hints={"timeout_tolerance": "low"})
    named = compiled(backend, "", name="Impatient Clicker")
    for policy in (hinted, named):
        assert policy.patience.step_wait_seconds.max < neutral.patience.step_wait_seconds.max
        assert set(policy.evidence.values()) == {None}


def test_toggles_follow_the_words(backend):
    assert compiled(backend, "She hates newsletters.").toggles["newsletter"] < 0.25
    assert compiled(backend, "He loves getting newsletters.").toggles["newsletter"] > 0.75


def test_same_words_same_policy_in_another_process(backend):
    entry = load("build.yaml")["personas"][0]
    workflow = next(w for w in load("workflows.yaml")["workflows"] if w["id"] == entry["workflow"])
    script = (
        "import json,sys\n"
        "from turbulence_app.llm.backends.builtin import BuiltinBackend\n"
        "from turbulence_app.domain.persona import Persona\nfrom turbulence_app.domain.workflow import Workflow\n"
        "p, w = json.load(sys.stdin)\n"
        "print(json.dumps(BuiltinBackend().policy_document(Persona(**p), Workflow.model_validate(w)), sort_keys=True))"
    )
    persona = {"id": "p", "description": entry["text"]}
    out = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps([persona, workflow]),
        capture_output=True,
        text=True,
        check=True,
    )
    here = backend.policy_document(Persona(**persona), Workflow.model_validate(workflow))
    assert out.stdout.strip() == json.dumps(here, sort_keys=True)


@pytest.mark.parametrize(("half", "least"), [("build", 0.9), ("judge", 0.8), ("judge_second", 0.8)])
def test_directions_are_right_for_people_it_was_not_tuned_on(backend, half, least):
    result = run(half, backend)
    assert result["accuracy"] >= least, result["missed"]


def test_shares_said_in_words_are_the_shares_and_fall_with_the_word(backend):
    table = calibration(backend)
    told = [table[word] for word in OFTEN]
    assert told == sorted(told, reverse=True)
    assert table["always"] > table[""] > table["usually"]
    assert table["usually"] == pytest.approx(0.75, abs=0.02)
    assert table["half of the time"] == pytest.approx(0.5, abs=0.02)
    policy = compiled(backend, "If the payment fails, 7 in 10 use another card.")
    assert policy.decisions["payment_failed"].options["other_card"] == pytest.approx(0.7, abs=0.02)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("Under no circumstances would she use another card.", "other_card"),
        ("He would never pay with another card.", "other_card"),
        ("Using another card is out of the question for her.", "other_card"),
        ("If the payment fails, he never gives up.", "leave"),
    ],
)
def test_what_is_ruled_out_is_next_to_impossible(backend, text, option):
    shares = compiled(backend, text).decisions["payment_failed"].options
    assert shares[option] <= NEVER + 0.01
    assert sum(shares.values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "text", ["She never uses another card unless she must.", "He does not mind using another card."]
)
def test_what_is_only_hedged_is_not_ruled_out(backend, text):
    assert compiled(backend, text).decisions["payment_failed"].options["other_card"] > UNWILLING


def test_who_does_not_try_again_does_not_choose_to_either(backend):
    policy = compiled(backend, "She doesn't try a second time.")
    assert policy.retries.default == 0
    assert policy.decisions["payment_failed"].options["retry"] <= UNWILLING + 0.01
