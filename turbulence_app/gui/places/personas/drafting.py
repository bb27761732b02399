"""A first policy while somebody still types: by the model that the project has for drafts, as soon as they pause.

Only where there is no policy yet, or only such a draft: what was compiled on request, edited or approved stays. The
model that compiles on request is loaded meanwhile, so that it is warm when it is asked.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from turbulence_app.domain.policy import Policy
from turbulence_app.gui.bridge import Latest
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.files import Files

PAUSE_MS = 900
"""How long nothing is typed before a draft is made."""
WARM_MS = 1500
"""After the first words; the draft goes first."""
WARM_FOR_MS = 300_000
"""How long a model that was loaded counts as warm."""


class Drafting(QObject):
    """Latest wins: at most one draft is under way, and the newest words wait."""

    def __init__(self, context: Context, files: Files, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._files = context, files
        self._made: dict[str, Policy] = {}
        self._persona = ""
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._draft)
        self._warming = QTimer(self, singleShot=True, interval=WARM_MS)
        self._warming.timeout.connect(self._warm)
        self._warmed = QElapsedTimer()
        self._latest = Latest(context.bridge, "model", "compile", self._take, lambda _error: None)

    def soon(self, persona_id: str) -> None:
        """Words were typed."""
        self._persona = persona_id
        if self._may(persona_id):
            self._timer.start()
        if not self._warming.isActive() and not (self._warmed.isValid() and self._warmed.elapsed() < WARM_FOR_MS):
            self._warming.start()

    def close(self) -> None:
        """Nothing more is drafted."""
        self._timer.stop()
        self._warming.stop()
        self._latest.forget()

    def _warm(self) -> None:
        """Errors are left to the question itself, which tells them better."""
        project = self._context.project
        if project.workflow is None:
            return
        self._warmed.restart()
        workflow = project.workflow.model_dump(mode="json", by_alias=True)
        self._context.bridge.request(
            "model", "warm", {"project": str(project.data.root), "workflow": workflow},
            on_result=lambda _: None, on_error=lambda _: None,
        )  # fmt: skip

    def _may(self, persona_id: str) -> bool:
        policy = self._context.project.policy(persona_id)
        return policy is None or policy == self._made.get(persona_id)

    def _draft(self) -> None:
        project = self._context.project
        persona, workflow = project.data.personas.get(self._persona), project.workflow
        if persona is None or workflow is None or not persona.description.strip() or not self._may(persona.id):
            return
        self._latest.submit(
            {
                "project": str(project.data.root), "task": "draft",
                "persona": persona.model_dump(mode="json", by_alias=True),
                "workflow": workflow.model_dump(mode="json", by_alias=True),
            }
        )  # fmt: skip

    def _take(self, reply: Any) -> None:
        policy, project = Policy.model_validate(reply), self._context.project
        here = project.workflow is not None and project.workflow.id == policy.workflow
        if here and policy.persona_id in project.data.personas and self._may(policy.persona_id):
            self._made[policy.persona_id] = policy
            project.put_policy(policy)
            self._files.policy(policy)
