"""Callbacks of the service's client, brought into the window's thread in batches."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from turbulence_app.domain.events import JobFailed

Lane = Literal["live", "run", "insight", "model", "bench", "fetch"]
Params = Mapping[str, Any]
OnEvents = Callable[[list[Any]], object]
OnResult = Callable[[Any], object]
OnError = Callable[[JobFailed], object]

SILENT = frozenset({"log_search", "log_page", "telemetry", "cache_stats"})
"""Asked again and again by the program itself: not what a person would call work."""
BATCH_MS = 50
"""Events reach the window at most every 50 ms; results and errors at once."""


class ClientPort(Protocol):
    """What the window needs of the service's client; callbacks come on any thread."""

    def request(
        self,
        lane: str,
        op: str,
        params: Any,
        on_event: Callable[[Any], object] | None = None,
        on_result: Callable[[Any], object] | None = None,
        on_error: Callable[[Any], object] | None = None,
    ) -> int:
        """Ask a lane's process to do something; returns the job's number."""
        ...

    def cancel(self, job: int) -> None:
        """Ask, then terminate after 3 s, then kill after 5 s."""
        ...

    def close(self) -> None:
        """End the processes."""
        ...


class Job:
    """One request under way. After ``forget`` nothing of it reaches anybody any more."""

    def __init__(
        self,
        on_events: OnEvents | None,
        on_result: OnResult | None,
        on_error: OnError | None,
        lane: Lane = "live",
        op: str = "",
    ) -> None:
        self.on_events, self.on_result, self.on_error = on_events, on_result, on_error
        self.lane, self.op = lane, op
        self.number = -1
        self.finished = False
        self.clock = QElapsedTimer()
        self.clock.start()

    def forget(self) -> None:
        """Drop whatever still comes (disconnect first, cancel after)."""
        self.on_events = self.on_result = self.on_error = None
        self.finished = True


class Bridge(QObject):
    """The only way from the window to the engine and the models: they live in other processes.

    ``busy`` tells the number of jobs under way, ``crashed`` a child process that died.
    """

    busy = Signal(int)
    began = Signal(object)
    """A ``Job`` was asked for."""
    ended = Signal(object, object)
    """A ``Job``, and its result or its ``JobFailed``, before whoever asked for it hears."""
    failed = Signal(object)
    """A ``JobFailed`` that no caller handled."""
    _arrived = Signal(bool)

    def __init__(self, client: ClientPort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._lock = threading.Lock()
        self._inbox: list[tuple[Job, str, Any]] = []
        self._signalled = False
        self._closed = False
        self._jobs: dict[int, Job] = {}
        self._keys = itertools.count(1)
        self._timer = QTimer(self, singleShot=True, interval=BATCH_MS)
        self._timer.timeout.connect(self._flush)
        self._arrived.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    def request(
        self,
        lane: Lane,
        op: str,
        params: Params,
        *,
        on_events: OnEvents | None = None,
        on_result: OnResult | None = None,
        on_error: OnError | None = None,
    ) -> Job:
        """Send a request; callbacks run in the window's thread. Events come as lists, in order, before the result."""
        job = Job(on_events, on_result, on_error, lane, op)
        key = next(self._keys)
        self._jobs[key] = job
        job.number = self._client.request(
            lane,
            op,
            dict(params),
            on_event=lambda event: self._put(job, "event", event),
            on_result=lambda result: self._put(job, "result", (key, result)),
            on_error=lambda error: self._put(job, "error", (key, error)),
        )
        self.busy.emit(self._working())
        self.began.emit(job)
        return job

    def under_way(self) -> list[Job]:
        """Jobs that have no answer yet."""
        return list(self._jobs.values())

    def _working(self) -> int:
        return sum(job.op not in SILENT for job in self._jobs.values())

    def cancel(self, job: Job) -> None:
        """Stop a job; its error (``exit_status`` 130) or partial result still arrives."""
        if not job.finished:
            self._client.cancel(job.number)

    def pump(self) -> None:
        """Deliver what has arrived, now: for a window that closes and must not run its event loop any more."""
        self._timer.stop()
        self._flush()

    def close(self) -> None:
        """Drop everything under way and end the processes."""
        with self._lock:
            self._closed = True
        for job in self._jobs.values():
            job.forget()
        self._jobs.clear()
        self._timer.stop()
        self._client.close()

    def _put(self, job: Job, what: str, payload: Any) -> None:
        """Reader thread: queue, and wake the window once per batch (at once for the end of a job)."""
        urgent = what != "event"
        with self._lock:
            if self._closed:
                return
            self._inbox.append((job, what, payload))
            wake = urgent or not self._signalled
            self._signalled = True
            if wake:  # within the lock: close waits, so that nothing is told to a window that is gone
                self._arrived.emit(urgent)

    @Slot(bool)
    def _wake(self, urgent: bool) -> None:
        if urgent:
            self._timer.stop()
            self._flush()
        elif not self._timer.isActive():
            self._timer.start()

    def _flush(self) -> None:
        with self._lock:
            inbox, self._inbox = self._inbox, []
            self._signalled = False
        for job, items in itertools.groupby(inbox, key=lambda entry: entry[0]):
            self._deliver(job, [(what, payload) for _, what, payload in items])

    def _deliver(self, job: Job, items: list[tuple[str, Any]]) -> None:
        events = [payload for what, payload in items if what == "event"]
        if events and job.on_events is not None:
            job.on_events(events)
        for what, payload in items:
            if what == "event":
                continue
            key, value = payload
            self._jobs.pop(key, None)
            self.busy.emit(self._working())
            job.finished = True
            value = as_failure(value) if what == "error" else value
            self.ended.emit(job, value)
            if what == "result" and job.on_result is not None:
                job.on_result(value)
            elif what == "error":
                self._error(job, value)
            job.forget()  # the pipe's thread may hold the job a moment longer, but nothing of whoever asked

    def _error(self, job: Job, failure: JobFailed) -> None:
        if job.on_error is not None:
            job.on_error(failure)
        elif job.on_result is not None:
            self.failed.emit(failure)


class Latest:
    """Latest wins: at most one request under way and one waiting; a newer one replaces the waiting one.

    For whatever follows the mouse: never more than one answer behind.
    """

    def __init__(self, bridge: Bridge, lane: Lane, op: str, on_result: OnResult, on_error: OnError) -> None:
        self._bridge, self._lane, self._op = bridge, lane, op
        self._on_result, self._on_error = on_result, on_error
        self._job: Job | None = None
        self._waiting: Params | None = None
        self.took_ms = 0.0
        """From the last answered request to its answer."""

    @property
    def running(self) -> bool:
        """Whether an answer is awaited."""
        return self._job is not None

    @property
    def job(self) -> Job | None:
        """What is under way."""
        return self._job

    def submit(self, params: Params) -> None:
        """Ask, or replace what waits to be asked."""
        if self._job is None:
            self._send(params)
        else:
            self._waiting = params

    def stop(self) -> None:
        """Nothing is awaited any more, and whoever works on it is asked to give it up."""
        if self._job is not None:
            self._bridge.cancel(self._job)
        self.forget()

    def forget(self) -> None:
        """Neither the waiting request nor the answer under way matters any more."""
        self._waiting = None
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _send(self, params: Params) -> None:
        self._job = self._bridge.request(self._lane, self._op, params, on_result=self._result, on_error=self._error)

    def _next(self) -> None:
        if self._job is not None:
            self.took_ms = self._job.clock.nsecsElapsed() / 1e6
        self._job = None
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._send(waiting)

    def _result(self, value: Any) -> None:
        self._next()
        self._on_result(value)

    def _error(self, failure: JobFailed) -> None:
        self._next()
        self._on_error(failure)


def as_failure(error: Any) -> JobFailed:
    """Whatever a client reports as an error, as the event that everybody shows."""
    if isinstance(error, JobFailed):
        return error
    if isinstance(error, Mapping):
        return JobFailed.model_validate(dict(error))
    return JobFailed(message=str(error), known=False)
