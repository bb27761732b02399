"""What a project says about models, as the gateway takes it."""

from __future__ import annotations

from turbulence_app.domain.project import ModelDefaults
from turbulence_app.llm.backends.ollama import OllamaSettings
from turbulence_app.llm.cache import CacheSettings
from turbulence_app.llm.settings import GatewaySettings

DAY_S = 86_400.0


def settings_of(models: ModelDefaults, similar: bool | None = None) -> GatewaySettings:
    """What a project says about models, as the gateway takes it; ``similar`` is what the call itself says."""
    return GatewaySettings(
        budget_ms=models.timeout_ms,
        retries=models.retry_max,
        breaker_threshold=models.breaker_threshold,
        cache=CacheSettings(
            enabled=models.cache,
            capacity=models.cache_entries,
            ttl_s=None if models.cache_days is None else models.cache_days * DAY_S,
            similar=models.similar if similar is None else similar,
            audit_share=models.similar_audit,
        ),
        ollama=OllamaSettings(models.allow_hosts, models.keep_alive, models.parallel),
    )
