"""The campaign page's right column: coverage with the names of what was never tried, and the trend."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QListView

from turbulence_app.domain.campaign import CampaignReport
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.campaign.presenter import CampaignPresenter
from turbulence_app.gui.places.run.campaign.state import DIMENSIONS, asleep, coverage_rows, trend_rows
from turbulence_app.gui.widgets.basics import Card, Chip, Label, SectionLabel, row
from turbulence_app.gui.widgets.columns import Columns
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.shares import ShareBars
from turbulence_app.insight.words import percent


class NamesList(QListView):
    """Names to read and to copy."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self._names = QStringListModel(self)
        self.setModel(self._names)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_names(self, names: list[str]) -> None:
        """Show these."""
        if names != self._names.stringList():
            self._names.setStringList(names)

    def names(self) -> list[str]:
        """What is shown."""
        return list(self._names.stringList())


class CoverageCard(Card):
    """Bars against the level's threshold; choosing one lists what of it was never tried."""

    def __init__(self, context: Context, presenter: CampaignPresenter) -> None:
        super().__init__("What was tried")
        self._presenter = presenter
        self.verdict = Chip("", "neutral")
        self.header.addWidget(self.verdict)
        self.bars = ShareBars("Coverage by dimension")
        self.hint = Label("", "small", "dim", wrap=True)
        self.sleeping = SectionLabel("Never tried")
        self.names = NamesList("What was never tried", "Names of what no world has come to")
        self.header.addWidget(ExportButton(context, "What was tried", self.bars))
        for widget in (self.bars, self.hint):
            self.body.addWidget(widget)
        self._export_names = ExportButton(context, self.sleeping.accessibleName, self.names)
        self.body.addLayout(row(self.sleeping, 1, self._export_names))
        self.body.addWidget(self.names, 1)
        self.bars.picked.connect(lambda _row: self._show_names(self._presenter.live.report))
        presenter.reported.connect(self.show_report)
        self.show_report()

    def show_report(self) -> None:
        """Coverage of the report at hand."""
        report = self._presenter.live.report
        rows = coverage_rows(report)
        self.bars.set_rows(rows)
        self.bars.setVisible(bool(rows))
        self.verdict.setVisible(bool(rows))
        if report is not None and rows:
            below = sum(not row.passed for row in rows)
            self.verdict.set(
                f"{below} below {percent(rows[0].threshold)}" if below else "reached", "warn" if below else "good"
            )
        self.hint.setVisible(not rows)
        self.hint.setText("Steps, options, branches, faults and invariants that the worlds came to are counted here.")
        self._show_names(report)

    def _show_names(self, report: CampaignReport | None) -> None:
        rows, place = self.bars.rows(), self.bars.chosen()
        dimension = rows[place].key if 0 <= place < len(rows) else ""
        names = asleep(report, dimension)
        of = next((words.lower() for key, words in DIMENSIONS.items() if key == dimension), "")
        self.sleeping.setText(f"Never tried{f': {of}' if of else ''} ({len(names)})" if rows else "Never tried")
        self.names.set_names(names or (["Nothing: all of it was tried."] if rows else []))
        for widget in (self.sleeping, self.names, self._export_names):
            widget.setVisible(bool(rows))


class TrendCard(Card):
    """Causes that each campaign of the scenario found."""

    def __init__(self, context: Context, presenter: CampaignPresenter, scenario: str = "") -> None:
        super().__init__("Causes by campaign")
        self._presenter = presenter
        self._scenario = scenario
        self.columns = Columns("Causes found by each campaign of this scenario")
        self.hint = Label("Each campaign adds a column here; causes that are new are red.", "small", "dim", wrap=True)
        self.header.addWidget(ExportButton(context, "Causes by campaign", self.columns))
        self.body.addWidget(self.columns, 1)
        self.body.addWidget(self.hint)
        self.columns.clicked.connect(presenter.open)
        presenter.listed.connect(self._show)
        self._show()

    def show_scenario(self, scenario: str) -> None:
        """The trend of another scenario."""
        if scenario != self._scenario:
            self._scenario = scenario
            self._show()

    def _show(self) -> None:
        rows = trend_rows(self._presenter.headlines, self._scenario)
        self.columns.set_rows(rows)
        self.columns.setVisible(bool(rows))
        self.hint.setVisible(not rows)
