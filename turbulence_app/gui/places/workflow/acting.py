"""What keys, mouse and form do to the workflow: asked of the service, put into the text, shown in all views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from turbulence_app.domain.workflow import DecideStep
from turbulence_app.gui.context import Context
from turbulence_app.gui.graph_model import GraphEdge
from turbulence_app.gui.graph_spots import Spot
from turbulence_app.gui.places.workflow.edits import Edited
from turbulence_app.gui.places.workflow.inspecting import edits_for
from turbulence_app.gui.places.workflow.kinds import new_steps, option_branch
from turbulence_app.gui.places.workflow.presenter import WorkflowPresenter

if TYPE_CHECKING:
    from turbulence_app.gui.places.workflow.view import WorkflowView

MENU = ("workflow.rename", "workflow.duplicate", "workflow.add", "workflow.delete")


class Acting(QObject):
    """Edits of the graph and of the form; each is one step of undo."""

    def __init__(self, context: Context, presenter: WorkflowPresenter, view: WorkflowView) -> None:
        super().__init__(view)
        self._context, self._presenter, self._view = context, presenter, view
        self._spot: Spot | None = None
        presenter.edits.edited.connect(self.edited)
        view.graph.acted.connect(self.acted)
        view.graph.edge_wanted.connect(lambda edge: self.add_at(view.spots.on(edge)))
        view.graph.dropped.connect(self.dropped)
        view.graph_card.kind_chosen.connect(self.add_kind)
        view.graph_card.renamed.connect(self.renamed)
        view.side.inspector.changed.connect(self.field_changed)
        view.side.inspector.pressed.connect(self.field_pressed)

    def edited(self, edited: Edited) -> None:
        """Put into the text what came of an edit, and choose the step that it is about."""
        self._view.editor.apply(edited.changes, edited.words)
        if edited.step:
            self._context.navigation.crumb_changed.emit()
            self._later(edited.step)

    def _later(self, step: str) -> None:
        """Choose the step that an edit was about, when the graph has it."""

        def choose() -> None:
            if step in self._view.graph.nodes():
                self._presenter.changed.disconnect(choose)
                self._view.go_to_step(step)

        self._presenter.changed.connect(choose)

    def acted(self, what: str, step: str) -> None:
        """A key or the menu in the graph."""
        if what == "menu":
            self._context.navigation.menu(MENU, self._view.graph.menu_point())
        elif what == "add":
            self.add()
        elif step and what in ("rename", "delete", "duplicate"):
            {"rename": self.rename, "delete": self.delete, "duplicate": self.duplicate}[what]()
        elif step:
            self._shift(step, -1 if what == "earlier" else 1)

    def add(self) -> None:
        """Ask for the type of a step behind the chosen one."""
        name = self._view.graph.current()
        if name in self._view.spots.of:
            closing = self._view.spots.steps[name].type == "end"
            self.add_at(self._view.spots.of[name] if closing else self._view.spots.after(name))
        else:
            self.add_at(self._view.spots.end())

    def add_at(self, spot: Spot) -> None:
        """Ask for the type of a step at a spot."""
        self._spot = spot
        self._view.graph_card.palette_.open()

    def add_kind(self, kind: str) -> None:
        """Put a step of a type where it was asked for."""
        workflow = self._presenter.document.workflow
        if workflow is not None and self._spot is not None:
            edits = new_steps(kind, workflow, self._view.spots, self._spot)
            self._presenter.edits.ask(edits, "adding a step")

    def rename(self) -> None:
        """Write a new name on the chosen card."""
        if self._view.graph.current():
            self._view.graph_card.rename(self._view.graph.current())

    def renamed(self, step: str, name: str) -> None:
        """A name was written on a card."""
        self._presenter.rename(step, name, None)

    def delete(self) -> None:
        """Take the chosen step out; the next one is chosen."""
        name = self._view.graph.current()
        if name:
            siblings = [one for one in self._view.spots.siblings(name) if one != name]
            index = self._view.spots.of[name].index
            following = siblings[min(index, len(siblings) - 1)] if siblings else self._view.spots.of[name].owner
            self._presenter.delete(name, len(self._view.spots.inside(name)) - 1)
            if following:
                self._later_if_gone(name, following)

    def _later_if_gone(self, gone: str, following: str) -> None:
        def choose() -> None:
            if gone not in self._view.graph.nodes():
                self._presenter.changed.disconnect(choose)
                self._view.go_to_step(following)

        self._presenter.changed.connect(choose)

    def duplicate(self) -> None:
        """A copy of the chosen step behind it."""
        if name := self._view.graph.current():
            self._presenter.edits.ask([{"do": "duplicate", "step": name}], f"duplicating {name}")

    def dropped(self, step: str, edge: GraphEdge) -> None:
        """A step was put on a way."""
        self._move(step, self._view.spots.on(edge))

    def _shift(self, step: str, by: int) -> None:
        """Before the step before it, or behind the one behind it, in the same list."""
        spot, count = self._view.spots.of[step], len(self._view.spots.siblings(step))
        index = spot.index + (-1 if by < 0 else 2)
        if 0 <= index <= count:
            self._move(step, Spot(spot.owner, spot.side, index))

    def _move(self, step: str, spot: Spot) -> None:
        self._presenter.edits.ask([{"do": "move", "step": step, "at": spot.plain()}], f"moving {step}")

    # -- the form of the step ---------------------------------------------------------------------

    def field_changed(self, key: str, value: str) -> None:
        """A field of the form has another value."""
        name, inspector = self._view.graph.current(), self._view.side.inspector
        step = self._view.spots.steps.get(name)
        if step is None:
            return
        if key == "name":
            self._presenter.rename(name, value.strip(), lambda words: inspector.refuse(key, words))
            return
        try:
            edits = edits_for(step, key, value)
        except ValueError as error:
            inspector.refuse(key, str(error))
            return
        self._presenter.edits.ask(edits, f"changing {name}", lambda words: inspector.refuse(key, words))

    def field_pressed(self, key: str) -> None:
        """A button of the form adds or removes something."""
        step = self._view.spots.steps.get(self._view.graph.current())
        if step is None:
            return
        if key in ("side_yes", "side_no"):
            self.add_at(Spot(step.name, "if_true" if key == "side_yes" else "if_false", 0))
        elif key == "add_branch" and isinstance(step, DecideStep):
            option = self._without_branch(step)
            self._presenter.edits.ask(option_branch(step, option, self._view.spots), f"adding a branch for {option}")
        else:
            self.field_changed(key, "")

    def _without_branch(self, step: DecideStep) -> str:
        """The first option that no branch asks about; the last one where all are."""
        asked = [one.condition or "" for one in self._view.spots.steps.values() if one.type == "branch"]
        about = [condition for condition in asked if step.output_var in condition]
        free = [option for option in step.options if not any(f"'{option}'" in condition for condition in about)]
        return (free or list(step.options))[0 if free else -1]
