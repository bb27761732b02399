"""Digests of a live run: of its visits as they were, by which a replay from the recording can be held against them."""

from __future__ import annotations

import base64
import hashlib

import numpy as np

from turbulence_app.domain.run import ChunkDigest
from turbulence_app.engine.group import BLOCK


class Fingerprints:
    """The fingerprints of a run's visits, in blocks of 4,096 users."""

    def __init__(self, users: int) -> None:
        self._users = users
        self._blocks: dict[int, np.ndarray[tuple[int], np.dtype[np.uint64]]] = {}

    def add(self, user: int, fingerprint: int) -> None:
        """Keep one visit's."""
        first = user // BLOCK
        if first not in self._blocks:
            self._blocks[first] = np.zeros(min(BLOCK, self._users - first * BLOCK), np.uint64)
        self._blocks[first][user % BLOCK] = fingerprint

    def blocks(self) -> list[ChunkDigest]:
        """The digests of all blocks with at least one finished visit (a visit that was not finished counts as 0)."""
        found = []
        for first, prints in sorted(self._blocks.items()):
            words = prints.astype("<u8")
            found.append(
                ChunkDigest(
                    first_user=first * BLOCK,
                    users=words.size,
                    digest=hashlib.sha256(words.tobytes()).hexdigest(),
                    fingerprints=base64.b64encode((words & np.uint64(0xFFFF)).astype("<u2").tobytes()).decode("ascii"),
                )
            )
        return found
