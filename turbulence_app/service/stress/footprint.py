"""What this process holds: threads, children, descriptors, memory. Two looks tell what was not given back."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.service.home import data_home

GRACE_S = 5.0
"""How long threads and children may take to end."""
MOST_MEMORY = 48 * 2**20
"""Growth in bytes that is no leak: allocators keep what they may need again."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What is held at a moment. ``descriptors`` are numbers and what they lead to, without the books that the program
    keeps open for good in its own folder. Children, descriptors and memory are known on Linux only."""

    threads: frozenset[int]
    children: int
    descriptors: frozenset[str]
    memory: int

    @classmethod
    def now(cls) -> Footprint:
        """Looks."""
        gc.collect()
        threads = frozenset(thread.ident or 0 for thread in threading.enumerate())
        return cls(threads, _children(), _descriptors(), _memory())

    def leaks(self, before: Footprint) -> list[str]:
        """What there is now and was not before, in words; memory is not looked at."""
        found = []
        if more := len(self.threads - before.threads):
            found.append(f"{more} threads are still there")
        if self.children > before.children:
            found.append(f"{self.children - before.children} child processes are still there")
        if more_open := sorted(self.descriptors - before.descriptors):
            found.append(f"{len(more_open)} descriptors are still open: {', '.join(more_open[:5])}")
        return found


def settled(before: Footprint, sleep: Callable[[float], object] = time.sleep) -> tuple[Footprint, list[str]]:
    """What is held when everything had time to end, and what is left too much."""
    until = time.monotonic() + GRACE_S
    while (leaks := (found := Footprint.now()).leaks(before)) and time.monotonic() < until:
        sleep(0.05)
    return found, leaks


def _children() -> int:
    """Processes whose parent this one is, zombies too."""
    if sys.platform != "linux":
        return -1
    own = Path(f"/proc/{os.getpid()}/task")
    return sum(len(_text(task / "children").split()) for task in own.iterdir())


def _descriptors() -> frozenset[str]:
    if sys.platform != "linux":
        return frozenset()
    books = str(data_home().resolve())
    leads = {entry.name: _target(entry) for entry in Path("/proc/self/fd").iterdir()}
    return frozenset(f"{name} {to}" for name, to in leads.items() if to and not to.startswith(books))


def _target(entry: Path) -> str:
    """What a descriptor leads to; "" for one that is gone by now (that of this very look)."""
    try:
        return str(entry.readlink())
    except OSError:
        return ""


def _memory() -> int:
    """Resident bytes."""
    if sys.platform != "linux":
        return -1
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
