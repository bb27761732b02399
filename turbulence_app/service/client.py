"""The window's side of the workers: a few lanes, one child process each, nothing that blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal

from turbulence_app.service.lane import WORKER, Lane, Pending, numbers

LaneName = Literal["live", "run", "insight", "model", "bench", "fetch"]
LANES: tuple[LaneName, ...] = ("live", "run", "insight", "model", "bench", "fetch")
"""``live``: preview, replay, checks, files. ``run``: run, verify, shrink. ``insight``: the
analysis of runs. ``model``: compile, models. ``bench``: the
model bench. ``fetch``: adding, verifying and pulling models. A lane's process starts with its first request."""


class Client:
    """Requests to worker processes; answers come as callbacks on a reader thread of the lane.

    ``on_state(lane, state)`` tells ``started``, ``ended``, ``silent`` (no sign of life for 10 s) and ``alive``.
    """

    def __init__(self, on_state: Callable[[str, str], object] | None = None, command: tuple[str, ...] = WORKER) -> None:
        tell = on_state or (lambda _lane, _state: None)
        self._lanes = {name: Lane(name, tell, command) for name in LANES}
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="lanes", daemon=True).start()

    def request(
        self,
        lane: str,
        op: str,
        params: Mapping[str, Any],
        on_event: Callable[[Any], object] | None = None,
        on_result: Callable[[Any], object] | None = None,
        on_error: Callable[[Any], object] | None = None,
        *,
        slot: str | None = None,
    ) -> int:
        """Send a request and return its number.

        ``on_event`` gets domain events, then exactly one of ``on_result`` (plain JSON data) and ``on_error``
        (:class:`~turbulence_app.domain.events.JobFailed`) is called. A newer request with the same ``op`` and
        ``slot`` cancels an older one.
        """
        number = next(numbers)
        message: dict[str, Any] = {"id": number, "op": op, "params": dict(params)}
        if slot is not None:
            message["slot"] = slot
        self._lanes[_lane(lane)].submit(Pending(number, message, on_event, on_result, on_error))
        return number

    def call(self, lane: str, op: str, params: Mapping[str, Any], timeout_s: float = 60.0) -> Any:
        """Send a request and wait for its result (tests and scripts; never the window). Raises ``RuntimeError``."""
        done = threading.Event()
        answer: list[Any] = []
        error: list[Any] = []

        def take(into: list[Any], value: Any) -> None:
            into.append(value)
            done.set()

        job = self.request(lane, op, params, on_result=lambda v: take(answer, v), on_error=lambda v: take(error, v))
        if not done.wait(timeout_s):
            self.cancel(job)
            raise RuntimeError(f"{op}: no answer within {timeout_s:g} s")
        if error:
            raise RuntimeError(f"{op}: {error[0].message}\n{error[0].traceback}")
        return answer[0]

    def cancel(self, job: int) -> None:
        """Ask the job to stop; its worker is terminated after 3 s and killed after 5 s if it does not."""
        for lane in self._lanes.values():
            if lane.cancel(job):
                return

    def pids(self) -> dict[str, int | None]:
        """Process ids of the workers that run."""
        return {name: lane.pid for name, lane in self._lanes.items()}

    def close(self, grace_s: float = 3.5) -> None:
        """End all workers; no callback comes after this returns (all lanes are ended side by side)."""
        self._closed.set()
        threads = [threading.Thread(target=lane.close, args=(grace_s,)) for lane in self._lanes.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _watch(self) -> None:
        while not self._closed.wait(0.25):
            for lane in self._lanes.values():
                lane.check()


def _lane(name: str) -> LaneName:
    for lane in LANES:
        if lane == name:
            return lane
    raise ValueError(f"no lane {name!r}; there are {', '.join(LANES)}")
