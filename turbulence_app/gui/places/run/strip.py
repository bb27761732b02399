"""The settings strip: what runs, on which target, how many, and how far it is; what is rare is behind More."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.domain.invariants import Target
from turbulence_app.gui.places.run.numbers import RunNumbers
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.summary import SwitchSummary
from turbulence_app.gui.places.run.switches import Switches
from turbulence_app.gui.places.run.target import TARGETS, Need
from turbulence_app.gui.tokens import CARD
from turbulence_app.gui.widgets.basics import Button, Card, Label, Rule, row
from turbulence_app.gui.widgets.segments import Segments

NO_SCENARIO = "No scenario"
ALONE = "The crowd alone on the workflow: nothing goes wrong but what its services do by themselves"
PAGES = (
    ("run", "Run", "One run of the whole crowd"),
    ("analysis", "Analysis", "Who left where and why, how long it took, and the people behind it"),
    ("campaign", "Campaign", "Thousands of small worlds, each with another seed"),
    ("history", "History", "Every run and campaign: found again, written about, compared"),
)
SETTING = frozenset({"run", "campaign"})
"""Pages that start something; the others only look."""


class SettingsStrip(Card):
    """One line of pages and progress, one of settings; behind More: how people come, workers, faults and invariants."""

    page_chosen = Signal(str)
    faults_wanted = Signal()
    mend_wanted = Signal(object)
    """A :class:`Need` that is to be mended."""

    def __init__(self, presenter: RunPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._locked = self._more = False
        self.pages = Segments("Page", PAGES)
        self.scenario = QComboBox()
        self.scenario.setAccessibleName("Scenario")
        self.scenario.setToolTip("A scenario says who comes, what goes wrong and what must hold")
        self.scenario.setMinimumContentsLength(8)
        self.scenario.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.scenario.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.target = Segments("Target", [(key, words.title, words.tip) for key, words in TARGETS.items()])
        self.numbers = RunNumbers(presenter)
        self._rows, self._progress = QStackedWidget(), QStackedWidget()
        self._places: dict[str, tuple[int, int]] = {}
        self._bare: set[str] = set()
        self.says = Label("", "small", "dim", wrap=True)
        self.mend = Button("Open it", "quiet", "pencil", "Go where the missing line belongs", self._mend)
        self.chips = Switches(presenter)
        self.chips.edit.clicked.connect(self.faults_wanted)
        self.summary = SwitchSummary(presenter, lambda: self.show_more(True))
        self.more = Button(
            "More", "quiet", "chevron-down", "How people come, workers, faults and invariants one by one", self._toggle
        )
        self._build()
        self.add_page("run", None, self.numbers.progress)
        self.turn("run")
        presenter.settings_changed.connect(self.show_settings)
        presenter.switched.connect(self.summary.show_switches)
        presenter.progressed.connect(self.show_progress)
        presenter.crowd_changed.connect(self.show_progress)
        self.show_settings()
        self.show_progress()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.body.setSpacing(8)
        self._rows.addWidget(QWidget())
        self._progress.addWidget(QWidget())
        for stack in (self._rows, self._progress):
            stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.body.addLayout(row(self.pages, 1, self._progress))
        self._settings = QWidget()
        self._settings.setLayout(
            row(
                Label("Scenario", "body", "dim"), self.scenario, Label("Target", "body", "dim"), self.target,
                self.numbers, self.summary, 1, self.more,
            )
        )  # fmt: skip
        self._need = QWidget()
        need = row(self.says, self.mend, spacing=14)
        need.setStretch(0, 1)
        self._need.setLayout(need)
        self._rare = QWidget()
        rare = QVBoxLayout(self._rare)
        rare.setContentsMargins(0, 0, 0, 0)
        rare.setSpacing(8)
        rare.addWidget(Rule())
        self.words = Label("", "small", "dim", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = row(self.numbers.rare, self.words, spacing=14)
        line.setStretch(1, 1)
        rare.addLayout(line)
        rare.addWidget(self.chips)
        for widget in (self._settings, self._rows, self._need, self._rare):
            self.body.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.scenario.activated.connect(lambda i: self._presenter.choose_scenario(self.scenario.itemData(i)))
        self.target.chosen.connect(self._choose_target)
        self.pages.chosen.connect(self.turn)

    def add_page(self, page: str, numbers: QWidget | None = None, progress: QWidget | None = None) -> None:
        """What stands in the strip while a page is shown: a line of its own, and what is at the right of the first."""
        places = [0, 0]
        for at, (stack, widget) in enumerate(((self._rows, numbers), (self._progress, progress))):
            if widget is not None:
                places[at] = stack.addWidget(widget)
            fit_current(stack)
        self._places[page] = (places[0], places[1])

    # -- pages ------------------------------------------------------------------------------------

    def turn(self, page: str) -> None:
        """Show a page's line, and tell."""
        self.pages.choose(page)
        for stack, place in zip((self._rows, self._progress), self._places.get(page, (0, 0)), strict=True):
            stack.setCurrentIndex(place)
            fit_current(stack)
        self._show_row()
        self._arrange()
        self.page_chosen.emit(page)

    def show_row(self, page: str, there: bool) -> None:
        """Whether the page's line has anything to say; an empty one takes no room."""
        self._bare = self._bare - {page} if there else self._bare | {page}
        self._show_row()

    def _show_row(self) -> None:
        self._rows.setVisible(self._rows.currentIndex() > 0 and self.pages.key() not in self._bare)

    def _arrange(self) -> None:
        """What the page needs of the strip."""
        page = self.pages.key()
        setting = page in SETTING
        self._settings.setVisible(setting)
        self._rare.setVisible(setting and self._more)
        self._need.setVisible(setting and bool(self._presenter.needs()))
        self.numbers.setVisible(page == "run")
        self.numbers.rare.setVisible(page == "run")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Large type in a small window: how many faults there are gives way to the settings; More still tells."""
        line = self._settings.layout()
        if line is not None:
            shown = self.summary.isVisibleTo(self._settings)
            whole = line.minimumSize().width() + (0 if shown else self.summary.minimumSizeHint().width() + 8)
            self.summary.setVisible(whole <= self.width() - 2 * CARD)

    def show_more(self, more: bool) -> None:
        """Show what is rarely changed, or hide it."""
        self._more = more
        self.more.setText("Less" if more else "More")
        self.more.set_icon("chevron-up" if more else "chevron-down")
        self._arrange()
        if more:
            self.chips.show_switches()

    def _toggle(self) -> None:
        self.show_more(not self._more)

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

    # -- showing ----------------------------------------------------------------------------------

    def show_settings(self) -> None:
        """The scenario's numbers and switches."""
        presenter, settings = self._presenter, self._presenter.settings
        with QSignalBlocker(self.scenario):
            self.scenario.clear()
            for scenario_id in presenter.scenario_ids():
                self.scenario.addItem(scenario_id, scenario_id)
            self.scenario.addItem(NO_SCENARIO, "")
            self.scenario.setItemData(self.scenario.count() - 1, ALONE, Qt.ItemDataRole.ToolTipRole)
            self.scenario.setCurrentIndex(max(0, self.scenario.findData(settings.scenario)))
        self.target.choose(settings.target)
        self.numbers.show_settings()
        self._show_target()
        self.chips.show_switches()
        self.summary.show_switches()
        self._arrange()
        self.show_progress()

    def _show_target(self) -> None:
        lacks: list[Need] = self._presenter.needs()
        words = TARGETS[self._presenter.settings.target].says
        more = f" (and {len(lacks) - 1} more)" if len(lacks) > 1 else ""
        self.words.setText(words)
        self.target.setToolTip(words)
        self.says.setText(f"Missing: {lacks[0]}{more}" if lacks else "")
        self.says.setToolTip("\n".join(str(need) for need in lacks))
        self.says.set_kind("warn")
        self.mend.setVisible(bool(lacks))
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
