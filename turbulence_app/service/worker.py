"""A worker process: ``python -m turbulence_app.service.worker``. Does one job at a time, answers on private pipes.

Standard output is redirected to standard error first, because native code prints; the protocol has descriptors of
its own. When the other end of the pipe closes, the worker stops its job and ends: no orphan outlives its window.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from pydantic import ValidationError

from turbulence_app.domain.base import Noun
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import JobFailed
from turbulence_app.service import protocol

SWITCH_S = 0.0005
"""How long a busy job keeps the thread that reads from the pipe waiting, and with it the wish to stop."""
LAST_GASP_S = 3.0
"""How long a running job may take to stop after the other side is gone."""


class Handlers(Protocol):
    """What the worker does with a request; see :mod:`turbulence_app.service.ops`."""

    def handle(self, op: str, params: Mapping[str, Any], job: Job) -> Any:
        """Do it; the value returned is plain JSON data."""
        ...

    def close(self) -> None:
        """Leave nothing unwritten."""
        ...


@dataclass
class Job:
    """A request under way: how it reports and how it learns that it should stop."""

    number: int
    op: str
    params: Mapping[str, Any]
    slot: str | None = None
    send: Callable[[Mapping[str, Any]], None] = lambda _message: None
    stop: threading.Event = field(default_factory=threading.Event)

    def emit(self, event: Noun) -> None:
        """Send an event of :mod:`turbulence_app.domain.events`."""
        self.send({"id": self.number, "event": event.model_dump(mode="json", by_alias=True)})

    def should_stop(self) -> bool:
        """Whether somebody asked to stop."""
        return self.stop.is_set()


class Worker:
    """Reads requests on one thread, works on them on the main one, in order."""

    def __init__(self, source: BinaryIO, sink: BinaryIO, handlers: Handlers) -> None:
        self._source, self._sink, self._handlers = source, sink, handlers
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._waiting: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._gone = threading.Event()
        self._current: int | None = None

    def serve(self) -> None:
        """Work until the other side closes its end."""
        self._send({"hello": {"pid": os.getpid()}})
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        while (job := self._jobs.get()) is not None:
            with self._lock:
                self._current = job.number
                wanted = job.number in self._waiting
            if wanted:
                self._work(job)
            with self._lock:
                self._waiting.pop(job.number, None)
                self._current = None
        self._handlers.close()

    def _work(self, job: Job) -> None:
        try:
            self._send({"id": job.number, "result": self._handlers.handle(job.op, job.params, job)})
        except ValidationError as error:
            self._fail(job, protocol.failure_of(_wrong_call(job.op, error)))
        except Exception as error:
            self._fail(job, protocol.failure_of(error))

    def _fail(self, job: Job, failure: JobFailed) -> None:
        self._send({"id": job.number, "error": failure.model_dump(mode="json")})

    def _send(self, message: Mapping[str, Any]) -> None:
        line = protocol.encode(message)
        try:
            with self._write_lock:
                self._sink.write(line)
                self._sink.flush()
        except (OSError, ValueError):
            self._gone.set()

    def _read(self) -> None:
        while line := self._source.readline(protocol.MAX_LINE):
            try:
                self._accept(protocol.decode(line))
            except (ValueError, KeyError, TypeError) as error:
                failure = JobFailed(message=f"not a request: {error}", exit_status=2)
                self._send({"id": None, "error": failure.model_dump(mode="json")})
        self._leave()

    def _accept(self, message: Mapping[str, Any]) -> None:
        params = message.get("params") or {}
        if message["op"] == "cancel":
            self._cancel([int(params["id"])])
            return
        job = Job(int(message["id"]), str(message["op"]), params, message.get("slot"), self._send)
        with self._lock:
            key = (job.op, job.slot)
            older = [n for n, other in self._waiting.items() if job.slot is not None and (other.op, other.slot) == key]
            self._waiting[job.number] = job
        self._cancel(older)
        self._jobs.put(job)

    def _cancel(self, numbers: list[int]) -> None:
        """The running job is asked to stop; a waiting one ends here and now."""
        dropped: list[Job] = []
        with self._lock:
            for number in numbers:
                if (job := self._waiting.get(number)) is not None:
                    job.stop.set()
                    if number != self._current:
                        dropped.append(self._waiting.pop(number))
        for job in dropped:
            self._fail(job, protocol.cancelled())

    def _leave(self) -> None:
        self._gone.set()
        self._cancel(list(self._waiting))
        self._jobs.put(None)
        threading.Timer(LAST_GASP_S, os._exit, (1,)).start()

    def _beat(self) -> None:
        while not self._gone.wait(protocol.BEAT_S):
            self._send({"beat": time.monotonic()})


def _wrong_call(op: str, error: ValidationError) -> InputError:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return InputError(f"{op}: {place}: {first['msg']}" if place else f"{op}: {first['msg']}")


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for the protocol and leave harmless ones behind for everybody else."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return source, sink


def main() -> int:
    """Entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the window's to handle
    sys.setswitchinterval(SWITCH_S)
    source, sink = private_pipes()
    from turbulence_app.privacy import ledger

    ledger.start("service worker")
    from turbulence_app.service.first_ops import Beginning

    gc.freeze()
    Worker(source, sink, Beginning()).serve()
    ledger.flush()
    sys.stderr.flush()
    os._exit(0)  # the last-gasp timer and the reader are not waited for


if __name__ == "__main__":
    sys.exit(main())
