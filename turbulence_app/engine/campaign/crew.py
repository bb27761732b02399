"""Crews on this machine: the calling process, or children with one JSON line per message on pipes of their own."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.runner import make_runner, pack_campaign, pack_task
from turbulence_app.engine.campaign.seeds import Slice
from turbulence_app.engine.place import Place

WAIT_S = 0.05
AHEAD = 2
"""Batches that a child has at a time, so that it never waits for the next."""


class HereCrew:
    """Batches one after the other in this process."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings, place: Place | None) -> None:
        self._runner = make_runner(inputs, settings, place)
        self._next: tuple[Slice, Expansion | None] | None = None

    def free(self) -> bool:
        """Whether another batch may be started now."""
        return self._next is None

    def start(self, part: Slice, expansion: Expansion | None) -> None:
        """Note the batch; :meth:`finished` computes it."""
        self._next = part, expansion

    def finished(self, should_stop: Callable[[], bool]) -> Iterable[Batch]:
        """The batch, computed now; nothing where it was stopped."""
        if self._next is None:
            return ()
        (part, expansion), self._next = self._next, None
        batch = self._runner.run(part, expansion, should_stop)
        return () if batch is None else (batch,)

    def close(self) -> None:
        """Give back what the runner holds."""
        self._runner.close()


class _Child:
    """One process and the thread that reads what it says."""

    def __init__(self, campaign: str, inbox: queue.Queue[tuple[_Child, dict[str, Any] | None]]) -> None:
        self.busy = 0
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        command = [sys.executable, "-m", "turbulence_app.engine.campaign.worker"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, encoding="utf-8"
        )
        self._inbox = inbox
        self._thread = threading.Thread(target=self._read, name="campaign worker reader", daemon=True)
        self._thread.start()
        self.send(campaign)

    def send(self, line: str) -> None:
        """One line to the child; a broken pipe shows as its end in the inbox."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:
            self.busy = AHEAD

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


class ProcessCrew:
    """``workers`` children; the calling process only hands out and takes back."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings, place: Place | None, workers: int) -> None:
        campaign = pack_campaign(inputs, settings, place)
        self._inbox: queue.Queue[tuple[_Child, dict[str, Any] | None]] = queue.Queue()
        self._children: list[_Child] = []
        try:
            for _ in range(workers):
                self._children.append(_Child(campaign, self._inbox))
        except OSError as error:
            self.close()
            raise MachineError(f"no worker process could be started: {error}", "use fewer workers") from error

    @property
    def pids(self) -> list[int]:
        """The children's process numbers."""
        return [child.process.pid for child in self._children]

    def free(self) -> bool:
        """Whether a child can take another batch."""
        return any(child.busy < AHEAD for child in self._children)

    def start(self, part: Slice, expansion: Expansion | None) -> None:
        """Give the batch to the child with the least to do."""
        child = min(self._children, key=lambda c: c.busy)
        child.busy += 1
        child.send(json.dumps(pack_task(part, expansion)))

    def finished(self, should_stop: Callable[[], bool]) -> Iterable[Batch]:  # noqa: ARG002 - waits only for a moment
        """What came back by now."""
        batches = []
        try:
            child, message = self._inbox.get(timeout=WAIT_S)
            while True:
                batches.append(_batch(child, message))
                child, message = self._inbox.get_nowait()
        except queue.Empty:
            return batches

    def close(self) -> None:
        """End all children; again is harmless."""
        children, self._children = self._children, []
        for child in children:
            child.close()


def _batch(child: _Child, message: dict[str, Any] | None) -> Batch:
    if message is None:
        status = child.process.wait()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        raise MachineError(f"a campaign worker {how}", "go on with `turbulence campaign --resume last`")
    if "refused" in message:
        raise InputError(message["refused"], message["mend"])
    if "error" in message:
        raise MachineError(f"a campaign worker failed: {message['error']}", "please report it with the project's files")
    child.busy -= 1
    return Batch.model_validate(message["batch"])
