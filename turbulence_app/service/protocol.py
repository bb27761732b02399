"""The language between a window (or a test) and its workers: one JSON object per line, both ways.

Requests: ``{"id": 1, "op": "run", "params": {...}, "slot": "..."}``; ``{"op": "cancel", "params": {"id": 1}}``.
Replies: ``{"id": 1, "event": {...}}`` any number of times, then ``{"id": 1, "result": ...}`` or
``{"id": 1, "error": {...}}`` exactly once. In between ``{"beat": seconds}`` once a second and one ``{"hello": {...}}``.
A request that waits or runs is cancelled by a newer one with the same ``op`` and ``slot`` (ends with status 130).
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from typing import Any

from turbulence_app.domain.errors import ExitStatus, KnownError
from turbulence_app.domain.events import JobFailed

MAX_LINE = 64 * 1024 * 1024
"""Longest message, bytes; a longer one is a fault of the other side."""
BEAT_S = 1.0
SILENT_AFTER_S = 10.0
"""Without a beat for this long a worker counts as not answering."""


def encode(message: Mapping[str, Any]) -> bytes:
    """One message as one line, pure ASCII so that no locale can break it."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """A line as a message; ``ValueError`` where it is none."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("a message is a JSON object")
    return message


def failure_of(error: BaseException) -> JobFailed:
    """Any exception as the event that everybody shows."""
    if isinstance(error, KnownError):
        problem = error.problem
        place = f"{problem.where}: " if problem.where else ""
        return JobFailed(message=place + problem.message, mend=problem.mend, exit_status=int(error.exit_status))
    text = f"{type(error).__name__}: {error}".splitlines()[0][:500]
    details = "".join(traceback.format_exception(error))[-20_000:]
    return JobFailed(message=text, exit_status=int(ExitStatus.MACHINE), known=False, traceback=details)


def cancelled(why: str = "stopped") -> JobFailed:
    """What a cancelled job ends with when it has no result of its own."""
    return JobFailed(message=why, exit_status=int(ExitStatus.CANCELLED))
