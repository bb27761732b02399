"""What a service did, measured: logs and recordings as samples of each step, and the models fitted to them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from turbulence_app.domain.recording import Exchange, Recording
from turbulence_app.domain.workflow import GrpcStep, HttpStep, ServiceModel, Step, WaitStep, Workflow
from turbulence_app.formats.fitting import FEW, outcomes_of, quantity_of
from turbulence_app.formats.names import clean
from turbulence_app.formats.routes import Routes

UNANSWERED = 0
"""Status of a request whose answer never came within the service's timeout."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a log. ``name`` is a step's, or ``METHOD /path``; times in milliseconds; None: not known."""

    name: str
    status: int | None = None
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was measured of one step: answers with a status, with a time, and their median (milliseconds)."""

    step: str
    answers: int
    timed: int
    median_ms: float | None
    outcomes: dict[str, float]


@dataclass(slots=True)
class _Sample:
    latencies: array[float] = field(default_factory=lambda: array("d"))
    statuses: Counter[int] = field(default_factory=Counter)


class Samples:
    """Collects what is known of each step of a workflow."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.steps: dict[str, HttpStep | WaitStep | GrpcStep] = {
            s.name: s for s in workflow.steps() if isinstance(s, HttpStep | WaitStep | GrpcStep)
        }
        self.routes = Routes(workflow)
        self.events = 0
        self.unknown: Counter[str] = Counter()
        self.gave_up: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self._samples: dict[str, _Sample] = {}

    def add(self, events: Iterable[Event]) -> None:
        """Take lines of a log."""
        for event in events:
            self.events += 1
            names = [event.name] if event.name in self.steps else self.routes.steps(event.name)
            if not names:
                self.unknown[clean(event.name)[:60]] += 1
            for name in names:
                self._note(name, event.status, event.latency_ms)

    def add_recording(self, recording: Recording) -> None:
        """Take what a live run recorded of one user; what faults of the run changed says nothing of the service."""
        for exchange in recording.exchanges:
            if exchange.step.startswith("@"):
                continue
            self.events += 1
            self._exchange(exchange)

    def _exchange(self, exchange: Exchange) -> None:
        if exchange.step not in self.steps:
            self.unknown[exchange.step] += 1
        elif exchange.changed or not exchange.target:
            self.left_out["were struck by the run's own faults"] += 1
        elif exchange.answer == "timeout":
            self._note(exchange.step, UNANSWERED, None)
        elif exchange.status == 0:
            kinds = {"gave_up": "waited for longer than the person did"}
            self.left_out[kinds.get(exchange.answer, "never reached the service")] += 1
            self.gave_up[exchange.step] += exchange.answer == "gave_up"
        else:
            late = max(0, exchange.sent_us - exchange.due_us)
            self._note(exchange.step, exchange.status, (exchange.waited_us - late) / 1000)

    def _note(self, step: str, status: int | None, latency_ms: float | None) -> None:
        sample = self._samples.setdefault(step, _Sample())
        if status is not None:
            sample.statuses[status] += 1
        if latency_ms is not None and status != UNANSWERED:
            sample.latencies.append(latency_ms)

    def models(self) -> dict[str, ServiceModel]:
        """The fitted model of every step that something is known of."""
        return {name: self._model(name, sample) for name, sample in self._ordered()}

    def _model(self, name: str, sample: _Sample) -> ServiceModel:
        known = self.steps[name].model
        base = known or ServiceModel()
        change: dict[str, object] = {}
        if sample.latencies:
            change["latency_ms"] = quantity_of(sample.latencies)
        if sample.statuses:
            change["outcomes"] = outcomes_of(sample.statuses, known)
        return ServiceModel.model_validate({**dict(base), **change})

    def _ordered(self) -> list[tuple[str, _Sample]]:
        return [(name, self._samples[name]) for name in self.steps if name in self._samples]

    def report(self) -> list[Fitted]:
        """What was measured, step by step, in the order of the workflow."""
        found: list[Fitted] = []
        for name, sample in self._ordered():
            model = self._model(name, sample)
            shares = {k: v if isinstance(v, float) else v.p for k, v in model.outcomes.items()}
            middle = median(sample.latencies) if sample.latencies else None
            answers = sample.statuses.total()
            found.append(Fitted(name, answers, len(sample.latencies), middle, shares if answers else {}))
        return found

    def notes(self) -> list[str]:
        """What somebody must know before trusting the fit."""
        found: list[str] = []
        for fitted in self.report():
            least = min(n for n in (fitted.answers or fitted.timed, fitted.timed or fitted.answers))
            if least < FEW:
                found.append(f"Only {least} measurements of {fitted.step!r}: its numbers may be chance.")
        missing = [name for name in self.steps if name not in self._samples]
        if missing:
            words = ", ".join(repr(name) for name in missing[:8]) + (" and more" if len(missing) > 8 else "")
            found.append(f"Nothing was measured of {words}; what the workflow says of it stays.")
        if self.unknown:
            words = ", ".join(f"{n} {name}" for name, n in self.unknown.most_common(5))
            found.append(f"{self.unknown.total()} of {self.events} events belong to no step of the workflow: {words}.")
        for why, count in sorted(self.left_out.items()):
            found.append(f"{count} requests {why} and were left out.")
        for step, count in self.gave_up.items():
            if count:
                found.append(f"{count} people gave up on {step!r}: the slowest answers are missing from its table.")
        return found


def with_models(workflow: Workflow, models: dict[str, ServiceModel]) -> Workflow:
    """The workflow with fitted models in place of its own."""
    return workflow.model_copy(update={"flow": _changed(workflow.flow, models)})


def _changed(steps: Sequence[Step], models: dict[str, ServiceModel]) -> tuple[Step, ...]:
    found: list[Step] = []
    for step in steps:
        inner = {k: _changed(getattr(step, k), models) for k in ("if_true", "if_false", "steps") if hasattr(step, k)}
        if step.name in models and not inner:
            inner = {"model": models[step.name]}  # type: ignore[dict-item]
        found.append(step.model_copy(update=inner) if inner else step)
    return tuple(found)
