"""A child process with events on its standard output: started, read, and ended without leaving anything behind."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MAX_LINE = 4_000_000
END: dict[str, Any] = {"ev": "end"}
"""What stands in the queue when nothing more can come."""
_SECRETS = ("API_KEY", "TOKEN", "SECRET", "PASSWORD")


class Child:
    """The process, its events, and the last lines that its native code wrote."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            close_fds=True,
        )
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._noise: deque[str] = deque(maxlen=20)
        self._threads = [
            threading.Thread(target=_read, args=(self.process, self.events), daemon=True),
            threading.Thread(target=_keep, args=(self.process.stderr, self._noise), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._finalizer = weakref.finalize(self, _end, self.process)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def send(self, message: dict[str, Any]) -> bool:
        """Writes one line; False if the process is gone."""
        stdin = self.process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(message, ensure_ascii=True).encode() + b"\n")
            stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def kill(self) -> None:
        """Ends it at once."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """Ends it (its input closes, which it obeys even in the middle of work), frees threads and pipes."""
        self._finalizer()
        for thread in self._threads:
            thread.join(timeout=5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()

    def last_words(self) -> str:
        """How it ended and the last line that it wrote besides its events, for people."""
        status = ended(self.process.wait())
        last = next((line for line in reversed(self._noise) if line.strip()), "")
        return status + (f": {last[:200]}" if last else "")


def ended(status: int) -> str:
    """An exit status in words: the signal's name where it was one."""
    if status >= 0:
        return f"with status {status}" if status < 2**31 else f"with status 0x{status:08X}"
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"by signal {-status}"


def _environment() -> dict[str, str]:
    """The child's environment: this one, able to import the program, without secrets.

    OpenMP threads sleep at barriers instead of spinning: with spinning, a machine that does anything else besides made
    a tiny model 20 times slower (measured: 22 s against 1 s). A failed assertion of ggml starts no debugger.
    """
    root = str(Path(__file__).resolve().parents[3])
    kept = {k: v for k, v in os.environ.items() if not any(s in k.upper() for s in _SECRETS)}
    kept["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [kept.get("PYTHONPATH")])])
    kept.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    kept["GGML_NO_BACKTRACE"] = "1"
    return kept


def _read(process: subprocess.Popen[bytes], events: queue.Queue[dict[str, Any]]) -> None:
    """Lines of the child into the queue; a line that is no event, or is endless, ends the conversation."""
    stream = process.stdout
    assert stream is not None
    while line := stream.readline(MAX_LINE):
        try:
            event = json.loads(line)
        except ValueError:
            break
        if not isinstance(event, dict):
            break
        events.put(event)
    events.put(END)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1)  # one that ended by itself is not left behind as a zombie


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
