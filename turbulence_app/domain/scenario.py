"""A scenario: a workflow, a crowd, trouble and a workload: all that a run needs, in one file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Identifier, Noun, Weight
from turbulence_app.domain.faults import Fault
from turbulence_app.domain.invariants import Invariant, Target

MAX_USERS = 2**32 - 1
Users = Annotated[int, Field(ge=1, le=MAX_USERS)]
Seed = Annotated[int, Field(ge=0, le=2**64 - 1)]


class Arrivals(Noun):
    """When users come: ``open`` at a rate, or ``closed`` with a fixed number inside at once."""

    kind: Literal["open", "closed"] = "open"
    rate_per_second: Annotated[float, Field(gt=0, le=1e9)] | None = None
    concurrent: Annotated[int, Field(ge=1, le=10**7)] | None = None

    @model_validator(mode="after")
    def _fields_of_the_kind(self) -> Arrivals:
        if self.kind == "open" and self.concurrent is not None:
            raise ValueError("open arrivals have rate_per_second, not concurrent")
        if self.kind == "closed" and (self.concurrent is None or self.rate_per_second is not None):
            raise ValueError("closed arrivals have concurrent, not rate_per_second")
        return self


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
