"""The live preview's requests: current policy, approved policy, whole crowd; latest wins, one behind at most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import Summary
from turbulence_app.gui.bridge import Latest
from turbulence_app.gui.context import Context

USERS = 20_000
CROWD_SOON_MS = 250


class Live(QObject):
    """Keeps three summaries fresh. A preview runs without faults, on the model target."""

    current = Signal(object, float)
    """The persona's :class:`Summary`, and milliseconds from request to answer."""
    baseline = Signal(object)
    crowd = Signal(object)
    failed = Signal(str)

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        bridge = context.bridge
        self._now = Latest(bridge, "live", "preview", self._got_current, self._no_current)
        self._before = Latest(bridge, "live", "preview", self._got_baseline, lambda _: None)
        self._all = Latest(bridge, "live", "preview", lambda r: self.crowd.emit(summary_of(r)), self._no_crowd)
        self._baseline_of: Policy | None = None
        self._timer = QTimer(self, singleShot=True, interval=CROWD_SOON_MS)
        self._timer.timeout.connect(self._ask_crowd)

    def show(self, persona_id: str, approved: Policy | None) -> None:
        """Look at another persona: whatever was asked for the last one does not matter any more."""
        self._now.forget()
        self._before.forget()
        self.touch(persona_id)
        self.compare(approved)

    def touch(self, persona_id: str) -> None:
        """The persona's policy is another one: run it."""
        inputs = self._context.project.inputs(users=USERS, only=persona_id)
        if self._all.running:  # a large crowd takes a while, and a slider does not wait for it
            self._all.stop()
            self._timer.start()
        if inputs is not None:
            self._now.submit(params_of(inputs))

    def compare(self, approved: Policy | None) -> None:
        """Run the approved policy, to hold the current one against it."""
        workflow = self._context.project.workflow
        self._baseline_of = approved
        if approved is None or workflow is None:
            self.baseline.emit(None)
            return
        member = Member(persona=approved.persona_id, weight=1.0, policy=approved)
        seed = self._context.project.data.project.run.seed
        self._before.submit(params_of(RunInputs(workflow=workflow, crowd=(member,), users=USERS, seed=seed)))

    @property
    def busy(self) -> bool:
        """Whether the persona's own preview is awaited."""
        return self._now.running

    def drop(self) -> None:
        """There is nothing to run for this persona."""
        self._now.forget()
        self._before.forget()

    def crowd_soon(self) -> None:
        """The crowd is another one; run all of it when the hand rests."""
        self._timer.start()

    def crowd_now(self) -> None:
        """A hand moves the shares of the crowd: run it as often as answers come."""
        self._timer.stop()
        self._ask_crowd()

    def close(self) -> None:
        """Nothing more is awaited."""
        self._timer.stop()
        for latest in (self._now, self._before, self._all):
            latest.forget()

    def _ask_crowd(self) -> None:
        inputs = self._context.project.inputs(users=USERS)
        if inputs is None:
            self._all.forget()
            self.crowd.emit(Summary())
        else:
            self._all.submit(params_of(inputs))

    def _got_current(self, reply: Any) -> None:
        self.current.emit(summary_of(reply), self._now.took_ms)

    def _got_baseline(self, reply: Any) -> None:
        if self._baseline_of is not None:
            self.baseline.emit(summary_of(reply))

    def _no_crowd(self, _error: JobFailed) -> None:
        self.crowd.emit(Summary())  # numbers of another crowd would be taken for this one's

    def _no_current(self, error: JobFailed) -> None:
        self.failed.emit(error.message + (f" ({error.mend})" if error.mend else ""))


def params_of(inputs: RunInputs) -> dict[str, Any]:
    """Parameters of a preview."""
    return {"inputs": inputs.model_dump(mode="json", by_alias=True), "users": inputs.users}


def summary_of(reply: Any) -> Summary:
    """The summary in a preview's answer."""
    if isinstance(reply, Mapping) and "summary" in reply:
        return Summary.model_validate(reply["summary"])
    return Summary.model_validate(reply)
