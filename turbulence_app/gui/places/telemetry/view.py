"""The Telemetry place: are the models quick, honest and well?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.telemetry.cards import AnsweredCard, CacheCard, FiguresStrip, LatencyCard
from turbulence_app.gui.places.telemetry.limits import Limits
from turbulence_app.gui.places.telemetry.presenter import TelemetryPresenter
from turbulence_app.gui.places.telemetry.state import alarm_rows, calm, reason_rows, source_rows
from turbulence_app.gui.places.telemetry.tables import (
    alarm_view,
    breaker_view,
    model_view,
    reason_view,
    request_view,
    source_view,
)
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Card, EmptyState, Label, Splitter, scrolled
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.rows import RowsView
from turbulence_app.gui.widgets.sentence import sentence

LOW_ROW = 26
"""Pixels of a row where several small tables share a column."""
TABS = ("Models", "Latest requests", "Reasons", "Alarms", "Limits")
MODELS, REQUESTS, REASONS, ALARMS, LIMITS = range(5)


class TelemetryView(QWidget):
    """Figures above, charts and states in the middle, tables below; an empty state while nothing was asked."""

    def __init__(self, context: Context, presenter: TelemetryPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(14)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        context, presenter = self._context, self._presenter
        self.strip = FiguresStrip(presenter)
        self._box.addWidget(self.strip)
        self.pages, self.upper = QStackedWidget(), QStackedWidget()
        self._box.addWidget(self.pages, 1)
        self._whole = Splitter(Qt.Orientation.Vertical, "telemetry.rows")
        self.pages.addWidget(self._whole)
        self._whole.addWidget(self.upper)
        upper = Splitter(Qt.Orientation.Horizontal, "telemetry.columns")
        self.upper.addWidget(upper)
        yield
        charts = Splitter(Qt.Orientation.Vertical, "telemetry.charts")
        upper.addWidget(charts)
        self.latency = LatencyCard(context, presenter)
        charts.addWidget(self.latency)
        yield
        self.answered = AnsweredCard(context, presenter)
        charts.addWidget(self.answered)
        yield
        right = Splitter(Qt.Orientation.Vertical, "telemetry.states")
        upper.addWidget(right)
        upper.setStretchFactor(0, 5)
        upper.setStretchFactor(1, 4)
        upper.setSizes([600, 480])
        yield from self._states(right)
        self._whole.addWidget(self._tables())
        self._whole.setStretchFactor(0, 3)
        self._whole.setStretchFactor(1, 1)
        self._whole.setSizes([460, 190])
        yield
        yield from self._table_pages()
        self._else_pages()
        yield
        self._connect()
        self.show_report()
        self.cache.show_counts()

    def _states(self, into: Splitter) -> Iterator[None]:
        self.sources = source_view()
        into.addWidget(self._state("Who answered", self.sources))
        yield
        self.breakers = breaker_view()
        into.addWidget(self._state("Breakers", self.breakers))
        yield
        self.cache = CacheCard(self._presenter)
        into.addWidget(self.cache)
        into.setSizes([180, 80, 70])
        for place, factor in enumerate((5, 3, 1)):
            into.setStretchFactor(place, factor)
        yield

    def _state(self, title: str, table: RowsView[Any]) -> Card:
        table.set_row_height(LOW_ROW)
        table.setMinimumHeight(2 * LOW_ROW + 8)
        return self._card(title, table)

    def _else_pages(self) -> None:
        self.empty = EmptyState(
            "chart-line",
            "Nothing was asked in this time",
            "When a persona is compiled, what the models did is counted here: how long it took, who answered, what"
            " failed and what the cache saved. Only numbers are kept, never what was asked.",
            "Go to Personas",
            lambda: self._context.navigation.go("personas"),
        )
        self.upper.addWidget(self.empty)
        self.trouble = EmptyState("circle-alert", "The counts cannot be read", "", "Try again", self._presenter.refresh)
        self.pages.addWidget(self.trouble)

    def _card(self, title: str, content: QWidget) -> Card:
        card = Card(title)
        card.header.addWidget(ExportButton(self._context, title, content))
        card.body.addWidget(content, 1)
        return card

    def _tables(self) -> Card:
        card = Card()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Models, latest requests, reasons, alarms or limits")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for name in TABS:
            self.tabs.addTab(name)
        self.about = Label("", "small", "dim")
        self._pages = QStackedWidget()
        self.export = ExportButton(self._context, lambda: TABS[self.tabs.currentIndex()], self._pages)
        line = QHBoxLayout()
        line.addWidget(self.tabs)
        line.addStretch(1)
        line.addWidget(self.about)
        line.addWidget(self.export)
        card.body.setSpacing(6)
        card.body.addLayout(line)
        card.body.addWidget(self._pages, 1)
        return card

    def _table_pages(self) -> Iterator[None]:
        self.models = model_view()
        self._pages.addWidget(self.models)
        yield
        self.requests = request_view()
        self._pages.addWidget(self.requests)
        yield
        self.reasons = reason_view()
        self._pages.addWidget(self.reasons)
        self.alarms = alarm_view(self._presenter.clock)
        self._pages.addWidget(self.alarms)
        yield
        self.limits = Limits(self._presenter)
        self._pages.addWidget(scrolled(self.limits))
        self.requests.set_empty("Requests of this window will be listed here, one by one.")
        self.reasons.set_empty("No fallback, no error, no second try in this time.")
        self.alarms.set_empty("No limit was exceeded within the last hour.")
        self.breakers.set_empty("No model was asked within the last minute and a half.")
        self.sources.set_empty("Nobody was asked.")
        yield

    def _connect(self) -> None:
        self._presenter.reported.connect(self.show_report)
        self._presenter.failed.connect(self.show_report)
        self._presenter.cached.connect(self.cache.show_counts)
        Theme.current().follow(self, self.show_report)  # the headlines of the charts hold colours
        self.tabs.currentChanged.connect(lambda _: self._show_page())

    def show_tab(self, tab: int) -> None:
        """Open a table."""
        self.tabs.setCurrentIndex(tab)

    def show_report(self) -> None:
        """The report at hand, or why there is none."""
        presenter = self._presenter
        report = presenter.report
        self.strip.show_report()
        if presenter.error:
            self.trouble.text.setText(sentence(presenter.error))
            self.pages.setCurrentWidget(self.trouble)
            return
        self.pages.setCurrentWidget(self._whole)
        self.upper.setCurrentIndex(1 if calm(report) else 0)
        self.latency.show_report()
        self.answered.show_report()
        self.sources.rows.set_rows(source_rows(report))
        self.breakers.rows.set_rows(report.get("breakers", []))
        nobody = "Nothing was asked in this time." if calm(report) else "No model was asked: cache or rules answered."
        self.models.set_empty(nobody)
        self.models.rows.set_rows(report.get("models", []))
        self.requests.rows.set_rows(report.get("recent", []))
        self.reasons.rows.set_rows(reason_rows(report))
        alarms = alarm_rows(report)
        self.alarms.rows.set_rows(alarms)
        self.limits.set_limits(list(report.get("thresholds", ())), report.get("measures", {}))
        on = len(report.get("alerts", ()))
        self.tabs.setTabText(ALARMS, f"{TABS[ALARMS]} {on}" if on else TABS[ALARMS])
        self._show_page()

    def _show_page(self) -> None:
        page = self.tabs.currentIndex()
        self._pages.setCurrentIndex(page)
        kept = self._presenter.report.get("kept", {})
        told = {
            REQUESTS: "of this window; what was asked is not kept",
            ALARMS: "of the last hour",
            LIMITS: "a change counts at once",
            MODELS: f"kept for {kept['days']} days" if kept.get("days") else "",
        }
        self.about.setText(told.get(page, ""))
