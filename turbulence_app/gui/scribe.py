"""A thread that writes small files in order, so that no disk holds the window."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Task = Callable[[], object]
LAST_S = 3.0
"""How long a window that closes waits for what is still to be written."""


class Scribe:
    """Does tasks one after the other; the thread begins with the first. A task must not raise."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def do(self, task: Task) -> None:
        """Do it soon."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        self._tasks.put(task)

    def close(self) -> None:
        """Do what waits, then end."""
        if self._thread is not None:
            self._tasks.put(None)
            self._thread.join(LAST_S)
            self._thread = None

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
