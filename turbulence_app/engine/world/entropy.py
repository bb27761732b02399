"""Random numbers inside the application: from a stream of whoever asks, never from the machine.

Requests have streams of their own (:class:`turbulence_app.engine.world.owner.Stream`), so that one request's random
numbers do not depend on how many another one took.
"""

from __future__ import annotations

import os
import random
import sys
import uuid
from collections.abc import Callable
from typing import Any

from turbulence_app.engine.world.active import ACTIVE, owner

_Random = random.Random
_REAL_SEED = _Random.seed
_NODE = 0x02_00_00_00_00_01
"""The hardware address of every machine in a world (locally administered)."""


def _urandom(real: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def urandom(size: int, /) -> bytes:
        who = owner()
        return real(size) if who is None else who.entropy().bytes(size)

    return urandom


class WorldRandom(_Random):
    """What the one generator behind ``random.random`` and the like becomes."""

    def random(self) -> float:
        """A number in [0, 1)."""
        who = owner()
        if who is None:
            return super().random()
        return who.entropy().uniform() if ACTIVE.seeded is None else ACTIVE.seeded.random()

    def getrandbits(self, k: int, /) -> int:
        """A number of ``k`` bits."""
        who = owner()
        if who is None or k < 0:
            return super().getrandbits(k)
        return who.entropy().bits(k) if ACTIVE.seeded is None else ACTIVE.seeded.getrandbits(k)

    def seed(self, a: Any = None, version: int = 2) -> None:
        """The application seeds the global generator: from now on it is a generator like any other."""
        who = owner()
        if who is None:
            _REAL_SEED(self, a, version)
        elif a is None:
            ACTIVE.seeded = None
        else:
            ACTIVE.seeded = _Random()
            _REAL_SEED(ACTIVE.seeded, a, version)


def _seed(self: random.Random, a: Any = None, version: int = 2) -> None:
    """A generator without a seed takes one from the world."""
    if a is None and (who := owner()) is not None:
        a = who.entropy().bits(128)
    _REAL_SEED(self, a, version)


def _hidden(name: str) -> Callable[..., Any]:
    """A method of the one generator, looked up at each call: its class changes when a world begins."""

    hidden: Any = random._inst

    def function(*args: Any, **named: Any) -> Any:
        return getattr(hidden, name)(*args, **named)

    return function


def entropy_patches() -> list[tuple[Any, str, Any]]:
    """What replaces the sources of randomness (``secrets`` and ``SystemRandom`` ask :data:`random._urandom`)."""
    hidden: Any = random._inst
    urandom = _urandom(os.urandom)
    return [
        (os, "urandom", urandom),
        (random, "_urandom", urandom),
        (hidden, "__class__", WorldRandom),
        (random, "random", _hidden("random")),
        (random, "getrandbits", _hidden("getrandbits")),
        (random, "seed", _hidden("seed")),
        (_Random, "seed", _seed),
        (uuid, "_generate_time_safe", None),
        (uuid, "_UuidCreate", None),
        (uuid, "_node", _NODE),
    ]


def begin_world(seed: int) -> None:
    """Nothing random is left of the world before."""
    ACTIVE.seeded = None
    random._inst.gauss_next = None  # type: ignore[attr-defined]
    uuid._last_timestamp = None  # type: ignore[attr-defined]
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy.random" in sys.modules and _NUMPY[0]:
        numpy.random.seed(seed & 0xFFFFFFFF)


_NUMPY = [False]


def uses_numpy(found: bool) -> None:
    """Whether the application may use NumPy's global generator, which is then seeded for every world."""
    _NUMPY[0] = found
