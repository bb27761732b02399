"""The C library's memory, most of what a window is made of. Every call does nothing where the library is not glibc."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

APART = 256 * 1024
"""Blocks from this size on are the system's own, in bytes: pictures, replies, columns of numbers."""
SPARE = 4 * 1024 * 1024
"""What may stay unused at the end of the heap, in bytes."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of <malloc.h>


def keep_large_blocks_apart() -> None:
    """Large blocks go back to the system when they are freed.

    Left to itself glibc takes them into the heap once the first was freed, up to 32 MB each. Small blocks that live
    long settle between them, and the holes stay: 10 MB of a window after five rounds of ``tests.bench.soak``.
    """
    library = _library()
    if library is not None:
        library.mallopt(_MMAP_THRESHOLD, APART)
        library.mallopt(_TRIM_THRESHOLD, SPARE)


def give_back() -> None:
    """Pages within the heap that nothing uses any more go back. Milliseconds: for when nobody waits."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


def _library() -> ctypes.CDLL | None:
    """The C library where it is glibc, which alone has all of this."""
    if sys.platform != "linux":
        return None
    import ctypes  # not while the window starts

    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
