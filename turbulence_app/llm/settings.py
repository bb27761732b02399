"""How the gateway behaves: what a project says, and above it the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace

from turbulence_app.domain.errors import InputError
from turbulence_app.llm.backends.ollama.settings import OllamaSettings
from turbulence_app.llm.cache.settings import CacheSettings

DEFAULT_BUDGET_MS = 120_000


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """``budget_ms`` for a whole answer, ``retries`` after the first try, ``breaker_threshold`` failures in a row;
    ``ollama``: how its server is used."""

    budget_ms: int = DEFAULT_BUDGET_MS
    retries: int = 2
    breaker_threshold: int = 5
    cache: CacheSettings = field(default_factory=CacheSettings)
    ollama: OllamaSettings = field(default_factory=OllamaSettings)

    def with_environment(self) -> GatewaySettings:
        """The same with what ``LLM_TIMEOUT_MS``, ``LLM_RETRY_MAX``, ``LLM_BREAKER_THRESHOLD`` and ``LLM_CACHE_CAP``
        say. Raises ``InputError`` for what is no number in their range."""
        return replace(
            self,
            budget_ms=number("LLM_TIMEOUT_MS", self.budget_ms),
            retries=number("LLM_RETRY_MAX", self.retries, 0, 20),
            breaker_threshold=number("LLM_BREAKER_THRESHOLD", self.breaker_threshold, 1, 1000),
            cache=replace(self.cache, capacity=number("LLM_CACHE_CAP", self.cache.capacity)),
        )


def number(variable: str, default: int, least: int = 1, most: int = 10**9) -> int:
    """A whole number from the environment, or the default where the variable is empty or not there."""
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise InputError(f"{variable}={text!r} is not a number from {least} to {most}", f"e.g. {variable}={default}")
    return int(text)
