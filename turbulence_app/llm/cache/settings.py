"""How the cache behaves; each number with the reason for its default."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.llm.cache.memory import DEFAULT_BYTES, DEFAULT_CAPACITY


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """``enabled`` false asks every time (equal questions at the same time still share a call)."""

    enabled: bool = True
    capacity: int = DEFAULT_CAPACITY
    """Answers in memory."""
    max_bytes: int = DEFAULT_BYTES
    """Bytes of them: a policy of a large workflow has 20 kB, and 4,096 such would be more than a worker should have."""
    ttl_s: float | None = None
    """Seconds after which an answer is asked for again; None: the same model would say the same again, so it stays."""
    similar: bool = False
    similar_bits: int = 16
    """Most bits of 64 that two fingerprints may differ in to be looked at; the gate decides, so it may be generous (two
    of sixty words changed: 3 bits; a short text with another article: 10; texts that have nothing in common: 32)."""
    audit_share: float = 0.02
    """Share of similar answers that are checked by really asking."""
    similar_entries: int = 50_000
    """Fingerprints that are looked through, newest first."""
