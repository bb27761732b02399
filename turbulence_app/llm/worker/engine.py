"""One model behind a few calls. Only the model's process runs this.

Reproducible by construction: every request starts from an empty context or from the state that the fixed beginning of
its prompt left, that beginning is always evaluated by itself, the seed is given on every call, the temperature is 0
unless asked for. (Reusing whatever prefix is left over, the library's default, changes the answers of models with 4-bit
weights.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from turbulence_app.llm.worker.context import Context, State
from turbulence_app.llm.worker.limit import EngineError, Limit
from turbulence_app.llm.worker.sampling import Sampler
from turbulence_app.llm.worker.template import fixed_tokens, prompt_tokens
from turbulence_app.llm.worker.weights import Weights, hush

if TYPE_CHECKING:
    from turbulence_app.llm.worker.scoring import Scorer

TICK_EVERY = 8
"""Tokens between two ticks."""
LEAST_PREFIX = 32
"""Tokens; a shorter beginning is not worth a state of its own."""
MOST_STATE = 512 * 2**20
"""Bytes of a state that is kept; a larger one is not made."""


@dataclass(frozen=True, slots=True)
class Tick:
    """How far the work is: ``stage`` is load (done in 0..1000), prompt or answer (tokens); ``rate`` per second."""

    stage: str
    done: int
    total: int
    chars: int = 0
    rate: float = 0.0
    eta_s: float | None = None


Tell = Callable[[Tick], None]


def versions() -> tuple[str, str]:
    """Version of the library, and what the build says about this processor. ImportError if it is not installed."""
    import llama_cpp

    return str(llama_cpp.__version__), llama_cpp.llama_print_system_info().decode("ascii", "replace").strip()


class Engine:
    """One model at a time."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.threads = 1
        self._weights: Weights | None = None
        self._context: Context | None = None
        self._prefix: State | None = None
        self._scorer: Scorer | None = None
        self.idle_s: float | None = None

    @property
    def weights(self) -> Weights:
        """The loaded model. Raises :class:`EngineError` if there is none."""
        if self._weights is None:
            raise EngineError("model", "no model is loaded")
        return self._weights

    @property
    def context(self) -> Context:
        """The context in which answers are written; whoever uses it clears or restores it first."""
        if self._context is None:
            raise EngineError("model", "no model is loaded")
        return self._context

    @property
    def scorer(self) -> Scorer:
        """What compares given answers; it has a context of its own, made when it is first used."""
        from turbulence_app.llm.worker.scoring import Scorer

        if self._scorer is None:
            self._scorer = Scorer(self.weights, self.limit, length=self.context.length, threads=self.threads)
        return self._scorer

    def load(self, path: str, context: int, threads: int, tell: Tell) -> dict[str, Any]:
        """Opens a GGUF file; ``context`` in tokens."""
        began = time.monotonic()
        self.unload()
        hush()
        self.threads = threads
        weights = Weights(path, self.limit, _Progress(tell))
        try:
            self._context = Context(weights, self.limit, length=context, threads=threads)
        except EngineError:
            weights.close()
            raise
        self._weights = weights
        return {
            "context": self._context.length,
            "trained_context": weights.trained_context,
            "vocabulary": weights.size,
            "elapsed_ms": _since(began),
        }

    def unload(self) -> None:
        """Gives the memory back."""
        self._prefix = None
        if self._scorer:
            self._scorer.close()
            self._scorer = None
        if self._context:
            self._context.close()
        if self._weights:
            self._weights.close()
        self._context = self._weights = None

    def count(self, messages: list[dict[str, str]]) -> dict[str, Any]:
        """Tokens of a prompt, and of the context that it must fit into."""
        return {"prompt_tokens": len(prompt_tokens(self.weights, messages)), "context": self.context.length}

    def warm(self, messages: list[dict[str, str]], tell: Tell) -> dict[str, Any]:
        """Evaluates the fixed beginning of such prompts ahead of time."""
        began = time.monotonic()
        prompt = prompt_tokens(self.weights, messages)
        known, prefix = self._prefix, self._begin(prompt, messages, tell)
        return {
            "prefix_tokens": prefix,
            "reused": known is not None and known is self._prefix,
            "state_bytes": self._prefix.size_bytes if self._prefix and prefix else 0,
            "prompt_ms": _since(began),
        }

    def generate(self, request: dict[str, Any], tell: Tell) -> dict[str, Any]:
        """Answers one prompt inside a grammar. Raises :class:`EngineError` for a deadline, a cancel, no room."""
        began = time.monotonic()
        messages = request["messages"]
        prompt = prompt_tokens(self.weights, messages)
        room = self._room(len(prompt), int(request["max_chars"]))
        sampler = Sampler(
            self.weights,
            request["grammar"],
            seed=int(request["seed"]),
            temperature=float(request.get("temperature", 0.0)),
        )
        try:
            prefix = self._begin(prompt, messages, tell)
            self.context.read(prompt[prefix:], prefix, _Reading(tell, prefix, len(prompt)))
            prompt_ms = _since(began)
            began = time.monotonic()
            text, tokens, finish = self._write(sampler, len(prompt), room, tell)
        finally:
            sampler.close()
        return {
            "text": text,
            "finish": finish,
            "prompt_tokens": len(prompt),
            "prefix_tokens": prefix,
            "answer_tokens": tokens,
            "prompt_ms": prompt_ms,
            "answer_ms": _since(began),
        }

    def _begin(self, prompt: list[int], messages: list[dict[str, str]], tell: Tell) -> int:
        """Brings the context to the end of the prompt's fixed beginning; says how many tokens that is."""
        fixed = fixed_tokens(self.weights, messages, prompt)
        self.context.clear()
        if len(fixed) < LEAST_PREFIX:
            return 0
        if self._prefix is None or self._prefix.tokens != tuple(fixed):
            self._prefix = None  # the memory of the old one is free before the new one needs it
            self.context.read(fixed, 0, _Reading(tell, 0, len(prompt)))
            self._prefix = self.context.save(fixed, MOST_STATE)
        if self._prefix is not None:
            # Restored also when it was just made: what follows then never depends on which of the two it was.
            self.context.restore(self._prefix)
        return len(fixed)

    def _write(self, sampler: Sampler, at: int, room: int, tell: Tell) -> tuple[str, int, str]:
        """The answer, its tokens, and why it ended: ``stop``, or ``length`` when there was no room for more."""
        written: list[bytes] = []
        count, chars, ticked, began = 0, 0, -TICK_EVERY, time.monotonic()
        while count < room:
            token = sampler.choose(self.context.logits())
            if token in self.weights.ends:
                return _text(written), count + 1, "stop"
            written.append(self.weights.piece(token))
            if sampler.finished():
                return _text(written), count + 1, "stop"
            fresh = [token, *sampler.forced(written[-1])]
            written += map(self.weights.piece, fresh[1:])
            count += len(fresh)
            if count - ticked >= TICK_EVERY:
                ticked, chars = count, sum(map(len, written))
                tell(Tick("answer", count, room, chars, count / max(1e-9, time.monotonic() - began)))
            if self.limit.over():
                raise self.limit.stopped(f"after {chars} characters")
            if count < room:
                self.context.read(fresh, at + count - len(fresh))
        return _text(written), count, "length"

    def _room(self, prompt: int, max_chars: int) -> int:
        """Tokens for the answer. Each is at least one character; half as many is the least to begin with."""
        room, needed = self.context.length - prompt, max_chars // 2 + 1
        if room < needed:
            raise EngineError(
                "prompt_too_long",
                f"the prompt has {prompt} tokens and the answer needs {needed}: "
                f"more than the context of {self.context.length} tokens",
            )
        return min(max_chars + 1, room)


class _Progress:
    """Loading in thousandths, with a rate and the time left; at most one tick per thousandth."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._began, self._last = tell, time.monotonic(), -1

    def __call__(self, part: float) -> None:
        done = int(1000 * part)
        if done <= self._last:
            return
        self._last = done
        took = max(1e-9, time.monotonic() - self._began)
        self._tell(Tick("load", done, 1000, 0, done / took, took * (1 - part) / part if part > 0 else None))


class _Reading:
    """Tokens of the prompt that were evaluated, counted from ``first``."""

    def __init__(self, tell: Tell, first: int, total: int) -> None:
        self._tell, self._first, self._total, self._began = tell, first, total, time.monotonic()

    def __call__(self, count: int) -> None:
        rate = count / max(1e-9, time.monotonic() - self._began)
        left = self._total - self._first - count
        self._tell(Tick("prompt", self._first + count, self._total, 0, rate, left / rate if rate else None))


def _text(written: list[bytes]) -> str:
    return b"".join(written).decode("utf-8", "replace")


def _since(began: float) -> float:
    return 1000 * (time.monotonic() - began)
