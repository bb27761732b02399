"""The middle column: what broke, how small it got, and its visit from several sides."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from turbulence_app.domain.failure import NearestPassing, Shrunk, Why
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import EXPORTS
from turbulence_app.gui.places.failures.before_page import BeforeAfter
from turbulence_app.gui.places.failures.postmortem_page import PostMortemPage
from turbulence_app.gui.places.failures.presenter import FailuresPresenter
from turbulence_app.gui.places.failures.reading import beside_words, why_rows, why_words
from turbulence_app.gui.places.failures.sides import parting_words, people_of, side_by_side, world_lanes
from turbulence_app.gui.places.failures.sizes_line import SizesLine
from turbulence_app.gui.places.failures.state import sizes_of, tries_words
from turbulence_app.gui.trace_words import story_lines, trace_lines
from turbulence_app.gui.widgets.basics import Button, Card, ElidedLabel, EmptyState, IconButton, Label, scrolled
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.lanes import LanesView
from turbulence_app.gui.widgets.timeline import TimelineView
from turbulence_app.gui.widgets.whiskers import Whiskers
from turbulence_app.insight import sizes
from turbulence_app.insight.words import many

STORY, BEFORE, BESIDE, WHY, REPORT, VISIT = range(6)
TABS = ("Minimal", "Before, after", "Beside", "Why", "Post-mortem", "Visit")
TIPS = (
    "The smallest visit that still breaks it",
    "The visit as it was found beside the smallest one: what was not needed is folded",
    "The failing visit beside the nearest one that passes",
    "How often it fails without each thing",
    "What happened, the smallest cause, and claims that were re-simulated",
    "Everything that this user did",
)


class MainCard(Card):
    """One failure."""

    def __init__(self, context: Context, presenter: FailuresPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._shown: Shrunk | None = None
        self.name = ElidedLabel("", "title")
        self.shrink_button = Button(
            "Shrink", "primary", "scissors", "Find the smallest visit that still breaks it", presenter.shrink
        )
        self.stop_button = Button("Stop", "plain", "square", "Stop; the best so far stays", presenter.stop)
        self.replay_button = Button("Replay", "plain", "repeat", "Run this user again, alone", presenter.replay)
        self.export_button = Button("Export", "plain", "download", "Keep it: capsule, test, report", self._ask_export)
        self.says = Label("", "body", "dim", wrap=True)
        self.message = Label("", "mono", wrap=True)
        self.sizes = SizesLine()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName("Shrinking")
        self.note = Label("", "small", "dim", wrap=True)
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        self.walk_button = IconButton(
            "workflow",
            "Walk this user step by step through the workflow",
            clicked=lambda: context.navigation.act("failures.walk"),
        )
        for button in (self.walk_button, self.export_button, self.replay_button, self.shrink_button, self.stop_button):
            head.addWidget(button)
        self.body.setSpacing(8)
        self.body.addLayout(head)
        for widget in (self.says, self.message, self.sizes, self.bar, self.note):
            self.body.addWidget(widget)

    def fill(self) -> Iterator[None]:
        """Make the sides, one at each turn; nothing else may be asked before the last."""
        presenter = self._presenter
        self._build_tabs()
        yield
        yield from self._sides()
        presenter.selected.connect(self.show_failure)
        presenter.updated.connect(self.show_detail)
        presenter.extras.changed.connect(self._show_extras)

    def _sides(self) -> Iterator[None]:
        """In the order of ``TABS``."""
        self.story = TimelineView("Minimal reproduction")
        self.world = LanesView("Minimal reproduction, person by person", "Who did what when, on the world's clock")
        self._unshrunk = EmptyState(
            "scissors",
            "Not shrunk yet",
            "Shrinking takes away every choice, delay and fault that the failure does not need, and re-runs each try.",
            "Shrink",
            self._presenter.shrink,
        )
        for page in (self.story, self._unshrunk, self.world):
            self._story_page.addWidget(page)
        yield
        self.comparison = BeforeAfter(self._presenter)
        self._pages.addWidget(self.comparison)
        yield
        self.beside = LanesView("Beside one who passes", "The failing visit, and the nearest one that passes")
        self.parting = Label("", "body", wrap=True)
        self._pages.addWidget(_column(self.parting, self.beside))
        self.why = Whiskers("What the failure needs", "still fail")
        self._why_words = Label("", "body", "dim", wrap=True)
        self._pages.addWidget(_column(self._why_words, scrolled(self.why)))
        yield
        self.report = PostMortemPage(self._context, self._presenter)
        self._pages.addWidget(self.report)
        self.visit = TimelineView("Whole visit")
        self._pages.addWidget(self.visit)
        self.tabs.currentChanged.connect(self._turn)
        yield

    def _build_tabs(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Sides of the failure")
        for place, name in enumerate(TABS):
            self.tabs.addTab(name)
            self.tabs.setTabToolTip(place, TIPS[place])
        self._pages, self._story_page = QStackedWidget(), QStackedWidget()
        self._pages.addWidget(self._story_page)
        line = QHBoxLayout()
        line.addWidget(self.tabs)
        line.addStretch(1)
        line.addWidget(ExportButton(self._context, self._front, self._pages, source=self._source))
        self.body.addLayout(line)
        self.body.addWidget(self._pages, 1)

    def _front(self) -> str:
        """The side in front, of which failure."""
        return f"{self.name.full_text()}: {TABS[self.tabs.currentIndex()].lower()}"

    def _source(self) -> str:
        """Which user of which run."""
        failure = self._presenter.failure
        return f"run {failure.run_id or self._presenter.run_id} · user {failure.user:,}" if failure else ""

    # -- showing ----------------------------------------------------------------------------------

    def show_failure(self) -> None:
        """Another failure is looked at."""
        presenter = self._presenter
        failure = presenter.failure
        if failure is None:
            return
        self.name.setText(failure.invariant)
        self.says.setText(presenter.says())
        self.message.setText(failure.message)
        self.message.setVisible(bool(failure.message))
        self._shown = None
        self.tabs.setCurrentIndex(STORY if presenter.shrunk or presenter.shrinking else VISIT)
        self.show_detail()
        self._turn(self.tabs.currentIndex())

    def show_detail(self) -> None:
        """More is known of the failure."""
        presenter = self._presenter
        failure, shrunk, trace = presenter.failure, presenter.shrunk, presenter.trace
        if failure is None:
            return
        self.shrink_button.setVisible(not presenter.shrinking)
        self.shrink_button.setEnabled(not presenter.busy)
        self.stop_button.setVisible(presenter.shrinking)
        self.bar.setVisible(presenter.shrinking)
        self._show_sizes(shrunk)
        self.visit.set_lines(trace_lines(trace, (), failure.step) if trace else [])
        if trace is not None:
            self.visit.show_decisive()
        self._unshrunk.setVisible(shrunk is None)
        if shrunk is None:
            self._story_page.setCurrentWidget(self._unshrunk)
        elif shrunk is not self._shown:
            self._show_story(shrunk)
            if self.tabs.currentIndex() == VISIT:
                self.tabs.setCurrentIndex(STORY)
        self._shown = shrunk
        self.comparison.show_detail()

    def _show_story(self, shrunk: Shrunk) -> None:
        failure = shrunk.failure
        if len(people_of(shrunk)) > 1:
            self.world.set_lanes(*world_lanes(shrunk))
            self._story_page.setCurrentWidget(self.world)
            return
        self.story.set_lines(story_lines(shrunk.story) if shrunk.story else trace_lines(shrunk.trace, (), failure.step))
        self._story_page.setCurrentWidget(self.story)

    def _show_sizes(self, shrunk: Shrunk | None) -> None:
        presenter = self._presenter
        events = len(presenter.trace.events) if presenter.trace else 0
        events = events or (presenter.failure.events if presenter.failure else 0)
        self.note.setVisible(shrunk is not None or presenter.shrinking)
        if shrunk is not None:
            others = sizes_of(shrunk, len(presenter.faults), presenter.people)
            self.sizes.show_sizes(str(sizes.found(shrunk)), str(sizes.smallest(shrunk)), others)
            self.note.setText(("Best so far, usable as it is. " if presenter.shrinking else "") + tries_words(shrunk))
            return
        self.sizes.show_found(many(events, "event") if events else "–")
        if presenter.shrinking:
            done = presenter.progress.done if presenter.progress else 0
            self.note.setText(f"Shrinking… {done:,} candidates re-run" if done else "Shrinking…")

    def show_visit(self) -> None:
        """The whole visit in front."""
        self.tabs.setCurrentIndex(VISIT)

    # -- other sides ------------------------------------------------------------------------------

    def _turn(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        failure, extras = self._presenter.failure, self._presenter.extras
        if failure is not None and self.isVisible():
            if page == BESIDE:
                extras.ask_beside(failure)
            elif page == WHY:
                extras.ask_why(failure)
            elif page == REPORT:
                self.report.look()
        self._show_extras()

    def _show_extras(self) -> None:
        failure, extras = self._presenter.failure, self._presenter.extras
        if failure is None:
            return
        found = extras.beside(failure)
        asked = extras.running("nearest_passing", failure)
        if isinstance(found, NearestPassing):
            self.parting.setText(f"{beside_words(found)} {parting_words(found.failing, found.passing)}")
            names = (f"user {found.failing.user:,}, who fails", f"user {found.passing.user:,}, who passes")
            self.beside.set_lanes(names, side_by_side(found.failing, found.passing))
        else:
            words = "Looking for the nearest visit that passes…" if asked else ""
            self.parting.setText(found if isinstance(found, str) else words)
            self.beside.set_lanes((), ())
        self.beside.setVisible(isinstance(found, NearestPassing))
        why = extras.why(failure)
        self.why.set_rows(why_rows(why) if isinstance(why, Why) else [])
        waiting = "Leaving out one thing at a time, in many worlds…" if extras.running("why", failure) else ""
        self._why_words.setText(why_words(why) if isinstance(why, Why) else why or waiting)

    # -- keeping ----------------------------------------------------------------------------------

    def _ask_export(self) -> None:
        failure, extras = self._presenter.failure, self._presenter.extras
        if failure is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Save the capsule").triggered.connect(lambda *_: extras.save_capsule(failure))
        menu.addSeparator()
        for kind, words, _, _ in EXPORTS:
            menu.addAction(words).triggered.connect(lambda *_, kind=kind: extras.export(failure, kind))
        menu.addSeparator()
        if self._presenter.target == "http":
            menu.addAction("Ask the live service again").triggered.connect(lambda *_: extras.ask_service(failure))
        menu.addAction("Copy the address").triggered.connect(lambda *_: extras.copy_address(failure))
        menu.popup(self.export_button.mapToGlobal(self.export_button.rect().bottomLeft()))


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    box = QVBoxLayout(page)
    box.setContentsMargins(0, 4, 0, 0)
    box.setSpacing(6)
    for place, widget in enumerate(widgets):
        box.addWidget(widget, place)
    return page
