"""Text, graph and the chosen step side by side: three views of one file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from turbulence_app.domain.workflow import DecideStep, Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.graph_model import GraphEdge
from turbulence_app.gui.graph_spots import Spot, Spots, spots_of
from turbulence_app.gui.places.workflow.edits import Edited
from turbulence_app.gui.places.workflow.graph_card import GraphCard
from turbulence_app.gui.places.workflow.inspecting import edits_for
from turbulence_app.gui.places.workflow.kinds import new_steps, option_branch
from turbulence_app.gui.places.workflow.presenter import WorkflowPresenter
from turbulence_app.gui.places.workflow.side_card import SideCard
from turbulence_app.gui.places.workflow.state import step_at, step_lines, step_problems
from turbulence_app.gui.places.workflow.text_card import TextCard
from turbulence_app.gui.widgets.basics import EmptyState, Splitter
from turbulence_app.gui.widgets.graph_cards import marks_of
from turbulence_app.settings import preferences

WIDE = 1420
"""From this width on the step has a column of its own."""
LEFT = 500
"""Least width of the text: its heading has room for "not saved", so that nothing moves when that comes."""
MENU = ("workflow.rename", "workflow.duplicate", "workflow.add", "workflow.delete")
FILE_MENU = ("workflow.new", "workflow.copy_file", "workflow.rename_file", "workflow.delete_file")


class WorkflowView(QWidget):
    """A step chosen in one view is chosen in the others; an edit in one is an edit of the text."""

    def __init__(self, context: Context, presenter: WorkflowPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._lines: dict[str, range] = {}
        self._shown: Workflow | None = None
        self.spots = Spots()
        self._spot: Spot | None = None
        self._file = ""
        self.text = TextCard(context, presenter.save, self._revert, self._file_menu)
        self.graph_card = GraphCard(context, self._motion, self.add)
        self.side = SideCard()
        self.text.setMinimumWidth(LEFT)
        self.editor, self.graph, self.problems = self.text.editor, self.graph_card.canvas, self.text.problems
        self.find_bar = self.text.find_bar
        self.empty = EmptyState(
            "workflow",
            "No workflow yet",
            "A workflow says what users do: requests, decisions, branches, ends. Begin with a small one.",
            "New workflow",
            lambda: context.navigation.act("workflow.new"),
        )
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._left = Splitter(Qt.Orientation.Vertical, "workflow.left", self.text, self.side)
        self._left.setStretchFactor(0, 3)
        self._left.setStretchFactor(1, 2)
        self._left.setSizes([430, 270])
        self._split = Splitter(Qt.Orientation.Horizontal, "workflow.columns", self._left, self.graph_card)
        self._split.setStretchFactor(0, 5)
        self._split.setStretchFactor(1, 6)
        self._split.setSizes([500, 600])
        self._stack.addWidget(self._split)
        self._stack.addWidget(self.empty)
        self._connect()
        self._show_document()

    def _connect(self) -> None:
        presenter, edits = self._presenter, self._presenter.edits
        presenter.loaded.connect(self._load)
        presenter.changed.connect(self._show_document)
        presenter.outside_change.connect(self.text.outside.show)
        edits.edited.connect(self._edited)
        self.editor.textChanged.connect(lambda: presenter.edit(self.editor.toPlainText()))
        self.editor.line_changed.connect(self._line_moved)
        self.text.chosen.connect(self._choose)
        self.text.theirs.connect(lambda taken: presenter.revert() if taken else presenter.keep_mine())
        self.problems.line_wanted.connect(self.editor.go_to_line)
        self.graph.step_clicked.connect(self._step_chosen)
        self.graph.step_activated.connect(self._edit_step)
        self.graph.acted.connect(self._acted)
        self.graph.edge_wanted.connect(lambda edge: self._add_at(self.spots.on(edge)))
        self.graph.dropped.connect(self._dropped)
        self.graph_card.kind_chosen.connect(self._add_kind)
        self.graph_card.renamed.connect(self._rename)
        self.side.inspector.changed.connect(self._field_changed)
        self.side.inspector.pressed.connect(self._field_pressed)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Wide enough, the step stands at the right; else below the text."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        if wide and self.side.parent() is not self._split:
            self._split.addWidget(self.side)
            self._split.setSizes([self.width() * 36 // 100, self.width() * 41 // 100, self.width() * 23 // 100])
        elif not wide and self.side.parent() is not self._left:
            self._left.addWidget(self.side)
            self._left.setSizes([430, 270])

    def _motion(self) -> bool:
        return not preferences().on("look.reduced_motion")

    # -- showing ----------------------------------------------------------------------------------

    def _load(self) -> None:
        document = self._presenter.document
        self.text.load(document.text, same=document.file == self._file)
        self._file = document.file
        self.fill_choice()

    def fill_choice(self) -> None:
        """The project's workflows."""
        self.text.fill_choice(list(self._context.project.data.workflows), self._presenter.document.workflow_id)

    def _show_document(self) -> None:
        document = self._presenter.document
        self._stack.setCurrentIndex(0 if document.file or document.text else 1)
        if document.workflow is not self._shown:
            self._shown = document.workflow
            self.spots = spots_of(document.workflow)
            self.graph.set_workflow(document.workflow, empty="Nothing could be read yet: mend the text and it appears.")
        self.text.show_document(document, len(self.graph.nodes()), saving=self._presenter.saving)
        self._lines = step_lines(document.text, self.graph.nodes())
        if document.checked:
            self.graph.set_marks(marks_of(step_problems(document.problems, self._lines)))
        self.graph_card.stale.setVisible(document.stale)
        self.graph_card.add.setEnabled(self._presenter.edits.possible)
        self.graph.set_stale(document.stale)
        self._show_step()

    def _show_step(self) -> None:
        name, document = self.graph.current(), self._presenter.document
        wrong = [
            problem
            for problem in document.problems
            if problem.where is not None and name and step_at(problem.where.line, self._lines) == name
        ]
        words = "\n".join(one.message + (f" ({one.mend})" if one.mend else "") for one in wrong)
        severity = "error" if any(one.severity == "error" for one in wrong) else "warning"
        self.side.show_step(self.spots.steps.get(name), document.workflow, words, severity)

    # -- one step in all views --------------------------------------------------------------------

    def _step_chosen(self, name: str) -> None:
        span = self._lines.get(name)
        if span is not None:
            self.editor.link_lines(span)
            if self.editor.line() not in span or step_at(self.editor.line(), self._lines) != name:
                self.editor.go_to_line(span.start, focus=False)
        self._show_step()

    def go_to_step(self, name: str) -> None:
        """Choose a step in all views."""
        self.graph.select(name)
        self._step_chosen(name)

    def _edit_step(self, name: str) -> None:
        self._step_chosen(name)
        self.side.inspector.focus("condition" if self.side.inspector.field("condition") else "name")

    def _line_moved(self, line: int) -> None:
        name = step_at(line, self._lines)
        if name and name != self.graph.current():
            self.graph.select(name)
            self._show_step()
        self.editor.link_lines(self._lines.get(name, range(0)))

    def next_problem(self, by: int = 1) -> None:
        """The next line with a problem, or the one before; round at the end."""
        lines = self.editor.problem_lines()
        if lines:
            here = self.editor.line()
            beyond = [line for line in lines if (line - here) * by > 0]
            place = (beyond or lines)[0 if by > 0 else -1]
            self.editor.go_to_line(place)
            self.problems.show_line(place)

    # -- edits on the graph -----------------------------------------------------------------------

    def _edited(self, edited: Edited) -> None:
        self.editor.apply(edited.changes, edited.words)
        if edited.step:
            self._context.navigation.crumb_changed.emit()
            self._later(edited.step)

    def _later(self, step: str) -> None:
        """Choose the step that an edit was about, when the graph has it."""

        def choose() -> None:
            if step in self.graph.nodes():
                self._presenter.changed.disconnect(choose)
                self.go_to_step(step)

        self._presenter.changed.connect(choose)

    def _acted(self, what: str, step: str) -> None:
        if what == "menu":
            self._context.navigation.menu(MENU, self.graph.menu_point())
        elif what == "add":
            self.add()
        elif step and what in ("rename", "delete", "duplicate"):
            {"rename": self.rename, "delete": self.delete, "duplicate": self.duplicate}[what]()
        elif step:
            self._shift(step, -1 if what == "earlier" else 1)

    def add(self) -> None:
        """Ask for the type of a step behind the chosen one."""
        name = self.graph.current()
        if name in self.spots.of:
            closing = self.spots.steps[name].type == "end"
            self._add_at(self.spots.of[name] if closing else self.spots.after(name))
        else:
            self._add_at(self.spots.end())

    def _add_at(self, spot: Spot) -> None:
        self._spot = spot
        self.graph_card.palette_.open()

    def _add_kind(self, kind: str) -> None:
        workflow = self._presenter.document.workflow
        if workflow is not None and self._spot is not None:
            edits = new_steps(kind, workflow, self.spots, self._spot)
            self._presenter.edits.ask(edits, "adding a step")

    def rename(self) -> None:
        """Write a new name on the chosen card."""
        if self.graph.current():
            self.graph_card.rename(self.graph.current())

    def _rename(self, step: str, name: str) -> None:
        self._presenter.rename(step, name, None)

    def delete(self) -> None:
        """Take the chosen step out; the next one is chosen."""
        name = self.graph.current()
        if name:
            siblings = [one for one in self.spots.siblings(name) if one != name]
            index = self.spots.of[name].index
            following = siblings[min(index, len(siblings) - 1)] if siblings else self.spots.of[name].owner
            self._presenter.delete(name, len(self.spots.inside(name)) - 1)
            if following:
                self._later_if_gone(name, following)

    def _later_if_gone(self, gone: str, following: str) -> None:
        def choose() -> None:
            if gone not in self.graph.nodes():
                self._presenter.changed.disconnect(choose)
                self.go_to_step(following)

        self._presenter.changed.connect(choose)

    def duplicate(self) -> None:
        """A copy of the chosen step behind it."""
        if name := self.graph.current():
            self._presenter.edits.ask([{"do": "duplicate", "step": name}], f"duplicating {name}")

    def _dropped(self, step: str, edge: GraphEdge) -> None:
        self._move(step, self.spots.on(edge))

    def _shift(self, step: str, by: int) -> None:
        """Before the step before it, or behind the one behind it, in the same list."""
        spot, count = self.spots.of[step], len(self.spots.siblings(step))
        index = spot.index + (-1 if by < 0 else 2)
        if 0 <= index <= count:
            self._move(step, Spot(spot.owner, spot.side, index))

    def _move(self, step: str, spot: Spot) -> None:
        self._presenter.edits.ask([{"do": "move", "step": step, "at": spot.plain()}], f"moving {step}")

    # -- the form of the step ---------------------------------------------------------------------

    def _field_changed(self, key: str, value: str) -> None:
        name, inspector = self.graph.current(), self.side.inspector
        step = self.spots.steps.get(name)
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

    def _field_pressed(self, key: str) -> None:
        step = self.spots.steps.get(self.graph.current())
        if step is None:
            return
        if key in ("side_yes", "side_no"):
            self._add_at(Spot(step.name, "if_true" if key == "side_yes" else "if_false", 0))
        elif key == "add_branch" and isinstance(step, DecideStep):
            option = self._without_branch(step)
            self._presenter.edits.ask(option_branch(step, option, self.spots), f"adding a branch for {option}")
        else:
            self._field_changed(key, "")

    def _without_branch(self, step: DecideStep) -> str:
        """The first option that no branch asks about; the last one where all are."""
        asked = [one.condition or "" for one in self.spots.steps.values() if one.type == "branch"]
        about = [condition for condition in asked if step.output_var in condition]
        free = [option for option in step.options if not any(f"'{option}'" in condition for condition in about)]
        return (free or list(step.options))[0 if free else -1]

    # -- buttons ----------------------------------------------------------------------------------

    def _choose(self, workflow_id: str) -> None:
        document = self._presenter.document
        if workflow_id == document.workflow_id:
            return
        if document.dirty and not self._context.dialogs.confirm(
            "Unsaved edits", f"{Path(document.file).name} has edits that are not saved.", "Leave them", danger=True
        ):
            self.fill_choice()
            return
        self._context.project.choose_workflow(workflow_id)

    def _revert(self) -> None:
        if self._context.dialogs.confirm("Revert", "Throw the edits away?", "Revert", danger=True):
            self._presenter.revert()

    def _file_menu(self) -> None:
        button = self.text.menu
        self._context.navigation.menu(FILE_MENU, button.mapToGlobal(button.rect().bottomLeft()))
