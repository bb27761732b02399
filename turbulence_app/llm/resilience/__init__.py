"""Certainty around models that are slow, dying or gone: budget, retries, breakers, a fair queue. Clocks come in."""
