"""The campaign page: causes, what makes them happen, what was never tried, and how that goes over time."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from turbulence_app.domain.campaign import CampaignReport, Cluster
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.campaign.cards import CoverageCard, TrendCard
from turbulence_app.gui.places.run.campaign.presenter import CampaignPresenter
from turbulence_app.gui.places.run.campaign.state import (
    audit_rows,
    influence_rows,
    settings_words,
)
from turbulence_app.gui.places.run.campaign.tables import audit_view, campaign_view, cluster_view, rule_view
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.widgets.basics import Button, Card, Chip, EmptyState, Label, Splitter, scrolled
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.notes import Notes
from turbulence_app.gui.widgets.whiskers import Whiskers

TABS = ("Triggers", "Invariants", "Oracle audit", "Earlier campaigns")
TRIGGERS, RULES, AUDIT, EARLIER = range(4)


class CampaignPage(QWidget):
    """Everything about one campaign."""

    def __init__(self, context: Context, presenter: CampaignPresenter, settings: RunSettings) -> None:
        super().__init__()
        self._context, self._presenter, self._settings = context, presenter, settings
        self._cluster = ""
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(14)

    # -- building ---------------------------------------------------------------------------------

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        self.notes = Notes("What a reader of these numbers must know")
        self._box.addWidget(self.notes)
        split = Splitter(Qt.Orientation.Horizontal, "campaign.columns")
        self._box.addWidget(split, 1)
        left = Splitter(Qt.Orientation.Vertical, "campaign.left")
        right = Splitter(Qt.Orientation.Vertical, "campaign.right")
        split.addWidget(left)
        split.addWidget(right)
        self.clusters = cluster_view()
        left.addWidget(self._causes_card())
        yield
        self.rules, self.audit, self.campaigns = rule_view(), audit_view(), campaign_view()
        self.whiskers = Whiskers("What makes it fail, and what keeps it from failing")
        left.addWidget(self._lower_card())
        left.setStretchFactor(0, 1)
        left.setStretchFactor(1, 1)
        left.setSizes([270, 260])
        yield
        self.coverage = CoverageCard(self._context, self._presenter)
        right.addWidget(self.coverage)
        yield
        self.trend = TrendCard(self._context, self._presenter)
        right.addWidget(self.trend)
        right.setStretchFactor(0, 4)
        right.setStretchFactor(1, 1)
        right.setSizes([390, 140])
        split.setStretchFactor(0, 11)
        split.setStretchFactor(1, 4)
        split.setSizes([760, 290])
        yield
        self._connect()
        self.show_report()
        self._show_list()
        self._show_audit()

    def _causes_card(self) -> Card:
        card = Card("Causes")
        self._causes_title = card.title
        self.digest = Chip("", "neutral", "hash")
        card.header.addWidget(self.digest)
        card.header.addWidget(ExportButton(self._context, "Causes", self.clusters, source=self._source))
        figures = QHBoxLayout()
        figures.setSpacing(8)
        self.worlds, self.failing, self.causes, self.verdict = (Label("–", "figure") for _ in range(4))
        for words, figure in (
            ("worlds", self.worlds),
            ("failing", self.failing),
            ("causes", self.causes),
            ("", self.verdict),
        ):
            if words:
                figures.addWidget(Label(words, "body", "dim"), 0, Qt.AlignmentFlag.AlignBaseline)
            figures.addWidget(figure, 0, Qt.AlignmentFlag.AlignBaseline)
            figures.addSpacing(10)
            figure.setAccessibleName(words or "verdict")
        figures.addStretch(1)
        self.empty = EmptyState(
            "waves",
            "No campaign yet",
            "A campaign lives through thousands of small worlds, each with another seed, and groups what breaks by its"
            " cause. Press Start.",
        )
        self.calm = Label("", "body", "dim")
        self.calm.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._causes = QStackedWidget()
        for widget in (self.clusters, self.empty, self.calm):
            self._causes.addWidget(widget)
        self._figures = QWidget()
        self._figures.setLayout(figures)
        figures.setContentsMargins(0, 0, 0, 0)
        card.body.addWidget(self._figures)
        card.body.addWidget(self._causes, 1)
        return card

    def _lower_card(self) -> Card:
        card = Card()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Triggers, invariants, oracle audit or earlier campaigns")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for name in TABS:
            self.tabs.addTab(name)
        self.about = Label("", "small", "dim")
        self.audit_start = Button(
            "Audit", "plain", "bug", "Try each planted bug alone: who notices it?", self._presenter.start_audit
        )
        self.audit_stop = Button("Stop", "plain", "square", "Stop the audit", self._presenter.stop_audit)
        line = QHBoxLayout()
        line.addWidget(self.tabs)
        line.addStretch(1)
        for widget in (self.about, self.audit_start, self.audit_stop):
            line.addWidget(widget)
        self._pages = QStackedWidget()
        line.addWidget(
            ExportButton(self._context, lambda: TABS[self.tabs.currentIndex()], self._pages, source=self._source)
        )
        for page in (scrolled(self.whiskers), self.rules, self.audit, self.campaigns):
            self._pages.addWidget(page)
        self._no_triggers = Label("", "body", "dim", wrap=True)
        self._no_triggers.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages.addWidget(self._no_triggers)
        self.rules.set_empty("What must hold in every world, and how often it was really exercised.")
        self.campaigns.set_empty("Campaigns of this project will be listed here, newest first.")
        card.body.setSpacing(6)
        card.body.addLayout(line)
        card.body.addWidget(self._pages, 1)
        return card

    def _source(self) -> str:
        """Where the numbers come from."""
        report = self._presenter.live.report
        if report is None:
            return ""
        digest = report.manifest.digest.removeprefix("sha256:")[:12]
        return f"campaign {report.manifest.campaign_id}" + (f" · digest {digest}" if digest else "")

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.reported.connect(self.show_report)
        presenter.progressed.connect(self._show_figures)
        presenter.listed.connect(self._show_list)
        presenter.audited.connect(self._show_audit)
        self._settings.settings_changed.connect(lambda: self.trend.show_scenario(self._settings.settings.scenario))
        self.tabs.currentChanged.connect(lambda _index: self._show_page())
        self.clusters.selectionModel().currentRowChanged.connect(lambda now, _old: self._choose(now.row()))
        self.clusters.opened.connect(presenter.look_at)
        self.campaigns.chosen.connect(lambda headline: presenter.open(headline.campaign_id))

    # -- showing ----------------------------------------------------------------------------------

    def show_report(self) -> None:
        """The report at hand, as far as it is."""
        report = self._presenter.live.report
        self.notes.set_notes(report.notes if report is not None else ())
        chosen = self.clusters.current()
        self.clusters.rows.set_rows(report.clusters if report is not None else ())
        kept = next((n for n, c in enumerate(self._clusters()) if chosen and c.cluster_id == chosen.cluster_id), -1)
        if kept >= 0:
            self.clusters.selectRow(kept)
        elif self._clusters():
            self.clusters.selectRow(0)
        else:
            self._cluster = ""
        self.rules.rows.set_rows(report.verdicts if report is not None else ())
        self._show_causes(report)
        self._show_figures()
        self._show_page()

    def _clusters(self) -> tuple[Cluster, ...]:
        report = self._presenter.live.report
        return report.clusters if report is not None else ()

    def _show_causes(self, report: CampaignReport | None) -> None:
        live = self._presenter.live
        self._figures.setVisible(report is not None or live.busy)
        self._causes_title.setText(
            f"Causes · {report.manifest.campaign_id} · {settings_words(report)}" if report is not None else "Causes"
        )
        if report is None and not live.busy:
            self._causes.setCurrentWidget(self.empty)
        elif self._clusters():
            self._causes.setCurrentWidget(self.clusters)
        else:
            self.calm.setText("Nothing has broken so far." if live.busy else "Nothing broke in any world.")
            self._causes.setCurrentWidget(self.calm)
        digest = report.manifest.digest if report is not None and not live.busy else ""
        self.digest.setVisible(bool(digest))
        self.digest.set(digest.removeprefix("sha256:")[:12])
        self.digest.setToolTip(f"Digest {digest}: the same for any number of processes, and after an interruption.")

    def _show_figures(self) -> None:
        live = self._presenter.live
        report = live.report
        failing = live.failing or (report.failing_worlds if report is not None else 0)
        self.worlds.setText(f"{live.done:,}")
        self.failing.setText(f"{failing:,}")
        self.failing.set_kind("bad" if failing else "")
        self.causes.setText(str(len(self._clusters())))
        passed = report is not None and not live.busy and report.passed
        holds = report is not None and report.holds
        words = "" if live.busy or report is None else "passed" if passed else "holds, but sleeps" if holds else "fails"
        self.verdict.setText(words)
        self.verdict.set_kind("good" if passed else "warn" if holds else "bad")
        if live.busy and report is None:
            self._show_causes(report)

    def _choose(self, row: int) -> None:
        clusters = self._clusters()
        self._cluster = clusters[row].cluster_id if 0 <= row < len(clusters) else ""
        self._show_page()

    def _show_page(self) -> None:
        page = self.tabs.currentIndex()
        report = self._presenter.live.report
        cluster = next((c for c in self._clusters() if c.cluster_id == self._cluster), None)
        rows = influence_rows(report, self._cluster) or influence_rows(report)
        self.whiskers.set_rows(rows)
        self.about.setText("")
        if page == TRIGGERS:
            whose = f"of {cluster.invariant}" if cluster and influence_rows(report, self._cluster) else "of any failure"
            self.about.setText(f"{whose}; filled: switched on, hollow: off" if rows else "")
        elif page == AUDIT:
            self._tell_audit()
        self._no_triggers.setText(_why_no_triggers(report))
        self._pages.setCurrentIndex(len(TABS) if page == TRIGGERS and not rows else page)
        running = self._presenter.audit_running
        self.audit_start.setVisible(page == AUDIT and not running)
        self.audit_start.setEnabled(self._presenter.ready())
        self.audit_stop.setVisible(page == AUDIT and running)

    def _show_list(self) -> None:
        headlines = self._presenter.headlines
        self.campaigns.rows.set_rows(headlines)
        self.tabs.setTabText(EARLIER, f"Earlier campaigns {len(headlines)}" if headlines else TABS[EARLIER])

    def _show_audit(self) -> None:
        self.audit.rows.set_rows(audit_rows(self._presenter.audit))
        self.audit.set_empty(
            self._presenter.audit_error
            or "Do the invariants notice anything? Bugs that the project plants behind switches are tried one by one,"
            " and the table says who noticed each, and in which world."
        )
        self._show_page()

    def _tell_audit(self) -> None:
        presenter = self._presenter
        if presenter.audit_running:
            step = presenter.auditing
            self.about.setText(f"{step.what} {step.done:,} of {step.total:,}" if step and step.total else "starting…")
        elif presenter.audit is not None:
            self.about.setText(f"{presenter.audit.caught} of {len(presenter.audit.rows)} noticed")


def _why_no_triggers(report: CampaignReport | None) -> str:
    if report is None:
        return "With swarm on, faults, personas and options are switched off at random: what makes it fail shows here."
    if not report.manifest.settings.swarm:
        return "Nothing was switched off in this campaign. Turn swarm on: then what makes it fail can be told."
    return "No failure yet that could have a trigger." if report.holds else "Too few worlds yet to tell."
