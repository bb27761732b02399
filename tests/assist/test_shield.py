"""Personal data of a persona: models and the cache never see it, evidence still quotes the description."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.sampler import Gbnf
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.stub_ollama import says, serving
from turbulence_app.assist.policy import compile_policy, policy_task
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.assist.shield import Shield
from turbulence_app.formats.folder import read_folder
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.resources import resource_path
from turbulence_app.store.cache import PolicyCacheStore
from turbulence_app.store.database import opened

SECRETS = ("anna.meyer@example.org", "+49 30 1234567", "4111 1111 1111 1111", "Meyer", "hunter2x9")
PRIVATE = PERSONA.model_copy(
    update={
        "name": "Mrs Meyer, in a hurry",
        "description": "My name is Anna Meyer. Shops during lunch breaks and wants mail to anna.meyer@example.org "
        "at once. "
        "Calls +49 30 1234567 when a payment with 4111 1111 1111 1111 fails, then leaves.",
        "hints": {"login": "password: hunter2x9", "patience": "low"},
    }
)


def answer(because: str) -> str:
    """What a model writes; it quotes what it was shown."""
    found = json.loads(Gbnf(to_grammar(policy_schema(WORKFLOW)).text).draw(random.Random(3)))
    found["decisions"]["browse_next"] = {
        "because": because,
        "percent": {"add_to_cart": 70, "view_details": 20, "leave": 10},
    }
    found["decisions"]["payment_failed"]["percent"] = {"retry": 25, "stop": 75}
    return json.dumps(found)


@pytest.mark.parametrize(
    ("quote", "original"),
    [
        ("wants mail to [EMAIL_1] at once", "wants mail to anna.meyer@example.org at once"),
        ("[EMAIL_1]", "anna.meyer@example.org"),
        ("mail to email_1", "mail to anna.meyer@example.org"),
        ("a payment with [CARD_1] fails", "a payment with 4111 1111 1111 1111 fails"),
        ("during lunch breaks", "during lunch breaks"),
        ("wants mail to somebody@example.org", None),
        ("[EMAIL_7]", None),
    ],
)
def test_evidence_quotes_the_description_and_the_model_never_saw_it(
    quote: str, original: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    path = tmp_path / "shop.db"
    with opened(path) as database, serving(lambda _: says(answer(quote))) as server:
        with Gateway(PolicyCacheStore(database), ollama_url=server.url) as gateway:
            made = compile_policy(PRIVATE, WORKFLOW, gateway=gateway, backend="ollama")
        with Gateway(PolicyCacheStore(database), ollama_url=server.url) as gateway:
            kept = compile_policy(PRIVATE, WORKFLOW, gateway=gateway, backend="ollama")
    assert made.evidence["decisions.browse_next"] == kept.evidence["decisions.browse_next"] == original
    assert (made.provenance.source, kept.provenance.source) == ("model", "cache")
    assert any(note.startswith("replaced before the model read it: 1 CARD, 1 EMAIL") for note in made.provenance.notes)
    sent = json.dumps([body for place, body in server.requests if place == "/api/chat"], ensure_ascii=False)
    assert "[EMAIL_1]" in sent
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in SECRETS:
        assert secret not in sent
        assert secret.encode() not in stored


def test_the_built_in_model_reads_the_words_and_the_cache_keeps_none_of_them(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with opened(path) as database, Gateway(PolicyCacheStore(database)) as gateway:
        made = compile_policy(PRIVATE, WORKFLOW, gateway=gateway, backend="builtin")
    quotes = [quote for quote in made.evidence.values() if quote]
    assert quotes
    assert all(quote in PRIVATE.description for quote in quotes)
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"browse_next" in stored
    for secret in SECRETS:
        assert secret.encode() not in stored


def test_two_people_who_differ_in_personal_data_only_are_one_question() -> None:
    other = PRIVATE.model_copy(update={"description": PRIVATE.description.replace("anna.meyer@", "bob.miller@")})
    assert policy_task(PRIVATE, WORKFLOW).messages == policy_task(other, WORKFLOW).messages


def test_the_prompt_of_every_sample_is_as_it_was() -> None:
    for name in ("shop", "fastapi-shop"):
        folder = read_folder(resource_path(f"samples/{name}"))
        for persona in folder.personas.values():
            shield = Shield(persona)
            assert shield.persona is persona
            assert shield.note() == ()
            for workflow in folder.workflows.values():
                text = json.dumps(policy_task(persona, workflow).messages)
                assert not any(f"{kind}_1]" in text for kind in ("EMAIL", "PHONE", "NAME", "IP", "ADDRESS"))


def test_a_workflow_s_words_are_looked_through_as_well() -> None:
    flow = WORKFLOW.model_copy(update={"description": "Ask anna@example.org if it breaks."})
    assert "anna@example.org" not in json.dumps(policy_task(PERSONA, flow).messages)


@given(st.integers(0, 300), st.integers(1, 80))
def test_any_quote_goes_there_and_back(start: int, length: int) -> None:
    """Hidden and shown again, a stretch of the description comes back whole, or wider by a value that it cut."""
    quote = PRIVATE.description[start : start + length]
    if not quote:
        return
    shield = Shield(PRIVATE)
    hidden = shield.hidden({"evidence": {"x": quote}})["evidence"]["x"]
    assert hidden in shield.persona.description
    shown = shield.shown({"evidence": {"x": hidden}})["evidence"]["x"]
    assert shown in PRIVATE.description
    assert quote in shown or hidden in ("", " ") or len(hidden) < 4
