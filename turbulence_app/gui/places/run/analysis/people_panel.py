"""Beside the charts: the people behind a bar, and one person's visit."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.analysis.people_list import PeopleView
from turbulence_app.gui.places.run.analysis.presenter import AnalysisPresenter
from turbulence_app.gui.places.run.analysis.state import OUTCOME_WORDS, SORTS, Behind, Person, seconds
from turbulence_app.gui.trace_words import trace_lines
from turbulence_app.gui.widgets.basics import Card, ElidedLabel, IconButton, Label, Splitter, row
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.timeline import TimelineView


class PeoplePanel(QWidget):
    """Escape closes it."""

    def __init__(self, context: Context, presenter: AnalysisPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._shown: object = None
        self.title = ElidedLabel("", "heading")
        self.count = Label("", "small", "dim", wrap=True)
        self.count.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.sort = QComboBox()
        self.sort.setAccessibleName("Order")
        self.sort.setToolTip("Who comes first")
        for key, _words, tip in SORTS:
            self.sort.addItem(tip, key)
        self.list = PeopleView()
        self.who = ElidedLabel("", "strong")
        self.what = Label("", "small", "dim", wrap=True)
        self.timeline = TimelineView("Visit of this person")
        self.says = Label("", "body", "dim", wrap=True)
        self.says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.walk = IconButton(
            "workflow", "Walk: go with this person step by step through the workflow", "plain", self._walk
        )
        self.copy = IconButton("terminal", "Copy the command that replays this person", clicked=self._copy)
        self._build()
        self.sort.activated.connect(lambda place: presenter.sort_people(SORTS[place][0]))
        self.list.people.wanted.connect(presenter.more_people)
        self.list.looked_at.connect(presenter.look_at)
        presenter.listed.connect(self.show_people)
        presenter.person_changed.connect(self.show_person)

    def _build(self) -> None:
        people = Card()
        self.close_button = IconButton("x", "Close the people (Esc)", clicked=self._presenter.hide_people)
        export = ExportButton(self._context, self.title.full_text, self.list)
        people.body.setSpacing(6)
        people.body.addLayout(row(self.title, export, self.close_button, spacing=4))
        people.body.addLayout(row(self.count, self.sort))
        people.body.addWidget(self.list, 1)
        person = Card()
        export_visit = ExportButton(self._context, self.who.full_text, self.timeline)
        self.what.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        person.body.setSpacing(6)
        person.body.addLayout(row(self.who, self.walk, self.copy, export_visit, spacing=4))
        person.body.addWidget(self.what)
        self._visit = QStackedWidget()
        self._visit.addWidget(self.timeline)
        self._visit.addWidget(self.says)
        person.body.addWidget(self._visit, 1)
        halves = Splitter(Qt.Orientation.Vertical, "analysis.people", people, person)
        halves.setSizes([280, 230])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(halves)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self._presenter.hide_people()
        else:
            super().keyPressEvent(event)

    # -- showing ----------------------------------------------------------------------------------

    def show_people(self) -> None:
        """Who is behind the bar."""
        behind = self._presenter.behind
        if behind is None:
            return
        self.title.setText(behind.title)
        self.count.setText(count_words(behind))
        self.count.set_kind("bad" if behind.error else "dim")
        self.sort.setCurrentIndex(self.sort.findData(behind.sort))
        self.list.show_waits(behind.sort == "slowest")
        self.list.set_empty("Looking for them…" if behind.loading else behind.error or "Nobody.")
        self.list.people.set_people(behind.people, more=not (behind.whole or behind.loading))
        if behind.people and not self.list.currentIndex().isValid():
            self.list.selectRow(0)

    def show_person(self) -> None:
        """One person's visit, as soon as it is computed."""
        person = self._presenter.person
        for button in (self.walk, self.copy):
            button.setEnabled(person is not None)
        trace = person.trace if person is not None else None
        self.who.setText(
            f"user {person.user:,}" + (f" · {trace.persona}" if trace else "") if person else "Nobody chosen"
        )
        self.what.setText(visit_words(person))
        if trace is not None and trace is not self._shown:
            self.timeline.set_lines(trace_lines(trace))
        self._shown = trace
        self._visit.setCurrentIndex(0 if trace is not None else 1)
        self.says.setText(person.error or "Computing the visit again…" if person else "Choose somebody of the list.")

    # -- doing ------------------------------------------------------------------------------------

    def _walk(self) -> None:
        if self._presenter.person is not None:
            self._context.navigation.go("workflow", walk=self._presenter.address())

    def _copy(self) -> None:
        if address := self._presenter.address():
            QGuiApplication.clipboard().setText(f"turbulence replay {address}")
            self._context.notices.show(f"Copied: turbulence replay {address}", "good")


def count_words(behind: Behind) -> str:
    """How many there are, and how many of them are here."""
    if behind.error:
        return behind.error
    if behind.count is None:
        return "Looking for them…" if behind.loading else f"{len(behind.people):,} so far"
    people = f"{behind.count:,} {'person' if behind.count == 1 else 'people'}"
    if behind.sort != "user" and behind.count > 10_000:
        return f"{people}; the first 10,000 in this order can be looked at"
    return people


def visit_words(person: Person | None) -> str:
    """What came of a visit."""
    if person is None or person.trace is None:
        return ""
    trace = person.trace
    took = seconds((trace.ended_us - trace.arrived_us) / 1000)
    broken = f"; broke {', '.join(trace.violations)}" if trace.violations else ""
    return f"{OUTCOME_WORDS[trace.outcome]} at {trace.last_step or 'the start'} after {took}{broken}"
