"""Requests as telemetry sees them, and that nothing of a person gets in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.telemetry import names
from turbulence_app.llm.telemetry.requests import Request, code_of
from turbulence_app.llm.telemetry.telemetry import RECENT, Telemetry


class Nanoseconds:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_a_request_with_everything() -> None:
    clock = Nanoseconds()
    telemetry = Telemetry(clock)
    ended: list[Request] = []
    telemetry.listeners.append(ended.append)
    request = telemetry.begin("policy")
    request.queued("ollama", 0.25)
    failing = request.call("ollama", "phi3:mini")
    failing.__enter__()
    clock.now += 1_000_000
    failing.__exit__(errors.ModelBusyError, errors.ModelBusyError("busy"), None)
    request.retry("ollama", "busy")
    with request.call("ollama", "phi3:mini") as call:
        clock.now += 64_000_000
        call.tokens(300, 120)
    request.repaired("ollama")
    request.fallback("invalid")
    request.end("rules", "rules")

    assert ended == [request]
    (row,) = telemetry.recent()
    assert row == {
        "id": request.id, "operation": "policy", "source": "rules", "provider": "rules", "model": "", "error": "",
        "fallbacks": ["invalid"], "retries": 1, "calls": 2, "tokens_in": 300, "tokens_out": 120, "waited_ms": 250.0,
        "ms": 65.0,
    }  # fmt: skip
    found = telemetry.drain()
    assert found.by(names.CALL_NS, names.ERROR) == {"": 1, "busy": 1}
    assert found.by(names.TOKENS, names.TOKEN_TYPE) == {"input": 1, "output": 1}
    assert found.histogram(names.TOKENS, {names.TOKEN_TYPE: "output"}).total == 120
    assert found.by(names.REQUEST_NS, names.SOURCE) == {"rules": 1}
    assert found.by(names.FALLBACKS, names.REASON) == {"invalid": 1}
    assert found.by(names.RETRIES, names.ERROR) == {"busy": 1}
    assert found.histogram(names.QUEUE_NS).total == 250_000_000
    assert found.total(names.REPAIRS) == 1
    assert not telemetry.drain()


def test_a_stop_is_not_an_error_and_an_error_is() -> None:
    telemetry = Telemetry()
    telemetry.begin("policy").end("", error="cancelled")
    telemetry.begin("policy").end("", error="absent")
    found = telemetry.drain()
    assert found.by(names.ERRORS, names.ERROR) == {"absent": 1}
    assert found.by(names.REQUEST_NS, names.SOURCE) == {"none": 1, "stopped": 1}


def test_hits_and_what_they_saved() -> None:
    telemetry = Telemetry()
    hits = telemetry.hits("policy", "cache_l0")
    for _ in range(3):
        hits.record(900)
        telemetry.saved(2e9, 420)
    found = telemetry.drain()
    assert found.by(names.REQUEST_NS, names.SOURCE) == {"cache_l0": 3}
    assert found.total(names.SAVED_NS) == 6_000_000_000
    assert found.total(names.SAVED_TOKENS) == 1260


def test_ids_differ_and_only_the_last_requests_are_remembered() -> None:
    telemetry = Telemetry()
    for _ in range(RECENT + 5):
        telemetry.begin("policy").end("model")
    ids = [row["id"] for row in telemetry.recent()]
    assert len(set(ids)) == len(ids) == RECENT


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.BreakerOpenError("x"), "breaker_open"),
        (CancelledError("x"), "cancelled"),
        (KeyboardInterrupt(), "cancelled"),
        (ZeroDivisionError(), "bug"),
    ],
)
def test_every_error_has_a_code(error: BaseException, code: str) -> None:
    assert code_of(error) == code


persona_text = st.sampled_from(
    [
        "Ada Lovelace, 36, lives in London and never gives up.",
        "ada@example.org",
        "+44 20 7946 0958",
        "Abandons the cart if checkout takes too long.\nHates forms.",
        "IBAN GB33BUKB20201555555555",
        "C:\\Users\\ada\\personas.yaml",
    ]
) | st.text(st.characters(blacklist_categories=("Cs",)), min_size=12).filter(lambda text: " " in text or "@" in text)


@given(persona_text)
def test_a_persona_fed_into_every_word_of_it_is_nowhere_in_what_is_kept(text: str) -> None:
    telemetry = Telemetry()
    request = telemetry.begin(text)
    with pytest.raises(errors.ModelError), request.call(text, text):
        raise errors.ModelError(text, text)
    request.retry(text, text)
    request.queued(text, 1)
    request.repaired(text)
    request.fallback(text)
    request.end(text, text, text, error=text)
    telemetry.opened(text, text)
    telemetry.hits(text, text).record(5)
    kept = json.dumps([telemetry.recent(), telemetry.drain().to_plain()], ensure_ascii=False)
    assert text not in kept
    assert json.dumps(text)[1:-1] not in kept
    assert not [word for word in ("Ada", "ada", "London", "7946", "BUKB") if word in kept]
