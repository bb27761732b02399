"""llama.cpp behind three calls. Only the model's process imports this module's ``llama_cpp``.

Reproducible by construction: flash attention off, a fixed batch, an empty key-value cache before each request, the
seed given on every call, temperature 0. (Reusing a prefix, the library's default, changes the answers of models with
4-bit weights.)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from turbulence_app.llm.worker.serve import Limit

BATCH = 512
TICK_EVERY = 8
"""Pieces of text between two signs of life."""
FIXED_DATE = "01 Jan 2026"
"""What a chat template gets that asks for today: the same prompt must not change overnight."""


class EngineError(Exception):
    """The request cannot be done; ``reason`` is a code of :mod:`turbulence_app.llm.errors`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def versions() -> tuple[str, str]:
    """Version of the library, and what the build says about this processor. ImportError if it is not installed."""
    import llama_cpp

    return str(llama_cpp.__version__), llama_cpp.llama_print_system_info().decode("ascii", "replace").strip()


class Engine:
    """One model at a time."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._model: Any = None
        self._abort: Any = None

    def load(self, path: str, context: int, threads: int) -> dict[str, Any]:
        """Opens a GGUF file; ``context`` in tokens (at most what the model was trained for)."""
        import llama_cpp

        began = time.monotonic()
        self._model = None
        try:
            model = llama_cpp.Llama(
                path,
                n_ctx=context,
                n_batch=BATCH,
                n_ubatch=BATCH,
                n_threads=threads,
                n_threads_batch=threads,
                n_gpu_layers=0,
                flash_attn=False,
                seed=1,
                verbose=False,
            )
        except (ValueError, RuntimeError, AssertionError) as error:
            raise EngineError("file", f"llama.cpp cannot use this file: {error}") from error
        self._abort = llama_cpp.ggml_abort_callback(lambda _data: self._limit.over())
        llama_cpp.llama_set_abort_callback(model._ctx.ctx, self._abort, None)
        self._model = model
        return {"context": int(model.n_ctx()), "elapsed_ms": 1000 * (time.monotonic() - began)}

    def generate(self, request: dict[str, Any], tick: Callable[[int], None]) -> dict[str, Any]:
        """Answers one prompt inside a grammar. Raises :class:`EngineError` for a deadline, a cancel, no room."""
        if self._model is None:
            raise EngineError("model", "no model is loaded")
        began = time.monotonic()
        prompt = self._tokens(request["messages"])
        room = self._room(len(prompt), int(request["max_chars"]))
        text, finish = self._run(prompt, room, request, tick)
        if self._limit.over():
            raise EngineError(
                "cancelled" if self._limit.cancelled else "timeout", f"stopped after {len(text)} characters"
            )
        return {
            "text": text,
            "finish": finish,
            "prompt_tokens": len(prompt),
            "elapsed_ms": 1000 * (time.monotonic() - began),
        }

    def _run(
        self, prompt: list[int], room: int, request: dict[str, Any], tick: Callable[[int], None]
    ) -> tuple[str, str]:
        from llama_cpp.llama_grammar import LlamaGrammar

        model = self._model
        model.reset()
        model._ctx.kv_cache_clear()
        grammar = LlamaGrammar.from_string(request["grammar"], verbose=False)
        pieces: list[str] = []
        finish = ""
        tick(0)
        try:
            for part in model.create_completion(
                prompt, max_tokens=room, temperature=0.0, seed=int(request["seed"]), grammar=grammar, stream=True
            ):
                pieces.append(part["choices"][0]["text"])
                finish = part["choices"][0]["finish_reason"] or finish
                if len(pieces) % TICK_EVERY == 0:
                    tick(sum(map(len, pieces)))
                if self._limit.over():
                    break
        except RuntimeError:
            if not self._limit.over():
                raise
        return "".join(pieces), finish

    def _room(self, prompt: int, max_chars: int) -> int:
        """Tokens for the answer. Each is at least one character; half as many is the least to begin with."""
        room = int(self._model.n_ctx()) - prompt
        if room < max_chars // 2 + 1:
            raise EngineError(
                "prompt_too_long",
                f"the prompt has {prompt} tokens and the answer needs {max_chars // 2 + 1}: "
                f"more than the context of {self._model.n_ctx()} tokens",
            )
        return min(max_chars + 1, room)

    def _tokens(self, messages: list[dict[str, str]]) -> list[int]:
        """The prompt in the model's own chat template, as tokens."""
        template = self._model.metadata.get("tokenizer.chat_template")
        if not template:
            plain = "\n\n".join(m["content"] for m in messages) + "\n\nAnswer:\n"
            return list(self._model.tokenize(plain.encode(), add_bos=True, special=False))
        text = self._render(template, messages)
        return list(self._model.tokenize(text.encode(), add_bos=False, special=True))

    def _render(self, template: str, messages: Any) -> str:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        class Formatter(Jinja2ChatFormatter):
            @staticmethod
            def strftime_now(_format: str) -> str:
                return FIXED_DATE

        def piece(token: int) -> str:
            return str(self._model._model.token_get_text(token)) if token >= 0 else ""

        formatter = Formatter(template, piece(self._model.token_eos()), piece(self._model.token_bos()))
        try:
            return str(formatter(messages=messages).prompt)
        except ValueError:
            merged: Any = "\n\n".join(m["content"] for m in messages if m["role"] != "assistant")
            return str(formatter(messages=[{"role": "user", "content": merged}]).prompt)
