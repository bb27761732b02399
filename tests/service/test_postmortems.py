"""Failures explained: from the simulation alone, by models of all sorts, every claim re-simulated."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tests.llm.scripted import Scripted
from tests.llm.scripted import gateway as scripted_gateway
from tests.llm.tiny_gguf import write
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.postmortem import Claim
from turbulence_app.engine.counterfactuals import altered, judge, scaled
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.service.failures import small_case
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.postmortems import analyze, markdown, source_words
from turbulence_app.service.projects import init_project, open_project
from turbulence_app.service.runs import run
from turbulence_app.store.database import Database

needs_llama = pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is absent")
NAME = "r-0001/f-0001"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> RunInputs:
    root = tmp_path_factory.mktemp("shop") / "shop"
    init_project(root)
    return build_inputs(open_project(root, root), "lost-answers", None, Overrides(users=20_000))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, inputs: RunInputs):
    with Database(tmp_path_factory.mktemp("db") / "turbulence.db") as opened:
        run(inputs, opened, workers=1)
        yield opened


def test_without_a_model_it_says_what_happened(database: Database, inputs: RunInputs) -> None:
    found = analyze(database, NAME)
    assert found.source == "simulation"
    assert found.confidence is None
    assert "acts 2 times" in found.cause
    assert found.happened[-1].endswith("BREAKS: charged_once")
    assert any("POST /charges" in place for place in found.look_at)
    verdicts = {one.claim.key: one.verdict for one in found.claims}
    assert verdicts["without_fault:lost_receipt"] == "confirmed"
    assert verdicts["always_option:payment_failed:leave"] == "confirmed"
    assert "refuted" in verdicts.values()
    again = analyze(database, NAME)
    assert again.claims == found.claims, "re-simulated claims are the same bits"


def test_a_verdict_is_that_of_the_visit_itself(database: Database, inputs: RunInputs) -> None:
    failure, _, small = small_case(database, NAME, "")
    claims = (
        Claim(kind="double_patience", subject=failure.persona),
        Claim(kind="half_latency", subject="pay"),
        Claim(kind="always_option", subject="payment_failed", option="leave"),
    )
    base, found = judge(inputs, small, claims, lambda: False, trials=20)
    assert base.breaks
    for claim in claims:
        other = altered(inputs, claim)
        assert other is not None
        seen = found[claim.key]
        assert seen is not None
        assert seen.breaks == (failure.invariant in run_user(compile_plan(other), failure.user).violations)
    assert altered(inputs, Claim(kind="half_latency", subject="nowhere")) is None
    assert altered(inputs, Claim(kind="without_retry", subject="nowhere")) is None
    assert altered(inputs, Claim(kind="always_option", subject="payment_failed", option="dance")) is None


def test_quantities_are_scaled_in_every_form() -> None:
    assert scaled(4, 2.0) == 8
    assert scaled({"min": 1, "max": 3}, 2.0) == {"min": 2, "max": 6}
    assert scaled({"p50": 1, "p95": 3, "p99": None}, 0.5) == {"p50": 0.5, "p95": 1.5, "p99": None}
    assert scaled({"kind": "table", "values": [1, 2]}, 2.0) == {"kind": "table", "values": [2, 4]}


def test_a_model_is_a_suggestion_whose_claims_are_tested(database: Database) -> None:
    text = {
        "headline": "A lost receipt makes the person pay twice",
        "cause": "The answer of pay is lost. The person decides to retry and is charged again.",
        "claims": [
            {"claim": "half_latency:pay", "because": "a quicker answer would have come in time"},
            {"claim": "without_fault:lost_receipt", "because": "the answer would not be lost"},
        ],
        "confidence": 90,
    }
    with scripted_gateway(Scripted(lambda _prompt: json.dumps(text))) as gateway:
        found = analyze(database, NAME, gateway=gateway, backend="llamacpp")
    assert (found.source, found.confidence, found.headline) == ("model", 0.9, text["headline"])
    assert [(one.claim.key, one.verdict) for one in found.claims[:2]] == [
        ("half_latency:pay", "refuted"),
        ("without_fault:lost_receipt", "confirmed"),
    ]
    assert found.claims[0].because.startswith("a quicker")
    assert source_words(found).startswith("Suggestion by m")
    told = markdown(found)
    assert "refuted" in told
    assert "Suggestion by m" in told


@pytest.mark.parametrize("text", ["nonsense", '{"headline": "Ignore the invariant"}', "{" * 9000])
def test_what_does_not_pass_is_not_used(database: Database, text: str) -> None:
    with scripted_gateway(Scripted(lambda _prompt: text)) as gateway:
        found = analyze(database, NAME, gateway=gateway, backend="llamacpp")
    assert found.source == "simulation"
    assert "acts 2 times" in found.cause
    assert any("was not used" in note for note in found.notes)


def test_the_built_in_model_cannot_write(database: Database, tmp_path: Path) -> None:
    with Gateway(registry=ModelRegistry(tmp_path)) as gateway:
        with pytest.raises(InputError, match="cannot write"):
            analyze(database, NAME, gateway=gateway, backend="builtin")
        found = analyze(database, NAME, gateway=gateway, backend="auto")
    assert found.source == "simulation"
    assert any("no language model" in note for note in found.notes)


@needs_llama
def test_the_real_llama_cpp_keeps_to_the_schema(database: Database, tmp_path: Path) -> None:
    """A model of random weights: its words are nonsense, held by the grammar, and judged like anybody's."""
    model = write(tmp_path / "tiny.gguf")
    with Gateway(registry=ModelRegistry(tmp_path), threads=2) as gateway:
        found = analyze(database, NAME, gateway=gateway, backend="llamacpp", model=str(model))
        assert gateway.counters().calls >= 1
    used = found.source == "model"
    assert used or any("was not used" in note for note in found.notes)
    assert all(one.verdict in ("confirmed", "refuted") for one in found.claims)


def test_what_cannot_be_run_again_is_not_testable(database: Database, inputs: RunInputs, tmp_path: Path) -> None:
    from turbulence_app.service import postmortems

    _, _, small = small_case(database, NAME, "")
    made = [(Claim(kind="double_patience", subject="impatient_shopper"), "")]
    live = inputs.model_copy(update={"target": "http"})
    (one,) = postmortems._tested(live, small, made, None, lambda: False)
    assert (one.verdict, one.of) == ("not_testable", 0)
    assert "live service" in one.detail


def test_no_such_failure(database: Database) -> None:
    with pytest.raises(InputError):
        analyze(database, "r-0001/f-9999")
    assert Failure(user=1, persona="p", invariant="i").message == ""
