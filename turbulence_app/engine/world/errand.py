"""One attempt of a person on its way: to the application, through it, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from turbulence_app.engine.answers import Answer
from turbulence_app.engine.nodes import FOREVER, FaultPlan, Request
from turbulence_app.engine.strikes import strikes
from turbulence_app.engine.templates import Message
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.asgi import Exchange
from turbulence_app.engine.world.owner import TRAVEL_SPREAD_US, TRAVEL_US, Owner, delay_us

if TYPE_CHECKING:
    from turbulence_app.engine.world.driver import Driver
    from turbulence_app.engine.world.handles import Turn


@dataclass(slots=True)
class Trouble:
    """What the faults that struck an attempt do to it. Times in microseconds."""

    there: int = 0
    back: int = 0
    limit: int = FOREVER
    delivered: bool = True
    answered: bool = True
    status: int = 0
    """Answered by this status on the way, without the application."""
    copy_after: int | None = None
    held: int | None = None
    """Number of the fault that holds it back until another request has passed."""
    reset: bool = False
    stale: int | None = None
    keep_bytes: int | None = None
    damage: int | None = None
    """The word that says which byte of the answer is changed."""
    faults: dict[str, int] = field(default_factory=dict)
    """Numbers of the faults that struck, by kind."""


NO_TROUBLE = Trouble()


class Errand:
    """The attempt: what struck it, what became of it."""

    __slots__ = ("answer", "back", "changed", "clock_reads", "driver", "exchanges", "k", "message", "node",
                 "number", "owner", "resolved", "sent_at", "timer", "trouble", "visit")  # fmt: skip

    def __init__(self, visit: Visit, node: Request, number: int, k: int, seed: int, now: int) -> None:
        self.visit, self.node, self.number, self.k = visit, node, number, k
        self.owner = Owner(seed, visit.user, visit.draws, node.name, node.site, number, k)
        self.sent_at = now
        self.message: Message | None = None
        self.driver: Driver | None = None
        self.timer: Turn | None = None
        self.answer: Answer | None = None
        self.exchanges: list[Exchange] = []
        self.changed: set[int] = set()
        self.resolved = False
        """Whether the person's waiting is over."""
        self.trouble = NO_TROUBLE if not node.faults else _trouble(visit, node, number, k)
        self.back = self.clock_reads = 0

    def travel(self) -> tuple[int, int]:
        """How long the message takes, there and back, drawn."""
        draws, node = self.visit.draws, self.node
        name, place, number, k = node.name, node.site, self.number, self.k
        there = TRAVEL_US + (draws.word(name, place, number, k, "travel", neutral=0) * TRAVEL_SPREAD_US >> 32)
        draws.meant(there)
        back = TRAVEL_US + (draws.word(name, place, number, k, "travel_back", neutral=0) * TRAVEL_SPREAD_US >> 32)
        draws.meant(back)
        return there, back

    def struck(self, fault: FaultPlan, made_a_difference: bool = True) -> None:
        """A fault of the world (a crash, a wrong clock, a partition) reaches this attempt."""
        visit = self.visit
        visit.faults |= 1 << fault.number
        at = visit.now
        visit.note_at(
            at, "fault", self.node.name, self.number, self.k, fault.label, fault=fault.kind, number=fault.number
        )
        if made_a_difference:
            self.differs(fault.number)

    def differs(self, number: int) -> None:
        """Without this fault the attempt would have gone otherwise."""
        if self.resolved and number not in self.changed:
            self.visit.changed[number] = self.visit.changed.get(number, 0) + 1
        self.changed.add(number)


def _trouble(visit: Visit, node: Request, number: int, k: int) -> Trouble:
    """What strikes this attempt, drawn in the order of the run's list."""
    struck = strikes(visit, node, number, k)
    if not struck:
        return NO_TROUBLE
    trouble = Trouble()
    for fault, added in struck:
        trouble.faults[fault.kind] = fault.number
        match fault.kind:
            case "latency":
                trouble.there += added >> 1
                trouble.back += added - (added >> 1)
            case "gray":
                trouble.back += added
            case "request_lost" | "partition":
                trouble.delivered = False
            case "response_lost":
                trouble.answered = False
            case "timeout":
                trouble.delivered = False
                trouble.limit = min(trouble.limit, fault.timeout_us)
            case "error_status":
                trouble.status = trouble.status or fault.status
            case "duplicate":
                trouble.copy_after = _drawn(visit, node, number, k, "copy", True)
            case "reorder":
                trouble.held = fault.number
            case "connection_reset":
                trouble.reset = True
            case "stale_read":
                trouble.stale = fault.number
            case "truncated_body":
                trouble.keep_bytes = -1 if fault.keep_bytes is None else fault.keep_bytes
            case "corrupt_body":
                trouble.damage = _drawn(visit, node, number, k, "damage", False)
    return trouble


def _drawn(visit: Visit, node: Request, number: int, k: int, purpose: str, is_delay: bool) -> int:
    word = visit.draws.word(node.name, node.site, number, k, purpose, neutral=0)
    if not is_delay:
        return word
    delay = delay_us(word)
    visit.draws.meant(delay)
    return delay
