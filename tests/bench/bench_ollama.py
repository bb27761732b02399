"""Measures Ollama: what our side of a conversation costs, how soon a stop is heard, and what a real server does.

``python -m tests.bench.bench_ollama [MODEL.gguf [TEMPLATE]]`` prints one JSON document. The real part needs a server
(see ``tests/llm/real_ollama.py``). Without a model, a tiny one with random weights is made for it and asked for whole
policies; a model that is given is asked for a few words, so that it is over in minutes without a GPU.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.machine import cpu
from tests.llm.real_ollama import TEMPLATE, binary, bring, running
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.stub_misbehaving import misbehaving
from tests.llm.tiny_gguf import write
from turbulence_app.assist.policy import policy_task
from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Completion, Prompt
from turbulence_app.llm.backends.ollama import OllamaBackend
from turbulence_app.llm.backends.ollama.wire import Watch
from turbulence_app.llm.grammar import Grammar, to_grammar

TASK = policy_task(PERSONA, WORKFLOW)
FEW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "because": {"type": "string", "minLength": 1, "maxLength": 40},
        "patience_percent": {"type": "integer", "minimum": 0, "maximum": 100},
        "leaves": {"enum": ["never", "rarely", "often", "at once"]},
    },
    "required": ["because", "patience_percent", "leaves"],
    "additionalProperties": False,
}
"""The schema of a few words."""
BRIEF = Grammar("root ::= char", 100)
LONGEST_S = 600.0


@dataclass(frozen=True)
class Asked:
    """What a model is asked, and what judges its answer."""

    messages: tuple[dict[str, str], ...]
    schema: dict[str, Any]

    def prompt(self, seed: int) -> Prompt:
        return Prompt(self.messages, self.schema, to_grammar(self.schema), seed, LONGEST_S)

    def valid(self, done: Completion) -> bool:
        if done.finish != "stop":
            return False
        if self.schema is TASK.schema:
            return TASK.read(done.text).document is not None
        found = json.loads(done.text)
        return set(found) == set(FEW["required"]) and 0 <= found["patience_percent"] <= 100


POLICY = Asked(TASK.messages, TASK.schema)
WORDS = Asked(({"role": "user", "content": f"{PERSONA.description}\nHow patient are they? Answer as JSON."},), FEW)


def main() -> None:
    report: dict[str, Any] = {"cpu": cpu(), "python": platform.python_version()}
    with misbehaving() as url:
        report["our_side"] = our_side(url)
    if binary():
        report["real"] = real(sys.argv[1:])
    print(json.dumps(report, indent=1))


def our_side(url: str) -> dict[str, Any]:
    """A whole conversation with a server that answers at once; a stop and a deadline with one that never does."""
    good, silent = OllamaBackend("good", url=url), OllamaBackend("silent", url=url)
    good.complete(brief())
    silent.look()
    talks = [timed(lambda: good.complete(brief())) for _ in range(200)]
    began = time.process_time()
    for _ in range(200):
        good.complete(brief())
    spent = (time.process_time() - began) / 200
    stops = [stopped(silent) for _ in range(20)]
    late = [timed(lambda: expect(errors.ModelTimeoutError, lambda: silent.complete(brief(0.3)))) for _ in range(10)]
    return {
        "answer_ms": spread(talks),
        "answer_cpu_ms": round(1000 * spent, 3),
        "look_ms": spread([timed(good.look) for _ in range(100)]),
        "stop_heard_after_ms": spread(stops),
        "past_a_deadline_of_300_ms": spread([took - 0.3 for took in late]),
    }


def stopped(backend: OllamaBackend) -> float:
    """Seconds from the user's stop until the call is over, while nothing arrives."""
    pressed = threading.Event()
    at: list[float] = []

    def press() -> None:
        at.append(time.perf_counter())
        pressed.set()

    timer = threading.Timer(0.1, press)
    timer.start()
    expect(CancelledError, lambda: backend.complete(brief(60), should_stop=pressed.is_set))
    done = time.perf_counter()
    timer.join()
    return done - at[0]


def real(arguments: list[str]) -> dict[str, Any]:
    """What a model of a real server does with the sample's persona."""
    with tempfile.TemporaryDirectory() as name, running(Path(name), OLLAMA_NUM_PARALLEL="2") as url:
        path = Path(arguments[0]) if arguments else write(Path(name) / "tiny.gguf")
        template = arguments[1].encode().decode("unicode_escape") if len(arguments) > 1 else TEMPLATE
        bring(url, "measured", path, template)
        backend = OllamaBackend("measured", url=url)
        asked = WORDS if arguments else POLICY
        context = 4096
        loads = []
        for _ in range(3):
            loads.append(backend.warm(LONGEST_S, context=context))
            backend.server.unload("measured")
            while backend.server.running():
                time.sleep(0.05)
        backend.warm(LONGEST_S, context=context)
        first, again, other = (backend.complete(asked.prompt(seed)) for seed in (7, 7, 8))
        report = {
            "server": backend.version(),
            "model": path.name,
            "load_ms": [round(one) for one in loads],
            "first": figures(first, asked),
            "again_same_seed": figures(again, asked),
            "same_text_again": first.text == again.text,
            "same_text_other_seed": first.text == other.text,
            "sampled_same_seed_same_text": sampled(backend, 7) == sampled(backend, 7),
            "sampled_other_seed_same_text": sampled(backend, 7) == sampled(backend, 8),
            "stop_in_the_middle_ms": round(1000 * in_the_middle(backend, asked), 1),
            "two_at_once": at_once(backend, asked),
            "too_long": too_long(backend),
        }
        began = time.perf_counter()
        backend.server.unload("measured")
        while backend.server.running():
            time.sleep(0.01)
        report["unload_ms"] = round(1000 * (time.perf_counter() - began))
        return report


def figures(done: Completion, asked: Asked) -> dict[str, Any]:
    return {
        "prompt_tokens": done.prompt_tokens,
        "prompt_tokens_per_s": round(1000 * done.prompt_tokens / done.prompt_ms) if done.prompt_ms else None,
        "answer_tokens": done.answer_tokens,
        "answer_tokens_per_s": round(1000 * done.answer_tokens / done.answer_ms, 1) if done.answer_ms else None,
        "chars_per_token": round(sum(len(m["content"]) for m in asked.messages) / done.prompt_tokens, 2),
        "load_ms": round(done.load_ms, 1),
        "finish": done.finish,
        "valid": asked.valid(done),
    }


def sampled(backend: OllamaBackend, seed: int) -> str:
    """A free text at temperature 1, past the schema."""
    body = {"model": "measured", "messages": [{"role": "user", "content": "people who wait"}], "stream": False}
    options = {"seed": seed, "temperature": 1, "num_ctx": 4096, "num_predict": 40}
    done = backend.server.ask("POST", "/api/chat", {**body, "options": options}, watch=Watch(LONGEST_S))
    return str(done["message"]["content"])


def in_the_middle(backend: OllamaBackend, asked: Asked) -> float:
    """Seconds from a stop in the middle of an answer until the call is over."""
    ticks: list[float] = []
    expect(
        CancelledError,
        lambda: backend.complete(asked.prompt(9), lambda _: ticks.append(time.perf_counter()), lambda: len(ticks) >= 5),
    )
    return time.perf_counter() - ticks[4]


def at_once(backend: OllamaBackend, asked: Asked) -> dict[str, Any]:
    """Two questions one after the other, and two at once."""
    one_by_one = timed(lambda: [backend.complete(asked.prompt(seed)) for seed in (21, 22)])
    done: list[Completion] = []
    threads = [
        threading.Thread(target=lambda s=seed: done.append(backend.complete(asked.prompt(s)))) for seed in (23, 24)
    ]

    def together() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    both = timed(together)
    return {"one_by_one_s": round(one_by_one, 2), "together_s": round(both, 2), "answers": len(done)}


def too_long(backend: OllamaBackend) -> dict[str, Any]:
    """A prompt of more tokens than the context: refused, and what the server does without being told."""
    text = "zq7x" * 1400
    prompt = Prompt(({"role": "user", "content": text},), TASK.schema, BRIEF, 7, LONGEST_S)
    try:
        found = f"answered, read {backend.complete(prompt).prompt_tokens} tokens"
    except errors.PromptTooLongError as error:
        found = error.problem.message
    body = {"model": "measured", "messages": [{"role": "user", "content": text[:800]}], "stream": False}
    options = {"num_ctx": 256, "num_predict": 1}
    cut = backend.server.ask("POST", "/api/chat", {**body, "options": options}, watch=Watch(LONGEST_S))
    return {"truncate_false": found, "by_default_read_of_256": cut.get("prompt_eval_count")}


def brief(seconds: float = 30.0) -> Prompt:
    return Prompt(({"role": "user", "content": "hello"},), {"type": "object"}, BRIEF, 7, seconds)


def expect(kind: type[BaseException], act: Callable[[], object]) -> None:
    try:
        act()
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(1000 * one for one in seconds)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[len(ordered) * 95 // 100], 2),
        "max": round(ordered[-1], 2),
    }


if __name__ == "__main__":
    main()
