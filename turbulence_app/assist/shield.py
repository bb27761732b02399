"""What models are shown of a person's words: personal data and secrets replaced, and evidence led back to the words.

Whatever a model answers, and whatever is kept of it in a cache, speaks of placeholders; only the finished policy quotes
the description itself.
"""

from __future__ import annotations

import json
from typing import Any

from turbulence_app.domain.persona import Persona
from turbulence_app.llm.backends.base import Messages
from turbulence_app.privacy.redaction import Redactor


class Shield:
    """A persona as models see it (``persona``), and the way from one text to the other."""

    def __init__(self, persona: Persona) -> None:
        hints = json.dumps(persona.hints, ensure_ascii=False, default=str)
        self._redactor = Redactor(avoid=(persona.name, persona.description, hints))
        self._original = persona.description
        self._description = self._redactor.redact(persona.description)
        changes = {
            "name": self._redactor.redact(persona.title).text,
            "description": self._description.text,
            "hints": {key: self._hint(value) for key, value in persona.hints.items()},
        }
        self.persona = persona.model_copy(update=changes) if self._description.counts else persona

    def messages(self, messages: Messages) -> Messages:
        """A prompt without what its other parts may say: a workflow's words are not looked through anywhere else."""
        return tuple({**message, "content": self._redactor.redact(message["content"]).text} for message in messages)

    def hidden(self, document: dict[str, Any]) -> dict[str, Any]:
        """A document of our own code, which read the description itself, with its quotes as a model would see them."""
        return self._quotes(document, self._hidden)

    def shown(self, document: dict[str, Any]) -> dict[str, Any]:
        """A document with its quotes as the description has them."""
        return self._quotes(document, self._shown)

    def note(self) -> tuple[str, ...]:
        """A line for the provenance, where something was replaced."""
        counts = ", ".join(f"{number} {kind}" for kind, number in sorted(self._description.counts.items()))
        return (f"replaced before the model read it: {counts}",) if counts else ()

    def _hint(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._redactor.redact(value).text
        if isinstance(value, dict):
            return {key: self._hint(inner) for key, inner in value.items()}
        return [self._hint(inner) for inner in value] if isinstance(value, list) else value

    def _quotes(self, document: dict[str, Any], turned: Any) -> dict[str, Any]:
        evidence = document.get("evidence")
        if not self._description.counts or not isinstance(evidence, dict):
            return document
        quotes = {path: turned(quote) if isinstance(quote, str) else quote for path, quote in evidence.items()}
        return {**document, "evidence": quotes}

    def _hidden(self, quote: str) -> str:
        at = self._original.find(quote)
        if at < 0:
            return self._redactor.redact(quote).text
        start, end = self._description.to_redacted(at, at + len(quote))
        return self._description.text[start:end]

    def _shown(self, quote: str) -> str:
        at = self._description.text.find(quote)
        if at < 0:
            return self._redactor.restore(quote)
        start, end = self._description.to_original(at, at + len(quote))
        return self._original[start:end]
