"""The worker's end of the pipe: one JSON object per line out, one per line in."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from typing import Any, TextIO

from turbulence_app.llm.worker.limit import Limit

BEAT_S = 0.5
"""Seconds between two signs of life while a request runs; an idle worker is silent."""


class Say:
    """Writes events; native code that prints cannot disturb them, because it was given standard error instead."""

    def __init__(self) -> None:
        self._out: TextIO = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def __call__(self, event: str, **data: Any) -> None:
        """One line; a parent that is gone ends the process."""
        with self._lock:
            try:
                self._out.write(json.dumps({"ev": event, **data}, ensure_ascii=True) + "\n")
                self._out.flush()
            except OSError:
                os._exit(0)


def listen(requests: queue.Queue[dict[str, Any]], limit: Limit) -> None:
    """Reads requests as they come, so that a cancel is heard during work; the end of input ends the process."""
    for line in sys.stdin:
        with contextlib.suppress(ValueError):
            request = json.loads(line)
            if request.get("op") == "cancel":
                limit.cancelled = limit.cancelled or request.get("id") == limit.request
            else:
                requests.put(request)
    os._exit(0)


def beat(say: Say, limit: Limit, done: threading.Event) -> None:
    """Tells the parent that this process runs, and how often native code has asked whether to go on."""
    while not done.wait(BEAT_S):
        if limit.request is not None:
            say("beat", id=limit.request, polls=limit.polls)
