"""Text, graph and the chosen step side by side: three views of one file."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.graph_model import spread
from turbulence_app.gui.graph_spots import Spots, spots_of
from turbulence_app.gui.places.workflow.acting import Acting
from turbulence_app.gui.places.workflow.completing import suggest
from turbulence_app.gui.places.workflow.graph_card import GraphCard
from turbulence_app.gui.places.workflow.mending import Mend
from turbulence_app.gui.places.workflow.presenter import WorkflowPresenter
from turbulence_app.gui.places.workflow.side_card import SideCard
from turbulence_app.gui.places.workflow.state import definition_line, step_at, step_lines, step_problems
from turbulence_app.gui.places.workflow.text_card import TextCard
from turbulence_app.gui.places.workflow.walk_panel import WalkPanel
from turbulence_app.gui.places.workflow.walk_words import visits, ways
from turbulence_app.gui.places.workflow.walking import Wanted
from turbulence_app.gui.widgets.basics import EmptyState, Splitter
from turbulence_app.gui.widgets.graph_cards import Mark, marks_of
from turbulence_app.settings import preferences

WIDE = 1420
"""From this width on the step has a column of its own."""
LEFT = 500
"""Least width of the text: its heading has room for "not saved", so that nothing moves when that comes."""
FILE_MENU = ("workflow.new", "workflow.copy_file", "workflow.rename_file", "workflow.delete_file")


class WorkflowView(QWidget):
    """A step chosen in one view is chosen in the others; an edit in one is an edit of the text."""

    def __init__(self, context: Context, presenter: WorkflowPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._lines: dict[str, range] = {}
        self._shown: Workflow | None = None
        self.spots = Spots()
        self._file = ""
        self.walking = presenter.walking
        self._whole = False
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        context, presenter = self._context, self._presenter
        self._split = Splitter(Qt.Orientation.Horizontal, "workflow.columns")
        self._stack.addWidget(self._split)
        self._left = Splitter(Qt.Orientation.Vertical, "workflow.left")
        self._split.addWidget(self._left)
        self.text = TextCard(context, presenter.save, self._revert, self._file_menu)
        self.text.setMinimumWidth(LEFT)
        self.editor, self.problems = self.text.editor, self.text.problems
        self.find_bar = self.text.find_bar
        self._left.addWidget(self.text)
        yield
        self.side = SideCard(WalkPanel(context, self.walking, self._walk_next))
        self._left.addWidget(self.side)
        self._left.setStretchFactor(0, 3)
        self._left.setStretchFactor(1, 2)
        self._left.setSizes([430, 270])
        yield
        self.graph_card = GraphCard(context, self._motion, lambda: context.navigation.act("workflow.add"))
        self.graph = self.graph_card.canvas
        self._split.addWidget(self.graph_card)
        self._split.setStretchFactor(0, 5)
        self._split.setStretchFactor(1, 6)
        self._split.setSizes([500, 600])
        yield
        self.empty = EmptyState(
            "workflow",
            "No workflow yet",
            "A workflow says what users do: requests, decisions, branches, ends. Begin with a small one.",
            "New workflow",
            lambda: context.navigation.act("workflow.new"),
        )
        self._stack.addWidget(self.empty)
        self.acting = Acting(context, presenter, self)
        yield
        self._connect()
        self._show_document()
        self._whole = True
        self._arrange()
        yield

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.loaded.connect(self._load)
        presenter.changed.connect(self._show_document)
        presenter.outside_change.connect(self.text.outside.show)
        self.editor.textChanged.connect(lambda: presenter.edit(self.editor.toPlainText()))
        self.editor.line_changed.connect(self._line_moved)
        self.editor.suggest = lambda text, line, column: suggest(text, line, column, presenter.document.workflow)
        self.editor.definition_wanted.connect(self._define)
        self.text.chosen.connect(self._choose)
        self.text.theirs.connect(lambda taken: presenter.revert() if taken else presenter.keep_mine())
        self.problems.line_wanted.connect(self.editor.go_to_line)
        self.problems.mend_wanted.connect(self._mend)
        self.graph.step_clicked.connect(self._step_chosen)
        self.graph.step_activated.connect(self._edit_step)
        self.walking.moved.connect(self._walked)
        self.side.turned.connect(self._share_left)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Wide enough, the step stands at the right; else below the text."""
        super().resizeEvent(event)
        if self._whole:
            self._arrange()

    def _arrange(self) -> None:
        wide = self.width() >= WIDE
        if wide and self.side.parent() is not self._split:
            self._split.addWidget(self.side)
            self._split.setSizes([self.width() * 36 // 100, self.width() * 41 // 100, self.width() * 23 // 100])
        elif not wide and self.side.parent() is not self._left:
            self._left.addWidget(self.side)
            self._share_left()

    def _share_left(self) -> None:
        """Below the text a walk needs more room than a form."""
        if self.side.parent() is self._left:
            share = 0.58 if self.side.walking() else 0.42
            height = max(1, self._left.height())
            self._left.setSizes([round(height * (1 - share)), round(height * share)])

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
        if document.checked and self.walking.walk is None:
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

    def _define(self, word: str) -> None:
        """Go to where a name is defined: a step, a service, a decision, a variable."""
        line = definition_line(self._presenter.document.text, word, self._lines)
        if line:
            self.editor.go_to_line(line)

    def next_problem(self, by: int = 1) -> None:
        """The next line with a problem, or the one before; round at the end."""
        lines = self.editor.problem_lines()
        if lines:
            here = self.editor.line()
            beyond = [line for line in lines if (line - here) * by > 0]
            place = (beyond or lines)[0 if by > 0 else -1]
            self.editor.go_to_line(place)
            self.problems.show_line(place)

    # -- one user ---------------------------------------------------------------------------------

    def walk(self, wanted: Wanted | None = None) -> None:
        """Bring the walk to the front, with this user or the one there is."""
        self.side.show_page("walk")
        if wanted is not None or self.walking.walk is None:
            self.walking.start(wanted or self.walking.wanted, self._presenter.document.workflow)

    def _walk_next(self, find: str) -> None:
        workflow = self._presenter.document.workflow
        if find:
            self.walking.next(find, workflow)
        else:
            self.walking.start(self.walking.wanted, workflow)

    def _walked(self) -> None:
        """The card where the user is lights up, the ways up to there, and the line of the text."""
        walk, stop = self.walking.walk, self.walking.stop
        if walk is None or stop is None:
            self.graph.set_walked(())
            self._show_document()
            return
        counts = visits(walk, self.walking.index)
        marks = {name: Mark(visits=count, here=name == stop.step) for name, count in counts.items()}
        self.graph.set_marks(marks)
        self.graph.set_walked(spread(ways(walk, self.walking.index), self.graph.graph.edges))
        if stop.step in self.graph.nodes():
            self.graph.select(stop.step)
            self._step_chosen(stop.step)

    def mend(self) -> None:
        """Do the likeliest mend for the problem of the line."""
        self.problems.mend_line(self.editor.line())

    def _mend(self, mend: Mend) -> None:
        if self.problems.text != self._presenter.document.text:
            return  # typed meanwhile: the next check brings mends for the text as it is
        self.editor.apply([mend.change], mend.words.lower())
        self._presenter.check()

    # -- buttons ----------------------------------------------------------------------------------

    def _choose(self, workflow_id: str) -> None:
        """What was typed in the one that is left waits there."""
        if workflow_id != self._presenter.document.workflow_id:
            self._context.project.choose_workflow(workflow_id)

    def _revert(self) -> None:
        if self._context.dialogs.confirm("Revert", "Throw the edits away?", "Revert", danger=True):
            self._presenter.revert()

    def _file_menu(self) -> None:
        button = self.text.menu
        self._context.navigation.menu(FILE_MENU, button.mapToGlobal(button.rect().bottomLeft()))
