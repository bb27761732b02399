"""The generator's inner loop as machine code, where numba is installed (the optional extra ``fast``). Same bits.

NumPy goes over the users once for every multiplication; compiled, the ten rounds stay in registers. Loading numba takes
about a third of a second, so it is done for long runs alone; once loaded, everything in the process uses it.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
WORTH = 10_000_000
"""From so many users on, loading pays: it costs a third of a second and about 180 MB."""
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_MASK, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)


class Accelerator:
    """The compiled loop, or none."""

    def __init__(self) -> None:
        self._tried = False
        self.kernel: Any = None

    def prepare(self, users: int) -> None:
        """Load for a run of so many users, if that pays."""
        if users >= WORTH:
            self.load()

    def load(self) -> bool:
        """Load where numba is there; whether it is. Compiled code is kept in the package's or the user's cache."""
        if not self._tried:
            self._tried = True
            if importlib.util.find_spec("numba") is not None:
                try:
                    self.kernel = importlib.import_module("numba").njit(cache=True, nogil=True)(_philox)
                except (ImportError, RuntimeError):  # too old for this NumPy; nowhere to keep compiled code
                    self.kernel = None
        return self.kernel is not None

    def lanes(self, users: Words, seed: int, counter: tuple[int, int, int]) -> tuple[Words, ...]:
        """All four words for every user; ``counter`` as in :func:`turbulence_app.engine.rng.lanes`."""
        found = tuple(np.empty(users.size, np.uint64) for _ in range(4))
        self.kernel(users, *(np.uint64(n) for n in (seed & 0xFFFFFFFF, seed >> 32, *counter)), *found)
        return found


def _philox(
    users: Words, key0: np.uint64, key1: np.uint64, site: np.uint64, visit: np.uint64, block: np.uint64,
    lane0: Words, lane1: Words, lane2: Words, lane3: Words,
) -> None:  # fmt: skip
    for i in range(users.size):
        c0, c1, c2, c3 = users[i] & _MASK, site, visit, block
        k0, k1 = key0, key1
        for _ in range(10):
            p0, p1 = c0 * _M0, c2 * _M1
            c0, c1 = (p1 >> _32) ^ c1 ^ k0, p1 & _MASK
            c2, c3 = (p0 >> _32) ^ c3 ^ k1, p0 & _MASK
            k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
        lane0[i], lane1[i], lane2[i], lane3[i] = c0, c1, c2, c3


accelerator = Accelerator()
