"""The Telemetry place: are the models quick, honest and well?"""

from __future__ import annotations

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
        self.strip = FiguresStrip(presenter)
        self.latency, self.answered = LatencyCard(context, presenter), AnsweredCard(context, presenter)
        self.cache = CacheCard(presenter)
        self.sources, self.breakers = source_view(), breaker_view()
        self.models, self.requests, self.reasons = model_view(), request_view(), reason_view()
        self.alarms, self.limits = alarm_view(presenter.clock), Limits(presenter)
        for table in (self.sources, self.breakers):
            table.set_row_height(LOW_ROW)
            table.setMinimumHeight(2 * LOW_ROW + 8)
        self._lower = self._tables()
        charts = Splitter(Qt.Orientation.Vertical, "telemetry.charts", self.latency, self.answered)
        right = Splitter(
            Qt.Orientation.Vertical, "telemetry.states",
            self._card("Who answered", self.sources), self._card("Breakers", self.breakers), self.cache,
        )  # fmt: skip
        right.setSizes([180, 80, 70])
        for place, factor in enumerate((5, 3, 1)):
            right.setStretchFactor(place, factor)
        upper = Splitter(Qt.Orientation.Horizontal, "telemetry.columns", charts, right)
        upper.setStretchFactor(0, 5)
        upper.setStretchFactor(1, 4)
        upper.setSizes([600, 480])
        self.empty = EmptyState(
            "chart-line",
            "Nothing was asked in this time",
            "When a persona is compiled, what the models did is counted here: how long it took, who answered, what"
            " failed and what the cache saved. Only numbers are kept, never what was asked.",
            "Go to Personas",
            lambda: context.navigation.go("personas"),
        )
        self.upper = QStackedWidget()
        for page in (upper, self.empty):
            self.upper.addWidget(page)
        whole = Splitter(Qt.Orientation.Vertical, "telemetry.rows", self.upper, self._lower)
        whole.setStretchFactor(0, 3)
        whole.setStretchFactor(1, 1)
        whole.setSizes([460, 190])
        self.trouble = EmptyState("circle-alert", "The counts cannot be read", "", "Try again", presenter.refresh)
        self.pages = QStackedWidget()
        for page in (whole, self.trouble):
            self.pages.addWidget(page)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        box.addWidget(self.strip)
        box.addWidget(self.pages, 1)
        self._whole = whole
        self._connect()
        self.show_report()
        self.cache.show_counts()

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
        for page in (self.models, self.requests, self.reasons, self.alarms, scrolled(self.limits)):
            self._pages.addWidget(page)
        self.requests.set_empty("Requests of this window will be listed here, one by one.")
        self.reasons.set_empty("No fallback, no error, no second try in this time.")
        self.alarms.set_empty("No limit was exceeded within the last hour.")
        self.breakers.set_empty("No model was asked within the last minute and a half.")
        self.sources.set_empty("Nobody was asked.")
        card.body.setSpacing(6)
        card.body.addLayout(line)
        card.body.addWidget(self._pages, 1)
        return card

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
