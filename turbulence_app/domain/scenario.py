"""A scenario: a workflow, a crowd, trouble and a workload: all that a run needs, in one file."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Identifier, Noun, Weight
from turbulence_app.domain.faults import Fault
from turbulence_app.domain.invariants import Invariant, Target

MAX_USERS = 2**32 - 1
Users = Annotated[int, Field(ge=1, le=MAX_USERS)]
Seed = Annotated[int, Field(ge=0, le=2**64 - 1)]


Point = tuple[Annotated[float, Field(ge=0, le=1e9)], Annotated[float, Field(ge=0, le=1e9)]]
"""Seconds, and the rate per second there."""


class Arrivals(Noun):
    """When users come.

    ``open`` at a steady rate; ``closed`` with a fixed number inside at once; ``bursts`` of ``size`` users together
    every ``every_seconds``; ``curve`` along ``points`` of [seconds, rate per second], with straight lines between them,
    from second 0 on, again and again (a day's curve ends at second 86,400).
    """

    kind: Literal["open", "closed", "bursts", "curve"] = "open"
    rate_per_second: Annotated[float, Field(gt=0, le=1e9)] | None = None
    concurrent: Annotated[int, Field(ge=1, le=10**7)] | None = None
    size: Annotated[int, Field(ge=1, le=10**9)] | None = None
    every_seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    points: Annotated[tuple[Point, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _fields_of_the_kind(self) -> Arrivals:
        mine = _FIELDS[self.kind]
        for field in ("rate_per_second", "concurrent", "size", "every_seconds", "points"):
            if getattr(self, field) not in (None, ()) and field not in mine:
                raise ValueError(f"{self.kind} arrivals have {' and '.join(mine)}, not {field}")
        missing = [field for field in mine if getattr(self, field) in (None, ())]
        if missing and self.kind != "open":
            raise ValueError(f"{self.kind} arrivals need {' and '.join(missing)}")
        if self.points:
            _check_curve(self.points)
        return self


_FIELDS = {
    "open": ("rate_per_second",),
    "closed": ("concurrent",),
    "bursts": ("size", "every_seconds"),
    "curve": ("points",),
}


def _check_curve(points: tuple[tuple[float, float], ...]) -> None:
    if len(points) < 2 or points[0][0] != 0:
        raise ValueError("a curve begins at second 0 and has at least two points; write [[0, 1], [3600, 20]]")
    if any(b[0] <= a[0] for a, b in pairwise(points)):
        raise ValueError("the points of a curve must rise in time; sort them")
    if not any(rate for _, rate in points):
        raise ValueError("nobody comes on this curve; raise a rate above 0")


class Liveness(Noun):
    """What must work again once the trouble is over.

    After the last visit all faults are off; the application runs on for ``seconds``, then ``users`` fresh people come,
    and each of their visits must end other than failed.
    """

    seconds: Annotated[float, Field(ge=0, le=86_400)] = 30.0
    users: Annotated[int, Field(ge=0, le=1000)] = 1


class StopRule(Noun):
    """When a run may stop before its last user."""

    first_failures: Annotated[int, Field(ge=1, le=10**6)] | None = None


class Scenario(Noun):
    """What to run. Weights in ``crowd`` replace the personas' own."""

    id: Identifier
    description: str = ""
    workflow: Identifier
    target: Target = "model"
    crowd: dict[Identifier, Weight] = Field(default_factory=dict)
    users: Users = 10_000
    arrivals: Arrivals = Arrivals(kind="open", rate_per_second=50.0)
    seed: Seed = 42
    faults: tuple[Fault, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    liveness: Liveness | None = None
    stop: StopRule = StopRule()
