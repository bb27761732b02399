"""How many sockets this process may open."""

from __future__ import annotations

import sys

SPARE = 128
"""Files that are not sockets of the run."""
UNKNOWN = 8192


def open_files() -> int:
    """Sockets that a run may open; asks the system for as many as it allows."""
    if sys.platform == "win32":
        return UNKNOWN
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in (soft, resource.RLIM_INFINITY):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (ValueError, OSError):
            pass  # the system says no: what it allows already must do
    return UNKNOWN if soft == resource.RLIM_INFINITY else max(16, soft - SPARE)
