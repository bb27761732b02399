"""The port between a visit and the services that it asks: a model, an application in this process, or a live service.

The interpreter (:mod:`turbulence_app.engine.reference`) knows people; a port knows services and time. It is handed the
visit at every call: ``visit.now`` is its clock (microseconds since its arrival, which is at ``visit.arrived`` on the
world's clock), ``visit.draws`` its random words, ``visit.note`` writes into its trace.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from turbulence_app.engine.answers import Answer

if TYPE_CHECKING:
    from turbulence_app.engine.nodes import Request
    from turbulence_app.engine.visit import Visit


@dataclass(slots=True)
class Reply:
    """How one attempt ended, from the person's side.

    ``waited_us``: from the request to the end of the waiting. ``acts``: how often the service acted on it so far (2xx
    on the service's side, also where the answer was lost); what it does later, :meth:`Visit.acted` is told.
    ``ended``: the patience for the visit was over first; ``answer`` does not count then. ``changed``: numbers of the
    faults without which this attempt would have gone otherwise (None: not known).
    """

    answer: Answer
    waited_us: int
    acts: int = 0
    ended: bool = False
    changed: tuple[int, ...] | None = None


@dataclass(slots=True)
class WorldState:
    """What the users of one world share, as rules see it."""

    visits: dict[int, Visit] = field(default_factory=dict)
    """All visits of the world so far, by user."""
    keys: dict[str, dict[str, int]] = field(default_factory=dict)
    """For each ``once_per`` rule: the keys that succeeded, and whose success was the first."""
    successes: dict[tuple[str, str], int] = field(default_factory=dict)
    """How often each key of each rule succeeded."""


class Port(Protocol):
    """What depends on the target."""

    world: WorldState | None
    """None on the model target: users are independent there."""

    async def begin(self, visit: Visit) -> None:
        """Return when the visit begins on the world's clock (``visit.arrived``)."""
        ...

    async def pass_time(self, visit: Visit, us: int) -> None:
        """Think, typing, back-off, waits: ``visit.now`` advances by ``us`` (never beyond ``visit.deadline``)."""
        ...

    async def attempt(self, visit: Visit, node: Request, number: int, k: int, patience_us: int) -> Reply:
        """One request and the wait for its answer; ``number`` is the visit of the step, ``k`` the attempt from 0.

        The wait ends at the earliest of the answer, the service's timeout (``node.limit_us``), ``patience_us`` and
        ``visit.deadline``. The interpreter moves ``visit.now`` by ``waited_us`` afterwards.
        """
        ...

    async def probe(self, visit: Visit | None, service: str | None, path: str, /) -> Answer:
        """The answer to a rule's ``probe('/path'[, 'service'])``: outside the story, without faults or delay."""
        ...

    def python(self, visit: Visit | None, target: str, /) -> Any:
        """The value of a rule's ``python('module:function')``."""
        ...
