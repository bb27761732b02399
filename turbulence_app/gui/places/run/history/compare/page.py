"""Two runs beside each other: the headline, the funnel over the other one, what moved, and tables behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QProgressBar, QStackedLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from turbulence_app.domain.comparison import Comparison, KindChange
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.history.compare.deltas import Deltas
from turbulence_app.gui.places.run.history.compare.people import PeoplePage
from turbulence_app.gui.places.run.history.compare.presenter import KINDS, ComparePresenter
from turbulence_app.gui.places.run.history.compare.state import (
    delta_rows,
    flipped_words,
    funnel_rows,
    interval_words,
    pairing_words,
    points,
    tone_of,
)
from turbulence_app.gui.places.run.history.compare.tables import inputs_view, kinds_view, latencies_view, verdicts_view
from turbulence_app.gui.widgets.basics import (
    Button,
    Card,
    Chip,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    LabelKind,
    Splitter,
    row,
    scrolled,
)
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.funnel import FunnelView
from turbulence_app.gui.widgets.sentence import sentence
from turbulence_app.insight.words import percent

INPUTS, VERDICTS, DROPS, LATENCIES, KINDS_TAB, PEOPLE = range(6)
NAMES = ("Inputs", "Invariants", "Drop-offs", "Latency", "Failures", "People")
MOST_DROPS = 40


class ComparePage(QWidget):
    """A comparison, its progress, or why there is none."""

    def __init__(self, context: Context, presenter: ComparePresenter, back: Callable[[], object]) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._shown: Comparison | None = None
        self.back = Button("History", "quiet", "arrow-left", "Back to the list", back)
        self.back.setParent(self)  # until the head takes it: a window may close before that
        self.trouble = EmptyState("circle-alert", "These two cannot be compared", "", "Back to the list", back)
        whole = QWidget()
        self._box = QVBoxLayout(whole)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(14)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        for widget in (whole, self._waiting(), self.trouble):
            self._stack.addWidget(widget)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        self._box.addWidget(self._head())
        yield
        halves = Splitter(Qt.Orientation.Vertical, "run.compare")
        self._box.addWidget(halves, 1)
        self.funnel, self.personas = FunnelView(), Deltas("Completion by persona")
        self.funnel.setAccessibleName("Who reaches each step, the first run dashed")
        halves.addWidget(self._charts())
        yield
        halves.addWidget(self._tables())
        halves.setSizes([290, 270])
        yield
        yield from self._table_pages()
        self._presenter.changed.connect(self.show_comparison)
        self.kinds.chosen.connect(self._kind_chosen)
        self.show_comparison()

    # -- building ---------------------------------------------------------------------------------

    def _head(self) -> Card:
        card = Card()
        self.title = ElidedLabel("", "heading")
        self.before, self.arrow, self.after = (
            Label("", "figure", "dim"),
            Label("→", "figure", "dim"),
            Label("", "figure"),
        )
        self.moved = Label("", "strong")
        self.interval = Label("", "mono", "dim")
        self.pairing = Chip("", "neutral", "users")
        self.export = Button("Export", "plain", "download", "The comparison as HTML or CSV", self._ask_export)
        card.body.setSpacing(6)
        swap = IconButton("repeat", "Swap the two sides", clicked=self._presenter.swap)
        card.body.addLayout(row(self.back, self.title, self.pairing, swap, self.export))
        figures = row(
            Label("completes", "body", "dim"), self.before, self.arrow, self.after, self.moved, self.interval, 1
        )
        for place in range(figures.count()):
            item = figures.itemAt(place)
            if item is not None and (widget := item.widget()) is not None:
                figures.setAlignment(widget, Qt.AlignmentFlag.AlignBaseline)
        card.body.addLayout(figures)
        return card

    def _charts(self) -> Splitter:
        funnel = Card("Who reaches each step? Dashed: the first run")
        funnel.header.addWidget(ExportButton(self._context, "Who reaches each step", self.funnel))
        funnel.body.addWidget(self.funnel, 1)
        moved = Card("By persona: how much did completion move?")
        moved.header.addWidget(ExportButton(self._context, "Completion by persona", self.personas))
        moved.body.addWidget(scrolled(self.personas), 1)
        charts = Splitter(Qt.Orientation.Horizontal, "run.compare.charts", funnel, moved)
        charts.setSizes([560, 460])
        return charts

    def _tables(self) -> Card:
        card = Card()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Tables of the comparison")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.pages = QStackedWidget()
        for name in NAMES:
            self.tabs.addTab(name)
        self.tabs.currentChanged.connect(self._turn)
        self.note = ElidedLabel("", "small", "dim")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        card.body.setSpacing(6)
        export = ExportButton(self._context, lambda: NAMES[self.pages.currentIndex()], self.pages)
        card.body.addLayout(row(self.tabs, self.note, export))
        card.body.addWidget(self.pages, 1)
        return card

    def _table_pages(self) -> Iterator[None]:
        """In the order of ``NAMES``."""
        self.inputs, self.verdicts = inputs_view(), verdicts_view()
        self.pages.addWidget(self.inputs)
        self.pages.addWidget(self.verdicts)
        yield
        self.drops = Deltas("Drop-offs")
        self.latencies, self.kinds = latencies_view(), kinds_view()
        for page in (scrolled(self.drops), self.latencies, self.kinds):
            self.pages.addWidget(page)
        yield
        self.people = PeoplePage(self._context, self._presenter)
        self.pages.addWidget(self.people)
        yield

    def _waiting(self) -> QWidget:
        page = QWidget()
        self.waiting = Label("", "body", "dim")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(320)
        self.bar.setAccessibleName("Comparing")
        stop = Button("Stop", "plain", "square", "Stop comparing", self._presenter.stop)
        box = QVBoxLayout(page)
        box.addStretch(1)
        for widget in (self.waiting, self.bar, stop):
            box.addLayout(row(1, widget, 1))
        box.addStretch(1)
        self.bar.setMinimumWidth(320)
        return page

    # -- showing ----------------------------------------------------------------------------------

    def show_comparison(self) -> None:
        """The comparison, its progress, or why there is none."""
        presenter = self._presenter
        if presenter.busy or (presenter.found is None and not presenter.error):
            self._show_progress()
            self._stack.setCurrentIndex(1)
            return
        if presenter.found is None:
            self.trouble.text.setText(sentence(presenter.error))
            self._stack.setCurrentIndex(2)
            return
        self._stack.setCurrentIndex(0)
        if presenter.found is not self._shown:
            self._shown = presenter.found
            self._show(presenter.found)

    def _show_progress(self) -> None:
        progress = self._presenter.progress
        self.bar.setRange(0, progress.total if progress else 0)
        if progress is not None:
            self.bar.setValue(progress.done)
        done = f"{progress.done:,} of {progress.total:,} people" if progress else "reading both runs"
        self.waiting.setText(f"Comparing person by person: {done}")

    def _show(self, found: Comparison) -> None:
        self.title.setText(f"{found.other.run_id} against {found.one.run_id} · {found.other.workflow}")
        share = found.completion
        self.before.setText(percent(share.before, 1))
        self.after.setText(percent(share.after, 1))
        tone = tone_of(share)
        kinds: dict[str, LabelKind] = {"good": "good", "bad": "bad", "dim": ""}
        self.after.set_kind(kinds[tone])
        verdict = "more than chance" if share.moved else "could be chance" if not found.paired else "no clear change"
        self.moved.setText(f"{points(share.difference)} points, {verdict}")
        self.moved.set_kind(kinds[tone])
        self.interval.setText(f"95 % {interval_words(share)}")
        self.interval.setToolTip(found.formula)
        self.pairing.set(pairing_words(found), "accent" if found.paired else "neutral")
        self.pairing.setToolTip(found.formula)
        self.funnel.set_data(funnel_rows(found))
        self.personas.set_rows(delta_rows(found.personas))
        self.drops.set_rows(delta_rows(found.drop_offs[:MOST_DROPS], good_up=False))
        self.inputs.rows.set_rows(found.changes)
        self.verdicts.rows.set_rows(found.verdicts)
        self.latencies.rows.set_rows(found.latencies)
        self.kinds.rows.set_rows(found.kinds)
        self.people.show_people(found)
        self._count_tabs(found)
        self._turn(self.tabs.currentIndex())

    def _count_tabs(self, found: Comparison) -> None:
        new = sum(not kind.before for kind in found.kinds)
        counts = {
            INPUTS: f" {len(found.changes)}", KINDS_TAB: f" {new} new" if new else "",
            PEOPLE: f" {sum(found.flipped.values()):,}" if found.paired else "",
        }  # fmt: skip
        for place, name in enumerate(NAMES):
            self.tabs.setTabText(place, name + counts.get(place, ""))

    def _turn(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        found = self._shown
        if found is None:
            return
        words = {
            PEOPLE: flipped_words(found) if found.paired else "",
            DROPS: "Who ended without completing, by the last step of the visit; what moved most first",
            KINDS_TAB: f"{len(found.new_failures):,} people fail who did not before" if found.paired else "",
        }
        self.note.setText(words.get(place, " ".join(found.notes)))

    # -- doing ------------------------------------------------------------------------------------

    def _ask_export(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, words, _ in KINDS:
            menu.addAction(words).triggered.connect(lambda *_, kind=kind: self._presenter.save(kind))
        menu.popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def _kind_chosen(self, kind: KindChange) -> None:
        found = self._shown
        if found is not None:
            run_id = found.other.run_id if kind.after else found.one.run_id
            self._context.navigation.go("failures", run_id=run_id, invariant=kind.invariant)
