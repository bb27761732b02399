"""Users of one persona on their way through the flow together: a column of numbers per thing that is tracked."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[Any]
Index: TypeAlias = NDArray[np.intp]
BLOCK = 4096
"""Users of a digest block."""

_DTYPES: dict[str, type[np.generic]] = {
    "failed": np.bool_, "broken": np.bool_, "edge": np.bool_, "seen": np.uint8, "var": np.int16, "ans": np.int16,
    "last answer": np.int16, "assertion failed": np.bool_,
    "promised": np.bool_,
}  # fmt: skip


class Group:
    """Columns by key; a key that is not there is zero for everybody.

    Always there: ``users`` (uint64, rising), ``t`` (int64, microseconds of the visit); ``h`` (uint64, fingerprint) if
    digests are wanted, and ``deadline`` (int64) if somebody's patience ends. ``last`` is the number of the last
    step where it is the same for all, else -2 and a column of its own; -1: no step yet.
    """

    __slots__ = ("_bounds", "columns", "last", "outcome")

    def __init__(self, columns: dict[Hashable, Column], last: int) -> None:
        self.columns = columns
        self.last = last
        self.outcome = ""
        self._bounds: tuple[Index, Index | slice] | None = None

    @property
    def size(self) -> int:
        """How many users."""
        return int(self.columns["users"].size)

    @property
    def users(self) -> NDArray[np.uint64]:
        """Their numbers."""
        return self.columns["users"]

    @property
    def t(self) -> NDArray[np.int64]:
        """Their clocks."""
        return self.columns["t"]

    def column(self, *key: Hashable) -> Column:
        """A column to read or to write in place."""
        found = self.columns.get(key)
        if found is None:
            found = np.zeros(self.size, _DTYPES.get(str(key[0]), np.int64))
            self.columns[key] = found
        return found

    def has(self, *key: Hashable) -> bool:
        """Whether a column was ever written."""
        return key in self.columns

    def take(self, index: Index) -> Group:
        """Some of the users, in the order of ``index`` (rising)."""
        # no index is out of range, and "wrap" is NumPy's quickest way
        made = Group({key: column.take(index, mode="wrap") for key, column in self.columns.items()}, self.last)
        made.outcome = self.outcome
        return made

    def part(self, gone: Index, kept: frozenset[Hashable]) -> tuple[Group, Group, Index]:
        """Those at ``gone``, whose visits end, with the columns in ``kept`` alone; the others; where those were."""
        stay = np.full(self.size, True)
        stay[gone] = False
        rest = stay.nonzero()[0]
        ended = Group({k: c.take(gone, mode="wrap") for k, c in self.columns.items() if k in kept}, self.last)
        return ended, self.take(rest), rest

    def put(self, index: Index, part: Group) -> None:
        """Write back what happened to a part taken with ``index``."""
        for key, column in part.columns.items():
            mine = self.columns.get(key)
            if mine is None:
                mine = np.zeros(self.size, column.dtype)
                self.columns[key] = mine
            mine[index] = column

    def split(self, mask: NDArray[np.bool_]) -> tuple[Group, Group]:
        """Those of the mask, and the others."""
        return self.take(mask.nonzero()[0]), self.take((~mask).nonzero()[0])

    def lasts(self) -> NDArray[np.int64]:
        """The last step of each."""
        return self.column("last step") if self.last == -2 else np.full(self.size, self.last, np.int64)

    def blocks(self, edges: NDArray[np.uint64]) -> tuple[Index, Index | slice]:
        """Where the digest blocks that ``edges`` bound begin in the columns, and their places (none empty)."""
        if self._bounds is None:
            at = np.searchsorted(self.users, edges)
            starts = at[:-1]
            filled = starts < at[1:]
            self._bounds = (starts, slice(None)) if filled.all() else (starts[filled], filled.nonzero()[0])
        return self._bounds


def merge(groups: Sequence[Group]) -> Group:
    """All users of the groups in one, in the order of their numbers."""
    full = [g for g in groups if g.size]
    if not full:
        return groups[0]
    if len(full) == 1:
        return full[0]
    last = full[0].last
    if any(g.last != last for g in full) or last == -2:
        for g in full:
            g.columns["last step",] = g.lasts()
        last = -2
    order = np.argsort(np.concatenate([g.users for g in full]), kind="stable")
    columns: dict[Hashable, Column] = {}
    for key in dict.fromkeys(k for g in full for k in g.columns):
        dtype = next(g.columns[key].dtype for g in full if key in g.columns)
        parts = [g.columns[key] if key in g.columns else np.zeros(g.size, dtype) for g in full]
        columns[key] = np.concatenate(parts).take(order)
    return Group(columns, last)
