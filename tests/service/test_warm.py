"""The model that compiles is loaded ahead of the first question, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.samples import WORKFLOW
from tests.llm.tiny_gguf import write
from turbulence_app.llm.backends.llamacpp import installed
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.service import policies

needs_llama = pytest.mark.skipif(not installed(), reason="the extra llama is not installed")


def gateway(tmp_path: Path) -> Gateway:
    return Gateway(registry=ModelRegistry(tmp_path), ollama_url="http://127.0.0.1:9")


@needs_llama
@pytest.mark.parametrize("mode", ["json", "logits"])
def test_a_model_is_loaded_once_and_answers_warm(tmp_path: Path, mode: str) -> None:
    model = write(tmp_path / "tiny.gguf")
    with gateway(tmp_path) as way:
        loaded = policies.warm(WORKFLOW, gateway=way, backend="llamacpp", model=str(model), mode=mode)
        assert loaded == "tiny.gguf"
        backend = next(iter(way.ladder.rungs("llamacpp", str(model), mode))).text
        first = backend.pid
        assert first is not None
        assert policies.warm(WORKFLOW, gateway=way, backend="llamacpp", model=str(model), mode=mode) == loaded
        assert backend.pid == first, "the same process"


def test_nothing_is_loaded_where_nothing_needs_it_or_nothing_is_there(tmp_path: Path) -> None:
    with gateway(tmp_path) as way:
        assert policies.warm(WORKFLOW, gateway=way) == "", "the built-in model is at home in this process"
        assert policies.warm(WORKFLOW, gateway=way, backend="rules") == ""
        assert policies.warm(WORKFLOW, gateway=way, backend="ollama", model="none") == "", "the question tells why"
