"""The faults of the chosen scenario: the list at the left, the one that is looked at at the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from turbulence_app.domain.faults import FAULT_KINDS, FaultKind
from turbulence_app.domain.run import FaultStats
from turbulence_app.domain.workflow import CallStep, GrpcStep
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.faults.form import FaultForm
from turbulence_app.gui.places.run.faults.presenter import FaultsPresenter
from turbulence_app.gui.places.run.faults.words import (
    SAYS,
    Plain,
    label,
    likely_words,
    strength_words,
    where_words,
    window_words,
)
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.tables import effect_token, effect_words
from turbulence_app.gui.places.run.target import TARGETS, impossible
from turbulence_app.gui.widgets.basics import Button, Card, EmptyState, IconButton, Label, Splitter, scrolled
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.rows import Column, RowsView


@dataclass(frozen=True)
class FaultRow:
    """A line of the list."""

    data: Plain
    refused: str = ""
    stats: FaultStats | None = None

    @property
    def title(self) -> str:
        """Its name; a quiet time without one is of no step."""
        return "quiet" if self.data["kind"] == "quiet" and not self.data.get("name") else label(self.data)

    @property
    def kind(self) -> str:
        """Kind and strength."""
        return " ".join((str(self.data["kind"]).replace("_", " "), strength_words(self.data))).strip()

    @property
    def chance(self) -> str:
        """How likely, and when where it is not the whole run."""
        return ", ".join(part for part in (likely_words(self.data), window_words(self.data, always="")) if part)

    @property
    def effect(self) -> str:
        """What it did in the run that is shown."""
        return "not on this target" if self.refused else effect_words(self.stats) if self.stats else ""


class FaultsPage(QWidget):
    """Everything here is written to the scenario's file as soon as it is right."""

    done = Signal()

    def __init__(self, context: Context, presenter: FaultsPresenter, settings: RunSettings) -> None:
        super().__init__()
        self._context, self._presenter, self._settings = context, presenter, settings
        self._stats: dict[str, FaultStats] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        split = Splitter(Qt.Orientation.Horizontal, "run.faults")
        self._box.addWidget(split)
        self.table: RowsView[FaultRow] = RowsView(
            "Faults of the scenario",
            "What may go wrong, in the order in which it is drawn",
            [
                Column("fault", lambda r: r.title, stretch=True),
                Column("kind", lambda r: r.kind),
                Column("where", lambda r: where_words(r.data)),
                Column("how likely", lambda r: r.chance),
                Column(
                    "last run",
                    lambda r: r.effect,
                    lambda r: "warn" if r.refused else effect_token(r.stats) if r.stats else "",
                    tip=lambda r: r.refused or r.effect,
                ),
            ],
        )
        split.addWidget(self._list_card())
        yield
        self.form = FaultForm()
        split.addWidget(self._form_card())
        split.setStretchFactor(0, 5)
        split.setStretchFactor(1, 3)
        split.setSizes([706, 344])
        yield
        self._connect()
        self.show_list()

    def _list_card(self) -> Card:
        card = Card("Faults")
        self._title = card.title
        self.status = Label("", "small", "dim")
        card.header.addWidget(self.status)
        self.add_button = Button("Add", "plain", "plus", "Add a fault of some kind", self._ask_kind)
        card.header.addWidget(self.add_button)
        presenter = self._presenter
        self.tools = [
            IconButton("copy", "The same fault once more", clicked=presenter.duplicate),
            IconButton("chevron-up", "Move up (Alt+Up)", clicked=lambda: presenter.move(-1)),
            IconButton("chevron-down", "Move down (Alt+Down)", clicked=lambda: presenter.move(1)),
            IconButton("trash-2", "Remove (Delete)", clicked=presenter.remove),
        ]
        for tool in self.tools:
            card.header.addWidget(tool)
        card.header.addWidget(ExportButton(self._context, "Faults of the scenario", self.table))
        self.done_button = Button("Done", "plain", "check", "Back to the run (Escape)", self.done.emit)
        card.header.addWidget(self.done_button)
        self.table.set_empty("Nothing goes wrong on purpose yet. Add a fault: what happens to the crowd then?")
        card.body.addWidget(self.table, 1)
        return card

    def _form_card(self) -> Card:
        card = Card("This fault")
        self._form_title = card.title
        says = "A fault says what may go wrong, where, how likely and when."
        self.nothing = EmptyState("waves", "No fault yet", says, "Add a fault", self._ask_kind)
        self.problems = Label("", "small", "bad", wrap=True)
        self._form_area = scrolled(self.form)
        card.body.addWidget(self.nothing, 1)
        card.body.addWidget(self._form_area, 1)
        card.body.addWidget(self.problems)
        return card

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.listed.connect(self.show_list)
        presenter.judged.connect(self._show_judgement)
        self.form.edited.connect(presenter.edit)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _old: presenter.choose(now.row()))
        keys = (
            ("Delete", presenter.remove),
            ("Alt+Up", lambda: presenter.move(-1)),
            ("Alt+Down", lambda: presenter.move(1)),
        )
        for key, action in keys:
            shortcut = QShortcut(QKeySequence(key), self.table, context=Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(action)
        leave = QShortcut(QKeySequence("Escape"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.done)

    def show_stats(self, stats: Iterable[FaultStats]) -> None:
        """What each fault did in the run that is shown."""
        found = {one.label: one for one in stats}
        if found != self._stats:
            self._stats = found
            self._fill()

    def _ask_kind(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        target = self._settings.settings.target
        for name in FAULT_KINDS:
            kind = cast(FaultKind, name)
            reason = impossible(kind, target)
            words = name.replace("_", " ") + (f"  (not on {TARGETS[target].title})" if reason else "")
            entry = menu.addAction(words)
            entry.triggered.connect(lambda *_, kind=kind: self._presenter.add(kind))
            entry.setEnabled(not reason)
            entry.setToolTip(reason or SAYS[kind])
        menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    # -- showing ----------------------------------------------------------------------------------

    def _fill(self) -> None:
        target = self._settings.settings.target
        lines = [
            FaultRow(entry.data, impossible(entry.data["kind"], target), self._stats.get(label(entry.data)))
            for entry in self._presenter.entries
        ]
        self.table.rows.set_rows(lines)
        row = self._presenter.row
        if 0 <= row < len(lines) and self.table.currentIndex().row() != row:
            self.table.selectRow(row)

    def show_list(self) -> None:
        """The list, and the fault that is looked at."""
        scenario = self._settings.scenario()
        count = len(self._presenter.entries)
        self._title.setText(f"{count} fault{'s' * (count != 1)} of {scenario.id if scenario else 'no scenario'}")
        self.add_button.setEnabled(scenario is not None)
        workflow = self._settings.workflow()
        if workflow is not None:
            steps = [step.name for step in workflow.steps() if isinstance(step, CallStep | GrpcStep)]
            self.form.set_names(steps, workflow.services, self._context.project.data.personas)
        self._fill()
        entry = self._presenter.entry
        for tool in self.tools:
            tool.setEnabled(entry is not None)
        self._form_area.setVisible(entry is not None)
        self.nothing.setVisible(entry is None)
        self._form_title.setText(label(entry.data) if entry else "This fault")
        if entry is not None:
            self.form.set_data(entry.data)
        self._show_judgement()

    def _show_judgement(self) -> None:
        presenter = self._presenter
        target = self._settings.settings.target
        reasons = {cast(FaultKind, kind): impossible(cast(FaultKind, kind), target) for kind in FAULT_KINDS}
        self.form.set_refusals(reasons, TARGETS[target].title)
        file = self._context.project.data.files.get(("scenario", self._settings.settings.scenario), "")
        name = Path(str(file)).name
        self.status.setText(f"in {name}" if presenter.saved else "not saved" if presenter.errors else "saving…")
        self.status.set_kind("bad" if presenter.errors else "dim")
        entry = presenter.entry
        self._form_title.setText(label(entry.data) if entry else "This fault")
        self._fill()
        told = presenter.errors or list(presenter.problems)
        words = [problem.message + (f" ({problem.mend})" if problem.mend else "") for problem in told[:4]]
        self.problems.setText("\n".join(words))
        self.problems.set_kind("bad" if presenter.errors else "warn")
        self.problems.setVisible(bool(words))
