"""People counted by everything that a question may ask for: whole numbers only, so that no order of adding matters."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from turbulence_app.engine.census.people import People, Waits, words
from turbulence_app.engine.histogram import BUCKETS, buckets
from turbulence_app.engine.nodes import OUTCOMES, REASONS, Plan

Counts = NDArray[np.int64]
BINS = 96
"""Most spans of time that latencies are told apart by."""
MOST_KINDS = 20_000
"""Kinds of visits that are told apart by the steps they came to; with more, all are told apart without them."""
KEYS = ("persona", "outcome", "reason", "last", "place", "choice", "answer")
SUMS = ("people", "took", "waited", "retries", "requests")
WAIT_KEYS = ("time", "step", "persona", "outcome", "bucket")
FIRST_SHIFT = 16
"""The finest span of time: 2^16 microseconds."""


@dataclass
class Table:
    """Sums by key. ``keys`` (K, n) in rising order of their columns, ``sums`` (S, n)."""

    keys: Counts
    sums: Counts

    @classmethod
    def nothing(cls, keys: int, sums: int) -> Table:
        """An empty table."""
        return cls(np.zeros((keys, 0), np.int64), np.zeros((sums, 0), np.int64))

    def __len__(self) -> int:
        return int(self.keys.shape[1])

    def add(self, keys: Counts, sums: Counts) -> None:
        """Add rows; equal keys become one row."""
        self.keys, self.sums = grouped(
            np.concatenate([self.keys, keys], axis=1), np.concatenate([self.sums, sums], axis=1)
        )


def grouped(keys: Counts, sums: Counts) -> tuple[Counts, Counts]:
    """Rows with equal keys as one, in rising order of the keys."""
    if not keys.shape[1]:
        return keys, sums
    code = coded(keys)
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    starts = np.concatenate([[0], (ordered[1:] != ordered[:-1]).nonzero()[0] + 1])
    return keys[:, order[starts]], np.add.reduceat(sums[:, order], starts, axis=1)


def coded(keys: Counts) -> Counts:
    """One number per row that is in the order of the rows' keys; equal rows have the same."""
    code = np.zeros(keys.shape[1], np.int64)
    room = 1
    for row in keys:
        column = row
        low, high = int(column.min()), int(column.max())
        size = high - low + 1
        if size > 1 << 40:  # words of a path
            distinct, column = np.unique(column, return_inverse=True)
            low, size = 0, int(distinct.size)
        if room * size >= 1 << 62:
            distinct, code = np.unique(code, return_inverse=True)
            room = int(distinct.size)
        code = code * size + (column - low)
        room *= size
    return code


@dataclass
class Census:
    """Everybody of a run (or of a part of it), counted.

    ``kinds``: people by :data:`KEYS` and the words of their path, with :data:`SUMS` (times in microseconds);
    ``took``, ``stayed``, ``waits``: how many by kind and bucket of
    :mod:`turbulence_app.engine.histogram` took so long, stayed so long at their last place, or (``waits``) by
    :data:`WAIT_KEYS` waited so long for an answer that they asked for in that span of time. ``where``: kinds by number
    of the part (65,536 users) for finding people again.
    """

    words: int
    kinds: Table
    took: Table
    stayed: Table
    waits: Table
    shift: int = FIRST_SHIFT
    """Spans of time are 2^shift microseconds of the run."""
    paths: bool = True
    """Whether kinds are told apart by the steps that were come to."""

    @classmethod
    def of(cls, plan: Plan) -> Census:
        """Nobody yet."""
        width = words(plan)
        keys = len(KEYS) + width
        shift = FIRST_SHIFT
        while plan.arrival.earliest(plan.users) >> shift >= BINS:
            shift += 1
        return cls(
            width, Table.nothing(keys, len(SUMS)), Table.nothing(keys + 1, 1), Table.nothing(keys + 1, 1),
            Table.nothing(len(WAIT_KEYS), 1), shift,
        )  # fmt: skip

    def add(self, people: People, waits: Waits) -> None:
        """Count these people."""
        if not len(people):
            return
        keys = np.concatenate(
            [np.stack([getattr(people, name) for name in KEYS]), people.path.view(np.int64)], dtype=np.int64
        )
        if not self.paths:
            keys[len(KEYS) :] = 0
        asked = np.bincount(waits.who, minlength=len(people))
        sums = np.stack([np.ones(len(people), np.int64), people.took, people.waited, people.retries, asked])
        self.kinds.add(keys, sums)
        one = np.ones((1, len(people)), np.int64)
        self.took.add(np.concatenate([keys, buckets(people.took)[None]]), one)
        self.stayed.add(np.concatenate([keys, buckets(people.took - people.since)[None]]), one)
        self._add_waits(people, waits)
        self._bound()

    def _add_waits(self, people: People, waits: Waits) -> None:
        if not waits.who.size:
            return
        self._coarsen(_fitting(int(waits.asked.max()), self.shift))
        keys = np.stack(
            [
                waits.asked >> self.shift, waits.step, people.persona.take(waits.who),
                people.outcome.take(waits.who), buckets(waits.waited),
            ]
        )  # fmt: skip
        self.waits.add(keys, np.ones((1, waits.who.size), np.int64))

    def _coarsen(self, shift: int) -> None:
        if shift > self.shift:
            self.waits.keys[0] >>= shift - self.shift
            self.waits.keys, self.waits.sums = grouped(self.waits.keys, self.waits.sums)
            self.shift = shift

    def _bound(self) -> None:
        """Tell kinds apart without their paths where there are too many: the same whatever was added first."""
        if self.paths and len(self.kinds) > MOST_KINDS:
            self.forget_paths()

    def forget_paths(self) -> None:
        """Kinds by everything but the steps that were come to."""
        self.paths = False
        for table in (self.kinds, self.took, self.stayed):
            table.keys[len(KEYS) : len(KEYS) + self.words] = 0
            table.keys, table.sums = grouped(table.keys, table.sums)

    def merge(self, other: Census) -> None:
        """Add another part of the same run."""
        if self.paths != other.paths:
            (self if self.paths else other).forget_paths()
        shift = max(self.shift, other.shift)
        self._coarsen(shift)
        other._coarsen(shift)
        for name in ("kinds", "took", "stayed", "waits"):
            mine, theirs = getattr(self, name), getattr(other, name)
            mine.add(theirs.keys, theirs.sums)
        self._bound()

    # ---- to and from bytes --------------------------------------------------------------------------------------

    def pack(self) -> bytes:
        """As bytes: compressed arrays of integers, nothing else."""
        arrays: dict[str, Any] = {"head": np.array([self.words, self.shift, self.paths], np.int64)}
        for name in ("kinds", "took", "stayed", "waits"):
            table: Table = getattr(self, name)
            arrays[f"{name}.keys"], arrays[f"{name}.sums"] = table.keys, table.sums
        made = io.BytesIO()
        np.savez_compressed(made, **arrays)
        return made.getvalue()

    @classmethod
    def unpack(cls, packed: bytes) -> Census:
        """Back from :meth:`pack`. Raises ``ValueError`` for bytes that are not."""
        try:
            with np.load(io.BytesIO(packed), allow_pickle=False) as held:
                head = [int(n) for n in held["head"]]
                tables = [
                    Table(held[f"{name}.keys"], held[f"{name}.sums"]) for name in ("kinds", "took", "stayed", "waits")
                ]
        except Exception as error:
            raise ValueError(f"not a census: {error}") from error
        kinds, took, stayed, waits = tables
        return cls(head[0], kinds, took, stayed, waits, head[1], bool(head[2]))


def _fitting(moment: int, shift: int) -> int:
    while moment >> shift >= BINS:
        shift += 1
    return shift


assert BUCKETS <= 1024
assert len(OUTCOMES) + len(REASONS) < 64
