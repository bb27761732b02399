"""Philox4x32-10: counter-based random words, for one user and for arrays of users, with the same bits.

Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011). Key = the run's seed; counter =
(user, site, visit << 16 | attempt, block). Nothing is stored and nothing depends on order.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
"""32-bit words, one per user, held in 64 bits."""

M0, M1 = 0xD2511F53, 0xCD9E8D57
W0, W1 = 0x9E3779B9, 0xBB67AE85
MASK = 0xFFFFFFFF
_U0, _U1, _MASK, _32 = np.uint64(M0), np.uint64(M1), np.uint64(MASK), np.uint64(32)


def words(seed: int, user: int, site: int, visit: int, attempt: int, block: int) -> tuple[int, int, int, int]:
    """The four words of one counter."""
    return philox((user & MASK, site, visit << 16 | attempt, block), (seed & MASK, seed >> 32))


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Ten rounds on plain integers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = c0 * M0, c2 * M1
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & MASK, (p0 >> 32) ^ c3 ^ k1, p0 & MASK
        k0, k1 = (k0 + W0) & MASK, (k1 + W1) & MASK
    return c0, c1, c2, c3


@lru_cache(maxsize=64)
def _keys(seed: int) -> tuple[tuple[np.uint64, np.uint64], ...]:
    return tuple((np.uint64((seed + i * W0) & MASK), np.uint64(((seed >> 32) + i * W1) & MASK)) for i in range(10))


def lanes(users: Words, seed: int, site: int, visit: int, attempt: int, block: int, wanted: int) -> tuple[Words, ...]:
    """The four words for every user; lanes whose bit is not in ``wanted`` may come back as rubbish of the right shape.

    The other counter words are the same for all, so the first two rounds are half scalar.
    """
    keys = _keys(seed)
    c2 = visit << 16 | attempt
    k0, k1 = int(keys[0][0]), int(keys[0][1])
    p1s = c2 * M1
    a0, a1 = (p1s >> 32) ^ site ^ k0, p1s & MASK
    product = users * _U0
    low = product & _MASK
    # round 2: word 2 is the only one of the four that multiplies a vector
    product >>= _32
    product ^= np.uint64(block ^ k1)
    product *= _U1
    p0s = a0 * M0
    b0 = product >> _32
    b0 ^= np.uint64(a1 ^ int(keys[1][0]))
    product &= _MASK
    b1 = product
    b2 = low
    b2 ^= np.uint64((p0s >> 32) ^ int(keys[1][1]))
    # round 3: word 3 is still scalar
    k0v, k1v = keys[2]
    b0 *= _U0
    b2 *= _U1
    c0 = b2 >> _32
    c0 ^= b1
    c0 ^= k0v
    b2 &= _MASK
    c1 = b2
    c2v = np.right_shift(b0, _32, out=b1)
    c2v ^= np.uint64((p0s & MASK) ^ int(k1v))
    b0 &= _MASK
    return _rounds(c0, c1, c2v, b0, keys, wanted)


def _rounds(
    c0: Words, c1: Words, c2: Words, c3: Words, keys: tuple[tuple[np.uint64, np.uint64], ...], wanted: int
) -> tuple[Words, ...]:
    """Rounds 4 to 10, in place; the last one only as far as the wanted lanes need it."""
    high = np.empty_like(c0)
    for k0, k1 in keys[3:9]:
        c0 *= _U0
        c2 *= _U1
        c1 ^= k0
        c1 ^= np.right_shift(c2, _32, out=high)
        c2 &= _MASK
        c3 ^= k1
        c3 ^= np.right_shift(c0, _32, out=high)
        c0 &= _MASK
        c0, c1, c2, c3 = c1, c2, c3, c0
    k0, k1 = keys[9]
    if wanted & 3:
        c2 *= _U1
        if wanted & 1:
            c1 ^= k0
            c1 ^= np.right_shift(c2, _32, out=high)
        c2 &= _MASK
    if wanted & 12:
        c0 *= _U0
        if wanted & 4:
            c3 ^= k1
            c3 ^= np.right_shift(c0, _32, out=high)
        c0 &= _MASK
    return c1, c2, c3, c0
