"""Which world runs now, in which thread. What is patched asks here; everybody else gets the real thing."""

from __future__ import annotations

from _thread import get_ident
from typing import TYPE_CHECKING

from turbulence_app.engine.world.owner import OWNER, Owner

if TYPE_CHECKING:
    import random

    from turbulence_app.engine.world.loop import WorldLoop


class Active:
    """The world that runs in this process, if one does. There is one, because clocks are the process's."""

    __slots__ = ("application", "inside", "loop", "seeded", "skew_us", "thread", "wall_reads")

    def __init__(self) -> None:
        self.loop: WorldLoop | None = None
        self.thread = 0
        self.skew_us = 0
        """How far the application's wall clock is off."""
        self.wall_reads = 0
        """How often the application looked at its wall clock."""
        self.application: Owner | None = None
        """Who draws outside of requests."""
        self.seeded: random.Random | None = None
        """The global generator, once the application has seeded it itself."""
        self.inside: tuple[str, ...] = ()
        """Folders of the application's own files."""


ACTIVE = Active()


def world() -> WorldLoop | None:
    """The loop of the world whose code runs in this thread."""
    loop = ACTIVE.loop
    return loop if loop is not None and get_ident() == ACTIVE.thread else None


def owner() -> Owner | None:
    """Who draws random numbers now; None outside of worlds."""
    return (OWNER.get() or ACTIVE.application) if world() is not None else None
