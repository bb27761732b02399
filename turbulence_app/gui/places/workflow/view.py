"""Editor and graph side by side."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.presenter import WorkflowPresenter
from turbulence_app.gui.places.workflow.problems import ProblemsList
from turbulence_app.gui.places.workflow.state import Document, step_at, step_lines
from turbulence_app.gui.widgets.basics import Button, Card, Chip, EmptyState, IconButton, Label, Splitter, row
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.find_bar import FindBar
from turbulence_app.gui.widgets.graph import GraphView
from turbulence_app.gui.widgets.yaml_editor import YamlEditor


class WorkflowView(QWidget):
    """Two views of one file. A step chosen in one is chosen in the other."""

    def __init__(self, context: Context, presenter: WorkflowPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._lines: dict[str, range] = {}
        self._shown: Workflow | None = None
        self.editor = YamlEditor()
        self.graph = GraphView()
        self.problems = ProblemsList()
        self.find_bar = FindBar(self.editor)
        self.empty = EmptyState(
            "workflow",
            "No workflow yet",
            "A workflow says what users do. Open a project that has one, or the sample shop.",
        )
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        split = Splitter(Qt.Orientation.Horizontal, "workflow.halves", self._text_card(), self._graph_card())
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 6)
        split.setSizes([500, 600])
        self._stack.addWidget(split)
        self._stack.addWidget(self.empty)
        self._connect()
        self._show_document()

    def _text_card(self) -> Card:
        card = Card("Text")
        self._card_title = card.title
        self.choice = QComboBox()
        self.choice.setAccessibleName("Workflow")
        self.choice.setToolTip("Which workflow of the project to look at")
        self.dirty = Chip("not saved", "warn")
        self.revert = Button(
            "Revert", "quiet", tip="Throw the edits away and read the file again", clicked=self._revert
        )
        self.save = Button("Save", "primary", "save", "Write the file (Ctrl+S)", self._presenter.save)
        for widget in (self.choice, self.dirty, self.revert, self.save):
            card.header.addWidget(widget)
        self._outside_bar = self._make_outside_bar()
        lower = QWidget()
        box = QVBoxLayout(lower)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        self.status = Label("", "small", "dim")
        self._problems_export = ExportButton(self._context, "Problems of the workflow", self.problems)
        box.addLayout(row(self.status, 1, self._problems_export))
        box.addWidget(self.problems, 1)
        self._lower = lower
        card.body.addWidget(self._outside_bar)
        card.body.addWidget(self.editor, 1)
        card.body.addWidget(self.find_bar)
        card.body.addWidget(lower)
        return card

    def _make_outside_bar(self) -> QFrame:
        bar = QFrame()
        bar.setProperty("kind", "well")
        line = QHBoxLayout(bar)
        line.setContentsMargins(10, 6, 6, 6)
        line.addWidget(Label("The file was changed outside while you have edits here.", "body", "warn", wrap=True), 1)
        line.addWidget(Button("Read it again", tip="Take the file, lose the edits", clicked=self._take_theirs))
        line.addWidget(Button("Keep mine", tip="The edits win at the next save", clicked=self._keep_mine))
        bar.hide()
        return bar

    def _graph_card(self) -> Card:
        card = Card("Graph")
        self.stale = Chip("last version that could be read", "warn", "triangle-alert")
        card.header.addWidget(self.stale)
        for icon, tip, action in (
            ("zoom-out", "Further away (-)", lambda: self.graph.zoom(1 / 1.2)),
            ("zoom-in", "Closer (+)", lambda: self.graph.zoom(1.2)),
            ("maximize", "Fit the graph (F)", self.graph.fit),
        ):
            card.header.addWidget(IconButton(icon, tip, clicked=action))
        card.header.addWidget(ExportButton(self._context, "Workflow graph", self.graph))
        card.body.addWidget(self.graph, 1)
        self.step_words = Label("", "small", "dim", wrap=True)
        self.step_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        card.body.addWidget(self.step_words)
        return card

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.loaded.connect(self._load)
        presenter.changed.connect(self._show_document)
        presenter.outside_change.connect(self._outside_bar.show)
        self.editor.textChanged.connect(lambda: presenter.edit(self.editor.toPlainText()))
        self.editor.line_changed.connect(self._line_moved)
        self.problems.line_wanted.connect(self.editor.go_to_line)
        self.graph.step_clicked.connect(self._step_chosen)
        self.graph.step_activated.connect(lambda name: self._step_chosen(name, focus=True))
        self.choice.activated.connect(lambda index: self._choose(self.choice.itemData(index)))
        for keys, action in (
            (QKeySequence.StandardKey.Find, self.find_bar.open),
            (QKeySequence("F8"), self._next_problem),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    # -- showing ----------------------------------------------------------------------------------

    def _load(self) -> None:
        document = self._presenter.document
        self._outside_bar.hide()
        if self.editor.toPlainText() != document.text:
            place = self.editor.verticalScrollBar().value()
            self.editor.set_text(document.text)
            self.editor.verticalScrollBar().setValue(place)
        self._fill_choice()

    def _fill_choice(self) -> None:
        project = self._context.project
        self.choice.clear()
        for workflow_id in project.data.workflows:
            self.choice.addItem(workflow_id, workflow_id)
        self.choice.setCurrentIndex(self.choice.findData(self._presenter.document.workflow_id))
        self.choice.setVisible(self.choice.count() > 1)

    def _show_document(self) -> None:
        document = self._presenter.document
        self._stack.setCurrentIndex(0 if document.file or document.text else 1)
        self.dirty.setVisible(document.dirty)
        self.revert.setVisible(document.dirty)
        self.save.setEnabled(document.dirty and not self._presenter.saving)
        self._card_title.setText(Path(document.file).name or "Text")
        self._show_problems(document)
        if document.workflow is not self._shown:
            self._shown = document.workflow
            self.graph.set_workflow(document.workflow, empty="Nothing could be read yet: mend the text and it appears.")
        self._lines = step_lines(document.text, self.graph.nodes())
        self.stale.setVisible(document.stale)
        self.graph.set_stale(document.stale)

    def _show_problems(self, document: Document) -> None:
        if document.checked or not document.problems:
            self.editor.set_problems(document.problems)
        self.problems.problems.set_problems(document.problems)
        errors, total = len(document.errors), len(document.problems)
        words = f"{errors} error{'s' * (errors != 1)}, {total - errors} warning{'s' * (total - errors != 1)}"
        steps = len(self.graph.nodes())
        self.status.setText(words if total else f"No problems · {steps} steps" if document.checked else "Reading…")
        self.status.set_kind("bad" if errors else "warn" if total else "dim")
        self.problems.setVisible(bool(total))
        self._problems_export.setVisible(bool(total))
        self.problems.setMaximumHeight(min(170, 12 + 44 * max(1, total)))
        self.problems.setMinimumHeight(min(88, 40 * max(1, total)))

    # -- one step in both -------------------------------------------------------------------------

    def _step_chosen(self, name: str, *, focus: bool = False) -> None:
        span = self._lines.get(name)
        if span is not None:
            self.editor.link_lines(span)
            if self.editor.line() not in span or focus:
                self.editor.go_to_line(span.start, focus=focus)
        self._describe(name)

    def _line_moved(self, line: int) -> None:
        name = step_at(line, self._lines)
        if name and name != self.graph.current():
            self.graph.select(name)
            self._describe(name)
        self.editor.link_lines(self._lines.get(name, range(0)))

    def _describe(self, name: str) -> None:
        workflow = self._presenter.document.workflow
        step = next((s for s in workflow.steps() if s.name == name), None) if workflow is not None else None
        if step is None:
            self.step_words.setText("")
            return
        when = f" · only if {step.when}" if step.when else ""
        says = step.description or getattr(step, "prompt", "") or ""
        self.step_words.setText(f"{step.name} · {step.type}{when}" + (f" · {says}" if says else ""))

    def _next_problem(self) -> None:
        lines = self.editor.problem_lines()
        if lines:
            after = [line for line in lines if line > self.editor.line()]
            self.editor.go_to_line(after[0] if after else lines[0])

    # -- buttons ----------------------------------------------------------------------------------

    def _choose(self, workflow_id: str) -> None:
        document = self._presenter.document
        if workflow_id == document.workflow_id:
            return
        if document.dirty and not self._context.dialogs.confirm(
            "Unsaved edits", f"{Path(document.file).name} has edits that are not saved.", "Leave them", danger=True
        ):
            self._fill_choice()
            return
        self._context.project.choose_workflow(workflow_id)

    def _revert(self) -> None:
        if self._context.dialogs.confirm("Revert", "Throw the edits away?", "Revert", danger=True):
            self._presenter.revert()

    def _take_theirs(self) -> None:
        self._outside_bar.hide()
        self._presenter.revert()

    def _keep_mine(self) -> None:
        self._outside_bar.hide()
        self._presenter.keep_mine()
