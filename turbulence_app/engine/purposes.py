"""Which word of which Philox block a draw is: the one table of purposes.

A draw is addressed by (user, site, visit, attempt, purpose). ``site`` is 32 bits of a hash of the step's name, so that
inserting a step moves nobody else's draws; names that start with ``@`` are sites of the visit as a whole.
"""

from __future__ import annotations

import hashlib

BLOCK_MAIN = 0
BLOCK_DELAY = 1
BLOCK_FAULTS = 2
MAX_FAULTS = 60
"""Faults that have lanes; the last is kept for the original's latency pressure."""

USER_SITE = "@user"

PURPOSES: dict[str, tuple[int, int]] = {
    "persona": (BLOCK_MAIN, 0), "arrival": (BLOCK_MAIN, 1), "visit_patience": (BLOCK_MAIN, 2),
    "value": (BLOCK_MAIN, 0),
    "latency": (BLOCK_MAIN, 0), "outcome": (BLOCK_MAIN, 1), "think": (BLOCK_MAIN, 2), "patience": (BLOCK_MAIN, 3),
    "typing": (BLOCK_MAIN, 0), "correction": (BLOCK_MAIN, 1), "skip": (BLOCK_MAIN, 3),
    "choice": (BLOCK_MAIN, 0),
    "jitter": (BLOCK_DELAY, 0), "step_delay": (BLOCK_DELAY, 1),
    **{f"fault{j}": (BLOCK_FAULTS + j // 2, 2 * (j % 2)) for j in range(MAX_FAULTS)},
    **{f"fault{j}_add": (BLOCK_FAULTS + j // 2, 2 * (j % 2) + 1) for j in range(MAX_FAULTS)},
}  # fmt: skip
"""Purpose to (block, lane). ``latency``, ``outcome`` and the faults are drawn per attempt, the others once per visit of
the step (attempt 0); a form uses the field's number as the attempt."""


def site(name: str) -> int:
    """The 32-bit site of a step's name (the first bytes of its SHA-256)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
