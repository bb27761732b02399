"""Taking the census of a run: it is computed once more, part by part, and nothing of a part is kept but its counts."""

from __future__ import annotations

import base64
import io
import json
import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from turbulence_app.domain.errors import CancelledError, MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.census.census import Census
from turbulence_app.engine.census.look import look_at
from turbulence_app.engine.census.people import People, Waits
from turbulence_app.engine.census.visits import Visits
from turbulence_app.engine.child import Child, Inbox
from turbulence_app.engine.fast import accelerator
from turbulence_app.engine.nodes import Plan
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.host import Host

PART = 65_536
"""People of one part: their columns are a few tens of megabytes."""
TOGETHER = 8_192
"""Finished visits of a live run that are put into columns together."""
Range = tuple[int, int]
Part = tuple[People, Waits]
Ways = frozenset[tuple[int, int]]
OnDone = Callable[[int], object]
ShouldStop = Callable[[], bool]


def parts_of_ranges(ranges: Sequence[Range]) -> list[Range]:
    """First and number of the people of each part."""
    return [
        (start, min(PART, first + users - start))
        for first, users in ranges
        for start in range(first, first + users, PART)
    ]


def model_parts(plan: Plan, ranges: Sequence[Range], ways: Ways = frozenset()) -> Iterator[Part]:
    """The people of a run of the model target, computed here."""
    accelerator.prepare(plan.users)
    for first, users in parts_of_ranges(ranges):
        yield look_at(plan, first, users, ways)


def visit_parts(plan: Plan, visits: Iterable[Visit], ways: Ways = frozenset()) -> Iterator[Part]:
    """The people of finished visits, some thousands at a time."""
    some = Visits(plan, ways)
    for visit in visits:
        some.add(visit)
        if len(some) >= TOGETHER:
            yield some.take()
    yield some.take()


def app_parts(inputs: RunInputs, place: AppPlace, done: int, ways: Ways, should_stop: ShouldStop) -> Iterator[Part]:
    """The people of a run of the app target: its world once more, up to the visit number ``done`` that ended.

    What the engine process tells waits here until it is asked for: a few bytes per person.
    """
    from turbulence_app.engine.world.execute import pack

    told: list[str] = []
    payload = {**pack(inputs, place), "done": done, "ways": sorted(ways)}
    with Host() as host:
        host.call(
            "turbulence_app.engine.census.world:census_here", payload,
            on_message=lambda message: told.append(message["part"]), should_stop=should_stop,
        )  # fmt: skip
    if should_stop():
        raise CancelledError("stopped")
    for text in told:
        yield unpack_part(text)


def pack_part(part: Part) -> str:
    """Columns as text, for a pipe."""
    people, waits = part
    made = io.BytesIO()
    np.savez(
        made,
        **{f"p.{f.name}": getattr(people, f.name) for f in fields(People)},
        **{f"w.{f.name}": getattr(waits, f.name) for f in fields(Waits)},
    )
    return base64.b64encode(made.getvalue()).decode()


def unpack_part(text: str) -> Part:
    """Back from :func:`pack_part`."""
    with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as held:
        people = People(**{f.name: held[f"p.{f.name}"] for f in fields(People)})
        return people, Waits(**{f.name: held[f"w.{f.name}"] for f in fields(Waits)})


def take_census(plan: Plan, parts: Iterable[Part], on_done: OnDone, should_stop: ShouldStop) -> Census:
    """Everybody of these parts, counted. Raises ``CancelledError``."""
    found = Census.of(plan)
    for people, waits in parts:
        if should_stop():
            raise CancelledError("stopped")
        found.add(people, waits)
        on_done(len(people))
    return found


def model_census(
    inputs: RunInputs, plan: Plan, ranges: Sequence[Range], workers: int, on_done: OnDone, should_stop: ShouldStop
) -> Census:
    """The census of a run of the model target by ``workers`` processes, this one among them; as many as there is work.

    Neither their number nor who counts which part changes anything. Raises ``CancelledError`` and ``MachineError``.
    """
    waiting = parts_of_ranges(ranges)
    extra = min(workers, len(waiting)) - 1
    if extra < 1:
        return take_census(plan, model_parts(plan, ranges), on_done, should_stop)
    crew = _Crew(inputs, extra)
    try:
        return crew.work(plan, waiting[::-1], on_done, should_stop)
    finally:
        crew.close()


class _Crew:
    """Children that count, beside this process."""

    def __init__(self, inputs: RunInputs, extra: int) -> None:
        self._inbox: Inbox = queue.Queue()
        self._children: list[Child] = []
        first = json.dumps({"inputs": inputs.model_dump(mode="json", by_alias=True)})
        try:
            for _ in range(extra):
                child = Child("turbulence_app.engine.census.worker", self._inbox)
                self._children.append(child)
                child.send(first)
        except OSError as error:
            self.close()
            raise MachineError(f"no worker process could be started: {error}", "use fewer workers") from error

    def close(self) -> None:
        """End them."""
        for child in self._children:
            child.close()

    def work(self, plan: Plan, waiting: list[Range], on_done: OnDone, should_stop: ShouldStop) -> Census:
        """Hand out the parts, count some here, and put everything together."""
        accelerator.prepare(plan.users)
        found = Census.of(plan)
        counting = len(self._children)
        while waiting or counting:
            for child, message in self._received(block=not waiting):
                if message is None or "error" in message:
                    why = "ended" if message is None else message["error"]
                    raise MachineError(f"a process that counts failed: {why}", "was it out of memory? ask again")
                if "census" in message:
                    found.merge(Census.unpack(base64.b64decode(message["census"])))
                    counting -= 1
                    continue
                on_done(message.get("users", 0))
                order = waiting.pop() if waiting else None
                child.send(json.dumps({"finish": True} if order is None else {"first": order[0], "users": order[1]}))
            if should_stop():
                raise CancelledError("stopped")
            if waiting:
                people, waits = look_at(plan, *waiting.pop())
                found.add(people, waits)
                on_done(len(people))
        return found

    def _received(self, *, block: bool) -> Iterator[tuple[Any, dict[str, Any] | None]]:
        try:
            yield self._inbox.get(timeout=0.05) if block else self._inbox.get_nowait()
            while True:
                yield self._inbox.get_nowait()
        except queue.Empty:
            return
