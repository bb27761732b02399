"""What the Personas place does: shows the chosen persona, turns what hands do into edits, undo steps and files."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QUndoStack

from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.models import model_words
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.approval import Approval
from turbulence_app.gui.places.personas.changes_presenter import ChangesPresenter
from turbulence_app.gui.places.personas.compare_presenter import ComparePresenter
from turbulence_app.gui.places.personas.compiling import Compiling
from turbulence_app.gui.places.personas.drafting import Drafting
from turbulence_app.gui.places.personas.editing import Change, Editing
from turbulence_app.gui.places.personas.files import Files
from turbulence_app.gui.places.personas.people import People
from turbulence_app.gui.places.personas.preview_presenter import PreviewPresenter
from turbulence_app.gui.places.personas.row_menu import row_menu
from turbulence_app.gui.places.personas.showing import Showing
from turbulence_app.gui.places.personas.suggestions import place_for, suggestion
from turbulence_app.gui.places.personas.tracing import Tracing
from turbulence_app.gui.places.personas.transfer import Transfer
from turbulence_app.gui.places.personas.view import PersonasView


class Presenter(QObject):
    """Between the view and the project. Edits go through :class:`Editing` and :class:`People`."""

    def __init__(self, context: Context, view: PersonasView, undo: QUndoStack) -> None:
        super().__init__(view)
        self._context, self._view, self._undo = context, view, undo
        self.files = Files(context, self)
        self.preview = PreviewPresenter(context, view.preview, self)
        self.compiling = Compiling(context, self)
        self.drafting = Drafting(context, self.files, self)
        self.approval = Approval(context, self.files, self)
        self.people = People(context, self.files, undo, self)
        self.transfer = Transfer(context, self.people, self)
        self.editing = Editing(context, self.files, undo, self)
        self.changes = ChangesPresenter(context, view.policy, self.approval, self.editing, self)
        self.compare = ComparePresenter(
            context, view.compare, self.approval, self.editing, lambda: self.people.selected, self
        )
        self.tracing = Tracing(view.words.editor, view.policy.numbers, self)
        self.showing = Showing(context, view)
        self._closed = False
        self._connect()
        self._connect_numbers()

    @property
    def selected(self) -> str:
        """The persona that is looked at."""
        return self.people.selected

    def _connect(self) -> None:
        view, project = self._view, self._context.project
        project.changed.connect(self.reload)
        project.workflow_changed.connect(self._workflow_changed)
        project.persona_changed.connect(self._persona_changed)
        project.policy_changed.connect(self._policy_changed)
        self.people.selection_changed.connect(self.select)
        self.people.added.connect(view.words.editor.setFocus)
        view.crowd.chosen.connect(self.select)
        view.crowd.share_dragged.connect(self.people.drag_share)
        view.crowd.dropped.connect(self.people.drop_share)
        view.crowd.parted.connect(self.people.part)
        for shifted in (view.crowd.share_dragged, view.crowd.parted):
            shifted.connect(lambda *_: self.preview.live.crowd_now())
        view.crowd.moved.connect(self.move)
        view.crowd.opened.connect(lambda _name: view.words.editor.setFocus())
        view.policy.numbers.fold(self.showing.order.folded())
        view.policy.numbers.folded.connect(self.showing.order.fold)
        view.words.editor.typed.connect(lambda text: self.people.describe(self.selected, text))
        view.words.editor.typed.connect(lambda _text: self.drafting.soon(self.selected))
        view.words.trait.connect(self._go_to)
        view.escaped.connect(self._escape)
        self.compare.opened.connect(lambda: view.show_comparison(True))
        self.compare.closed.connect(self._back)
        self.tracing.unsaid.connect(self.say)
        self.tracing.held_changed.connect(lambda: view.words.show_hint(len(self.tracing.held)))
        self.preview.number.connect(self._go_to)
        self.preview.live.crowd.connect(lambda summary: self.showing.fares(summary, self.selected))
        self.compiling.started.connect(lambda _: view.words.show_compiling(busy=True))
        self.compiling.progressed.connect(view.words.show_progress)
        self.compiling.finished.connect(self._compiled)
        self.compiling.failed.connect(self._not_compiled)
        self.approval.known.connect(self._baseline_known)
        self.editing.settled.connect(self._settled)
        self.editing.gone_back.connect(self._gone_back)
        self._undo.indexChanged.connect(self._buttons)
        self._context.theme.follow(view, self._show_policy)

    def _connect_numbers(self) -> None:
        panel = self._view.policy.numbers
        panel.share_dragged.connect(self._share)
        panel.span_dragged.connect(
            lambda path, low, high: self._edit(path, partial(edits.set_span, path=path, low=low, high=high))
        )
        panel.probability_dragged.connect(
            lambda path, share: self._edit(path, partial(edits.set_probability, path=path, share=share))
        )
        panel.counted.connect(lambda path, count: self._edit(path, partial(edits.set_count, path=path, count=count)))
        panel.forever.connect(lambda path: self._edit(path, partial(edits.set_forever, path=path)))
        panel.listed.connect(lambda path, text: self._edit(path, partial(edits.set_list, path=path, text=text)))
        panel.chosen.connect(self._choice)
        panel.reworded.connect(self._reword)
        panel.case_removed.connect(
            lambda path, when: self._at_once(path, partial(edits.drop_case, decision=_name(path), when=when))
        )
        panel.step_added.connect(
            lambda section, step: self._at_once(
                f"{section}.{step}", partial(edits.add_step, section=section, step=step)
            )
        )
        panel.step_removed.connect(self.remove_step)
        panel.dropped.connect(self._dropped)
        panel.reset.connect(self.reset)
        panel.menu.connect(self._row_menu)

    # -- showing

    def reload(self) -> None:
        """Another project, or its files were read again."""
        self._undo.clear()
        self.approval.forget()
        self.compare.comparing.clear()
        self._view.show_comparison(False)
        people = self._context.project.data.personas
        self.select(self.selected if self.selected in people else next(iter(people), ""))
        self.preview.live.crowd_soon()

    def _workflow_changed(self, _workflow_id: str) -> None:
        self.select(self.selected)
        self.preview.live.crowd_soon()

    def select(self, persona_id: str) -> None:
        """Look at a persona."""
        self.editing.drop(self.policy())
        if persona_id != self.selected:
            self.tracing.clear()
        self.people.selected = persona_id
        self.showing.crowd(persona_id)
        self.showing.words(persona_id)
        self._show_policy()
        self.preview.show(persona_id, self.approval.of(persona_id))
        self.changes.show(persona_id)
        self._context.navigation.crumb_changed.emit()

    def move(self, persona_id: str, by: int) -> None:
        """Another place in the list."""
        self.showing.order.move([item.id for item in self._view.crowd.rows()], persona_id, by)
        self.showing.crowd(self.selected)

    def policy(self) -> Policy | None:
        """The chosen persona's policy."""
        return self._context.project.policy(self.selected)

    def _show_policy(self) -> None:
        if not self._closed:
            self._draw_policy(whole=True)

    def _draw_policy(self, *, whole: bool) -> None:
        approval = self.approval
        self.showing.policy(self.selected, approval.of(self.selected), approval.versions(self.selected), whole=whole)
        self._buttons()

    def _buttons(self, _index: int = 0) -> None:
        card, policy = self._view.policy, self.policy()
        approved = self.approval.of(self.selected)
        card.undo.setEnabled(self._undo.canUndo())
        card.redo.setEnabled(self._undo.canRedo())
        card.approve.setEnabled(policy is not None and not policy.approved)
        card.revert.setEnabled(policy is not None and approved is not None and policy != approved)
        ready = bool(self.selected) and self._context.project.workflow is not None
        self._view.words.compile.setEnabled(ready)
        self._view.words.compare.setEnabled(ready and not self.compiling.busy)

    def _go_to(self, path: str) -> None:
        shown = self._view.policy.reveal(path)
        if shown is not None:
            shown.take_focus()
            self._view.policy.light((shown.path,))

    # -- the policy, by hand

    def _share(self, path: str, when: str, option: str, share: float) -> None:
        workflow = self._context.project.workflow
        if workflow is not None:
            change = partial(
                edits.set_share, workflow=workflow, decision=_name(path), option=option, share=share, when=when
            )
            self._edit(path, change)

    def _choice(self, path: str, value: str, on: bool) -> None:
        workflow = self._context.project.workflow
        if workflow is not None:
            self._edit(path, partial(edits.set_choice, workflow=workflow, path=path, value=value, on=on))
            self._show_policy()

    def _reword(self, path: str, when: str, words: str) -> None:
        wrong = edits.readable(words)
        if wrong:
            self._context.notices.show(f"This condition cannot be read: {wrong}", "warn")
            self._view.policy.numbers.keep_cases(path)
        else:
            self._at_once(path, partial(edits.set_when, decision=_name(path), when=when, words=words))

    def _edit(self, path: str, change: Change) -> None:
        self.editing.drag(self.policy(), path, change)

    def _at_once(self, path: str, change: Change) -> None:
        """An edit that is no drag."""
        self._edit(path, change)
        self._dropped()

    def reset(self, path: str) -> None:
        """One number as it was approved."""
        approved = self.approval.of(self.selected)
        if approved is not None:
            self._at_once(path, partial(edits.revert, approved=approved, path=path))

    def remove_step(self, path: str) -> None:
        """A step's own number goes."""
        self._at_once(path, partial(edits.drop_step, path=path))

    def add_case(self, path: str) -> None:
        """Another case of a decision."""
        workflow = self._context.project.workflow
        if workflow is not None:
            self._at_once(path, partial(edits.add_case, workflow=workflow, decision=_name(path)))

    def _row_menu(self, path: str, where: QPoint) -> None:
        item = self._view.policy.numbers.item(path)
        if item is not None:
            menu = row_menu(
                self._view, item, reset=self.reset, explain=self.tracing.hold_number, add_case=self.add_case,
                reshape=lambda p, shape: self._at_once(p, partial(edits.set_shape, path=p, shape=shape)),
                remove=self.remove_step,
            )  # fmt: skip
            menu.popup(where)

    def _dropped(self) -> None:
        self.editing.drop(self.policy())
        self._settled()

    def _settled(self) -> None:
        self._draw_policy(whole=False)
        self.changes.show(self.selected)
        self.changes.settle()
        self.preview.live.crowd_soon()

    def _gone_back(self, persona_id: str) -> None:
        self.select(persona_id)
        self._settled()

    def _policy_changed(self, persona_id: str) -> None:
        if persona_id == self.selected:
            self.changes.moving.stop()
            self.preview.touch()  # the worker begins while the window still draws
            self._draw_policy(whole=False)
            if self._view.comparing:
                self.compare.refresh()

    def _persona_changed(self, persona_id: str) -> None:
        people = self._context.project.data.personas
        if self.selected not in people:
            self.select(next(iter(people), ""))
            return
        self.showing.crowd(self.selected)
        if persona_id == self.selected:
            self.showing.words(persona_id)
        self.preview.live.crowd_soon()

    def restore(self, policy: Policy) -> None:
        """Take a policy back that a window left behind which was killed."""
        self._context.project.choose_workflow(policy.workflow or "")
        self.people.selected = policy.persona_id
        self.editing.replace("restoring the policy", self.policy(), policy)
        self.select(policy.persona_id)

    def _escape(self) -> None:
        if self._view.comparing:
            self.compare.leave()
        else:
            self.tracing.clear()

    def _back(self) -> None:
        self._view.show_comparison(False)
        self._view.words.compare.setFocus()

    # -- words

    def say(self, path: str) -> None:
        """Put a sentence that says a number where the person may change it; compiling reads it."""
        policy, workflow = self.policy(), self._context.project.workflow
        sentence = suggestion(policy, workflow, path) if policy is not None and workflow is not None else ""
        editor = self._view.words.editor
        if not sentence:
            editor.setFocus()
            return
        place, joined = place_for(editor.toPlainText(), sentence)
        editor.offer(place, joined)
        self._context.notices.show("Change the sentence as you like, then compile: the number will come from it.")

    def jump(self) -> None:
        """From words to their number, or from a number to its words."""
        if not self.tracing.jump():
            self._context.notices.show("There is nothing on the other side: no number rests on these words.")

    # -- the model and the gate

    def compile(self) -> None:
        """Make a policy of the words."""
        persona = self._context.project.data.personas.get(self.selected)
        workflow = self._context.project.workflow
        if persona is not None and workflow is not None:
            self.editing.drop(self.policy())
            self.files.flush()
            self.drafting.close()
            words = self._view.words
            self.compiling.start(persona, workflow, str(words.backend.currentData()), str(words.way.currentData()))

    def _compiled(self, policy: Policy, took_ms: float) -> None:
        self._view.words.show_compiling(busy=False)
        self.people.selected = policy.persona_id
        self.editing.replace("compiling", self.policy(), policy)
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
            self.editing.drop(policy)
            self.approval.approve(policy)

    def revert(self) -> None:
        """Back to the policy that was approved last."""
        approved, policy = self.approval.of(self.selected), self.policy()
        if approved is not None and approved != policy:
            self.editing.replace("going back to the approved policy", policy, approved)
            self.select(self.selected)

    def _baseline_known(self, persona_id: str) -> None:
        if persona_id == self.selected:
            self._show_policy()
            self.preview.compare(self.approval.of(persona_id))
            self.changes.show(persona_id)
            self.changes.settle()

    def close(self) -> None:
        """Write what waits, await nothing; a second close does nothing."""
        if self._closed:
            return
        self.editing.drop(self.policy())
        self._closed = True
        # the stack empties itself while it is destroyed, and would tell widgets that are gone
        self._undo.indexChanged.disconnect(self._buttons)
        self.preview.close()
        self.changes.close()
        self.compare.close()
        self.files.close()
        self.drafting.close()
        self.compiling.close()


def _name(path: str) -> str:
    """The decision of a path."""
    return path.removeprefix("decisions.")
