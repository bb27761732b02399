"""Measures the gateway: the cache (:mod:`tests.bench.bench_cache`), a compile by rules and by the built-in model, and
by llama.cpp where it is.

``python -m tests.bench.bench_gateway [MODEL.gguf]`` prints one JSON document. Without a model, a tiny one with random
weights is made: its figures show the cost around a model, not that of a model.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench import bench_cache
from tests.bench.machine import cpu
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.llm.backends.llamacpp import installed
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.models import ModelRegistry


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        model = Path(sys.argv[1]) if len(sys.argv) > 1 else write(home / "tiny.gguf")
        report: dict[str, Any] = {"cpu": cpu(), "python": platform.python_version()}
        report["cache"] = bench_cache.report()
        schema = policy_schema(WORKFLOW)
        report["schema_and_grammar_ms"] = timed(lambda: to_grammar(policy_schema(WORKFLOW)), 20)
        report["answer_max_chars"] = to_grammar(schema).max_chars
        report["prompt_chars"] = sum(len(m["content"]) for m in policy_messages(PERSONA, WORKFLOW))
        with Gateway(registry=ModelRegistry(home), ollama_url="http://127.0.0.1:9") as gateway:
            for backend in ("rules", "builtin", *(["llamacpp"] if installed() else [])):
                named = str(model) if backend == "llamacpp" else None
                report[backend] = compiled(gateway, backend, named)
        print(json.dumps(report, indent=1))


def compiled(gateway: Gateway, backend: str, model: str | None) -> dict[str, Any]:
    """The first compile (loads the model), further ones with another seed, and the same again from the cache."""

    def make(seed: int) -> None:
        compile_policy(PERSONA, WORKFLOW, gateway=gateway, backend=backend, model=model, seed=seed)

    began = time.perf_counter()
    make(0)
    first = 1000 * (time.perf_counter() - began)
    seeds = iter(range(1, 100))
    return {
        "first_ms": round(first, 1),
        "further_ms": timed(lambda: make(next(seeds)), 5),
        "cached_ms": timed(lambda: make(0), 50),
    }


def timed(work: Any, times: int) -> float:
    """Median milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(found), 3)


if __name__ == "__main__":
    main()
