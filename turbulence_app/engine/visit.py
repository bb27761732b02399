"""The state of one visit while it runs, and its trace when it is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from turbulence_app.domain.expressions import Literal, Name, StepField
from turbulence_app.domain.syntax import WORLD_FUNCTIONS
from turbulence_app.domain.trace import Draw, EventKind, Reason, TraceEvent, UserTrace
from turbulence_app.domain.workflow import Outcome
from turbulence_app.engine.answers import NOTHING_YET, Answer
from turbulence_app.engine.draws import Draws
from turbulence_app.engine.mixing import mix
from turbulence_app.engine.nodes import FOREVER, FaultPlan, Plan, PlanNode, Request
from turbulence_app.engine.scalar import Leaf
from turbulence_app.engine.world_values import Probed, world_value

if TYPE_CHECKING:
    from turbulence_app.engine.port import Port

NOBODY_OFF: frozenset[int] = frozenset()


class EndOfVisit(Exception):  # noqa: N818 - a turn of events, not an error
    """The visit ends before the flow does."""

    def __init__(self, outcome: Outcome, reason: Reason) -> None:
        super().__init__(reason)
        self.outcome: Outcome = outcome
        self.reason: Reason = reason


class StepState:
    """What a visit knows of one step. ``waited`` in microseconds; None before the first answer."""

    __slots__ = ("answer", "attempts", "counts", "effects", "failed", "failures", "visits", "waited")

    def __init__(self) -> None:
        self.visits = self.attempts = self.failures = self.effects = 0
        self.answer = NOTHING_YET
        self.failed = False
        self.waited: int | None = None
        self.counts: dict[str, int] = {}

    def field(self, name: str) -> Any:
        """The value of ``step.name`` in an expression."""
        return _FIELDS[name](self)


_FIELDS: dict[str, Callable[[StepState], Any]] = {
    "failed": lambda s: s.failed,
    "status": lambda s: s.answer.status,
    "json": lambda s: s.answer.json,
    "headers": lambda s: s.answer.headers,
    "answer": lambda s: s.answer.name or None,
    "latency_ms": lambda s: None if s.waited is None else s.waited / 1000.0,
    "waited_ms": lambda s: None if s.waited is None else s.waited / 1000.0,
    "attempts": lambda s: s.attempts,
    "effects": lambda s: s.effects,
    "failures": lambda s: s.failures,
    "visits": lambda s: s.visits,
    "reached": lambda s: s.visits > 0,
}


class Visit:
    """One user's visit: clock, variables, steps, events."""

    def __init__(self, plan: Plan, user: int, draws: Draws, port: Port, off: frozenset[int] = NOBODY_OFF) -> None:
        self.plan, self.user, self.draws, self.port, self.off = plan, user, draws, port, off
        self.persona = self.steps = self.arrived = self.now = self.fingerprint = self.faults = 0
        self.answer: Answer = NOTHING_YET
        self.deadline = FOREVER
        self.outcome: Outcome | None = None
        self.reason: Reason = ""
        self.last: PlanNode | None = None
        self.assertion_failed = False
        self.variables: dict[str, Any] = {}
        self.initial: dict[str, Any] = {}
        self.state = [StepState() for _ in plan.nodes]
        self.events: list[tuple[int, EventKind, str, int, int, str, dict[str, Any]]] = []
        self.path: list[int] = []
        """Numbers of the steps that were executed, in order."""
        self.moments: list[int] = []
        """When each of them began, in microseconds of the visit."""
        self.broken: dict[str, tuple[int, str, int]] = {}
        """Invariant to (time, step, events up to the violation)."""
        self.changed: dict[int, int] = {}
        """For each fault (by number): how many of its strikes made a difference."""
        self.messages: dict[str, str] = {}
        """Broken invariants: what was seen, in words and numbers."""
        self.exercised: set[str] = set()
        """Promises that were opened, and ``once_per`` rules that had a key, by name."""
        self.probed: Probed = {}
        self.seen: set[str] = set()
        """``sometimes`` rules that were true."""

    def state_of(self, step: str) -> StepState:
        """The state of a step by its name."""
        return self.state[self.plan.numbers[step]]

    def first_value(self, name: str) -> Any:
        """What a variable was when the visit began (parameters and data), else null."""
        return self.initial.get(name)

    def note(
        self, kind: EventKind, step: str = "", visit: int = 0, attempt: int = 0, detail: str = "", **data: Any
    ) -> None:
        """Add an event."""
        self.events.append((self.now, kind, step, visit, attempt, detail, data))

    def note_at(
        self, at_us: int, kind: EventKind, step: str, visit: int = 0, attempt: int = 0, detail: str = "", **data: Any
    ) -> None:
        """Add an event of another moment than now (microseconds of the visit)."""
        self.events.append((at_us, kind, step, visit, attempt, detail, data))

    def stir(self, value: int) -> None:
        """Mix the clock and ``value`` into the fingerprint."""
        self.fingerprint = mix(self.fingerprint, self.now ^ value)

    def acted(self, node: Request, number: int, k: int, times: int, at_us: int | None = None) -> None:
        """The service acted on an attempt: also where the answer was lost, also after the person gave up waiting.

        Repeated effects of an idempotent step count as one. ``at_us``: when, on the visit's clock (now, if absent).
        """
        state = self.state[node.number]
        state.effects = min(state.effects + times, 1) if node.idempotent else state.effects + times
        if times:
            detail = f"the service acts ({state.effects} in all)"
            when = self.now if at_us is None else at_us
            self.events.append((when, "effect", node.name, number, k, detail, {"times": times}))

    def struck(self, fault: FaultPlan, node: Request, number: int, k: int) -> None:
        """A fault strikes an attempt."""
        self.faults |= 1 << fault.number
        data = {"fault": fault.kind, "number": fault.number}
        self.events.append((self.now, "fault", node.name, number, k, fault.label, data))

    def made_difference(self, first: int, numbers: tuple[int, ...]) -> None:
        """Of the faults noted from event ``first`` on, those with these numbers changed how the attempt went."""
        for event in self.events[first:]:
            if event[1] == "fault":
                event[6]["changed"] = event[6]["number"] in numbers
        for number in numbers:
            self.changed[number] = self.changed.get(number, 0) + 1

    def late(self) -> None:
        """End the visit: the patience for it is over."""
        self.now = self.deadline
        raise EndOfVisit("abandoned", "visit_patience")

    def end(self, outcome: Outcome, reason: Reason) -> None:
        """Close the visit; a completed one with a failed assertion counts as failed."""
        if outcome == "completed" and self.assertion_failed:
            outcome, reason = "failed", "assertion_failed"
        self.outcome, self.reason = outcome, reason
        self.note("end", self.last.name if self.last else "", detail=outcome, reason=reason)

    # ---- names --------------------------------------------------------------------------------------------------

    def look_up(self, leaf: Leaf) -> Any:
        """The value of a leaf of an expression, now."""
        if isinstance(leaf, Name):
            name, variables = leaf.name, self.variables
            return variables[name] if name in variables else self._built_in(name)
        if isinstance(leaf, StepField):
            return self.state_of(leaf.step).field(leaf.field)
        if leaf.function in WORLD_FUNCTIONS:
            return world_value(leaf, self.port, self.probed, self)
        step, *rest = [a.value for a in leaf.arguments if isinstance(a, Literal)]
        state = self.state_of(str(step))
        if leaf.function != "count":
            return state.field(leaf.function)
        return state.counts.get(str(rest[0]), 0) if rest else sum(state.counts.values())

    def _built_in(self, name: str) -> Any:
        match name:
            case "outcome":
                return self.outcome or ""
            case "elapsed_ms":
                return self.now / 1000.0
            case "persona":
                return self.plan.personas[self.persona].name
            case "step":
                return self.last.name if self.last else ""
            case "body":
                return self.answer.content
            case "status_code":
                return self.answer.status
            case "headers":
                return self.answer.headers
        return None

    def trace(self) -> UserTrace:
        """The visit as a noun."""
        events = tuple(
            TraceEvent(at_us=at, kind=kind, step=step, visit=visit, attempt=attempt, detail=detail, data=data)
            for at, kind, step, visit, attempt, detail, data in self.events
        )
        draws = tuple(
            Draw(step=step, visit=visit, attempt=attempt, purpose=purpose, word=word, value=value)
            for step, visit, attempt, purpose, word, value, _ in self.draws.made
        )
        return UserTrace(
            user=self.user,
            persona=self.plan.personas[self.persona].name,
            arrived_us=self.arrived,
            ended_us=self.arrived + self.now,
            outcome=self.outcome or "failed",
            reason=self.reason,
            last_step=self.last.name if self.last else "",
            steps=self.steps,
            events=events,
            draws=draws,
            violations=tuple(self.broken),
            fingerprint=self.fingerprint,
        )
