"""Fingerprints: everything that matters about a visit, mixed into 64 bits; alike for one user and for arrays."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

MASK64 = (1 << 64) - 1
PRIME = 0x9E3779B97F4A7C15
START = 0x243F6A8885A308D3
_PRIME, _SHIFT = np.uint64(PRIME), np.uint64(32)


def mix(h: int, x: int) -> int:
    """Stir ``x`` into ``h``."""
    h = ((h ^ (x & MASK64)) * PRIME) & MASK64
    return h ^ (h >> 32)


def mix_many(h: NDArray[np.uint64], x: NDArray[np.uint64] | np.uint64) -> None:
    """Stir ``x`` into ``h``, in place (``x`` may be one number for all)."""
    h ^= x
    h *= _PRIME
    h ^= h >> _SHIFT


@lru_cache(maxsize=65_536)
def mark(site: int, visit: int, attempt: int) -> int:
    """A constant that tells events of one place from those of another; its low 60 bits are spread."""
    data = site.to_bytes(4, "little") + visit.to_bytes(4, "little") + attempt.to_bytes(4, "little")
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "little")
