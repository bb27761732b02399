"""What was looked at lately. Nothing that a window remembers may grow for as long as it is open. Qt-free."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

PEOPLE = 20
"""Failures of which replays, reasons and the like are remembered; whoever comes back to an older one asks again."""


class Lately(OrderedDict[K, V]):
    """A mapping of at most ``most`` entries: what nobody put in or asked for longest goes first."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > self._most:
            self.popitem(last=False)

    def get(self, key: K, default: Any = None) -> Any:
        """The value, which is the newest from now on."""
        if key not in self:
            return default
        self.move_to_end(key)
        return self[key]
