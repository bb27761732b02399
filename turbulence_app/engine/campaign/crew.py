"""Crews on this machine: the calling process, or children with one JSON line per message on pipes of their own."""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.runner import make_runner, pack_campaign, pack_task
from turbulence_app.engine.campaign.seeds import Slice
from turbulence_app.engine.child import Child, Inbox
from turbulence_app.engine.place import HttpPlace, Place

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


class _Child(Child):
    """A worker of a campaign, and how many batches it has."""

    def __init__(self, campaign: str, inbox: Inbox, reach: Sequence[str] | None) -> None:
        super().__init__("turbulence_app.engine.campaign.worker", inbox, reach)
        self.busy = 0
        self.tell(campaign)

    def tell(self, line: str) -> None:
        """One line to the child."""
        if not self.send(line):
            self.busy = AHEAD


class ProcessCrew:
    """``workers`` children; the calling process only hands out and takes back."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings, place: Place | None, workers: int) -> None:
        campaign = pack_campaign(inputs, settings, place)
        self._inbox: Inbox = queue.Queue()
        self._children: list[_Child] = []
        try:
            for _ in range(workers):
                self._children.append(_Child(campaign, self._inbox, _reach(place)))
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
        child.tell(json.dumps(pack_task(part, expansion)))

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


def _reach(place: Place | None) -> Sequence[str] | None:
    """The model needs no network; services are on this machine or on the list, and applications may look at it."""
    if place is None:
        return None
    return place.allow_hosts if isinstance(place, HttpPlace) else ()


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
