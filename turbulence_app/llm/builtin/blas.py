"""NumPy's matrix library held to one thread while sentences are encoded.

These matrices are small: a second thread gains little on an idle machine, and on a busy one the two spin waiting for
each other (measured: a policy of 25 ms took over a second). One thread also gives the same bits whatever the count.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

_NAMES = tuple(f"{lead}openblas_{{}}_num_threads{tail}" for lead in ("scipy_", "") for tail in ("64_", ""))


@cache
def _controls() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """OpenBLAS's own reader and setter of its thread count; None where NumPy uses another library."""
    try:
        library = ctypes.CDLL(importlib.import_module("numpy._core._multiarray_umath").__file__)
    except (ImportError, OSError):
        return None
    for name in _NAMES:
        try:
            return getattr(library, name.format("get")), getattr(library, name.format("set"))
        except AttributeError:
            continue
    return None


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread inside, the former number after; does nothing where the number cannot be set."""
    controls = _controls()
    before = controls[0]() if controls else 1
    if controls is None or before == 1:
        yield
        return
    controls[1](1)
    try:
        yield
    finally:
        controls[1](before)
