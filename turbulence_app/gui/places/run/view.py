"""The Run place's parts, put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.domain.run import Summary, Verdict
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.console import ConsoleView
from turbulence_app.gui.places.run.log import ConsoleLine, Level
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.state import broken_count, curves_of, duration, flow_of, latency_rows
from turbulence_app.gui.places.run.strip import SettingsStrip
from turbulence_app.gui.places.run.tables import history_view, verdict_view
from turbulence_app.gui.widgets.basics import Button, Card, Chip, ChipButton, EmptyState, IconButton, Label, Splitter
from turbulence_app.gui.widgets.charts import Line, SeriesChart
from turbulence_app.gui.widgets.graph import GraphView
from turbulence_app.gui.widgets.ranges import RangeView


class RunView(QWidget):
    """Strip, flow, charts, console."""

    def __init__(self, context: Context, presenter: RunPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._seen: object = None
        self._parts: list[Callable[[Summary], None]] = []
        self._next_part = QTimer(self, singleShot=True, interval=0)
        self._next_part.timeout.connect(self._show_part)
        self.strip = SettingsStrip(presenter)
        self.graph = GraphView(compact=True)
        self.active = SeriesChart("Users active", [Line("active", "accent", True)])
        self.outcomes = SeriesChart(
            "Done · left · failed /s",
            [Line("done", "good", True), Line("left", "warn"), Line("failed", "bad")],
        )
        self.latency = RangeView()
        self.console = ConsoleView()
        self.verdicts = verdict_view()
        self.history = history_view()
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
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        box.addWidget(self.strip)
        self.missing = EmptyState(
            "sparkles", "Compile first", "", "Go to Personas", lambda: self._context.navigation.go("personas")
        )
        self._ready = QStackedWidget()
        self._ready.addWidget(halves)
        self._ready.addWidget(self.missing)
        box.addWidget(self._ready, 1)
        self.empty = EmptyState(
            "play",
            "Nothing to run yet",
            "Open a project with a workflow and policies, or the sample shop, and let its crowd loose.",
        )
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(page)
        self._stack.addWidget(self.empty)

    def _flow_card(self) -> Card:
        card = Card("Workflow · flow so far")
        self._flow_title = card.title
        card.header.addWidget(IconButton("maximize", "Fit the graph (F)", clicked=self.graph.fit))
        card.body.addWidget(self.graph, 1)
        figures = QHBoxLayout()
        figures.setSpacing(8)
        self.completes, self.median, self.broken = Label("–", "figure"), Label("–", "figure"), Label("–", "figure")
        for words, figure in (
            ("completes", self.completes),
            ("median", self.median),
            ("invariants broken", self.broken),
        ):
            figures.addWidget(Label(words, "body", "dim"), 0, Qt.AlignmentFlag.AlignBaseline)
            figures.addWidget(figure, 0, Qt.AlignmentFlag.AlignBaseline)
            figures.addSpacing(10)
            figure.setAccessibleName(words)
        figures.addStretch(1)
        self.digest = Chip("", "neutral", "hash")
        self.verify = Button(
            "Verify", "plain", "shield-check", "Run it again and compare digests", self._presenter.verify
        )
        figures.addWidget(self.digest)
        figures.addWidget(self.verify)
        card.body.addLayout(figures)
        return card

    def _chart_cards(self) -> list[Card]:
        cards = []
        for chart in (self.active, self.outcomes):
            card = Card()
            card.body.addWidget(chart, 1)
            cards.append(card)
        latency = Card("Step latency p50 · p95 · p99, ms")
        latency.body.addWidget(self.latency, 1)
        return [cards[0], latency, cards[1]]

    def _lower_card(self) -> Card:
        card = Card()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Console, invariants or past runs")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for name in ("Console", "Invariants", "Past runs"):
            self.tabs.addTab(name)
        self._pages = QStackedWidget()
        for widget in (self.console, self.verdicts, self.history):
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
        card.body.setSpacing(6)
        card.body.addLayout(line)
        card.body.addWidget(self._pages, 1)
        return card

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.settings_changed.connect(self._show_workflow)
        presenter.crowd_changed.connect(self._show_ready)
        presenter.progressed.connect(self._show)
        presenter.logged.connect(self.console.console.append)
        presenter.cleared.connect(self._clear)
        presenter.history_changed.connect(self._show_history)
        presenter.ended.connect(self.console.show_violations)
        self.console.console.counts_changed.connect(self._show_counts)
        self.console.replay_wanted.connect(self._replay)
        self.tabs.currentChanged.connect(self._turn_page)
        self.history.chosen.connect(lambda past: presenter.show_run(past.manifest.run_id))
        self.verdicts.chosen.connect(self._verdict_chosen)
        self.graph.step_activated.connect(lambda step: self._context.navigation.go("workflow", step=step))

    # -- showing ----------------------------------------------------------------------------------

    def _show_workflow(self) -> None:
        workflow = self._presenter.workflow()
        self._stack.setCurrentIndex(0 if workflow is not None else 1)
        self.graph.set_workflow(workflow)
        self._seen = None
        self._show_ready()
        self._show()

    def _show_ready(self) -> None:
        """Nothing runs while somebody in the crowd has no policy: say who, and where to make one."""
        missing = self._presenter.missing()
        if missing:
            names = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
            verb = "has" if len(missing) == 1 else "have"
            self.missing.text.setText(f"{names} {verb} no policy for this workflow yet. A policy says what they do.")
        self._ready.setCurrentIndex(1 if missing else 0)

    def _clear(self) -> None:
        self._seen = None
        self._parts.clear()
        self.console.console.clear()
        self.active.clear()
        self.outcomes.clear()
        self.latency.set_data([])
        self.verdicts.rows.set_rows([])
        self.graph.set_flow(None)

    def _show(self) -> None:
        live = self._presenter.live
        self.verify.setVisible(live.phase == "ended" and bool(live.manifest and live.manifest.digest))
        self.verify.setEnabled(not self._presenter.verifying)
        self.verify.setText("Verifying…" if self._presenter.verifying else "Verify")
        self.digest.setVisible(live.phase == "ended" and bool(live.manifest and live.manifest.digest))
        if live.manifest is not None:
            self.digest.set(live.manifest.digest.removeprefix("sha256:")[:12])
            self.digest.setToolTip(f"Run {live.manifest.run_id}\nDigest {live.manifest.digest}")
        if live.summary is None:
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

    def _show_counts(self) -> None:
        counts = self.console.console.counts
        plurals: dict[Level, str] = {"violation": "violations", "fault": "faults", "log": "log"}
        for level, words in plurals.items():
            number = counts[level]
            self._level_chips[level].setText(f"{words} {number:,}" if number else words)

    def _show_history(self) -> None:
        self.history.rows.set_rows(self._presenter.history)
        self.tabs.setTabText(2, f"Past runs {len(self._presenter.history)}" if self._presenter.history else "Past runs")

    def _turn_page(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._tools.setVisible(index == 0)

    # -- doing ------------------------------------------------------------------------------------

    def _filter_level(self, level: Level | Literal[""], _checked: bool = True) -> None:
        self.console.console.set_filter(level=level)

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
