"""The line above the list: search, filters, how many lines there are, and what was moved aside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.places.run.history.state import AGES, VERDICTS
from turbulence_app.gui.widgets.basics import Button, Label
from turbulence_app.gui.widgets.search_line import SearchLine

Choices = Sequence[tuple[str, str]]
KINDS: Choices = (("", "All"), ("run", "Runs"), ("campaign", "Campaigns"))
TARGETS: Choices = (("", "Any target"), ("model", "Model"), ("app", "App"), ("http", "HTTP"))


class FilterBar(QWidget):
    """What narrows the list down."""

    def __init__(self, context: Context, presenter: HistoryPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self.words = SearchLine(
            "Search names, tags, notes, digests, invariants", "All words must occur, each as the beginning of a word"
        )
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.kind = _choice("Runs or campaigns", KINDS)
        self.verdict = _choice("Verdict", VERDICTS)
        self.target = _choice("Target", TARGETS)
        self.persona = _choice("Persona in the crowd", (("", "Any persona"),))
        self.tag = _choice("Tag", (("", "Any tag"),))
        self.age = _choice("When", AGES)
        self.count = Label("", "mono_small", "dim")
        self.clear = Button("Clear", "quiet", "x", "Show everything again", presenter.clear)
        self.undo = Button("Undo delete", "quiet", "undo-2", "Bring back what was deleted last", presenter.bring_back)
        self.boxes = {
            "kind": self.kind, "verdict": self.verdict, "target": self.target, "persona": self.persona,
            "tag": self.tag, "age": self.age,
        }  # fmt: skip
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.words)
        line = QHBoxLayout()
        line.setSpacing(6)
        box.addLayout(line)
        for name, choice in self.boxes.items():
            choice.activated.connect(partial(self._narrow, name))
            line.addWidget(choice)
        line.addStretch(1)
        for widget in (self.clear, self.undo):
            line.addWidget(widget)
        self.words.textChanged.connect(lambda text: presenter.narrow(words=text))
        presenter.tags_changed.connect(self._show_tags)
        presenter.state_changed.connect(self.show_state)
        context.project.changed.connect(self._show_personas)
        self._show_personas()
        self.show_state()

    def _narrow(self, name: str, place: int) -> None:
        self._presenter.narrow(**{name: self.boxes[name].itemData(place)})

    def show_state(self) -> None:
        """What is set, and how many lines pass."""
        presenter, filters = self._presenter, self._presenter.filters
        total = presenter.pages.total
        noun = "line" if filters.narrow else "entry" if total == 1 else "runs and campaigns"
        self.count.setText(
            "reading…" if presenter.loading else f"{total:,} {noun}{'s' * (filters.narrow and total != 1)}"
        )
        self.clear.setVisible(filters.narrow)
        self.undo.setVisible(bool(presenter.aside))
        if self.words.text() != filters.words:
            with QSignalBlocker(self.words):
                self.words.setText(filters.words)
        for name, box in self.boxes.items():
            box.setCurrentIndex(max(0, box.findData(getattr(filters, name))))
            box.setVisible(box.count() > 1)

    def _show_tags(self) -> None:
        _fill(self.tag, (("", "Any tag"), *((tag, tag) for tag in self._presenter.tags)))
        self.show_state()

    def _show_personas(self) -> None:
        people = self._context.project.data.personas
        _fill(self.persona, (("", "Any persona"), *((key, one.title) for key, one in people.items())))
        self.show_state()


def _choice(name: str, choices: Choices) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMaximumWidth(190)
    _fill(box, choices)
    return box


def _fill(box: QComboBox, choices: Choices) -> None:
    with QSignalBlocker(box):
        box.clear()
        for key, words in choices:
            box.addItem(words, key)
