"""llama.cpp in its own process: start, load, first answer, what a kept prefix saves, how soon a stop is heard, memory.

    python -m tests.bench.bench_llamacpp [FILE.gguf ...]

Without a file it makes a model of medium size with random weights. One JSON document; times in milliseconds (medians
where several were taken), memory in MiB: the estimate beside what the process held at a full context.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.machine import cpu
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy_prompt import policy_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm.backends.base import Prompt
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend, confinement
from turbulence_app.llm.gguf import read_header
from turbulence_app.llm.grammar import Grammar, to_grammar
from turbulence_app.llm.memory import estimate

STOPS = 9
MIB = 2**20
NOTHING = Grammar('root ::= "{}"\n', 2)


def main(paths: list[str]) -> None:
    """Measures each file."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(p) for p in paths] or [write(Path(folder) / "medium.gguf", width=768, layers=8)]
        began = time.perf_counter()
        sealed = confinement()
        found = {"cpu": cpu(), "start_ms": _since(began), "egress": str(sealed)}
        print(json.dumps({**found, "models": {file.name: measure(file) for file in files}}, indent=1))


def measure(file: Path) -> dict[str, object]:
    """One model file."""
    backend = LlamaCppBackend(file)
    try:
        first, again = _answer(backend), _answer(backend)
        held = _held(backend)
        return {
            "load_ms": round(first.load_ms),
            "answer": _told(first),
            "answer_with_kept_prefix": _told(again),
            "same": first.text == again.text,
            "stop_in_prompt_ms": _stops(backend),
            "memory": {**held, "estimate": round(estimate(read_header(file), 4096).total / MIB)},
        }
    finally:
        backend.close()


def _answer(backend: LlamaCppBackend):
    schema = policy_schema(WORKFLOW)
    return backend.complete(Prompt(policy_messages(PERSONA, WORKFLOW), schema, to_grammar(schema), 1, 600.0))


def _told(done) -> dict[str, object]:
    return {
        "prompt_tokens": done.prompt_tokens,
        "answer_tokens": done.answer_tokens,
        "prompt_ms": round(done.prompt_ms),
        "answer_ms": round(done.answer_ms),
        "tokens_per_s": round(1000 * done.answer_tokens / done.answer_ms, 1),
    }


def _long(backend: LlamaCppBackend) -> Prompt:
    """A prompt that fills the context."""
    words = 4000
    while backend.count_tokens(({"role": "user", "content": "word " * words},))[0] > 4000:
        words = words * 9 // 10
    return Prompt(({"role": "user", "content": "word " * words},), {}, NOTHING, 1, 600.0)


def _stops(backend: LlamaCppBackend) -> dict[str, float]:
    """From the moment a stop is wanted, somewhere in the prompt, until the caller has its error."""
    prompt, took = _long(backend), []
    for i in range(STOPS):
        at = time.monotonic() + 0.15 + 0.11 * i
        with contextlib.suppress(CancelledError):
            backend.complete(prompt, should_stop=lambda at=at: time.monotonic() > at)
            continue
        took.append(1000 * (time.monotonic() - at))
    return {"median": round(statistics.median(took)), "max": round(max(took)), "of": len(took)}


def _held(backend: LlamaCppBackend) -> dict[str, int]:
    """Resident memory after a full context; empty where the system does not tell."""
    backend.complete(_long(backend))
    status = Path(f"/proc/{backend.pid}/status")
    if not status.exists():
        return {}
    rows = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return {name: round(int(rows[key].split()[0]) / 1024) for name, key in (("peak", "VmHWM"), ("own", "RssAnon"))}


def _since(began: float) -> int:
    return round(1000 * (time.perf_counter() - began))


if __name__ == "__main__":
    main(sys.argv[1:])
