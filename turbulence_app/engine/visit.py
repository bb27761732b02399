"""The state of one visit while it runs, and its trace when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from turbulence_app.domain.trace import Draw, EventKind, Reason, TraceEvent, UserTrace
from turbulence_app.domain.workflow import Outcome
from turbulence_app.engine.answers import Answer
from turbulence_app.engine.draws import Draws
from turbulence_app.engine.mixing import mix
from turbulence_app.engine.nodes import FOREVER, Plan, PlanNode
from turbulence_app.engine.quantiles import Sampler


class EndOfVisit(Exception):  # noqa: N818 - a turn of events, not an error
    """The visit ends before the flow does."""

    def __init__(self, outcome: Outcome, reason: Reason) -> None:
        super().__init__(reason)
        self.outcome: Outcome = outcome
        self.reason: Reason = reason


class StepState:
    """What a visit knows of one step."""

    __slots__ = ("answer", "attempts", "counts", "effects", "failed", "failures", "visits", "waited")

    def __init__(self) -> None:
        self.visits = self.attempts = self.failures = self.effects = self.answer = 0
        self.failed = False
        self.waited: int | None = None
        self.counts: dict[str, int] = {}

    def field(self, name: str, answers: Sequence[Answer]) -> Any:
        """The value of ``step.name`` in an expression."""
        match name:
            case "failed":
                return self.failed
            case "status":
                return answers[self.answer].status
            case "json":
                return answers[self.answer].json
            case "answer":
                return answers[self.answer].name or None
            case "latency_ms" | "waited_ms":
                return None if self.waited is None else self.waited / 1000.0
            case "attempts":
                return self.attempts
            case "effects":
                return self.effects
        return self.visits


class Visit:
    """One user's visit: clock, variables, steps, events."""

    def __init__(self, plan: Plan, user: int, draws: Draws) -> None:
        self.plan, self.user, self.draws = plan, user, draws
        self.persona = self.steps = self.arrived = self.now = self.answer = self.fingerprint = self.faults = 0
        self.deadline = FOREVER
        self.outcome: Outcome | None = None
        self.reason: Reason = ""
        self.last: PlanNode | None = None
        self.path: list[int] = []
        """Numbers of the steps executed, in order."""
        self.assertion_failed = False
        self.variables: dict[str, Any] = {}
        self.initial: dict[str, Any] = {}
        self.state = [StepState() for _ in plan.nodes]
        self.events: list[tuple[int, EventKind, str, int, int, str, dict[str, Any]]] = []
        self.broken: dict[str, tuple[int, str, int]] = {}
        """Invariant to (time, step, events up to the violation)."""
        self.seen: set[str] = set()
        """``sometimes`` rules that were true."""

    def state_of(self, step: str) -> StepState:
        """The state of a step by its name."""
        numbers: dict[str, int] = self.plan.cache.setdefault("numbers", {n.name: n.number for n in self.plan.nodes})
        return self.state[numbers[step]]

    def first_value(self, name: str) -> Any:
        """What a variable was when the visit began (parameters and data), else null."""
        return self.initial.get(name)

    def note(
        self, kind: EventKind, step: str = "", visit: int = 0, attempt: int = 0, detail: str = "", **data: Any
    ) -> None:
        """Add an event."""
        self.events.append((self.now, kind, step, visit, attempt, detail, data))

    def stir(self, value: int) -> None:
        """Mix the clock and ``value`` into the fingerprint."""
        self.fingerprint = mix(self.fingerprint, self.now ^ value)

    def think(self, sampler: Sampler, node: PlanNode, number: int) -> None:
        """Let think time pass; the visit may end of it."""
        if sampler.constant and not sampler.low:
            return
        took = self.draws.sample(sampler, node.name, node.site, number, 0, "think")
        self.note("think", node.name, number, took_us=took)
        self.now += took
        self.check_patience()

    def check_patience(self) -> None:
        """End the visit where the patience for it is over (at the moment when it was)."""
        if self.now > self.deadline:
            self.now = self.deadline
            raise EndOfVisit("abandoned", "visit_patience")

    def end(self, outcome: Outcome, reason: Reason) -> None:
        """Close the visit; a completed one with a failed assertion counts as failed."""
        if outcome == "completed" and self.assertion_failed:
            outcome, reason = "failed", "assertion_failed"
        self.outcome, self.reason = outcome, reason
        self.note("end", self.last.name if self.last else "", detail=outcome, reason=reason)

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
