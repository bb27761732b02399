"""A child process that works for this one: one JSON line per message, on pipes of its own."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any, TypeAlias

Inbox: TypeAlias = "queue.Queue[tuple[Any, dict[str, Any] | None]]"
"""Where all children's messages arrive, with the child; None is a child's end."""


def launcher(reach: Sequence[str] | None = None) -> list[str]:
    """What a child is started through; it confines the process before the module is imported."""
    hosts = [word for host in reach or () for word in ("--allow", host)]
    return ["turbulence_app.privacy.confined", *(() if reach is None else ("--loopback", *hosts))]


class Child:
    """One process of ``module`` and the thread that reads what it says.

    It has no network at all, from the kernel where that can be had; ``reach`` gives it this machine and those hosts.
    """

    def __init__(self, module: str, inbox: Inbox, reach: Sequence[str] | None = None) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        command = [sys.executable, "-m", *launcher(reach), module]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, encoding="utf-8"
        )
        self._inbox = inbox
        self._thread = threading.Thread(target=self._read, name=f"{module} reader", daemon=True)
        self._thread.start()

    def send(self, line: str) -> bool:
        """One line to the child; False where the pipe is broken, which shows as its end in the inbox, too."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:
            return False
        return True

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self._inbox.put((self, json.loads(line)))
            except ValueError:
                break
        self._inbox.put((self, None))

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self._thread.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
