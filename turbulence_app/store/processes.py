"""Which process is which: a number alone may be somebody else's by now, so the moment of its start goes with it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path


def identity(pid: int) -> str | None:
    """The machine's boot and the process's start, in words that equal only those of the same process; None if gone."""
    if sys.platform == "linux":
        return _linux(pid)
    if sys.platform == "win32":
        return _windows(pid)
    return _ps(pid)


def own_identity() -> str:
    """:func:`identity` of this process."""
    return identity(os.getpid()) or ""


def _linux(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    state, started = fields[0], fields[19]  # fields 3 and 22 of proc(5)
    return None if state in "ZX" else f"{boot}/{started}"


def _windows(pid: int) -> str | None:
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - exists on Windows alone
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return None
    try:
        times = (ctypes.c_ulonglong * 4)()
        code = ctypes.c_ulong()
        alive = kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value == 259  # STILL_ACTIVE
        refs = [ctypes.byref(times, i * 8) for i in range(4)]
        return str(times[0]) if alive and kernel.GetProcessTimes(handle, *refs) else None
    finally:
        kernel.CloseHandle(handle)


def _ps(pid: int) -> str | None:
    done = subprocess.run(
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=10
    )
    return done.stdout.strip() or None
