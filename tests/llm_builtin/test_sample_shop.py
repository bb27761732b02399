"""The sample's five people, as anybody would read their descriptions; and their crowd in the sample's own scenario."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.workflow import Workflow
from turbulence_app.engine.preview import preview

SHOP = Path(__file__).resolve().parents[2] / "resources" / "samples" / "shop"
WEIGHTS = {
    "impatient_shopper": 35,
    "careful_researcher": 25,
    "window_shopper": 20,
    "coupon_hunter": 12,
    "screen_reader_user": 8,
}
USERS = 20_000


def read(path: str) -> Any:
    return yaml.safe_load((SHOP / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def workflow():
    return Workflow.model_validate(read("workflows/checkout.yaml"))


@pytest.fixture(scope="module")
def policies(backend, workflow):
    found = {}
    for name in WEIGHTS:
        told = read(f"personas/{name}.yaml")["persona"]
        persona = Persona(id=name, name=told["name"], description=told["description"])
        found[name] = Policy.model_validate(backend.policy_document(persona, workflow))
    return found


def likeliest(policy, decision):
    options = policy.decisions[decision].options
    return max(options, key=options.get)


def share(policy, decision, option):
    options = policy.decisions[decision].options
    return options[option] / sum(options.values())


def test_the_impatient_shopper_buys_quickly_and_leaves_only_by_case(policies):
    policy = policies["impatient_shopper"]
    assert likeliest(policy, "browse_next") == "add_to_cart"
    assert likeliest(policy, "shipping_choice") == "express"
    assert likeliest(policy, "payment_failed") == "retry"
    for decision in ("browse_next", "details_next", "before_paying"):
        assert share(policy, decision, "leave") < 0.3
    assert policy.decisions["payment_failed"].cases[0].when == "failures('pay') >= 2"
    assert policy.retries.default <= 1
    assert policy.patience.step_wait_seconds.max <= 8


def test_the_careful_researcher_reads_waits_and_takes_another_card(policies):
    policy = policies["careful_researcher"]
    assert likeliest(policy, "browse_next") == "view_details"
    assert likeliest(policy, "shipping_choice") == "standard"
    assert likeliest(policy, "payment_failed") == "other_method"
    assert policy.retries.default <= 2
    assert policy.patience.step_wait_seconds.min >= 15


def test_the_window_shopper_leaves_without_buying(policies):
    policy = policies["window_shopper"]
    bought = 1 - share(policy, "browse_next", "leave")
    assert bought * (1 - share(policy, "before_paying", "leave")) < 0.2


def test_the_coupon_hunter_tries_a_coupon_and_leaves_if_it_is_refused(policies):
    policy = policies["coupon_hunter"]
    assert policy.toggles["apply_coupon"] > 0.7
    assert likeliest(policy, "coupon_refused") == "leave"
    assert policy.evidence["decisions.coupon_refused"] == "Leaves if the code is refused"
    assert likeliest(policy, "shipping_choice") == "pickup"
    assert policy.retries.default <= 1


def test_the_screen_reader_user_is_slow_and_patient(policies):
    policy = policies["screen_reader_user"]
    assert policy.forms.typing_ms_per_char.min > 250
    assert policy.pacing.think_ms.max > 3000
    assert policy.patience.step_wait_seconds.min >= 15


@pytest.mark.parametrize("scenario", ["quiet-day", "lost-answers"])
def test_the_crowd_buys_plausibly_and_is_charged_twice_only_when_answers_get_lost(policies, workflow, scenario):
    told = Scenario.model_validate(read(f"scenarios/{scenario}.yaml"))
    summary = preview(
        RunInputs(
            workflow=workflow,
            crowd=tuple(Member(persona=n, weight=w, policy=policies[n]) for n, w in WEIGHTS.items()),
            users=USERS,
            seed=42,
            arrivals=told.arrivals,
            faults=told.faults,
        ),
        USERS,
    )
    assert 0.25 <= summary.completion <= 0.6
    broken = next(v for v in summary.verdicts if v.name == "charged_once")
    assert 3 <= broken.violations <= 60 if scenario == "lost-answers" else broken.violations == 0
