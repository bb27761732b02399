"""The parent's side of the model's process: starts it, talks to it, and ends it when it does not answer in time.

Three ways in which a request ends when the model does not: shortly before the deadline the worker stops itself (native
code is asked at every step of its work); at the deadline it is killed if it has not; it is killed before that when it
gives no sign of life (stopped, frozen) or when its native code stands still although the process lives.
"""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.worker.process import Child

COMMAND = ("-P", "-m", "turbulence_app.privacy.confined", "turbulence_app.llm.worker")
"""The launcher takes the network away first, then becomes the worker."""
MEND = 'install it with: pip install "turbulence-app[llama]" (needs a C++ compiler)'
ILLEGAL_INSTRUCTION = (-4, 0xC000001D)
"""What a process ends with that meets an instruction its processor does not have: SIGILL, and Windows' word for it."""
OLDER_MEND = "use the built-in model or an Ollama server; or compile llama.cpp here: packaging/setup.sh --llama"
GRACE_S = 2.0
"""How long the worker may take to stop by itself before it is killed: the end of the time that a request has."""
LEAST_GRACE_S = 1.0
"""The same for requests of a few seconds, which may then end this much late: killing costs loading the model again."""
START_S = 60.0
_KINDS: dict[str, type[errors.ModelError]] = {
    "absent": errors.ModelAbsentError,
    "file": errors.ModelFileError,
    "timeout": errors.ModelTimeoutError,
    "prompt_too_long": errors.PromptTooLongError,
    "garbage": errors.ModelGarbageError,
    "memory": errors.ModelMemoryError,
}


class IdleExitError(errors.ModelCrashError):
    """The process had just ended for want of work when the request came; a new one will answer it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a working process may be silent, and how long its native code may stand still, in seconds."""

    silent_s: float = 10.0
    still_s: float = 45.0


class Worker:
    """One running model process. Not for two threads at once (the backend has the lock)."""

    def __init__(
        self,
        executable: str = sys.executable,
        command: Sequence[str] = COMMAND,
        patience: Patience | None = None,
        *,
        start_s: float = START_S,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        self._child = Child([executable, *command])
        self._patience = patience or Patience()
        self._number = 0
        try:
            self.hello = self._wait(None, "hello", time.monotonic() + start_s, None, should_stop)
        except BaseException:
            self._child.kill()
            raise

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.alive

    def request(
        self,
        op: str,
        answer: str,
        seconds: float,
        *,
        on_tick: Callable[[dict[str, Any]], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        **data: Any,
    ) -> dict[str, Any]:
        """Sends one request and waits for its answer. Raises a :mod:`turbulence_app.llm.errors` type, or cancelled."""
        self._number += 1
        own = seconds - min(GRACE_S, seconds / 4)
        until = time.monotonic() + max(seconds, own + LEAST_GRACE_S)
        self._send({"op": op, "id": self._number, "seconds": own, **data})
        try:
            return self._wait(self._number, answer, until, on_tick, should_stop)
        except KeyboardInterrupt:
            self.kill()
            raise

    def kill(self) -> None:
        """Ends the child at once."""
        self._child.kill()

    def close(self) -> None:
        """Ends the child, and frees threads and pipes."""
        self._child.close()

    def _send(self, message: dict[str, Any]) -> None:
        if not self._child.send(message):
            raise self._ended()

    def _wait(
        self,
        number: int | None,
        answer: str,
        until: float,
        on_tick: Callable[[dict[str, Any]], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> dict[str, Any]:
        asked, watch = False, _Watch(self._patience, armed=number is not None)
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
                event = self._child.events.get(timeout=min(left, 0.1))
            except queue.Empty:
                if why := watch.why():
                    self.kill()
                    raise errors.ModelCrashError(f"the model's process {why} and was ended", "try again") from None
                continue
            watch.saw(event)
            kind = event.get("ev")
            if kind in ("end", "bye"):
                raise self._ended(event)
            if event.get("id") != number:
                continue
            if kind == "tick" and on_tick:
                on_tick(event)
            elif kind == answer:
                return event
            elif kind == "error":
                raise _error(event)

    def _ended(self, event: dict[str, Any] | None = None) -> errors.ModelError:
        """What to raise for a process that is gone. One that said so beforehand was idle, not broken."""
        while event is None or event.get("ev") not in ("end", "bye"):
            try:
                event = self._child.events.get(timeout=1)
            except queue.Empty:
                break
        self._child.kill()
        if event and event.get("ev") == "bye":
            return IdleExitError("the model's process had ended for want of work", "try again")
        words = self._child.last_words()
        if self._child.process.returncode in ILLEGAL_INSTRUCTION:
            return errors.ModelCrashError("llama.cpp here was compiled for a newer processor than this one", OLDER_MEND)
        return errors.ModelCrashError(
            f"the model's process ended {words}",
            "try again; if it happens again the model file may be damaged or the memory too small",
        )


class _Watch:
    """Notices a process that is alive but does nothing: no event at all, or the same count of native steps."""

    def __init__(self, patience: Patience, *, armed: bool) -> None:
        self._patience, self._armed = patience, armed
        self._event = self._step = time.monotonic()
        self._polls = -1

    def saw(self, event: dict[str, Any]) -> None:
        """Any event is a sign of life; a tick, or a beat with more steps than before, one of work."""
        self._event = now = time.monotonic()
        polls = event.get("polls", self._polls)
        if event.get("ev") != "beat" or polls != self._polls:
            self._polls, self._step = polls, now

    def why(self) -> str:
        """What is wrong, or ``""``."""
        now = time.monotonic()
        if self._armed and now - self._event > self._patience.silent_s:
            return f"gave no sign of life for {self._patience.silent_s:g} s"
        if self._armed and now - self._step > self._patience.still_s:
            return f"stood still for {self._patience.still_s:g} s"
        return ""


def _error(event: dict[str, Any]) -> Exception:
    reason, message = event.get("reason"), str(event.get("message", ""))[:500]
    if reason == "cancelled":
        return CancelledError("stopped while the model was working")
    if reason == "absent":
        return errors.ModelAbsentError(message, MEND)
    return _KINDS.get(str(reason), errors.ModelError)(message or "the model failed")
