"""Changes of a policy by hand: at once while a hand drags, as one undo step and one file when it lets go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.files import Files
from turbulence_app.gui.undo_step import Step

Change = Callable[[Policy], Policy]


class Editing(QObject):
    """Every edit goes through here. ``settled``: the hand rests; ``gone_back``: whose policy an undo changed."""

    settled = Signal()
    gone_back = Signal(str)

    def __init__(self, context: Context, files: Files, undo: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._files, self._undo = context, files, undo
        self._before: Policy | None = None
        self._what = ""

    def drag(self, policy: Policy | None, path: str, change: Change) -> None:
        """While a hand drags: the policy changes at once, the undo step comes when it lets go."""
        if policy is None:
            return
        if self._before is None:
            self._before = policy
        self._what = path.split(".", 1)[-1].replace("_", " ").replace("steps.", "")
        changed = change(policy)
        self._context.project.put_policy(changed)
        self._files.draft(changed)

    def drop(self, after: Policy | None) -> None:
        """The hand let go."""
        before, self._before = self._before, None
        if before is None or after is None or before == after:
            return
        self._undo.push(self._step(f"change of {self._what}", before, after))
        self._files.policy(after)

    def replace(self, text: str, before: Policy | None, after: Policy) -> None:
        """Another policy as one undo step (compiled, taken back, taken over); the same one is no step."""
        if before == after:
            return
        self._context.project.put_policy(after)
        self._undo.push(self._step(text, before, after))
        self._files.policy(after)
        self.settled.emit()

    def _step(self, text: str, before: Policy | None, after: Policy) -> Step:
        def put(policy: Policy | None) -> None:
            if policy is not None:
                self._context.project.put_policy(policy)
                self._files.policy(policy)
                self.gone_back.emit(policy.persona_id)

        return Step(text, lambda: put(before), lambda: put(after))
