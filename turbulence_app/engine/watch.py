"""Somebody who looks on while a chunk's invariants are asked: campaigns do, runs do not."""

from __future__ import annotations

from typing import Protocol

from turbulence_app.engine.group import Group, Index
from turbulence_app.engine.nodes import Rule
from turbulence_app.engine.reader import Reader


class Watch(Protocol):
    """Told what happens to the invariants of a chunk; must change nothing."""

    def asked(self, i: int, rule: Rule, group: Group, reader: Reader) -> None:
        """Rule ``i`` was asked of everybody in the group."""

    def broken(self, i: int, group: Group, at: Index) -> None:
        """Those at ``at`` broke rule ``i`` for the first time."""
