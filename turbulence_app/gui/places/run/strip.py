"""The settings strip: what runs, on which target, how many, with which trouble, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStackedWidget, QWidget

from turbulence_app.domain.invariants import Target
from turbulence_app.gui.places.run.numbers import RunNumbers
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.switches import Switches
from turbulence_app.gui.places.run.target import TARGETS, Need
from turbulence_app.gui.widgets.basics import Button, Card, Label, row
from turbulence_app.gui.widgets.segments import Segments

NO_SCENARIO = "No scenario: the crowd alone"
PAGES = (
    ("run", "Run", "One run of the whole crowd"),
    ("campaign", "Campaign", "Thousands of small worlds, each with another seed"),
    ("history", "History", "Every run and campaign: found again, written about, compared"),
)
WITHOUT_SETTINGS = frozenset({"history"})
"""Pages on which nothing is set that a run would use."""


class SettingsStrip(Card):
    """What to run and where; its numbers; what the target means and lacks; faults and invariants as switches."""

    page_chosen = Signal(str)
    faults_wanted = Signal()
    mend_wanted = Signal(object)
    """A :class:`Need` that is to be mended."""

    def __init__(self, presenter: RunPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._locked = False
        self.pages = Segments("Run or campaign", PAGES)
        self.scenario = QComboBox()
        self.scenario.setAccessibleName("Scenario")
        self.scenario.setToolTip("A scenario says who comes, what goes wrong and what must hold")
        self.scenario.setMinimumContentsLength(14)
        self.scenario.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.target = Segments("Target", [(key, words.title, words.tip) for key, words in TARGETS.items()])
        self.numbers = RunNumbers(presenter)
        self._rows, self._progress = QStackedWidget(), QStackedWidget()
        for stack in (self._rows, self._progress):
            stack.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.add_page(self.numbers, self.numbers.progress)
        self.says = Label("", "small", "dim", wrap=True)
        self.mend = Button("Open it", "quiet", "pencil", "Go where the missing line belongs", self._mend)
        self.chips = Switches(presenter)
        self.chips.edit.clicked.connect(self.faults_wanted)
        self._build()
        presenter.settings_changed.connect(self.show_settings)
        presenter.progressed.connect(self.show_progress)
        presenter.crowd_changed.connect(self.show_progress)
        self.show_settings()
        self.show_progress()

    def _build(self) -> None:
        first = row(
            self.pages, Label("Scenario", "body", "dim"), self.scenario,
            Label("Target", "body", "dim"), self.target, 1, self._progress,
        )  # fmt: skip
        items = [first.itemAt(place) for place in range(1, first.count())]
        self._settings = [item.widget() for item in items if item is not None]
        self.body.setSpacing(8)
        self.says.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        second = row(self._rows, self.says, self.mend, spacing=14)
        second.setStretch(1, 1)
        self.body.addLayout(first)
        self.body.addLayout(second)
        self.body.addWidget(self.chips)
        self._settings += [self._rows, self.says, self.chips]
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.scenario.activated.connect(lambda i: self._presenter.choose_scenario(self.scenario.itemData(i)))
        self.target.chosen.connect(self._choose_target)
        self.pages.chosen.connect(self.turn)

    def add_page(self, numbers: QWidget, progress: QWidget) -> None:
        """The line of numbers of another page, and how far it is."""
        for stack, widget in ((self._rows, numbers), (self._progress, progress)):
            stack.addWidget(widget)
            fit_current(stack)

    def turn(self, page: str) -> None:
        """Show a page's numbers, and tell."""
        self.pages.choose(page)
        place = [key for key, *_ in PAGES].index(page)
        for stack in (self._rows, self._progress):
            stack.setCurrentIndex(place)
            fit_current(stack)
        for widget in self._settings:
            if widget is not None:
                widget.setVisible(page not in WITHOUT_SETTINGS)
        self._show_target()
        self.page_chosen.emit(page)

    def lock(self, locked: bool) -> None:
        """Something runs: what it runs on stays as it is."""
        self._locked = locked
        self.show_progress()

    def _choose_target(self, key: str) -> None:
        target: Target = next(name for name in TARGETS if name == key)
        self._presenter.choose_target(target)

    def take_pending(self) -> None:
        """Numbers that were typed and not yet confirmed count when the run starts."""
        self.numbers.take()

    def show_settings(self) -> None:
        """The scenario's numbers and switches."""
        presenter, settings = self._presenter, self._presenter.settings
        with QSignalBlocker(self.scenario):
            self.scenario.clear()
            for scenario_id in presenter.scenario_ids():
                self.scenario.addItem(scenario_id, scenario_id)
            self.scenario.addItem(NO_SCENARIO, "")
            self.scenario.setCurrentIndex(max(0, self.scenario.findData(settings.scenario)))
        self.target.choose(settings.target)
        self.numbers.show_settings()
        self._show_target()
        self.chips.show_switches()
        self.show_progress()

    def _show_target(self) -> None:
        lacks: list[Need] = self._presenter.needs()
        words = TARGETS[self._presenter.settings.target].says
        more = f" (and {len(lacks) - 1} more)" if len(lacks) > 1 else ""
        self.says.setText(f"Missing: {lacks[0]}{more}" if lacks else words)
        self.says.setToolTip("\n".join(str(need) for need in lacks))
        self.says.set_kind("warn" if lacks else "dim")
        self.mend.setVisible(bool(lacks) and self.pages.key() not in WITHOUT_SETTINGS)
        if lacks:
            self.mend.setText("Open the workflow" if lacks[0].file == "workflow" else "Open the folder")

    def _mend(self) -> None:
        if lacks := self._presenter.needs():
            self.mend_wanted.emit(lacks[0])

    def show_progress(self) -> None:
        """How far the run is; while something runs, what it runs on stays as it is."""
        self.numbers.show_progress()
        free = not self._presenter.live.busy and not self._locked
        for widget in (self.scenario, self.target, self.chips):
            widget.setEnabled(free)


def fit_current(stack: QStackedWidget) -> None:
    """As large as the page that is shown, not as the largest one."""
    for place in range(stack.count()):
        rule = QSizePolicy.Policy.Preferred if place == stack.currentIndex() else QSizePolicy.Policy.Ignored
        if (page := stack.widget(place)) is not None:
            page.setSizePolicy(rule, rule)
    stack.updateGeometry()
