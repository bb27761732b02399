"""``models add --sha256``, ``trust``, ``verify``, and what the list and ``doctor`` say of a file."""

from __future__ import annotations

import hashlib

import pytest

from tests.llm.tiny_gguf import write
from turbulence_app.llm.backends import llamacpp
from turbulence_app.llm.memory import Fit
from turbulence_app.service import models as service


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    return write(tmp_path / "mine.gguf")


def listed(say):
    return next(m for m in say("models", "list", "--json").json["models"] if m["backend"] == "llamacpp")


def test_from_unknown_to_verified_to_changed(say, model):
    assert say("models", "add", model).status == 0
    found = listed(say)
    assert (found["state"], found["memory"]) == ("unknown", "fits")
    assert found["memory_bytes"] > found["size_bytes"]
    assert say("models", "trust", "mine").out.endswith(hashlib.sha256(model.read_bytes()).hexdigest() + "\n")
    assert listed(say)["state"] == "verified"
    assert say("models", "verify", "mine").status == 0
    write(model, seed=8)
    found = listed(say)
    assert (found["state"], found["available"]) == ("changed", False)
    assert say("models", "verify", "mine").status == 1
    said = say("models", "trust", "mine")
    assert said.status == 2
    assert "no longer what was added" in said.err


def test_a_digest_is_a_condition(say, model):
    right, wrong = hashlib.sha256(model.read_bytes()).hexdigest(), "0" * 64
    said = say("models", "add", model, "--sha256", wrong)
    assert said.status == 2
    assert right in said.err
    assert len(said.err.strip().splitlines()) <= 2
    assert say("models", "add", model, "--sha256", "nonsense").status == 2
    assert say("models", "add", model, "--sha256", f"SHA256:{right}").status == 0
    assert listed(say)["state"] == "verified"


def test_a_model_that_cannot_fit_is_listed_with_its_need(say, model, monkeypatch):
    say("models", "add", model)
    monkeypatch.setattr(service, "memory_fit", lambda entry: Fit(8 * 2**30, 2**30, "no"))
    found = listed(say)
    assert (found["available"], found["memory"]) == (False, "no")
    if llamacpp.installed():
        assert found["why"] == "needs about 8.0 GB of memory, 1.0 GB are free"
    assert "8.6 GB" in say("models", "list").out


@pytest.mark.skipif(not llamacpp.installed(), reason="the extra llama is not installed")
def test_doctor_tries_the_network_from_native_code(say, model):
    checks = say("doctor", "--json").json["checks"]
    (found,) = (check for check in checks if check["name"] == "model process")
    assert "tried from native code" in found["detail"]
