"""What the bench measured: a table, three charts that each answer one question, and what was missed."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QStackedLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.models import bench_state as bench
from turbulence_app.gui.places.models.bench_presenter import BenchPresenter
from turbulence_app.gui.places.models.tables import result_view, span_failures
from turbulence_app.gui.places.run.campaign.cards import NamesList
from turbulence_app.gui.widgets.basics import Card, EmptyState, Label, Splitter, scrolled
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.intervals import Intervals
from turbulence_app.insight.words import percent


class ChartCard(Card):
    """A chart under its question."""

    def __init__(self, context: Context, question: str, chart: Intervals, foot: str = "") -> None:
        super().__init__(question)
        self.chart = chart
        self.body.addWidget(scrolled(chart), 1)
        self.whose = Label("", "small", "small")
        self.header.addWidget(self.whose)
        self.header.addWidget(ExportButton(context, question, chart, source=self.whose.text))
        self.foot = Label(foot, "small", "small", wrap=True)
        self.foot.setVisible(bool(foot))
        self.body.addWidget(self.foot)


class BenchPage(QWidget):
    """The results; an empty state until there are some."""

    def __init__(self, context: Context, presenter: BenchPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        presenter = self._presenter
        split = Splitter(Qt.Orientation.Horizontal, "models.bench.columns")
        self._stack.addWidget(split)
        left = Splitter(Qt.Orientation.Vertical, "models.bench.left")
        self.charts = Splitter(Qt.Orientation.Vertical, "models.bench.charts")
        split.addWidget(left)
        split.addWidget(self.charts)
        left.addWidget(self._results())
        yield
        lower = Splitter(Qt.Orientation.Horizontal, "models.bench.lower")
        left.addWidget(lower)
        self.kinds = ChartCard(
            self._context,
            "At what is it good?",
            Intervals("Share of expectations met by kind, for the chosen model", "share", percent),
        )
        lower.addWidget(self.kinds)
        yield
        lower.addWidget(self._missed())
        lower.setSizes([310, 430])
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 2)
        left.setSizes([330, 250])
        yield
        for _ in self._charts():
            yield
        split.setStretchFactor(0, 7)
        split.setStretchFactor(1, 4)
        split.setSizes([752, 310])
        self.empty = EmptyState(
            "flask-conical",
            "Nothing is measured yet",
            "The bench asks each model about people whom none was tuned on, and counts how often its policy says what"
            " anybody who read the words would expect. The built-in model takes seconds, a language model minutes.",
            "Measure all that are ready",
            presenter.start,
        )
        self._stack.addWidget(self.empty)
        self._connect()
        self.show_results()
        yield

    def _results(self) -> Card:
        self.table = result_view()
        results = Card("Results")
        self.count = Label("", "small", "small")
        results.header.addWidget(self.count)
        results.header.addWidget(ExportButton(self._context, "Results of the bench", self.table))
        results.body.addWidget(self.table, 1)
        return results

    def _missed(self) -> Card:
        self.missed = NamesList("What was missed", "Expectations that the chosen model did not meet")
        self.missed_card = Card("What did it miss?")
        self.missed.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.missed_of = Label("", "small", "small")
        self.missed_card.header.addWidget(self.missed_of)
        self.missed_card.header.addWidget(ExportButton(self._context, "What it missed", self.missed))
        self.missed_card.body.addWidget(self.missed, 1)
        return self.missed_card

    def _charts(self) -> Iterator[None]:
        self.accuracy = ChartCard(
            self._context,
            "How often is the direction right?",
            Intervals("Share of expectations met, by model", "share", percent),
            "Dot: share of expectations met. Band: 95 % interval; bands that overlap are no difference.",
        )
        self.charts.addWidget(self.accuracy)
        yield
        self.seconds = ChartCard(
            self._context,
            "How long does a policy take?",
            Intervals("Seconds for a policy, by model", "log", bench.axis_words),
            "Dot: median. Band: up to the slowest twentieth.",
        )
        self.charts.addWidget(self.seconds)
        yield

    def _connect(self) -> None:
        presenter = self._presenter
        self.table.selectionModel().currentRowChanged.connect(lambda now, _old: self._choose(now.row()))
        for card in (self.accuracy, self.seconds):
            card.chart.picked.connect(lambda _row, chart=card.chart: self._pick(chart))
        presenter.measured.connect(self.show_results)
        presenter.chosen.connect(self.show_chosen)
        for news in (presenter.progressed, presenter.form_changed):
            news.connect(self._show_empty)

    def chart_picture(self) -> QPixmap:
        """The two charts that compare models, as they are on the screen."""
        return self.charts.grab()

    def show_results(self) -> None:
        """All rows, as far as they are."""
        rows = self._presenter.rows()
        self.table.rows.set_rows(rows)
        span_failures(self.table, rows)
        self.accuracy.chart.set_rows(bench.accuracy_rows(rows))
        self.seconds.chart.set_rows(bench.seconds_rows(rows))
        measured = [row for row in rows if row.done]
        people = {row.set_digest for row in measured}
        same = "" if len(people) < 2 else " · not all about the same people"
        self.count.setText(f"{len(measured)} measured{same}" if measured else "")
        self.show_chosen()
        self._show_empty()

    def _show_empty(self) -> None:
        something = bool(self._presenter.results) or self._presenter.live.busy
        self._stack.setCurrentIndex(0 if something else 1)
        if self.empty.button is not None:
            self.empty.button.setEnabled(self._presenter.ready())

    def show_chosen(self) -> None:
        """The row that is looked at."""
        row, rows = self._presenter.row, self._presenter.rows()
        place = next((n for n, one in enumerate(rows) if "|".join(one.key) == self._presenter.key), -1)
        if place >= 0 and self.table.currentIndex().row() != place:
            self.table.selectRow(place)
        for card in (self.accuracy, self.seconds):
            card.chart.choose_key(self._presenter.key)
        self.kinds.chart.set_rows(bench.kind_rows(row))
        name = bench.title(row) if row is not None else ""
        self.kinds.whose.setText(name)
        count = f" · {row.accuracy.of - row.accuracy.hits} of {row.accuracy.of}" if row and row.accuracy.of else ""
        self.missed_of.setText(name + count)
        self.missed.set_names(bench.missed_lines(row))

    def _choose(self, place: int) -> None:
        rows = self._presenter.rows()
        if 0 <= place < len(rows):
            self._presenter.choose("|".join(rows[place].key))

    def _pick(self, chart: Intervals) -> None:
        if chart.key():
            self._presenter.choose(chart.key())
        else:
            self.show_chosen()  # one is always looked at
