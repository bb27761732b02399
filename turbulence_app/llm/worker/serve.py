"""The protocol of the model's process: one JSON object per line in, one per line out.

Requests: ``{"op": "load" | "generate" | "cancel" | "quit", "id": n, ...}``. Events: ``hello`` (what is here, and what
keeps it off the network), ``loaded``, ``tick`` (still alive, how far), ``done``, ``error`` (with a reason).
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from typing import Any, TextIO

CONFINEMENT = "TURBULENCE_CONFINEMENT"
"""Set by the launcher: level of confinement, and whether its test found it closed."""


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


class Limit:
    """Until when the present request may run (``time.monotonic`` seconds), and whether it was called off."""

    def __init__(self) -> None:
        self.until = float("inf")
        self.cancelled = False
        self.request: Any = None

    def start(self, request: Any, seconds: float) -> None:
        """A request begins."""
        self.request, self.cancelled, self.until = request, False, time.monotonic() + seconds

    def over(self) -> bool:
        """Asked by native code in the middle of its work."""
        return self.cancelled or time.monotonic() > self.until


def _listen(requests: queue.Queue[dict[str, Any]], limit: Limit) -> None:
    """Reads requests as they come, so that a cancel is heard during work; the end of input ends the process."""
    for line in sys.stdin:
        with contextlib.suppress(ValueError):
            request = json.loads(line)
            if request.get("op") == "cancel":
                limit.cancelled = limit.cancelled or request.get("id") == limit.request
            else:
                requests.put(request)
    os._exit(0)


def main() -> None:
    """Says hello, then serves until told to quit. Heavy imports come after the hello is certain to be readable."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides what it means
    say = Say()
    level, _, state = os.environ.get(CONFINEMENT, "none open").partition(" ")
    limit, requests = Limit(), queue.Queue[dict[str, Any]]()
    from turbulence_app.llm.worker import engine

    hello = {"pid": os.getpid(), "egress": {"level": level, "closed": state == "closed"}}
    try:
        version, system = engine.versions()
    except ImportError as error:
        say("error", id=None, reason="absent", message=f"llama-cpp-python cannot be imported: {error}")
        return
    say("hello", **hello, version=version, system=system)
    threading.Thread(target=_listen, args=(requests, limit), daemon=True).start()
    model = engine.Engine(limit)
    while (request := requests.get()).get("op") != "quit":
        _serve(model, request, limit, say)


def _serve(model: Any, request: dict[str, Any], limit: Limit, say: Say) -> None:
    from turbulence_app.llm.worker.engine import EngineError

    number = request.get("id")
    limit.start(number, float(request.get("seconds", 60.0)))
    try:
        if request["op"] == "load":
            say("loaded", id=number, **model.load(request["path"], request["context"], request["threads"]))
        elif request["op"] == "generate":
            result = model.generate(request, lambda done: say("tick", id=number, done=done))
            say("done", id=number, **result)
        else:
            say("error", id=number, reason="model", message=f"unknown request {request['op']!r}")
    except EngineError as error:
        say("error", id=number, reason=error.reason, message=str(error))
    except (KeyError, TypeError, ValueError, RuntimeError, OSError) as error:
        say("error", id=number, reason="model", message=f"{type(error).__name__}: {error}"[:500])
