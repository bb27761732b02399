"""Philox4x32-10: counter-based random words, for one user and for arrays of users, with the same bits.

Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011). Key = the run's seed; counter =
(user, site, visit << 16 | attempt, block). Nothing is stored and nothing depends on order.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.fast import accelerator

Words: TypeAlias = NDArray[np.uint64]
"""32-bit words, one per user, held in 64 bits."""

M0, M1 = 0xD2511F53, 0xCD9E8D57
W0, W1 = 0x9E3779B9, 0xBB67AE85
MASK = 0xFFFFFFFF
_U0, _U1, _MASK, _32 = np.uint64(M0), np.uint64(M1), np.uint64(MASK), np.uint64(32)
_LOW, _HIGH = (0, 1) if sys.byteorder == "little" else (1, 0)
SLICE = 8192
"""Users of one pass of the generator."""
FEW = 6
"""So many users are quicker one by one."""


def words(seed: int, user: int, site: int, visit: int, attempt: int, block: int) -> tuple[int, int, int, int]:
    """The four words of one counter."""
    return rounds(user & MASK, site, visit << 16 | attempt, block, round_keys(seed))


@lru_cache(maxsize=64)
def round_keys(seed: int) -> tuple[int, ...]:
    """The keys of the ten rounds, two each."""
    return tuple((half + i * weyl) & MASK for i in range(10) for half, weyl in ((seed & MASK, W0), (seed >> 32, W1)))


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Ten rounds of a counter under a key."""
    return rounds(*counter, round_keys(key[0] | key[1] << 32))


def rounds(c0: int, c1: int, c2: int, c3: int, keys: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Ten rounds on plain integers, written out: a round's products ``a``, ``b`` become the next one's ``p``, ``q``."""
    k0, l0, k1, l1, k2, l2, k3, l3, k4, l4, k5, l5, k6, l6, k7, l7, k8, l8, k9, l9 = keys
    a, b = c0 * M0, c2 * M1
    p, q = ((b >> 32) ^ c1 ^ k0) * M0, ((a >> 32) ^ c3 ^ l0) * M1
    a, b = ((q >> 32) ^ b & MASK ^ k1) * M0, ((p >> 32) ^ a & MASK ^ l1) * M1
    p, q = ((b >> 32) ^ q & MASK ^ k2) * M0, ((a >> 32) ^ p & MASK ^ l2) * M1
    a, b = ((q >> 32) ^ b & MASK ^ k3) * M0, ((p >> 32) ^ a & MASK ^ l3) * M1
    p, q = ((b >> 32) ^ q & MASK ^ k4) * M0, ((a >> 32) ^ p & MASK ^ l4) * M1
    a, b = ((q >> 32) ^ b & MASK ^ k5) * M0, ((p >> 32) ^ a & MASK ^ l5) * M1
    p, q = ((b >> 32) ^ q & MASK ^ k6) * M0, ((a >> 32) ^ p & MASK ^ l6) * M1
    a, b = ((q >> 32) ^ b & MASK ^ k7) * M0, ((p >> 32) ^ a & MASK ^ l7) * M1
    p, q = ((b >> 32) ^ q & MASK ^ k8) * M0, ((a >> 32) ^ p & MASK ^ l8) * M1
    return (q >> 32) ^ b & MASK ^ k9, q & MASK, (p >> 32) ^ a & MASK ^ l9, p & MASK


@lru_cache(maxsize=64)
def _keys(seed: int) -> tuple[tuple[np.uint64, np.uint64], ...]:
    return tuple((np.uint64((seed + i * W0) & MASK), np.uint64(((seed >> 32) + i * W1) & MASK)) for i in range(10))


def lanes(users: Words, seed: int, site: int, visit: int, attempt: int, block: int, wanted: int) -> tuple[Words, ...]:
    """The four words for every user; lanes whose bit is not in ``wanted`` are undefined.

    Computed in slices whose intermediate products stay in the processor's nearer caches.
    """
    if accelerator.kernel is not None:
        return accelerator.lanes(users, seed, (site, visit << 16 | attempt, block))
    n = users.size
    if n <= FEW:
        each = [words(seed, user, site, visit, attempt, block) for user in users.tolist()]
        return tuple(np.array(lane, np.uint64) for lane in zip(*each, strict=True)) if n else (users,) * 4
    found = tuple(np.empty(n if wanted >> lane & 1 else 0, np.uint64) for lane in range(4))
    counter, keys = (site, visit << 16 | attempt, block), _keys(seed)
    width = min(n, SLICE)
    even, products = np.zeros((2, width), np.uint64), np.empty((4, width), np.uint64)
    for start in range(0, n, SLICE):
        stop = min(start + SLICE, n)
        if stop - start < width:
            even, products = even[:, : stop - start], products[:, : stop - start]
        _slice(users[start:stop], counter, keys, even, products, [f[start:stop] for f in found])
    return found


def _slice(
    users: Words, counter: tuple[int, int, int], keys: tuple[tuple[np.uint64, np.uint64], ...], even: Words,
    products: Words, found: list[Words],
) -> None:  # fmt: skip
    """Ten rounds. ``even`` holds words 0 and 2; a product's low half is word 1 or 3 of the next round.

    A round is word 0 = high(word 2 * M1) ^ low(the product of before) ^ key, and word 2 likewise. Taking the halves of
    64-bit numbers where they lie saves the shifts and masks. The high halves of ``even`` stay zero throughout.
    """
    word0, word2 = even
    a0, a1, b0, b1 = products
    into0, into2 = word0.view(np.uint32)[_LOW::2], word2.view(np.uint32)[_LOW::2]
    high = [p.view(np.uint32)[_HIGH::2] for p in (b0, b1, a0, a1)]
    low = [p.view(np.uint32)[_LOW::2] for p in (a0, a1, b0, b1)]
    fixed = _first(users, counter, keys, (word0, word2, a0, a1))
    np.multiply(word0, _U0, out=b0)
    np.multiply(word2, _U1, out=b1)
    np.bitwise_xor(high[1], low[1], out=into0)
    np.bitwise_xor(word0, keys[2][0], out=word0)
    np.bitwise_xor(high[0], np.uint32(fixed ^ int(keys[2][1])), out=into2)
    for number in range(3, 9):
        (k0, k1), odd = keys[number], number & 1
        x0, x1, h0, h1, l0, l1 = (a0, a1, *high[2:], *low[2:]) if odd else (b0, b1, *high[:2], *low[:2])
        np.multiply(word0, _U0, out=x0)
        np.multiply(word2, _U1, out=x1)
        np.bitwise_xor(h1, l1, out=into0)
        np.bitwise_xor(h0, l0, out=into2)
        np.bitwise_xor(word0, k0, out=word0)
        np.bitwise_xor(word2, k1, out=word2)
    # the last round goes only as far as the wanted lanes need it
    k0, k1 = keys[9]
    lane0, lane1, lane2, lane3 = found
    if lane2.size or lane3.size:
        np.multiply(word0, _U0, out=a0)
    if lane0.size or lane1.size:
        np.multiply(word2, _U1, out=a1)
    if lane0.size:
        np.bitwise_xor(high[3], low[3], out=into0)
        np.bitwise_xor(word0, k0, out=lane0)
    if lane1.size:
        np.bitwise_and(a1, _MASK, out=lane1)
    if lane2.size:
        np.bitwise_xor(high[2], low[2], out=into2)
        np.bitwise_xor(word2, k1, out=lane2)
    if lane3.size:
        np.bitwise_and(a0, _MASK, out=lane3)


def _first(
    users: Words, counter: tuple[int, int, int], keys: tuple[tuple[np.uint64, np.uint64], ...],
    state: tuple[Words, Words, Words, Words],
) -> int:  # fmt: skip
    """Rounds 1 and 2, half scalar: the other counter words are the same for all, so only word 0 multiplies users.

    Returns word 3, which is still the same for all.
    """
    site, visit, block = counter
    word0, word2, a0, a1 = state
    p1 = visit * M1
    p0 = ((p1 >> 32) ^ site ^ int(keys[0][0])) * M0
    np.multiply(users, _U0, out=a0)
    np.right_shift(a0, _32, out=word2)
    np.bitwise_xor(word2, np.uint64(block ^ int(keys[0][1])), out=word2)
    np.multiply(word2, _U1, out=a1)
    np.right_shift(a1, _32, out=word0)
    np.bitwise_xor(word0, np.uint64((p1 & MASK) ^ int(keys[1][0])), out=word0)
    np.bitwise_and(a0, _MASK, out=word2)
    np.bitwise_xor(word2, np.uint64((p0 >> 32) ^ int(keys[1][1])), out=word2)
    return p0 & MASK
