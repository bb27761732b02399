"""Worker processes of a run: spawned children, one JSON line per message on pipes of their own.

The calling process computes as well, so that work starts before the first child is up. A child that dies is a clear
error; a stopped run ends its children at once.
"""

from __future__ import annotations

import atexit
import json
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from turbulence_app.domain.errors import MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import ChunkDigest
from turbulence_app.engine.child import Child, Inbox
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.tally import Tally

Range = tuple[int, int]
WAIT_S = 0.05


@dataclass(frozen=True)
class Done:
    """A finished chunk."""

    first: int
    users: int
    tally: Tally
    blocks: list[ChunkDigest]


class _Child(Child):
    """A worker of a run, and the range that it has."""

    def __init__(self, inputs: RunInputs, inbox: Inbox) -> None:
        super().__init__("turbulence_app.engine.worker", inbox)
        self.busy: Range | None = None
        self.tell({"inputs": inputs.model_dump(mode="json", by_alias=True)})

    def tell(self, message: dict[str, Any]) -> None:
        """One message to the child."""
        if not self.send(json.dumps(message)):
            self.busy = self.busy or (0, 0)


class Pool:
    """``extra`` children beside the calling process; a context manager."""

    def __init__(self, inputs: RunInputs, plan: Plan, extra: int) -> None:
        self._plan = plan
        self._inbox: Inbox = queue.Queue()
        self._children: list[_Child] = []
        try:
            for _ in range(extra):
                self._children.append(_Child(inputs, self._inbox))
        except OSError as error:
            self.close()
            raise MachineError(f"no worker process could be started: {error}", "run with --workers 1") from error
        # An error may keep the generator that holds this pool alive until the interpreter ends, when threads can no
        # longer be joined: close before that.
        atexit.register(self.close)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all children, whatever they are doing; again is harmless."""
        atexit.unregister(self.close)
        children, self._children = self._children, []
        for child in children:
            child.close()

    @property
    def pids(self) -> list[int]:
        """The children's process numbers."""
        return [child.process.pid for child in self._children]

    def run(
        self, ranges: list[Range], here: Callable[[int, int], Done | None], should_stop: Callable[[], bool]
    ) -> Iterator[Done | None]:
        """All ranges, computed by whoever is free; None where it was stopped."""
        waiting = list(reversed(ranges))
        out = 0
        while waiting or out:
            for child, message in self._received(block=not waiting):
                if message is None or "error" in message:
                    raise _death(child, message)
                if "first" in message:
                    out -= 1
                    child.busy = None
                    yield self._done(message)
                if waiting and child.busy is None:
                    child.busy = waiting.pop()
                    child.tell({"first": child.busy[0], "users": child.busy[1]})
                    out += 1
            if should_stop():
                yield None
                return
            if waiting:
                part = here(*waiting.pop())
                yield part
                if part is None:
                    return

    def _received(self, *, block: bool) -> Iterator[tuple[_Child, dict[str, Any] | None]]:
        """Messages that are there; with ``block``, wait a moment for the first."""
        try:
            yield self._inbox.get(timeout=WAIT_S) if block else self._inbox.get_nowait()
            while True:
                yield self._inbox.get_nowait()
        except queue.Empty:
            return

    def _done(self, message: dict[str, Any]) -> Done:
        blocks = [ChunkDigest.model_construct(**b) for b in message["blocks"]]  # our own child made them
        return Done(message["first"], message["users"], Tally.unpack(self._plan, message["tally"]), blocks)


def _death(child: _Child, message: dict[str, Any] | None) -> MachineError:
    if message is not None:
        return MachineError(f"an engine worker failed: {message['error']}", "please report it with the run's files")
    status = child.process.wait()
    how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return MachineError(f"an engine worker {how}", "was it out of memory? try fewer workers")
