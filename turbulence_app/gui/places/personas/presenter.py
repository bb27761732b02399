"""What the Personas place does: shows the chosen persona, turns what hands do into edits, undo steps and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import Summary
from turbulence_app.gui.context import Context
from turbulence_app.gui.models import model_words
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.approval import Approval
from turbulence_app.gui.places.personas.compiling import Compiling
from turbulence_app.gui.places.personas.drafting import Drafting
from turbulence_app.gui.places.personas.files import Files
from turbulence_app.gui.places.personas.live import Live
from turbulence_app.gui.places.personas.people import People
from turbulence_app.gui.places.personas.showing import Showing
from turbulence_app.gui.places.personas.view import PersonasView
from turbulence_app.gui.undo_step import Step


class Presenter(QObject):
    """Between the view and the project. Every edit goes through :meth:`change_policy` or :class:`People`."""

    def __init__(self, context: Context, view: PersonasView, undo: QUndoStack) -> None:
        super().__init__(view)
        self._context, self._view, self._undo = context, view, undo
        self.files = Files(context, self)
        self.live = Live(context, self)
        self.compiling = Compiling(context, self)
        self.drafting = Drafting(context, self.files, self)
        self.approval = Approval(context, self.files, self)
        self.people = People(context, self.files, undo, self)
        self.showing = Showing(context, view)
        self._dragging: Policy | None = None
        self._path = ""
        self._closed = False
        self._summary: tuple[Summary, float] | None = None
        self._baseline: Summary | None = None
        self._connect()

    @property
    def selected(self) -> str:
        """The persona that is looked at."""
        return self.people.selected

    def _connect(self) -> None:
        view, project = self._view, self._context.project
        project.changed.connect(self.reload)
        project.workflow_changed.connect(lambda _: self.select(self.selected))
        project.persona_changed.connect(self._persona_changed)
        project.policy_changed.connect(self._policy_changed)
        self.people.selection_changed.connect(self.select)
        view.crowd.chosen.connect(self.select)
        view.crowd.share_dragged.connect(self.people.drag_share)
        view.crowd.dropped.connect(self.people.drop_share)
        view.words.editor.typed.connect(lambda text: self.people.describe(self.selected, text))
        view.words.editor.typed.connect(lambda _text: self.drafting.soon(self.selected))
        view.words.editor.pointed.connect(view.policy.light)
        view.words.editor.asked.connect(lambda paths: view.policy.reveal(paths[0]))
        card = view.policy
        card.share_dragged.connect(self._share)
        card.span_dragged.connect(lambda path, low, high: self._edit(edits.set_span, path, low, high))
        card.probability_dragged.connect(lambda path, share: self._edit(edits.set_probability, path, share))
        card.counted.connect(lambda path, count: self._edit(edits.set_count, path, count))
        card.forever.connect(lambda path: self._edit(edits.set_forever, path))
        card.dropped.connect(self._dropped)
        card.hovered.connect(lambda path, over: view.words.editor.light((path,) if over else ()))
        card.asked.connect(self._ask_reason)
        self.live.current.connect(self._show_current)
        self.live.baseline.connect(self._show_baseline)
        self.live.crowd.connect(self.showing.fares)
        self.live.failed.connect(view.preview.show_nothing)
        self.compiling.started.connect(lambda _: view.words.show_compiling(busy=True))
        self.compiling.progressed.connect(view.words.show_progress)
        self.compiling.finished.connect(self._compiled)
        self.compiling.failed.connect(self._not_compiled)
        self.approval.known.connect(self._baseline_known)
        self._undo.indexChanged.connect(self._buttons)

    # -- showing

    def reload(self) -> None:
        """Another project, or its files were read again."""
        self._undo.clear()
        self.approval.forget()
        people = self._context.project.data.personas
        self.select(self.selected if self.selected in people else next(iter(people), ""))
        self.live.crowd_soon()

    def select(self, persona_id: str) -> None:
        """Look at a persona."""
        self._finish_drag()
        self.people.selected = persona_id
        self._summary = self._baseline = None
        self.showing.crowd(persona_id)
        self.showing.words(persona_id)
        self._show_policy()
        if self.policy() is None:
            why = "Compile the policy, and 20,000 of this persona walk through the workflow." if persona_id else ""
            self._view.preview.show_nothing(why)
        self.live.show(persona_id, self.approval.of(persona_id))
        self._context.navigation.crumb_changed.emit()

    def policy(self) -> Policy | None:
        """The chosen persona's policy."""
        return self._context.project.policy(self.selected)

    def _show_policy(self) -> None:
        self.showing.policy(self.selected, self.approval.of(self.selected), self.approval.versions(self.selected))
        self._buttons()

    def _buttons(self, _index: int = 0) -> None:
        card, policy = self._view.policy, self.policy()
        approved = self.approval.of(self.selected)
        card.undo.setEnabled(self._undo.canUndo())
        card.redo.setEnabled(self._undo.canRedo())
        card.approve.setEnabled(policy is not None and not policy.approved)
        card.revert.setEnabled(policy is not None and approved is not None and policy != approved)
        self._view.words.compile.setEnabled(bool(self.selected) and self._context.project.workflow is not None)

    def _show_current(self, summary: Summary, took_ms: float) -> None:
        self._summary = (summary, took_ms)
        self._show_preview()

    def _show_baseline(self, summary: Summary | None) -> None:
        self._baseline = summary
        self._show_preview()

    def _show_preview(self) -> None:
        if self._summary is not None and self.policy() is not None:
            self._view.preview.show_summary(self._summary[0], self._baseline, self._summary[1])

    # -- the policy, by hand

    def _share(self, path: str, option: str, share: float) -> None:
        workflow = self._context.project.workflow
        if workflow is not None:
            decision = path.removeprefix("decisions.")
            self._edit(lambda policy, *_: edits.set_share(policy, workflow, decision, option, share), path)

    def _edit(self, change: Callable[..., Policy], path: str, *values: Any) -> None:
        """While a hand drags: the policy changes at once, the undo step comes when it lets go."""
        policy = self.policy()
        if policy is None:
            return
        if self._dragging is None:
            self._dragging = policy
        self._path = path
        changed = change(policy, path, *values)
        self._context.project.put_policy(changed)
        self.files.draft(changed)

    def _dropped(self) -> None:
        self._finish_drag()
        self._show_policy()
        self.live.crowd_soon()

    def _finish_drag(self) -> None:
        before, self._dragging = self._dragging, None
        after = self.policy()
        if before is None or after is None or before == after:
            return
        what = self._path.split(".", 1)[-1].replace("_", " ").replace("steps.", "")
        self._undo.push(self._step(f"change of {what}", before, after))
        self.files.policy(after)

    def change_policy(self, text: str, after: Policy) -> None:
        """Replace the policy as one undo step (compiled, reverted)."""
        before = self.policy()
        self._context.project.put_policy(after)
        self._undo.push(self._step(text, before, after))
        self.files.policy(after)
        self._show_policy()
        self.live.crowd_soon()

    def restore(self, policy: Policy) -> None:
        """Take a policy back that a window left behind which was killed."""
        self._context.project.choose_workflow(policy.workflow or "")
        self.people.selected = policy.persona_id
        self.change_policy("restoring the policy", policy)
        self.select(policy.persona_id)

    def _step(self, text: str, before: Policy | None, after: Policy) -> Step:
        def put(policy: Policy | None) -> None:
            if policy is not None:
                self.people.selected = policy.persona_id
                self._context.project.put_policy(policy)
                self.files.policy(policy)
                self.select(policy.persona_id)
                self.live.crowd_soon()

        return Step(text, lambda: put(before), lambda: put(after))

    def _policy_changed(self, persona_id: str) -> None:
        if persona_id == self.selected:
            self._show_policy()
            self.live.touch(persona_id)

    def _persona_changed(self, persona_id: str) -> None:
        people = self._context.project.data.personas
        if self.selected not in people:
            self.select(next(iter(people), ""))
            return
        self.showing.crowd(self.selected)
        if persona_id == self.selected:
            self.showing.words(persona_id)
        self.live.crowd_soon()

    def _ask_reason(self, path: str) -> None:
        if not self._view.words.editor.reveal(path):
            self._context.notices.show("The description does not say; this number is assumed or was edited by hand.")

    # -- the model and the gate

    def compile(self) -> None:
        """Make a policy of the words."""
        persona = self._context.project.data.personas.get(self.selected)
        workflow = self._context.project.workflow
        if persona is not None and workflow is not None:
            self._finish_drag()
            self.files.flush()
            self.drafting.close()
            words = self._view.words
            self.compiling.start(persona, workflow, str(words.backend.currentData()), str(words.way.currentData()))

    def _compiled(self, policy: Policy, took_ms: float) -> None:
        self._view.words.show_compiling(busy=False)
        self.people.selected = policy.persona_id
        self.change_policy("compiling", policy)
        self.select(policy.persona_id)
        self._view.words.report.setText(self.showing.report(policy, took_ms))
        made_by = policy.provenance
        self._context.hub.model_in_use.emit(f"{model_words(made_by.backend, made_by.model)} · ready")
        self._context.hub.cache.emit("last policy from the cache" if made_by.source == "cache" else "")

    def _not_compiled(self, text: str, known: bool) -> None:
        self._view.words.show_compiling(busy=False)
        self._view.words.report.setText("stopped" if not text else "")
        if text:
            self._context.notices.show(text, "warn" if known else "bad")

    def approve(self) -> None:
        """Let the policy through the gate, with a name and a time."""
        policy = self.policy()
        if policy is not None:
            self._finish_drag()
            self.approval.approve(policy)

    def revert(self) -> None:
        """Back to the policy that was approved last."""
        approved = self.approval.of(self.selected)
        if approved is not None and approved != self.policy():
            self.change_policy("going back to the approved policy", approved)
            self.select(self.selected)

    def _baseline_known(self, persona_id: str) -> None:
        if persona_id == self.selected:
            self._show_policy()
            self.live.compare(self.approval.of(persona_id))

    def close(self) -> None:
        """Write what waits, await nothing; a second close does nothing."""
        if self._closed:
            return
        self._finish_drag()
        self._closed = True
        # the stack empties itself while it is destroyed, and would tell widgets that are gone
        self._undo.indexChanged.disconnect(self._buttons)
        self.live.close()
        self.files.close()
        self.drafting.close()
        self.compiling.close()
