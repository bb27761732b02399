"""Which word of which Philox block a draw is: the one table of purposes.

A draw is addressed by (user, site, visit, attempt, purpose). ``site`` is 32 bits of a hash of the step's name, so that
inserting a step moves nobody else's draws; names that start with ``@`` are sites of the visit as a whole.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

BLOCK_MAIN = 0
BLOCK_DELAY = 1
BLOCK_FAULTS = 2
BLOCK_TRAVEL = 32
BLOCK_ACTS = 40
BLOCK_TURNS = 64
MAX_FAULTS = 60
"""Faults that have lanes; the last is kept for the original's latency pressure."""

USER_SITE = "@user"

MAX_TURNS = 1 << 20
"""Scheduling draws of one request that have lanes."""


class _Purposes(dict[str, tuple[int, int]]):
    """The table; ``turn<n>`` has no end and is computed."""

    def __missing__(self, purpose: str) -> tuple[int, int]:
        number = purpose.removeprefix("turn")
        if number == purpose or not number.isdecimal() or int(number) >= MAX_TURNS:
            raise KeyError(purpose)
        place = self[purpose] = BLOCK_TURNS + int(number) // 4, int(number) % 4
        return place


PURPOSES: dict[str, tuple[int, int]] = _Purposes({
    "persona": (BLOCK_MAIN, 0), "arrival": (BLOCK_MAIN, 1), "visit_patience": (BLOCK_MAIN, 2),
    "value": (BLOCK_MAIN, 0),
    "latency": (BLOCK_MAIN, 0), "outcome": (BLOCK_MAIN, 1), "think": (BLOCK_MAIN, 2), "patience": (BLOCK_MAIN, 3),
    "typing": (BLOCK_MAIN, 0), "correction": (BLOCK_MAIN, 1), "skip": (BLOCK_MAIN, 3),
    "choice": (BLOCK_MAIN, 0),
    "jitter": (BLOCK_DELAY, 0), "step_delay": (BLOCK_DELAY, 1),
    **{f"fault{j}": (BLOCK_FAULTS + j // 2, 2 * (j % 2)) for j in range(MAX_FAULTS)},
    **{f"fault{j}_add": (BLOCK_FAULTS + j // 2, 2 * (j % 2) + 1) for j in range(MAX_FAULTS)},
    "travel": (BLOCK_TRAVEL, 0), "travel_back": (BLOCK_TRAVEL, 1),
    "turn0": (BLOCK_TRAVEL, 2), "turn1": (BLOCK_TRAVEL, 3),
    "copy": (BLOCK_TRAVEL + 1, 0), "damage": (BLOCK_TRAVEL + 1, 1),
    **{f"fault{j}_acts": (BLOCK_ACTS + j // 4, j % 4) for j in range(MAX_FAULTS)},
})  # fmt: skip
"""Purpose to (block, lane). ``latency``, ``outcome`` and the faults are drawn per attempt, the others once per visit of
the step (attempt 0); a form uses the field's number as the attempt. App target: ``travel`` and ``travel_back`` are
network times, ``turn<n>`` the n-th scheduling draw of a request (the first two share the block of the network times:
most requests need no other), ``copy`` how much later a duplicate arrives, ``damage`` which byte is changed.
``fault<j>_acts``: whether the service acted on an attempt that fault j cut off."""


@lru_cache(maxsize=65_536)
def site(name: str) -> int:
    """The 32-bit site of a step's name (the first bytes of its SHA-256)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
