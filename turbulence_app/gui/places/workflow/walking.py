"""Going through the workflow as one user: which one, where they are, forward, back, or by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.walk import Stop, Walk
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context

PLAY_MS = 1100
"""How long a step is shown while it plays by itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is walked: a user of a crowd with a seed, with the faults of a scenario or none, or one of a run."""

    user: int = 0
    seed: int = 42
    persona: str = ""
    scenario: str = ""
    run_id: str = ""
    find: str = ""


class Walking(QObject):
    """``changed`` after anything that is shown; ``moved`` when another stop is looked at."""

    changed = Signal()
    moved = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self.wanted = Wanted(seed=context.project.data.project.run.seed)
        self.walk: Walk | None = None
        self.index = 0
        self.error = ""
        self._job: Job | None = None
        self._timer = QTimer(self, interval=PLAY_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._job is not None

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @property
    def stop(self) -> Stop | None:
        """Where the user is."""
        return self.walk.stops[self.index] if self.walk is not None and self.walk.stops else None

    # -- who --------------------------------------------------------------------------------------

    def start(self, wanted: Wanted, workflow: Workflow | None) -> None:
        """Walk somebody else."""
        self.pause()
        self.cancel()
        self.wanted, self.error = replace(wanted, find=""), ""
        params: dict[str, Any] = {"project": str(self._context.project.data.root), "user": wanted.user}
        if wanted.find:
            params["find"] = wanted.find
        if wanted.persona:
            params["persona"] = wanted.persona
        if wanted.run_id:
            params["run_id"] = wanted.run_id
        else:
            inputs = self._inputs(wanted, workflow)
            if inputs is None:
                self._refuse("Nobody can be walked yet: no persona has a policy for this workflow.")
                return
            params["inputs"] = inputs.model_dump(mode="json", by_alias=True)
        self._job = self._context.bridge.request("live", "walk", params, on_result=self._came, on_error=self._failed)
        self.changed.emit()

    def _inputs(self, wanted: Wanted, workflow: Workflow | None) -> RunInputs | None:
        """The crowd on the workflow as it stands in the editor, with the scenario's trouble or none."""
        project = self._context.project
        made = project.inputs(users=max(20_000, wanted.user + 1), seed=wanted.seed)
        if made is None or workflow is None:
            return None
        update: dict[str, Any] = {"workflow": workflow}
        scenario = project.data.scenarios.get(wanted.scenario)
        if scenario is not None:
            update |= {"faults": scenario.faults, "invariants": scenario.invariants, "scenario": scenario.id}
        return made.model_copy(update=update)

    def next(self, find: str, workflow: Workflow | None) -> None:
        """The next user after this one who leaves, breaks a rule, or gets through."""
        here = self.walk.user + 1 if self.walk is not None else self.wanted.user
        self.start(replace(self.wanted, user=here, find=find), workflow)

    def _came(self, reply: Mapping[str, Any]) -> None:
        self._job = None
        self.walk = Walk.model_validate(reply)
        self.wanted = replace(self.wanted, user=self.walk.user)
        self.index = 0
        self.changed.emit()
        self.moved.emit()

    def _failed(self, failure: JobFailed) -> None:
        self._job = None
        self._refuse(failure.message + (f" ({failure.mend})" if failure.mend else ""))

    def _refuse(self, words: str) -> None:
        self.error = words
        self.changed.emit()

    # -- along ------------------------------------------------------------------------------------

    def go(self, index: int) -> None:
        """Look at a stop."""
        if self.walk is not None:
            self.index = max(0, min(len(self.walk.stops) - 1, index))
            self.changed.emit()
            self.moved.emit()

    def step(self, by: int = 1) -> None:
        """One stop on, or back; a person who steps stops the playing."""
        self.pause()
        self.go(self.index + by)

    def play(self) -> None:
        """Go on by itself, or stop that; from the end it begins anew."""
        if self.playing:
            self.pause()
        elif self.walk is not None:
            if self.index >= len(self.walk.stops) - 1:
                self.go(0)
            self._timer.start()
            self.changed.emit()

    def pause(self) -> None:
        """Stay here."""
        if self._timer.isActive():
            self._timer.stop()
            self.changed.emit()

    def _tick(self) -> None:
        if self.walk is None or self.index >= len(self.walk.stops) - 1:
            self.pause()
        else:
            self.go(self.index + 1)

    def cancel(self) -> None:
        """Nobody waits for an answer any more."""
        if self._job is not None:
            self._context.bridge.cancel(self._job)
            self._job.forget()
            self._job = None
            self.changed.emit()

    def end(self) -> None:
        """Nobody is walked any more."""
        self.pause()
        self.cancel()
        self.walk, self.index, self.error = None, 0, ""
        self.changed.emit()
        self.moved.emit()


def wanted_of(target: Mapping[str, Any], before: Wanted) -> Wanted | None:
    """Who a target of navigation names: ``walk`` is a user's number or ``RUN/USER``; ``run_id``, ``seed``,
    ``scenario``, ``persona`` and ``find`` may stand beside it. True or '' means whoever was walked before."""
    walk = target["walk"]
    run_id, _, user = str(walk).rpartition("/")
    if walk is True or not user.isdigit():
        return None
    return Wanted(
        int(user),
        int(target.get("seed", before.seed)),
        str(target.get("persona", "")),
        str(target.get("scenario", "")),
        str(target.get("run_id", run_id)),
        str(target.get("find", "")),
    )
