"""Whether a model fits into this computer's memory: an estimate of what it needs, beside what is free.

The parts are those that llama.cpp allocates without flash attention at batches of 512: the file (mapped), the second
copy of weights that it lays out for the processor, keys and values in half precision, and the work space of its largest
step (the attention of one batch to the whole context, in single precision).
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from turbulence_app.llm.errors import ModelMemoryError
from turbulence_app.llm.gguf import Header

BATCH = 512
PROCESS = 56 * 2**20
"""Bytes of the process itself: the interpreter, NumPy, the library; measured with a tiny model."""
PER_TOKEN_OF_VOCABULARY = 384
"""Bytes: spelling, look-up tables, and the numbers of one choice."""
Verdict = Literal["fits", "tight", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes by part. ``mapped`` can be dropped and read from the file again; the others cannot. ``cache`` holds the
    keys and values, and a quarter more for those of the prompts' fixed beginning, which are kept."""

    mapped: int
    repacked: int
    cache: int
    work: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.mapped + self.held

    @property
    def held(self) -> int:
        """What no other program can have while the model runs."""
        return self.repacked + self.cache + self.work


@dataclass(frozen=True, slots=True)
class Fit:
    """Bytes needed at a context, bytes free (0: unknown), and whether that goes well.

    ``tight``: it runs, but parts of the file are read from the disk again and again.
    """

    need: int
    available: int
    verdict: Verdict


def estimate(header: Header, context: int) -> Need:
    """What a model needs at ``context`` tokens. Within a few per cent of what processes were measured to hold."""
    shape = header.shape
    cells = -(-context // 256) * 256
    attention = BATCH * cells * 4 * (shape.heads + 2)
    layer = BATCH * 4 * (shape.feed_forward + 2 * shape.embedding + 2 * shape.heads * shape.key)
    return Need(
        mapped=header.size_bytes,
        repacked=header.repacked_bytes,
        cache=cells * header.kv_bytes_per_token * 5 // 4,
        work=attention + layer + shape.vocabulary * PER_TOKEN_OF_VOCABULARY + PROCESS,
    )


def fit(header: Header, context: int, free: int | None = None) -> Fit:
    """How a model's need compares with the memory that is free now (``free`` bytes, for tests)."""
    need = estimate(header, context)
    there = available() if free is None else free
    if there <= 0:
        return Fit(need.total, 0, "unknown")
    verdict: Verdict = "fits" if need.total <= there else "tight" if need.held <= there else "no"
    return Fit(need.total, there, verdict)


def require(header: Header, context: int, name: str) -> None:
    """Raises :class:`ModelMemoryError` for a model whose memory is not to be had: better than being killed for it."""
    found = fit(header, context)
    if found.verdict == "no":
        raise ModelMemoryError(
            f"{name} needs about {found.need / 2**30:.1f} GB of memory and {found.available / 2**30:.1f} GB are free",
            "close other programs, or use a smaller model",
        )


def available() -> int:
    """Bytes that a new process can have, limits of its control group included; 0 where the system does not say."""
    if sys.platform == "linux":
        return min(_linux_free(), _group_free(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")))
    return _windows_free() if sys.platform == "win32" else _physical()


def _linux_free() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return _physical()


def _group_free(listing: Path, root: Path) -> int:
    """The least that this process's groups, up to the root, leave (what is read from files counts as free)."""
    least = 2**63
    try:
        own = next(line[3:] for line in listing.read_text(encoding="utf-8").splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return least
    group = root / own.strip().lstrip("/")
    while group == root or root in group.parents:
        least = min(least, _one_group(group))
        group = group.parent
    return least


def _one_group(group: Path) -> int:
    try:
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        if limit == "max":
            return 2**63
        used = int((group / "memory.current").read_text(encoding="ascii"))
        rows = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        files = sum(int(row.split()[1]) for row in rows if row.startswith(("inactive_file ", "active_file ")))
        return max(0, int(limit) - used + files)
    except (OSError, ValueError, IndexError):
        return 2**63


def _physical() -> int:
    """Two thirds of what is built in, where nothing tells what is free."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 2 // 3
    except (AttributeError, OSError, ValueError):
        return 0


def _windows_free() -> int:
    """``GlobalMemoryStatusEx``: the field after length, load and total."""

    class Status(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ulong), ("load", ctypes.c_ulong), ("numbers", ctypes.c_ulonglong * 7))

    status = Status()
    status.length = ctypes.sizeof(Status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows alone
    return int(status.numbers[1]) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else 0
