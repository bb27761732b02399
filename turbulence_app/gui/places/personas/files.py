"""Saving personas and policies: soon after a change, in the order of the changes, through the service."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.recovery_state import policy_key

SOON_MS = 500
CLOSING_MS = 2000


class Files(QObject):
    """Writes the newest version of what was changed; several changes within half a second are one write."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._personas: dict[str, Persona] = {}
        self._policies: dict[str, Policy] = {}
        self._under_way = 0
        self._root = ""
        self._timer = QTimer(self, singleShot=True, interval=SOON_MS)
        self._timer.timeout.connect(self.flush)
        context.project.changed.connect(self.flush)

    def persona(self, persona: Persona) -> None:
        """Write a persona soon."""
        self._personas[persona.id] = persona
        self._root = str(self._context.project.data.root)
        self._context.recovery.keep("persona", persona.id, persona.title, persona)
        self._timer.start()

    def policy(self, policy: Policy) -> None:
        """Write a policy soon."""
        self._policies[policy.persona_id] = policy
        self._root = str(self._context.project.data.root)
        self.draft(policy)
        self._timer.start()

    def draft(self, policy: Policy) -> None:
        """Keep a policy that a hand is still changing, in case the window dies."""
        key = policy_key(policy.workflow or "", policy.persona_id)
        who = self._context.project.data.personas.get(policy.persona_id)
        title = f"policy of {who.title if who is not None else policy.persona_id}"
        self._context.recovery.keep("policy", key, title, policy)

    def drop(self, persona_id: str) -> None:
        """A deleted persona is not written any more."""
        self._personas.pop(persona_id, None)
        self._policies.pop(persona_id, None)
        self._root = str(self._context.project.data.root)
        self._context.recovery.saved("persona", persona_id)
        self._ask("delete_persona", {"persona": persona_id})

    def approve(self, policy: Policy, on_result: Callable[[Any], object]) -> None:
        """Write what waits, then let the policy through the gate."""
        self.flush()
        self._root = str(self._context.project.data.root)
        params = {"persona": policy.persona_id, "workflow": policy.workflow}
        self._ask("approve_policy", params, on_result)

    def flush(self) -> None:
        """Write what waits, now."""
        self._timer.stop()
        personas, self._personas = self._personas, {}
        policies, self._policies = self._policies, {}
        for persona in personas.values():
            self._save("save_persona", "persona", persona.id, persona)
        for policy in policies.values():
            self._save("save_policy", "policy", policy_key(policy.workflow or "", policy.persona_id), policy)

    def _save(self, op: str, kind: Literal["persona", "policy"], key: str, noun: Persona | Policy) -> None:
        root = self._root

        def saved(_reply: Any) -> None:
            if root == str(self._context.project.data.root):
                self._context.recovery.saved(kind, key, noun)

        self._ask(op, {kind: noun.model_dump(mode="json", by_alias=True)}, saved)

    def close(self) -> None:
        """Write what waits, and stay until it is written (two seconds at most)."""
        self.flush()
        clock = QElapsedTimer()
        clock.start()
        while self._under_way and clock.elapsed() < CLOSING_MS:
            time.sleep(0.005)
            self._context.bridge.pump()

    def _ask(self, op: str, params: dict[str, Any], on_result: Callable[[Any], object] | None = None) -> None:
        whole = {"project": self._root, **params}

        def done(reply: Any) -> None:
            self._finished()
            if on_result is not None:
                on_result(reply)

        self._under_way += 1
        self._context.bridge.request("live", op, whole, on_result=done, on_error=self._failed)

    def _finished(self) -> None:
        self._under_way -= 1

    def _failed(self, error: JobFailed) -> None:
        self._finished()
        text = f"Not saved: {error.message}" + (f" ({error.mend})" if error.mend else "")
        self._context.notices.show(text, "bad")
