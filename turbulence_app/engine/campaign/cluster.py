"""A crew on a Dask cluster: batches are pure tasks, text in and text out, so the digest is the local one.

Needs the extra ``dask`` here, and the same Turbulence on the workers. A worker that is lost takes nothing with it: the
scheduler gives its batches to another one.
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.errors import InputError, KnownError, MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.runner import (
    Runner,
    make_runner,
    pack_campaign,
    pack_task,
    run_task,
    unpack_campaign,
)
from turbulence_app.engine.campaign.seeds import Slice
from turbulence_app.engine.place import Place

CONNECT_S = 10
ALONE_S = 15.0
"""So long a campaign waits for a worker to come back when there is none."""
WAIT_S = 0.05
LOOK_S = 1.0
AHEAD = 2
"""Batches under way for each thread of the cluster."""
MEND = "`turbulence campaign --resume last` goes on, here or there"


class ClusterCrew:
    """Batches on the cluster at ``dask://HOST:PORT``."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings, place: Place | None, address: str) -> None:
        make_runner(inputs, settings, place).close()  # what cannot run is refused here, not on a worker
        self._address = address
        self._campaign = pack_campaign(inputs, settings, place)
        self._key = hashlib.sha256(self._campaign.encode()).hexdigest()[:16]
        self._done: queue.Queue[Any] = queue.Queue()
        self._running: dict[str, Any] = {}
        self._client = _connected(address)
        self._threads, self._looked = self._count(), time.monotonic()
        self._alone_since: float | None = None

    def free(self) -> bool:
        """Whether another batch may be sent."""
        return len(self._running) < max(1, self._threads) * AHEAD

    def start(self, part: Slice, expansion: Expansion | None) -> None:
        """Send a batch."""
        task = json.dumps(pack_task(part, expansion))
        key = f"turbulence-{self._key}-{part.number}-{time.monotonic_ns()}"
        future = self._client.submit(pure_task, self._campaign, task, key=key, pure=False)
        self._running[key] = future
        future.add_done_callback(self._done.put)

    def finished(self, should_stop: Callable[[], bool]) -> Iterable[Batch]:  # noqa: ARG002 - waits only for a moment
        """What came back by now; raises ``MachineError`` where nobody is left to compute."""
        self._look()
        batches = []
        try:
            future = self._done.get(timeout=WAIT_S)
            while True:
                batches.append(self._batch(future))
                future = self._done.get_nowait()
        except queue.Empty:
            return batches

    def close(self) -> None:
        """Take back what was not done, and let go of the cluster."""
        if self._running:
            self._client.cancel(list(self._running.values()), force=True)
            self._running.clear()
        self._client.close()

    def _batch(self, future: Any) -> Batch:
        self._running.pop(future.key, None)
        if future.status != "finished":
            raise _failed(future, self._address)
        return Batch.model_validate_json(future.result())

    def _look(self) -> None:
        """Count the workers from time to time."""
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return
        self._looked, self._threads = now, self._count()
        if self._threads:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > ALONE_S:
            raise MachineError(f"no worker is left at {self._address}", MEND)

    def _count(self) -> int:
        try:
            return sum(self._client.ncores().values())
        except (OSError, TimeoutError) as error:
            raise MachineError(f"the scheduler at {self._address} is gone: {error}", MEND) from error


def _connected(address: str) -> Any:
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "dask" or not parts.hostname or port is None:
        raise InputError(f"{address!r} is no cluster's address", "write dask://HOST:PORT, the scheduler's")
    try:
        from distributed import Client
    except ImportError as error:
        raise MachineError(
            "campaigns on a cluster need the extra 'dask'", "pip install 'turbulence-app[dask]'"
        ) from error
    try:
        connect: Any = Client
        scheduler = f"tcp://{parts.hostname}:{port}"
        return connect(scheduler, timeout=CONNECT_S, set_as_default=False, direct_to_workers=False)
    except (OSError, TimeoutError) as error:
        mend = "start one with `dask scheduler` and `dask worker --nthreads 1`"
        raise MachineError(f"no scheduler answers at {address}", mend) from error


def _failed(future: Any, address: str) -> KnownError:
    error = future.exception() if future.status == "error" else None
    if isinstance(error, KnownError):
        return error
    if isinstance(error, ModuleNotFoundError):
        mend = "install the same Turbulence on every worker"
        return MachineError(f"a worker at {address} does not have Turbulence: {error}", mend)
    what = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}" if error is not None else future.status
    return MachineError(f"a batch came to no end at {address}: {what}", MEND)


# ---- on the workers -----------------------------------------------------------------------------------------------

_ONE_AT_A_TIME = threading.Lock()
"""A worker may have several threads; runners are not made for that."""


def pure_task(campaign: str, task: str) -> str:
    """A batch on a worker: what comes back depends on the two texts alone. The runner is kept between calls."""
    with _ONE_AT_A_TIME:
        return run_task(_runner(campaign), json.loads(task))


@lru_cache(maxsize=1)
def _runner(campaign: str) -> Runner:
    return unpack_campaign(campaign)
