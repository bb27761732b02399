"""Following one answer of a model line by line: its text, its thinking, its counts, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Completion, Tick
from turbulence_app.llm.backends.ollama import replies
from turbulence_app.llm.backends.ollama.exchange import MAX_BODY
from turbulence_app.llm.backends.ollama.lines import whole_text
from turbulence_app.llm.backends.ollama.server import CLOUD_MEND, OllamaServer
from turbulence_app.llm.backends.ollama.wire import Watch

LINE_BYTES = 400
"""Bytes of a stream per token that is allowed, with all that surrounds it."""
MOST_THOUGHT = 100_000
"""Characters of thinking that are waited for."""
CHARS_PER_TOKEN = 4
"""For estimates where the server gives no count."""


class Listening:
    """Follows one answer: its text, its thinking, and what is wrong with it."""

    def __init__(self, model: str, max_chars: int, on_tick: Tick | None) -> None:
        self._model, self._max_chars, self._on_tick = model, max_chars, on_tick
        self._parts: list[str] = []
        self._written = self._thought = 0

    def follow(self, server: OllamaServer, body: Mapping[str, Any], watch: Watch) -> Mapping[str, Any]:
        """The last line, once it came."""
        most = MAX_BODY + LINE_BYTES * 2 * self._max_chars
        try:
            with closing(server.stream("/api/chat", body, watch, most=most)) as parts:
                for part in parts:
                    self._take(part)
                    if part.get("done"):
                        return part
            raise errors.ModelGarbageError(
                f"{self._model} did not finish its answer",
                "Ollama breaks off like this when a model repeats itself: use another model",
            )
        except errors.ModelError as error:
            error.answer_tokens = self._estimate()
            raise

    def completion(self, last: Mapping[str, Any], notes: tuple[str, ...]) -> Completion:
        """The answer with the server's own counts; estimated (and marked so) where it gives none."""
        text = whole_text(self._parts)
        if not text.strip():
            why = "it only thought aloud" if self._thought else "it said nothing"
            raise errors.ModelGarbageError(f"{self._model} gave no answer: {why}", "use a model that does not think")
        finish = replies.text(last.get("done_reason")) or "stop"
        counts = replies.counts(last)
        return Completion(
            text,
            finish,
            notes,
            prompt_tokens=counts.prompt_tokens,
            answer_tokens=counts.answer_tokens or self._estimate(),
            prompt_ms=counts.prompt_ms,
            answer_ms=counts.answer_ms,
            load_ms=counts.load_ms,
            estimated=not counts.answer_tokens,
        )

    def _take(self, part: Mapping[str, Any]) -> None:
        if replies.is_remote(part):
            raise errors.ModelRefusedError(f"{self._model} was answered by another machine", CLOUD_MEND)
        message = part.get("message")
        if not isinstance(message, dict):
            raise errors.ModelGarbageError("the Ollama server sent a line without a message")
        content, thinking = message.get("content") or "", message.get("thinking") or ""
        if not isinstance(content, str) or not isinstance(thinking, str):
            raise errors.ModelGarbageError("the Ollama server sent a message that is not text")
        self._parts.append(content)
        self._written += len(content)
        self._thought += len(thinking)
        if self._written > 4 * self._max_chars or self._thought > MOST_THOUGHT:
            raise errors.ModelGarbageError(f"{self._model} does not stop writing")
        if self._on_tick:
            self._on_tick(self._written)

    def _estimate(self) -> int:
        return -(-(self._written + self._thought) // CHARS_PER_TOKEN)
