"""The only way to a model: gateway, cache, resilience, backends."""
