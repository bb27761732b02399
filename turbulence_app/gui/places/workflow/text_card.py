"""The workflow's text: which file, saved or not, the editor, finding, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.problems import ProblemsList
from turbulence_app.gui.places.workflow.state import Document
from turbulence_app.gui.widgets.basics import Button, Card, Chip, IconButton, Label, row
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.find_bar import FindBar
from turbulence_app.gui.widgets.yaml_editor import YamlEditor

SHOWN = 4
"""Problems that are seen without scrolling."""


class TextCard(Card):
    """Widgets only. ``chosen``: another workflow of the project; ``theirs``: whether the file's new text is taken."""

    chosen = Signal(str)
    theirs = Signal(bool)

    def __init__(
        self, context: Context, save: Callable[[], object], revert: Callable[[], object], menu: Callable[[], object]
    ) -> None:
        super().__init__("Workflow")
        self.editor = YamlEditor()
        self.find_bar = FindBar(self.editor)
        self.problems = ProblemsList()
        self.choice = QComboBox()
        self.choice.setAccessibleName("Workflow")
        self.choice.setToolTip("Which workflow of the project to look at")
        self.choice.activated.connect(lambda index: self.chosen.emit(self.choice.itemData(index)))
        self.dirty = Chip("not saved", "warn")
        self.revert = Button("Revert", "quiet", tip="Throw the edits away and read the file again", clicked=revert)
        self.save = Button("Save", "primary", "save", "Write the file (Ctrl+S)", save)
        self.menu = IconButton("ellipsis", "New, duplicate, rename, delete", clicked=menu)
        self.header.insertWidget(0, self.choice)
        for widget in (self.dirty, self.revert, self.save, self.menu):
            self.header.addWidget(widget)
        self.outside = self._outside_bar()
        self.foot = QWidget()
        box = QVBoxLayout(self.foot)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        self.status = Label("", "small", "dim")
        self.export = ExportButton(context, "Problems of the workflow", self.problems)
        box.addLayout(row(self.status, 1, self.export))
        box.addWidget(self.problems, 1)
        self.body.addWidget(self.outside)
        self.body.addWidget(self.editor, 1)
        self.body.addWidget(self.find_bar)
        self.body.addWidget(self.foot)

    def _outside_bar(self) -> QFrame:
        bar = QFrame()
        bar.setProperty("kind", "well")
        across = QHBoxLayout(bar)
        across.setContentsMargins(10, 6, 6, 6)
        across.addWidget(Label("The file was changed outside while you have edits here.", "body", "warn", wrap=True), 1)
        for words, tip, taken in (
            ("Read it again", "Take the file, lose the edits", True),
            ("Keep mine", "The edits win at the next save", False),
        ):
            across.addWidget(Button(words, tip=tip, clicked=lambda taken=taken: self._answer(taken)))  # type: ignore[misc]
        bar.hide()
        return bar

    def _answer(self, taken: bool) -> None:
        self.outside.hide()
        self.theirs.emit(taken)

    def load(self, text: str, *, same: bool) -> None:
        """Another text in the editor; of the ``same`` file it is a step that can be undone."""
        self.outside.hide()
        if same:
            self.editor.replace_all(text, "reading the file again")
        elif self.editor.toPlainText() != text:
            place = self.editor.verticalScrollBar().value()
            self.editor.set_text(text)
            self.editor.verticalScrollBar().setValue(place)

    def fill_choice(self, workflows: list[str], current: str) -> None:
        """The project's workflows; one alone needs no choice."""
        self.choice.clear()
        for workflow_id in workflows:
            self.choice.addItem(workflow_id, workflow_id)
        self.choice.setCurrentIndex(self.choice.findData(current))
        several = self.choice.count() > 1
        self.choice.setVisible(several)
        # the choice says the name already, and chips need the room; a file that cannot be read is none of the choices
        self.title.setVisible(not several or self.choice.currentIndex() < 0)

    def show_document(self, document: Document, steps: int, *, saving: bool) -> None:
        """Name, state, and what is wrong."""
        self.dirty.setVisible(document.dirty)
        self.revert.setVisible(document.dirty)
        self.save.setEnabled(document.dirty and not saving)
        self.title.setText(Path(document.file).name or "Workflow")
        self.choice.setToolTip(f"Which workflow of the project to look at. This one: {Path(document.file).name}")
        if document.checked or not document.problems:
            self.editor.set_problems(document.problems)
        if document.checked or not document.problems:
            self.problems.show_problems(document.problems, document.text)
        errors, total = len(document.errors), len(document.problems)
        words = f"{errors} error{'s' * (errors != 1)}, {total - errors} warning{'s' * (total - errors != 1)}"
        clean = f"No problems · {steps} steps" if document.checked else "Reading…"
        self.status.setText(f"{words} · F8 goes from one to the next" if total else clean)
        self.status.set_kind("bad" if errors else "warn" if total else "dim")
        self.problems.setVisible(bool(total))
        self.export.setVisible(bool(total))
        self.problems.setFixedHeight(min(SHOWN, max(1, total)) * self.problems.row_height() + 6)
