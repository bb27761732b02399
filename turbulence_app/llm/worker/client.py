"""The parent's side of the model's process: starts it, talks to it, and ends it when it does not answer in time."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors

COMMAND = ("-P", "-m", "turbulence_app.privacy.confined", "turbulence_app.llm.worker")
"""The launcher takes the network away first, then becomes the worker."""
MEND = 'install it with: pip install "turbulence-app[llama]" (needs a C++ compiler)'
GRACE_S = 2.0
"""How long after the deadline the worker may take to stop by itself before it is killed."""
START_S = 60.0
MAX_LINE = 4_000_000
_KINDS: dict[str, type[errors.ModelError]] = {
    "absent": errors.ModelAbsentError,
    "file": errors.ModelFileError,
    "timeout": errors.ModelTimeoutError,
    "prompt_too_long": errors.PromptTooLongError,
    "garbage": errors.ModelGarbageError,
}
_SECRETS = ("API_KEY", "TOKEN", "SECRET", "PASSWORD")
_END: dict[str, Any] = {"ev": "end"}


class Worker:
    """One running model process. Not for two threads at once (the backend has the lock)."""

    def __init__(self, executable: str = sys.executable) -> None:
        self._process = subprocess.Popen(
            [executable, *COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            close_fds=True,
        )
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._noise: deque[str] = deque(maxlen=20)
        self._threads = [
            threading.Thread(target=_read, args=(self._process.stdout, self._events), daemon=True),
            threading.Thread(target=_keep, args=(self._process.stderr, self._noise), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._number = 0
        self._finalizer = weakref.finalize(self, _end, self._process)
        try:
            self.hello = self._wait(None, "hello", time.monotonic() + START_S, None, None)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def request(
        self,
        op: str,
        answer: str,
        seconds: float,
        *,
        on_tick: Callable[[int], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        **data: Any,
    ) -> dict[str, Any]:
        """Sends one request and waits for its answer. Raises a :mod:`turbulence_app.llm.errors` type, or cancelled."""
        self._number += 1
        self._send({"op": op, "id": self._number, "seconds": seconds, **data})
        try:
            return self._wait(self._number, answer, time.monotonic() + seconds + GRACE_S, on_tick, should_stop)
        except KeyboardInterrupt:
            self.kill()
            raise

    def kill(self) -> None:
        """Ends the child at once."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Ends the child (its input closes, which it obeys even in the middle of work), frees threads and pipes."""
        self._finalizer()
        for thread in self._threads:
            thread.join(timeout=5)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def _send(self, message: dict[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(message, ensure_ascii=True).encode() + b"\n")
            stdin.flush()
        except (OSError, ValueError) as error:
            raise self._crash() from error

    def _wait(
        self,
        number: int | None,
        answer: str,
        until: float,
        on_tick: Callable[[int], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> dict[str, Any]:
        asked = False
        while True:
            if not asked and should_stop and should_stop():
                asked, until = True, min(until, time.monotonic() + GRACE_S)
                self._send({"op": "cancel", "id": number})
            left = until - time.monotonic()
            if left <= 0:
                self.kill()
                if asked:
                    raise CancelledError("stopped while the model was working")
                raise errors.ModelTimeoutError("the model's process did not answer and was ended", "allow it more time")
            try:
                event = self._events.get(timeout=min(left, 0.1))
            except queue.Empty:
                continue
            kind = event.get("ev")
            if kind == "end":
                raise self._crash()
            if event.get("id") != number:
                continue
            if kind == "tick" and on_tick:
                on_tick(int(event.get("done", 0)))
            elif kind == answer:
                return event
            elif kind == "error":
                raise _error(event)

    def _crash(self) -> errors.ModelError:
        self._process.kill()
        status = self._process.wait()
        self.close()
        last = next((line for line in reversed(self._noise) if line.strip()), "")
        return errors.ModelCrashError(
            f"the model's process ended with status {status}" + (f": {last[:200]}" if last else ""),
            "try again; if it happens again the model file may be damaged",
        )


def _error(event: dict[str, Any]) -> Exception:
    reason, message = event.get("reason"), str(event.get("message", ""))[:500]
    if reason == "cancelled":
        return CancelledError("stopped while the model was working")
    if reason == "absent":
        return errors.ModelAbsentError(message, MEND)
    return _KINDS.get(str(reason), errors.ModelError)(message or "the model failed")


def _environment() -> dict[str, str]:
    """The child's environment: this one, able to import the program, without secrets.

    OpenMP threads sleep at barriers instead of spinning: with spinning, a machine that does anything else besides made
    a tiny model 20 times slower (measured: 22 s against 1 s).
    """
    root = str(Path(__file__).resolve().parents[3])
    kept = {k: v for k, v in os.environ.items() if not any(s in k.upper() for s in _SECRETS)}
    kept["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [kept.get("PYTHONPATH")])])
    kept.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return kept


def _read(stream: Any, events: queue.Queue[dict[str, Any]]) -> None:
    """Lines of the child into the queue; a line that is no event, or is endless, ends the conversation."""
    while line := stream.readline(MAX_LINE):
        try:
            event = json.loads(line)
        except ValueError:
            break
        if not isinstance(event, dict):
            break
        events.put(event)
    events.put(_END)


def _keep(stream: Any, noise: deque[str]) -> None:
    while line := stream.readline(4096):
        noise.append(line.decode("utf-8", "replace").rstrip())


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
