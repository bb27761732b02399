"""Compiling the same words twice: one job after the other on the model's lane, each with its own end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed, Log, Progress
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import Summary
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.compare_state import Source
from turbulence_app.gui.places.personas.live import USERS, params_of, summary_of

State = Literal["empty", "waiting", "running", "done", "failed", "stopped"]


@dataclass
class Side:
    """One of the two: who is asked, how far it is, what came of it."""

    source: Source | None = None
    state: State = "empty"
    says: str = ""
    done: int = 0
    total: int = 0
    policy: Policy | None = None
    summary: Summary | None = None
    took_ms: float = 0.0
    job: Job | None = None


class Comparing(QObject):
    """Two sides; what happens to one leaves the other as it is."""

    changed = Signal(int)
    """The side (0, 1) about which there is news."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.sides = (Side(), Side())

    @property
    def busy(self) -> bool:
        """Whether anybody is asked."""
        return any(side.state in ("waiting", "running") for side in self.sides)

    def clear(self) -> None:
        """Another persona: nothing of the last one is shown or awaited."""
        self.stop()
        for place in (0, 1):
            self.sides[place].policy = self.sides[place].summary = None
            self._say(place, "empty")

    def stop(self) -> None:
        """Ask whoever works to give it up; what is there stays."""
        for place, side in enumerate(self.sides):
            if side.job is not None and side.state in ("waiting", "running"):
                self._context.bridge.cancel(side.job)
                side.job.forget()
                side.job = None
                self._say(place, "stopped", "Stopped.")

    def close(self) -> None:
        """Nothing more is awaited."""
        for side in self.sides:
            if side.job is not None:
                side.job.forget()
                side.job = None

    def have(self, place: int, source: Source, policy: Policy) -> None:
        """A side that needs nobody: a policy that is there."""
        side = self.sides[place]
        side.source, side.took_ms = source, 0.0
        self._made(place, policy)

    def ask(self, place: int, source: Source, persona: Persona, workflow: Workflow) -> None:
        """Let a model compile the words for one side."""
        side = self.sides[place]
        if side.job is not None:
            self._context.bridge.cancel(side.job)
            side.job.forget()
        side.source, side.policy, side.summary = source, None, None
        params: dict[str, Any] = {
            "project": str(self._context.project.data.root),
            "persona": persona.model_dump(mode="json", by_alias=True),
            "workflow": workflow.model_dump(mode="json", by_alias=True),
            "backend": source.backend,
            "model": source.model,
        }
        other = self.sides[1 - place].state in ("waiting", "running")
        self._say(place, "waiting" if other else "running", "Waits for the other one" if other else "Reading the words")
        side.job = self._context.bridge.request(
            "model", "compile", params,
            on_events=lambda events: self._events(place, events),
            on_result=lambda reply: self._compiled(place, reply),
            on_error=lambda error: self._failed(place, error),
        )  # fmt: skip

    def _events(self, place: int, events: list[Any]) -> None:
        side = self.sides[place]
        for event in events:
            if isinstance(event, Progress):
                side.done, side.total, side.says = event.done, event.total or 0, event.what
            elif isinstance(event, Log):
                side.says = event.message
        side.state = "running"
        self.changed.emit(place)

    def _compiled(self, place: int, reply: Any) -> None:
        side = self.sides[place]
        side.took_ms = side.job.clock.nsecsElapsed() / 1e6 if side.job is not None else 0.0
        document = reply["policy"] if isinstance(reply, Mapping) and "policy" in reply else reply
        self._made(place, Policy.model_validate(document))
        other = self.sides[1 - place]
        if other.state == "waiting":
            self._say(1 - place, "running", "Reading the words")

    def _made(self, place: int, policy: Policy) -> None:
        side, project = self.sides[place], self._context.project
        side.policy, side.summary = policy, None
        self._say(place, "done")
        if project.workflow is None:
            side.job = None
            return
        member = Member(persona=policy.persona_id, weight=1.0, policy=policy)
        seed = project.data.project.run.seed
        inputs = RunInputs(workflow=project.workflow, crowd=(member,), users=USERS, seed=seed)
        side.job = self._context.bridge.request(
            "live", "preview", params_of(inputs),
            on_result=lambda reply: self._previewed(place, reply), on_error=lambda error: self._unseen(place, error),
        )  # fmt: skip

    def _previewed(self, place: int, reply: Any) -> None:
        self.sides[place].job = None
        self.sides[place].summary = summary_of(reply)
        self.changed.emit(place)

    def _unseen(self, place: int, error: JobFailed) -> None:
        self.sides[place].job = None
        self._say(place, "done", f"No preview: {error.message}")

    def _failed(self, place: int, error: JobFailed) -> None:
        self.sides[place].job = None
        stopped = error.exit_status == 130
        why = "Stopped." if stopped else error.message + (f" ({error.mend})" if error.mend else "")
        self._say(place, "stopped" if stopped else "failed", why)
        if self.sides[1 - place].state == "waiting":
            self._say(1 - place, "running", "Reading the words")

    def _say(self, place: int, state: State, says: str = "") -> None:
        side = self.sides[place]
        side.state, side.says, side.done, side.total = state, says, 0, 0
        self.changed.emit(place)
