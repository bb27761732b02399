"""One run: the flow, the charts, the console and the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.domain.analysis import Wanted
from turbulence_app.domain.run import Percentile, Summary, Verdict
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.persona_colours import token_of
from turbulence_app.gui.places.exporting import EXPORTS
from turbulence_app.gui.places.run.analysis.people_panel import PeoplePanel
from turbulence_app.gui.places.run.analysis.presenter import AnalysisPresenter
from turbulence_app.gui.places.run.log import ConsoleLine
from turbulence_app.gui.places.run.lower_card import LowerCard
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.state import (
    curves_of,
    duration,
    flow_of,
    latency_rows,
    legend,
    weighty,
)
from turbulence_app.gui.places.run.verdict import ready, told
from turbulence_app.gui.places.run.verdict_bar import VerdictBar
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import CARD
from turbulence_app.gui.widgets.basics import Button, Card, Chip, ChipButton, IconButton, Label, Splitter, scrolled
from turbulence_app.gui.widgets.charts import Line, SeriesChart
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.graph import GraphView
from turbulence_app.gui.widgets.notes import Notes
from turbulence_app.gui.widgets.ranges import RangeView
from turbulence_app.insight.words import percent

LATE_MS = 100.0
"""A driver lag from which on the latencies are not the service's alone (p99, milliseconds)."""


def _coloured(personas: Sequence[tuple[str, str]]) -> str:
    """Names in words with a dot in the colour of each."""
    theme = Theme.current()
    dots = [(theme.ink(token_of(persona)).name(), words) for persona, words in personas]
    named = (f'<span style="color:{dot}">●</span>&nbsp;{escape(words)}' for dot, words in dots)
    return " &nbsp; ".join(named)


def _closer(card: Card) -> Card:
    """Three charts above each other: the room is the curves'."""
    if (outer := card.layout()) is not None:
        outer.setContentsMargins(CARD, CARD - 6, CARD, CARD - 8)
    return card


class RunPage(QWidget):
    """Flow, charts, console; what a reader of the numbers must know stands above them."""

    page_wanted = Signal(str)
    """Another page of the place."""

    def __init__(self, context: Context, presenter: RunPresenter, analysis: AnalysisPresenter) -> None:
        super().__init__()
        self._context, self._presenter, self._analysis = context, presenter, analysis
        self._seen: object = None
        self._drawn: Workflow | None = None
        self._parts: list[Callable[[Summary], None]] = []
        self._next_part = QTimer(self, singleShot=True, interval=0)
        self._next_part.timeout.connect(self._show_part)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(14)

    # -- building ---------------------------------------------------------------------------------

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        self.verdict = VerdictBar()
        figures = self.verdict
        self.completes, self.median, self.lag = figures.completes, figures.median, figures.lag
        self.notes = Notes("What a reader of these numbers must know")
        self._box.addWidget(self.verdict)
        self._box.addWidget(self.notes)
        halves = Splitter(Qt.Orientation.Vertical, "run.halves")
        upper = Splitter(Qt.Orientation.Horizontal, "run.upper")
        self._box.addWidget(halves, 1)
        halves.addWidget(upper)
        yield
        self.graph = GraphView()
        upper.addWidget(self._flow_card())
        yield
        self._side = QStackedWidget()
        upper.addWidget(self._side)
        charts = Splitter(Qt.Orientation.Vertical, "run.charts")
        self._side.addWidget(charts)
        for _ in self._chart_cards(charts):
            yield
        charts.setSizes([90, 200, 90])
        self.people = PeoplePanel(self._context, self._analysis)
        self._side.addWidget(self.people)
        upper.setStretchFactor(0, 11)
        upper.setStretchFactor(1, 5)
        upper.setSizes([725, 330])
        yield
        self.past = Button("Past runs", "quiet", "history", "Every run and campaign (Ctrl+H)", self._go_back)
        self.below = LowerCard(self._context, self._source, self.past)
        self.console, self.tabs = self.below.console, self.below.tabs
        self.verdicts, self.faults = self.below.verdicts, self.below.faults
        halves.addWidget(self.below)
        halves.setStretchFactor(0, 11)
        halves.setStretchFactor(1, 5)
        halves.setSizes([462, 154])
        yield
        self._connect()
        self._show_workflow()
        self._show()

    def _flow_card(self) -> Card:
        card = Card("Workflow · flow so far")
        self._flow_title = card.title
        self.by_persona = ChipButton(
            "colour by persona",
            checkable=True,
            tip="A strip in each card tells who is there; a way takes the colour of the persona that most are of",
        )
        self.by_persona.toggled.connect(self._colour)
        self.digest = Chip("", "neutral", "hash")
        self.verify = Button(
            "Verify", "plain", "shield-check", "Run it again and compare digests", self._presenter.verify
        )
        self.export = Button("Files", "plain", "download", "The run as a file for other tools", self._ask_export)
        for widget in (self.digest, self.verify, self.export, self.by_persona):
            card.header.addWidget(widget)
        card.header.addWidget(IconButton("maximize", "Fit the graph (F)", clicked=self.graph.fit))
        card.header.addWidget(ExportButton(self._context, "Flow", self.graph, source=self._source))
        self.legend = Label("", "small", "dim", wrap=True)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.hide()
        card.body.addWidget(self.legend)
        card.body.addWidget(self.graph, 1)
        return card

    def _chart_cards(self, into: Splitter) -> Iterator[None]:
        self.active = SeriesChart("Users active", [Line("active", "accent", True)])
        into.addWidget(self._chart_card(self.active))
        yield
        self.latency = RangeView()
        latency = Card("Step latency p50 · p95 · p99, ms")
        latency.body.addWidget(scrolled(self.latency), 1)
        latency.header.addWidget(ExportButton(self._context, "Step latency, ms", self.latency, source=self._source))
        into.addWidget(_closer(latency))
        yield
        self.outcomes = SeriesChart(
            "Done · left · failed",
            [Line("done", "good", True), Line("left", "warn"), Line("failed", "bad")],
        )
        into.addWidget(self._chart_card(self.outcomes))
        yield

    def _chart_card(self, chart: SeriesChart) -> Card:
        card = Card()
        card.body.addWidget(chart, 1)
        chart.head.addWidget(ExportButton(self._context, chart.accessibleName(), chart, source=self._source))
        return _closer(card)

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
        self.console.replay_wanted.connect(self._replay)
        self.verdicts.chosen.connect(self._verdict_chosen)
        self.graph.step_activated.connect(lambda step: self._context.navigation.go("workflow", step=step))
        self.graph.step_clicked.connect(self._step_people)
        self.graph.way_clicked.connect(self._way_people)
        self._analysis.listed.connect(self._show_side)
        self.verdict.wanted.connect(self._go_on)
        Theme.current().follow(self, self._recolour)

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
        self.below.clear()
        self.active.clear()
        self.outcomes.clear()
        self.latency.set_data([])
        self.notes.set_notes(())
        self.graph.set_flow(None)

    def _show(self) -> None:
        live = self._presenter.live
        self._tell()
        self.console.show_busy(live.busy)
        if live.busy and self._analysis.behind is not None:
            self._analysis.hide_people()
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
            for figure in (self.completes, self.median):
                figure.setText("–")
            return
        if live.summary is self._seen:
            return
        self._seen = live.summary
        self._show_summary()

    def _tell(self) -> None:
        """The verdict so far, or what could be run."""
        presenter, live = self._presenter, self._presenter.live
        said = told(live, len(presenter.broken))
        if said is None:
            workflow, now = presenter.workflow(), presenter.settings
            subject = now.scenario or (workflow.id if workflow else "no workflow")
            said = ready(now.users, f"{subject}, seed {now.seed}", can=presenter.ready())
        self.verdict.show_told(said)
        self.verdict.show_figures(live.summary is not None)

    def _show_summary(self) -> None:
        summary = self._presenter.live.summary
        assert summary is not None
        self.completes.setText(percent(summary.completion, 1))
        self.median.setText(duration(summary.time_to_complete.p50) if summary.time_to_complete.n else "–")
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
        by_persona = self.by_persona.isChecked()
        self.graph.set_flow(flow_of(summary, self._presenter.broken_at, by_persona=by_persona))
        self.legend.setText(_coloured(legend(summary)) if by_persona else "")
        self.legend.setVisible(by_persona)

    def _show_curves(self, summary: Summary) -> None:
        curves = curves_of(summary.timeline)
        self.active.set_data(curves.seconds, {"active": curves.active})
        self.outcomes.set_data(
            curves.seconds, {"done": curves.completed, "left": curves.abandoned, "failed": curves.failed}
        )
        self.active.set_headline(f"peak {curves.active.max():,.0f}" if len(curves.active) else "")
        totals = {"done": f"{summary.completed:,}", "left": f"{summary.abandoned:,}", "failed": f"{summary.failed:,}"}
        self.outcomes.value.setToolTip("In all: " + ", ".join(f"{number} {name}" for name, number in totals.items()))
        self.outcomes.set_headline(self.outcomes.coloured(totals))

    def _show_tables(self, summary: Summary) -> None:
        self.latency.set_data(latency_rows(summary))
        self.below.show_tables(summary)

    def _show_lag(self, lag: Percentile | None) -> None:
        """How late requests left: above a tenth of a second the numbers are the driver's as much as the service's."""
        late = lag is not None and lag.p99 >= LATE_MS
        self.verdict.show_lag(lag is not None)
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

    def _show_history(self) -> None:
        number = len(self._presenter.history)
        self.past.setText(f"Past runs {number:,}" if number else "Past runs")

    def _go_back(self) -> None:
        self._context.navigation.act("history.page")

    # -- doing ------------------------------------------------------------------------------------

    def _colour(self, _on: bool) -> None:
        summary = self._presenter.live.summary
        if summary is not None:
            self._show_flow(summary)

    def _show_side(self) -> None:
        """The people behind a step or a way, in the place of the charts."""
        self._side.setCurrentIndex(1 if self._analysis.behind is not None else 0)

    def _can_ask(self) -> bool:
        live = self._presenter.live
        return live.phase == "ended" and live.manifest is not None and live.summary is not None

    def _step_people(self, step: str) -> None:
        """Who came to a step; nobody can be asked for while the run lasts."""
        summary = self._presenter.live.summary
        if self._can_ask() and summary is not None:
            count = next((s.reached for s in summary.funnel if s.step == step), 0)
            self._analysis.show_people(Wanted(step=step), f"Came to {step}", count)

    def _way_people(self, source: str, target: str) -> None:
        """Who went straight from one step to another."""
        ways = self.graph.pairs(source, target)
        if self._can_ask() and ways:
            self._analysis.show_people(Wanted(ways=ways), f"{source} → {target}", None)

    def _go_on(self, what: str) -> None:
        """What somebody wants to see after the verdict."""
        manifest = self._presenter.live.manifest
        if what == "failures" and manifest is not None:
            self._context.navigation.go("failures", run_id=manifest.run_id)
        elif what == "invariants":
            self.tabs.setCurrentIndex(1)
        elif what == "start":
            self._context.navigation.act("run.start")
        elif what:
            self.page_wanted.emit(what)

    def _ask_export(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, words, _, _ in EXPORTS:
            menu.addAction(words).triggered.connect(lambda *_, kind=kind: self._presenter.export(kind))
        menu.popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))

    def _replay(self, line: ConsoleLine) -> None:
        self._context.navigation.go("failures", failure_id=line.failure_id, run_id=line.run_id, user=line.user)

    def _verdict_chosen(self, verdict: Verdict) -> None:
        if verdict.status == "broken":
            manifest = self._presenter.live.manifest
            self._context.navigation.go(
                "failures", invariant=verdict.name, run_id=manifest.run_id if manifest is not None else ""
            )

    def _recolour(self) -> None:
        """Headlines carry colours of the theme."""
        self._seen = None
        self._show()
