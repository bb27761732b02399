"""Compiling a persona: one job on the model's lane, with progress and a stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed, Log, Progress
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context

VOTES = 3


class Compiling(QObject):
    """At most one compilation at a time."""

    started = Signal(str)
    progressed = Signal(int, int, str)
    finished = Signal(object, float)
    """The new :class:`Policy` and milliseconds."""
    failed = Signal(str, bool)
    """What went wrong (empty when it was stopped), and whether it is a known error."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a model is at work."""
        return self._job is not None

    def start(self, persona: Persona, workflow: Workflow, backend: str, way: str = "once") -> None:
        """Ask a model; nothing happens while one is asked already. ``way`` is a key of the description card's ``WAYS``.

        The project's routes choose the model where ``backend`` is ``auto``.
        """
        if self._job is not None:
            return
        if way == "models":
            self._job = self._context.bridge.request(
                "model", "models", {}, on_error=self._error,
                on_result=lambda reply: self._ask(persona, workflow, backend, {"models": _voters(reply)}),
            )  # fmt: skip
        else:
            more: dict[str, dict[str, Any]] = {"logits": {"mode": "logits"}, "votes": {"times": VOTES}}
            self._ask(persona, workflow, "llamacpp" if way == "logits" else backend, more.get(way, {}))
        self.started.emit(persona.id)

    def _ask(self, persona: Persona, workflow: Workflow, backend: str, more: Mapping[str, Any]) -> None:
        project = self._context.project.data
        params: dict[str, Any] = {
            "project": str(project.root),
            "persona": persona.model_dump(mode="json", by_alias=True),
            "workflow": workflow.model_dump(mode="json", by_alias=True),
            "backend": None if backend == "auto" else backend,
            **more,
        }
        self._job = self._context.bridge.request(
            "model", "compile", params, on_events=self._events, on_result=self._done, on_error=self._error
        )

    def stop(self) -> None:
        """Ask it to stop; the model's process is ended if it does not."""
        if self._job is not None:
            self._context.bridge.cancel(self._job)

    def close(self) -> None:
        """Nothing more is awaited."""
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _events(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, Progress):
                self.progressed.emit(event.done, event.total, event.what)
            elif isinstance(event, Log):
                self.progressed.emit(0, 0, event.message)

    def _done(self, reply: Any) -> None:
        took = self._took()
        document = reply["policy"] if isinstance(reply, Mapping) and "policy" in reply else reply
        self.finished.emit(Policy.model_validate(document), took)

    def _error(self, error: JobFailed) -> None:
        self._took()
        stopped = error.exit_status == 130
        text = "" if stopped else error.message + (f" ({error.mend})" if error.mend else "")
        self.failed.emit(text, error.known)

    def _took(self) -> float:
        took = self._job.clock.nsecsElapsed() / 1e6 if self._job is not None else 0.0
        self._job = None
        return took


def _voters(reply: Any) -> list[str]:
    """Every model here by the name that a vote has: the built-in one, files on the list, those of an Ollama server."""
    listed = reply.get("models", []) if isinstance(reply, Mapping) else []
    here = [m for m in listed if m.get("available") and m.get("backend") in ("builtin", "llamacpp", "ollama")]
    return [_VOTE[str(model["backend"])].format(model["name"]) for model in here]


_VOTE = {"builtin": "builtin", "llamacpp": "{}", "ollama": "ollama:{}"}
