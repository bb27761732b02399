"""One lane of the client: a child process, the jobs it has, and what is done when it dies or does not stop."""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.events import EVENT, JobFailed
from turbulence_app.home import home_directory
from turbulence_app.service import protocol

TERMINATE_AFTER_S = 3.0
KILL_AFTER_S = 5.0
WORKER = (sys.executable, "-m", "turbulence_app.service.worker")

BACKGROUND = frozenset({"run", "bench", "insight"})
"""Lanes whose processes (and the processes that they start) let the window go first."""
NICE = 5

Callback = Callable[[Any], object]


@dataclass
class Pending:
    """A request that has no answer yet."""

    number: int
    message: dict[str, Any]
    on_event: Callback | None
    on_result: Callback | None
    on_error: Callback | None
    cancelled_at: float | None = None
    """When somebody asked to stop it, on the monotonic clock."""


class Lane:
    """Starts its process on the first request, and again on the next one after a crash.

    Callbacks come on the lane's reader thread. Whatever a dead process was working on ends with an error that says
    why; requests that only waited behind it are sent to the next process.
    """

    def __init__(self, name: str, on_state: Callable[[str, str], object], command: tuple[str, ...] = WORKER) -> None:
        self.name = name
        self.last_beat = 0.0
        self._command = command
        self._on_state = on_state
        self._lock = threading.RLock()
        self._pending: dict[int, Pending] = {}
        self._outbox: queue.SimpleQueue[bytes | None] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._silent = False

    @property
    def pid(self) -> int | None:
        """Process id of the worker, if one runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def submit(self, pending: Pending) -> None:
        """Send a request; never blocks on the process."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the client is closed")
            self._pending[pending.number] = pending
            if self._process is None:
                self._start()
            else:
                self._put(pending.message)

    def cancel(self, number: int) -> bool:
        """Ask, terminate after 3 s, kill after 5 s. False where no such job is under way here."""
        with self._lock:
            pending = self._pending.get(number)
            if pending is None or self._process is None:
                return False
            if pending.cancelled_at is None:
                pending.cancelled_at = time.monotonic()
                self._put({"op": "cancel", "params": {"id": number}})
            return True

    def close(self, grace_s: float) -> None:
        """End the process: close its pipe, then terminate, then kill."""
        with self._lock:
            self._closed = True
            self._pending.clear()
            process = self._process
            if self._outbox is not None:
                self._outbox.put(None)
        if process is None:
            return
        for attempt, wait_s in enumerate((grace_s, 1.0, 5.0)):
            if attempt:
                (process.terminate if attempt == 1 else process.kill)()
            try:
                process.wait(wait_s)
                break
            except subprocess.TimeoutExpired:
                continue

    def check(self) -> None:
        """Called a few times a second: end a worker that does not stop, tell of one that is silent."""
        now = time.monotonic()
        with self._lock:
            process, number = self._process, self._running()
            asked = self._pending[number].cancelled_at if number is not None else None
        if process is None:
            return
        if asked is not None and now - asked > KILL_AFTER_S:
            process.kill()
        elif asked is not None and now - asked > TERMINATE_AFTER_S:
            process.terminate()
        silent = now - self.last_beat > protocol.SILENT_AFTER_S
        if silent != self._silent:
            self._silent = silent
            self._on_state(self.name, "silent" if silent else "alive")

    def _running(self) -> int | None:
        """The job that the process works on: it takes them in order."""
        return next(iter(self._pending), None)

    def _start(self) -> None:
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
        environment["TURBULENCE_HOME"] = str(home_directory())  # one folder as long as the window lives
        process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=environment)
        if self.name in BACKGROUND:
            _step_back(process.pid)
        tail: deque[str] = deque(maxlen=40)
        outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process, self._outbox, self.last_beat = process, outbox, time.monotonic()
        for pending in self._pending.values():
            self._put(pending.message)
        listener = _thread(f"{self.name}-stderr", _collect, process.stderr, tail)
        _thread(f"{self.name}-send", _pump, process.stdin, outbox)
        _thread(f"{self.name}-read", self._read, process, tail, listener)
        self._on_state(self.name, "started")

    def _put(self, message: Mapping[str, Any]) -> None:
        if self._outbox is not None:
            self._outbox.put(protocol.encode(message))

    def _read(self, process: subprocess.Popen[bytes], tail: deque[str], listener: threading.Thread) -> None:
        assert process.stdout is not None
        with process.stdout as raw:
            try:
                for line in _lines(raw):
                    self._take(protocol.decode(line))
            except ValueError as error:
                tail.append(f"unreadable message: {error}")
                process.kill()
        code = process.wait()
        listener.join(1.0)
        self._ended(process, code, list(tail))

    def _take(self, message: dict[str, Any]) -> None:
        self.last_beat = time.monotonic()
        number = message.get("id")
        if not isinstance(number, int):
            return
        if "event" in message:
            with self._lock:
                pending = self._pending.get(number)
            if pending is not None and pending.on_event is not None:
                pending.on_event(EVENT.validate_python(message["event"]))
            return
        with self._lock:
            pending = self._pending.pop(number, None)
        if pending is None:
            return
        if "error" in message:
            _call(pending.on_error, JobFailed.model_validate(message["error"]))
        else:
            _call(pending.on_result, message.get("result"))

    def _ended(self, process: subprocess.Popen[bytes], code: int, tail: list[str]) -> None:
        """The process is gone: blame the job it worked on, hand the others to a new process."""
        with self._lock:
            if self._process is not process:
                return
            if self._outbox is not None:
                self._outbox.put(None)
            self._process = self._outbox = None
            number = self._running()
            victim = self._pending.pop(number) if number is not None else None
            waiting = bool(self._pending) and not self._closed
            if waiting:
                self._start()
        if self._closed:
            return
        self._on_state(self.name, "ended")
        if victim is not None:
            stopped = protocol.cancelled("stopped; the worker did not answer and was ended")
            _call(victim.on_error, stopped if victim.cancelled_at is not None else crash(self.name, code, tail))


def crash(name: str, code: int, tail: list[str]) -> JobFailed:
    """Why a worker died, in one line, with the end of what it printed."""
    if code < 0:
        try:
            reason = f"was ended by signal {signal.Signals(-code).name}"
        except ValueError:
            reason = f"was ended by signal {-code}"
    else:
        reason = f"ended with status {code}"
    return JobFailed(
        message=f"the {name} worker {reason}",
        mend="ask again: a new worker is started; what was stored is kept",
        exit_status=3,
        known=code < 0,
        traceback="\n".join(tail),
    )


def _lines(raw: Any) -> Iterator[bytes]:
    """Lines of an unbuffered pipe, bounded in length."""
    rest = bytearray()
    while block := raw.read(1 << 16):
        rest += block
        *lines, rest = rest.split(b"\n")
        yield from (bytes(line) for line in lines)
        if len(rest) > protocol.MAX_LINE:
            raise ValueError("message too long")


def _collect(pipe: Any, tail: deque[str]) -> None:
    with pipe:
        for line in iter(lambda: pipe.readline(4096), b""):
            tail.append(line.decode("utf-8", "replace").rstrip())


def _pump(pipe: Any, outbox: queue.SimpleQueue[bytes | None]) -> None:
    try:
        with pipe:
            while (data := outbox.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[pipe.write(view) or 0 :]
    except OSError:
        return  # the process is gone; its reader says so


def _call(callback: Callback | None, value: Any) -> None:
    if callback is not None:
        callback(value)


def _step_back(pid: int) -> None:
    """Lower a process's priority where the system can; it is comfort, so a refusal is none of our concern."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, max(NICE, os.getpriority(os.PRIO_PROCESS, pid)))


def _thread(name: str, target: Callable[..., None], *args: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=args, name=name, daemon=True)
    thread.start()
    return thread


numbers = itertools.count(1)
"""Job numbers are unique over all lanes of the process."""
