"""Measures the gateway: a hit in memory, a compile by rules and by the built-in model, and by llama.cpp where it is.

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

from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.llm.backends.llamacpp import installed
from turbulence_app.llm.cache import MemoryCache
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.models import ModelRegistry


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        model = Path(sys.argv[1]) if len(sys.argv) > 1 else write(home / "tiny.gguf")
        report: dict[str, Any] = {"cpu": cpu(), "python": platform.python_version()}
        report["memory_hit_ns"] = memory_hit()
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


def memory_hit() -> dict[str, int]:
    """A hit with a fresh 2 kB prompt each time (its hash is not remembered), clock included."""
    cache: MemoryCache[object] = MemoryCache()
    base = "x" * 2000
    for i in range(4096):
        cache.put("p", f"{base}{i:06}", i)
    taken = []
    for i in range(50_000):
        prompt = f"{base}{i % 4096:06}"
        began = time.perf_counter_ns()
        cache.get("p", prompt)
        taken.append(time.perf_counter_ns() - began)
    taken.sort()
    return {"p50": taken[len(taken) // 2], "p95": taken[len(taken) * 95 // 100]}


def timed(work: Any, times: int) -> float:
    """Median milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(found), 3)


def cpu() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


if __name__ == "__main__":
    main()
