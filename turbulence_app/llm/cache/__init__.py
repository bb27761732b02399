"""Answers kept: exact ones in memory and on disk, one call for equal questions, and similar ones behind a gate.

Three keys. L0 is the raw text under a profile, in memory: nothing is normalised or hashed with care, so a hit costs
about a microsecond. L1 is a digest of what the question is made of (template, slots, profile), in memory too. L2 is the
store under the digest of L1. Only whole, valid answers are put in; values in the store are JSON and validated again.
"""

from turbulence_app.llm.cache.counters import Counters
from turbulence_app.llm.cache.flight import SingleFlight
from turbulence_app.llm.cache.keys import Profile, Question, canonical, canonical_key, profile_digest
from turbulence_app.llm.cache.levels import AnswerCache
from turbulence_app.llm.cache.memory import DEFAULT_CAPACITY, Memory
from turbulence_app.llm.cache.settings import CacheSettings
from turbulence_app.llm.cache.stored import Store

__all__ = [
    "DEFAULT_CAPACITY",
    "AnswerCache",
    "CacheSettings",
    "Counters",
    "Memory",
    "Profile",
    "Question",
    "SingleFlight",
    "Store",
    "canonical",
    "canonical_key",
    "profile_digest",
]
