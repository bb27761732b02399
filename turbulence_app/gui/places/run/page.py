"""One run: the flow, the charts, the console and the tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.domain.run import Percentile, Summary, Verdict
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import EXPORTS
from turbulence_app.gui.places.run.console import ConsoleView
from turbulence_app.gui.places.run.log import ConsoleLine, Level
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.state import broken_count, curves_of, duration, flow_of, latency_rows, weighty
from turbulence_app.gui.places.run.tables import effect_token, fault_view, verdict_view
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, Card, Chip, ChipButton, IconButton, Label, Splitter
from turbulence_app.gui.widgets.charts import Line, SeriesChart
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.graph import GraphView
from turbulence_app.gui.widgets.notes import Notes
from turbulence_app.gui.widgets.ranges import RangeView

LATE_MS = 100.0
"""A driver lag from which on the latencies are not the service's alone (p99, milliseconds)."""


class RunPage(QWidget):
    """Flow, charts, console; what a reader of the numbers must know stands above them."""

    def __init__(self, context: Context, presenter: RunPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._seen: object = None
        self._drawn: Workflow | None = None
        self._parts: list[Callable[[Summary], None]] = []
        self._next_part = QTimer(self, singleShot=True, interval=0)
        self._next_part.timeout.connect(self._show_part)
        self.graph = GraphView(compact=True)
        self.active = SeriesChart("Users active", [Line("active", "accent", True)])
        self.outcomes = SeriesChart(
            "Ended per second",
            [Line("done", "good", True), Line("left", "warn"), Line("failed", "bad")],
        )
        self.latency = RangeView()
        self.console = ConsoleView()
        self.verdicts = verdict_view()
        self.faults = fault_view()
        self.faults.set_empty("Faults that strike in a run are listed here, and whether they changed anything.")
        self.past = Button("Past runs", "quiet", "history", "Every run and campaign (Ctrl+H)", self._go_back)
        self.notes = Notes("What a reader of these numbers must know")
        self._build()
        self._connect()
        self._show_workflow()
        self._show()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        charts = Splitter(Qt.Orientation.Vertical, "run.charts", *self._chart_cards())
        charts.setSizes([100, 180, 100])
        upper = Splitter(Qt.Orientation.Horizontal, "run.upper", self._flow_card(), charts)
        upper.setStretchFactor(0, 11)
        upper.setStretchFactor(1, 5)
        upper.setSizes([725, 330])
        halves = Splitter(Qt.Orientation.Vertical, "run.halves", upper, self._lower_card())
        halves.setStretchFactor(0, 11)
        halves.setStretchFactor(1, 5)
        halves.setSizes([440, 176])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        box.addWidget(self.notes)
        box.addWidget(halves, 1)

    def _flow_card(self) -> Card:
        card = Card("Workflow · flow so far")
        self._flow_title = card.title
        card.header.addWidget(IconButton("maximize", "Fit the graph (F)", clicked=self.graph.fit))
        card.header.addWidget(ExportButton(self._context, "Flow", self.graph, source=self._source))
        card.body.addWidget(self.graph, 1)
        figures = QHBoxLayout()
        figures.setSpacing(8)
        self.completes, self.median, self.broken = Label("–", "figure"), Label("–", "figure"), Label("–", "figure")
        self.lag = Label("", "figure")
        self.lag_words = Label("driver lag p99", "body", "dim")
        for words, figure in (
            (Label("completes", "body", "dim"), self.completes),
            (Label("median", "body", "dim"), self.median),
            (Label("broken", "body", "dim"), self.broken),
            (self.lag_words, self.lag),
        ):
            figures.addWidget(words, 0, Qt.AlignmentFlag.AlignBaseline)
            figures.addWidget(figure, 0, Qt.AlignmentFlag.AlignBaseline)
            figures.addSpacing(4)
            figure.setAccessibleName(words.text())
        figures.addStretch(1)
        self.digest = Chip("", "neutral", "hash")
        self.verify = Button(
            "Verify", "plain", "shield-check", "Run it again and compare digests", self._presenter.verify
        )
        self.export = Button("Export", "plain", "download", "The run as a file for other tools", self._ask_export)
        figures.addWidget(self.digest)
        figures.addWidget(self.export)
        figures.addWidget(self.verify)
        card.body.addLayout(figures)
        return card

    def _chart_cards(self) -> list[Card]:
        cards = []
        for chart in (self.active, self.outcomes):
            card = Card()
            card.body.addWidget(chart, 1)
            chart.head.addWidget(ExportButton(self._context, chart.accessibleName(), chart, source=self._source))
            cards.append(card)
        latency = Card("Step latency p50 · p95 · p99, ms")
        latency.body.addWidget(self.latency, 1)
        latency.header.addWidget(ExportButton(self._context, "Step latency, ms", self.latency, source=self._source))
        return [cards[0], latency, cards[1]]

    def _lower_card(self) -> Card:
        card = Card()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Console, invariants or faults")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for name in ("Console", "Invariants", "Faults"):
            self.tabs.addTab(name)
        self._pages = QStackedWidget()
        for widget in (self.console, self.verdicts, self.faults):
            self._pages.addWidget(widget)
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(6)
        self.levels = QButtonGroup(self)
        self._level_chips: dict[Level | Literal[""], ChipButton] = {}
        levels: tuple[tuple[Level | Literal[""], str], ...] = (
            ("", "all"), ("violation", "violations"), ("fault", "faults"), ("log", "log"),
        )  # fmt: skip
        for level, words in levels:
            chip = ChipButton(words, checkable=True, tip=f"Show {words}")
            chip.clicked.connect(partial(self._filter_level, level))
            self.levels.addButton(chip)
            self._level_chips[level] = chip
            tools.addWidget(chip)
        self._level_chips[""].setChecked(True)
        self.words = QLineEdit()
        self.words.setPlaceholderText("filter")
        self.words.setClearButtonEnabled(True)
        self.words.setAccessibleName("Filter the console by words")
        self.words.setToolTip("Only lines with all of these words")
        self.words.setMaximumWidth(150)
        self.words.textChanged.connect(lambda text: self.console.console.set_filter(words=text))
        tools.addWidget(self.words)
        tools.addWidget(IconButton("copy", "Copy the lines shown", clicked=self._copy))
        line = QHBoxLayout()
        line.addWidget(self.tabs)
        line.addStretch(1)
        line.addWidget(self._tools)
        line.addWidget(ExportButton(self._context, self._front, self._pages, source=self._source))
        line.addWidget(self.past)
        card.body.setSpacing(6)
        card.body.addLayout(line)
        card.body.addWidget(self._pages, 1)
        return card

    def _front(self) -> str:
        """The table in front, in words."""
        return ("Console", "Invariants", "Faults")[self._pages.currentIndex()]

    def _source(self) -> str:
        """Where the numbers come from."""
        manifest = self._presenter.live.manifest
        if manifest is None:
            return ""
        digest = manifest.digest.removeprefix("sha256:")[:12]
        return f"run {manifest.run_id} · seed {manifest.seed}" + (f" · digest {digest}" if digest else "")

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.settings_changed.connect(self._show_workflow)
        presenter.progressed.connect(self._show)
        presenter.logged.connect(self.console.console.append)
        presenter.cleared.connect(self._clear)
        presenter.history_changed.connect(self._show_history)
        presenter.ended.connect(self.console.show_violations)
        self.console.console.counts_changed.connect(self._show_counts)
        self.console.replay_wanted.connect(self._replay)
        self.tabs.currentChanged.connect(self._turn_page)
        self.verdicts.chosen.connect(self._verdict_chosen)
        self.graph.step_activated.connect(lambda step: self._context.navigation.go("workflow", step=step))

    # -- showing ----------------------------------------------------------------------------------

    def _show_workflow(self) -> None:
        workflow = self._presenter.workflow()
        if workflow is not self._drawn:
            self._drawn = workflow
            self.graph.set_workflow(workflow)
            self._seen = None
        self._show()

    def _clear(self) -> None:
        self._seen = None
        self._parts.clear()
        self.console.console.clear()
        self.active.clear()
        self.outcomes.clear()
        self.latency.set_data([])
        self.verdicts.rows.set_rows([])
        self.faults.rows.set_rows([])
        self.notes.set_notes(())
        self._mark_tabs(None)
        self.graph.set_flow(None)

    def _show(self) -> None:
        live = self._presenter.live
        self.export.setVisible(live.phase == "ended" and live.manifest is not None)
        self.verify.setVisible(live.phase == "ended" and bool(live.manifest and live.manifest.digest))
        self.verify.setEnabled(not self._presenter.verifying)
        self.verify.setText("Verifying…" if self._presenter.verifying else "Verify")
        self.digest.setVisible(live.phase == "ended" and bool(live.manifest and live.manifest.digest))
        if live.manifest is not None:
            self.digest.set(live.manifest.digest.removeprefix("sha256:")[:12])
            self.digest.setToolTip(f"Run {live.manifest.run_id}\nDigest {live.manifest.digest}")
        if live.summary is None:
            self._show_lag(None)
            for figure in (self.completes, self.median, self.broken):
                figure.setText("–")
                figure.set_kind("")
            return
        if live.summary is self._seen:
            return
        self._seen = live.summary
        self._show_summary()

    def _show_summary(self) -> None:
        summary = self._presenter.live.summary
        assert summary is not None
        broken = broken_count(summary) or len({f.invariant for f in self._presenter.failures})
        self.completes.setText(f"{summary.completion:.1%}")
        self.median.setText(duration(summary.time_to_complete.p50) if summary.time_to_complete.n else "–")
        self.broken.setText(str(broken))
        self.broken.set_kind("bad" if broken else "good" if not self._presenter.live.busy else "")
        self._show_lag(summary.driver_lag)
        self.notes.set_notes(weighty(summary.notes))
        # one part per turn of the event loop: a key or the pointer never waits for all of them
        self._parts = [self._show_flow, self._show_curves, self._show_tables]
        self._next_part.start()

    def _show_part(self) -> None:
        summary = self._presenter.live.summary
        if self._parts and summary is not None:
            self._parts.pop(0)(summary)
            self._next_part.start()

    def _show_flow(self, summary: Summary) -> None:
        self.graph.set_flow(flow_of(summary, self._presenter.broken_at))

    def _show_curves(self, summary: Summary) -> None:
        curves = curves_of(summary.timeline)
        self.active.set_data(curves.seconds, {"active": curves.active})
        self.outcomes.set_data(
            curves.seconds, {"done": curves.completed, "left": curves.abandoned, "failed": curves.failed}
        )
        self.active.set_headline(f"peak {curves.active.max():,.0f}" if len(curves.active) else "")
        totals = {"done": f"{summary.completed:,}", "left": f"{summary.abandoned:,}", "failed": f"{summary.failed:,}"}
        self.outcomes.set_headline(self.outcomes.coloured(totals))

    def _show_tables(self, summary: Summary) -> None:
        self.latency.set_data(latency_rows(summary))
        self.verdicts.rows.set_rows(summary.verdicts)
        self.faults.rows.set_rows(summary.faults)
        self._mark_tabs(summary)

    def _mark_tabs(self, summary: Summary | None) -> None:
        """The tabs say where to look: broken in red, asleep or without effect in amber."""
        verdicts, faults = (summary.verdicts, summary.faults) if summary else ((), ())
        broken = sum(v.status == "broken" for v in verdicts)
        asleep = sum(v.status == "never_exercised" for v in verdicts)
        idle = sum(effect_token(f) == "warn" for f in faults)
        rules = f"Invariants {broken} broken" if broken else f"Invariants {asleep} asleep" if asleep else "Invariants"
        for place, words, token in (
            (1, rules, "bad" if broken else "warn" if asleep else ""),
            (2, f"Faults {idle} without effect" if idle else "Faults", "warn" if idle else ""),
        ):
            self.tabs.setTabText(place, words)
            icon = {"bad": "circle-alert", "warn": "triangle-alert"}.get(token, "")
            self.tabs.setTabIcon(place, Theme.current().icon(icon, token, 13) if icon else QIcon())

    def _show_lag(self, lag: Percentile | None) -> None:
        """How late requests left: above a tenth of a second the numbers are the driver's as much as the service's."""
        late = lag is not None and lag.p99 >= LATE_MS
        for widget in (self.lag, self.lag_words):
            widget.setVisible(lag is not None)
        if lag is not None:
            self.lag.setText(duration(lag.p99))
            self.lag.set_kind("warn" if late else "")
            says = (
                "Requests left late: these latencies are partly this driver's own."
                if late
                else "Requests left in time."
            )
            self.lag.setToolTip(
                f"{says}\np50 {lag.p50:.1f}, p95 {lag.p95:.1f}, p99 {lag.p99:.1f}, max {lag.max:.1f} ms"
            )

    def _show_counts(self) -> None:
        counts = self.console.console.counts
        plurals: dict[Level, str] = {"violation": "violations", "fault": "faults", "log": "log"}
        for level, words in plurals.items():
            number = counts[level]
            self._level_chips[level].setText(f"{words} {number:,}" if number else words)

    def _show_history(self) -> None:
        number = len(self._presenter.history)
        self.past.setText(f"Past runs {number:,}" if number else "Past runs")

    def _go_back(self) -> None:
        self._context.navigation.act("history.page")

    def _turn_page(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._tools.setVisible(index == 0)

    # -- doing ------------------------------------------------------------------------------------

    def _filter_level(self, level: Level | Literal[""], _checked: bool = True) -> None:
        self.console.console.set_filter(level=level)

    def _ask_export(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, words, _, _ in EXPORTS:
            menu.addAction(words).triggered.connect(lambda *_, kind=kind: self._presenter.export(kind))
        menu.popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.console.console.text())
        self._context.notices.show("Console copied.", "info")

    def _replay(self, line: ConsoleLine) -> None:
        self._context.navigation.go("failures", failure_id=line.failure_id, run_id=line.run_id, user=line.user)

    def _verdict_chosen(self, verdict: Verdict) -> None:
        if verdict.status == "broken":
            manifest = self._presenter.live.manifest
            self._context.navigation.go(
                "failures", invariant=verdict.name, run_id=manifest.run_id if manifest is not None else ""
            )

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Headlines carry colours of the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._seen = None
            self._show()
        super().changeEvent(event)
