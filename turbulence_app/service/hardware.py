"""This machine in numbers: processor, processor time, memory. What the system does not tell is None."""

from __future__ import annotations

import os
import platform
import sys
import time
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@cache
def processor() -> str:
    """The processor's name and how many of them there are: ``AMD EPYC 7B13 · 2 cores``."""
    cores = _cores()
    return f"{_processor_name()} · {cores} core{'s' * (cores != 1)}"


def cpu_seconds() -> float | None:
    """Processor time of this process and of those that it started and that still run; None where one cannot tell."""
    if not sys.platform.startswith("linux"):
        return None
    return time.process_time() + sum(_cpu_of(pid) for pid in _descendants(os.getpid()))


def peak_bytes(*, children: bool = False) -> int | None:
    """The most memory that this process (or those that it started and that still run, together) ever had.

    Not from ``getrusage``: on Linux a new process inherits the peak of the one that started it.
    """
    if sys.platform.startswith("linux"):
        pids = _descendants(os.getpid()) if children else [os.getpid()]
        return sum(_high_water(pid) for pid in pids) or None
    if children:
        return None
    try:
        import resource
    except ImportError:  # Windows
        return None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(used) * (1 if sys.platform == "darwin" else 1024) or None


def memory() -> tuple[int | None, int | None]:
    """Bytes of memory: all of it, and what is available to new work."""
    known = _kilobytes(PROC / "meminfo")
    return known.get("MemTotal") or _physical(), known.get("MemAvailable")


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor_name() -> str:
    for line in _read(PROC / "cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    try:
        threads = list((PROC / str(pid) / "task").iterdir())
    except OSError:
        return found
    for thread in threads:
        for child in _read(thread / "children").split():
            found += [int(child), *_descendants(int(child))]
    return found


def _cpu_of(pid: int) -> float:
    """User and system time out of ``/proc/PID/stat``; the name in brackets may hold blanks."""
    fields = _read(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if len(fields) > 12 else 0.0


def _high_water(pid: int) -> int:
    return _kilobytes(PROC / str(pid) / "status").get("VmHWM", 0)


def _kilobytes(path: Path) -> dict[str, int]:
    """Lines such as ``VmHWM:  1234 kB``, in bytes."""
    found = {}
    for line in _read(path).splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if len(words) == 2 and words[1] == "kB" and words[0].isdigit():
            found[name] = int(words[0]) * 1024
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
