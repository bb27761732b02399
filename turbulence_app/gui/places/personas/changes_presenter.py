"""What changed, and what each change does: against the approved policy or a version that the person chooses."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.approval import Approval
from turbulence_app.gui.places.personas.changes_state import ChangeLine, Points, changes_of, signs
from turbulence_app.gui.places.personas.editing import Editing
from turbulence_app.gui.places.personas.live import USERS
from turbulence_app.gui.places.personas.moving import Moving
from turbulence_app.gui.places.personas.policy_card import PolicyCard
from turbulence_app.gui.places.personas.versions import Version, versions_of


class ChangesPresenter(QObject):
    """Fills the Changes page while it is in view."""

    def __init__(
        self, context: Context, card: PolicyCard, approval: Approval, editing: Editing, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context, self._card, self._approval, self._editing = context, card, approval, editing
        self.moving = Moving(context, "effects", self)
        self._persona = ""
        self._chosen = 0
        self._versions: tuple[Version, ...] = ()
        self._effects: dict[str, Points] = {}
        self.moving.known.connect(self._effects_known)
        self.moving.failed.connect(lambda _why: self._draw(pending=False))
        card.switch.chosen.connect(lambda _key: self._turned())
        view = card.changes
        view.chosen.connect(self._choose)
        view.taken_back.connect(self.take_back)
        view.whole.connect(self.take_whole)
        view.shown.connect(card.reveal)

    @property
    def against(self) -> Version | None:
        """The version that is compared with."""
        return self._versions[self._chosen] if self._chosen < len(self._versions) else None

    def show(self, persona_id: str) -> None:
        """Another persona, or its policy changed, or its history is known."""
        if persona_id != self._persona:
            self._persona, self._chosen = persona_id, 0
        self._effects = {}
        self.moving.stop()
        if self._card.page == "changes":
            self._fill()

    def settle(self) -> None:
        """Nothing moves any more: find out what the changes do."""
        before = self.against
        if self._card.page == "changes" and before is not None:
            self.moving.want(self._context.project.inputs(users=USERS, only=self._persona), before.policy)

    def take_back(self, path: str) -> None:
        """One change as it was in the version that is compared with."""
        policy, before = self._policy(), self.against
        if policy is not None and before is not None:
            self._editing.replace("taking a change back", policy, edits.revert(policy, before.policy, path))

    def take_whole(self) -> None:
        """Go back to the whole version."""
        policy, before = self._policy(), self.against
        if before is not None and before.policy != policy:
            self._editing.replace(f"going back to the version {before.words}", policy, before.policy)

    def close(self) -> None:
        """Nothing more is awaited."""
        self.moving.stop()

    def _turned(self) -> None:
        self.moving.stop()
        if self._card.page == "changes":
            self._approval.refresh(self._persona)
            self._fill()
            self.settle()

    def _choose(self, place: int) -> None:
        self._chosen, self._effects = place, {}
        self.moving.stop()
        self._fill()
        self.settle()

    def _fill(self) -> None:
        policy, approved = self._policy(), self._approval.of(self._persona)
        if policy is None:
            return
        kept = self.against
        self._versions = versions_of(self._approval.saved(self._persona), policy, approved)
        if kept is not None and kept in self._versions:
            self._chosen = self._versions.index(kept)
        self._chosen = min(self._chosen, max(0, len(self._versions) - 1))
        self._card.changes.show_versions(self._versions, self._chosen)
        self._draw(pending=True)

    def _draw(self, *, pending: bool) -> None:
        policy, before = self._policy(), self.against
        workflow, approved = self._context.project.workflow, self._approval.of(self._persona)
        if policy is None or workflow is None:
            return
        lines: tuple[ChangeLine, ...] = ()
        if before is not None:
            lines = changes_of(before.policy, policy, workflow, self._effects)
        self._say_empty(before)
        persona = self._context.project.data.personas.get(self._persona)
        who = persona.title if persona is not None else self._persona
        count = len(changes_of(approved, policy, workflow)) if approved is not None else len(lines)
        text = "Approved as it is." if policy.approved else signs(policy, approved, who, count)
        self._card.changes.show_changes(lines, text, pending=pending)

    def _say_empty(self, before: Version | None) -> None:
        empty = self._card.changes.empty
        if before is None:
            empty.title.setText("Nothing to compare with")
            empty.text.setText("No version was approved yet, and none was saved before this one.")
        else:
            empty.title.setText("Nothing changed")
            empty.text.setText("Every number is as it was in this version.")

    def _effects_known(self, effects: Any) -> None:
        self._effects = dict(effects)
        self._draw(pending=False)

    def _policy(self) -> Policy | None:
        return self._context.project.policy(self._persona)
