"""The human gate: the version of a policy that a person let through, and how many versions there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.lately import Lately
from turbulence_app.gui.places.personas.files import Files

Key = tuple[str, str]
KEPT, VERSIONS = 3, 50
"""Of so many personas the history is remembered, of each so many versions: a version is a whole policy."""


class Approval(QObject):
    """Knows the last approved policy of each persona: this session's, else the one in the project's history."""

    known = Signal(str)
    """The approved version of this persona's policy is another one now."""

    def __init__(self, context: Context, files: Files, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._files = context, files
        self._approved: dict[Key, Policy] = {}
        self._saved: dict[Key, Any] = Lately(KEPT)
        self._asked: dict[Key, bool] = Lately(KEPT)

    def of(self, persona_id: str) -> Policy | None:
        """The approved policy, as far as it is known; asks the history where nobody did lately."""
        workflow, policy = self._context.project.workflow, self._context.project.policy(persona_id)
        if workflow is None:
            return None
        key = (workflow.id, persona_id)
        if policy is not None and policy.approved:
            self._approved[key] = policy
        if key not in self._asked and policy is not None:  # or forgotten since
            self._ask(key)
        return self._approved.get(key)

    def versions(self, persona_id: str) -> int:
        """How many versions the history holds; 0 is unknown or none."""
        return len(self.saved(persona_id))

    def saved(self, persona_id: str) -> list[Any]:
        """The history's entries, newest first, as far as they are known."""
        workflow = self._context.project.workflow
        return list(self._saved.get((workflow.id, persona_id), ())) if workflow is not None else []

    def refresh(self, persona_id: str) -> None:
        """Ask the history again: something was saved meanwhile."""
        workflow = self._context.project.workflow
        if workflow is not None and persona_id:
            self._files.flush()
            self._ask((workflow.id, persona_id))

    def approve(self, policy: Policy) -> None:
        """Ask the service to let the policy through, in the name of whoever is logged in."""
        self._files.approve(policy, self._approved_now)

    def forget(self) -> None:
        """Another project."""
        self._approved.clear()
        self._saved.clear()
        self._asked.clear()

    def _approved_now(self, reply: Any) -> None:
        policy = Policy.model_validate(_document(reply))
        workflow = self._context.project.workflow
        key = (policy.workflow or (workflow.id if workflow is not None else ""), policy.persona_id)
        self._approved[key] = policy
        self._context.project.put_policy(policy)
        self._ask(key)
        by = policy.provenance.approved_by or "you"
        self._context.notices.show(f"Approved by {by}. Runs use it from now on.", "good")
        self.known.emit(policy.persona_id)

    def _ask(self, key: Key) -> None:
        self._asked[key] = True
        project = str(self._context.project.data.root)
        params = {"project": project, "persona": key[1], "workflow": key[0], "limit": VERSIONS}
        self._context.bridge.request(
            "live", "policy_history", params, on_result=lambda reply: self._history(key, reply), on_error=lambda _: None
        )

    def _history(self, key: Key, reply: Any) -> None:
        versions = list(reply if isinstance(reply, list) else reply.get("versions", []))
        self._saved[key] = versions
        if key not in self._approved:
            policies = (Policy.model_validate(_document(version)) for version in versions)
            found = next((policy for policy in policies if policy.approved), None)
            if found is not None:
                self._approved[key] = found
        self.known.emit(key[1])


def _document(reply: Any) -> Any:
    """The policy in an answer, bare or under its key."""
    return reply["policy"] if isinstance(reply, Mapping) and "policy" in reply else reply
