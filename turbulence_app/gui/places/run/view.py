"""The Run place's parts, put together: the strip above, one of its pages below."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.analysis.page import AnalysisPage
from turbulence_app.gui.places.run.analysis.presenter import AnalysisPresenter
from turbulence_app.gui.places.run.campaign.numbers import CampaignNumbers
from turbulence_app.gui.places.run.campaign.page import CampaignPage
from turbulence_app.gui.places.run.campaign.presenter import CampaignPresenter
from turbulence_app.gui.places.run.faults.page import FaultsPage
from turbulence_app.gui.places.run.faults.presenter import FaultsPresenter
from turbulence_app.gui.places.run.history.page import HistoryPage
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.places.run.page import RunPage
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.strip import SettingsStrip
from turbulence_app.gui.places.run.target import Need
from turbulence_app.gui.widgets.basics import EmptyState


class RunView(QWidget):
    """Strip, and below it the run, its faults, or who still has no policy; :meth:`fill` makes these."""

    def __init__(
        self,
        context: Context,
        presenter: RunPresenter,
        faults: FaultsPresenter,
        campaign: CampaignPresenter,
        analysis: AnalysisPresenter,
        history: HistoryPresenter,
    ) -> None:
        super().__init__()
        self._context, self._presenter, self._campaign = context, presenter, campaign
        self._analysis, self._history, self._faults = analysis, history, faults
        self._editing = False
        self.strip = SettingsStrip(presenter)
        self.missing = EmptyState(
            "sparkles", "Compile first", "", "Go to Personas", lambda: context.navigation.go("personas")
        )
        self.empty = EmptyState(
            "play",
            "Nothing to run yet",
            "Open a project with a workflow and policies, or the sample shop, and let its crowd loose.",
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.missing)
        page = QWidget()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(page)
        self._stack.addWidget(self.empty)
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        box.addWidget(self.strip)
        box.addWidget(self.pages, 1)

    def fill(self) -> Iterator[None]:
        """Make the pages, one at each turn; nothing else of the view may be asked before the last."""
        context, presenter, campaign = self._context, self._presenter, self._campaign
        self.run = RunPage(context, presenter, self._analysis)
        self.run.page_wanted.connect(self.turn)
        self.pages.addWidget(self.run)
        yield
        yield from self.run.fill()
        self.faults = FaultsPage(context, self._faults, presenter)
        self.pages.addWidget(self.faults)
        yield
        yield from self.faults.fill()
        self.campaign = CampaignPage(context, campaign, presenter)
        self.pages.addWidget(self.campaign)
        yield
        yield from self.campaign.fill()
        self.numbers = CampaignNumbers(campaign)
        self.strip.add_page("campaign", self.numbers, self.numbers.progress)
        yield
        self.analysis = AnalysisPage(context, self._analysis)
        self.pages.addWidget(self.analysis)
        yield
        yield from self.analysis.fill()
        self.strip.add_page("analysis", self.analysis.filters, self.analysis.subject)
        self._analysis.changed.connect(self._show_filters)
        self._show_filters()
        yield
        self.history = HistoryPage(context, self._history)
        self.pages.addWidget(self.history)
        self.strip.add_page("history")
        yield
        yield from self.history.fill()
        yield
        self._connect()

    def _connect(self) -> None:
        presenter, campaign = self._presenter, self._campaign
        self.strip.page_chosen.connect(lambda _page: self.edit_faults(False))
        self.strip.faults_wanted.connect(lambda: self.edit_faults(not self._editing))
        self.strip.mend_wanted.connect(self._mend)
        self.faults.done.connect(lambda: self.edit_faults(False))
        presenter.settings_changed.connect(self._show_page)
        presenter.crowd_changed.connect(self._show_page)
        presenter.progressed.connect(self._show_stats)
        campaign.progressed.connect(lambda: self.strip.lock(campaign.live.busy))
        self._show_page()

    def _show_filters(self) -> None:
        self.strip.show_row("analysis", self._analysis.board is not None)

    def turn(self, page: str) -> None:
        """To the run, the campaign or the history."""
        self.strip.turn(page)

    def edit_faults(self, editing: bool) -> None:
        """Show the faults of the scenario, or what they do."""
        self._editing = editing and self._presenter.scenario() is not None
        self._show_page()
        if self._editing:
            self.faults.table.setFocus()

    def _show_page(self) -> None:
        """Nothing runs while somebody in the crowd has no policy: say who, and where to make one."""
        self._stack.setCurrentIndex(0 if self._presenter.workflow() is not None else 1)
        missing = self._presenter.missing()
        if missing:
            names = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
            verb = "has" if len(missing) == 1 else "have"
            self.missing.text.setText(f"{names} {verb} no policy for this workflow yet. A policy says what they do.")
        key = self.strip.pages.key()
        self._analysis.show_page(key == "analysis" and not self._editing)
        if key == "history":
            self.pages.setCurrentWidget(self.history)
            return
        starts = {"run": self.run, "campaign": self.campaign}
        page = self.analysis if key == "analysis" else self.missing if missing else starts[key]
        self.pages.setCurrentWidget(self.faults if self._editing else page)

    def _show_stats(self) -> None:
        summary = self._presenter.live.summary
        if not self._presenter.live.busy:
            self.faults.show_stats(summary.faults if summary is not None else ())

    def _mend(self, need: Need) -> None:
        if need.file == "workflow":
            self._context.navigation.go("workflow")
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._context.project.data.root)))
