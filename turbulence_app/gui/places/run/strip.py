"""The settings strip: what runs, how many, with which trouble, and how far it is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QProgressBar, QSizePolicy, QSpinBox, QWidget

from turbulence_app.domain.scenario import MAX_USERS
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.state import eta_words
from turbulence_app.gui.widgets.basics import Button, Card, ChipButton, Label, row
from turbulence_app.gui.widgets.flow_layout import FlowBox

NO_SCENARIO = "No scenario: the crowd alone"


class CountField(QLineEdit):
    """A whole number with thousands separators; Enter or leaving takes it."""

    def __init__(self, name: str, tip: str, most: int) -> None:
        super().__init__()
        self._most = most
        self.setProperty("kind", "number")
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMaximumWidth(100)
        self.setValidator(QRegularExpressionValidator(r"[0-9][0-9 ,._']{0,26}", self))

    def value(self) -> int:
        """The number, at most what is allowed."""
        digits = "".join(c for c in self.text() if c.isdigit())
        return min(int(digits or 0), self._most)

    def set_value(self, value: int) -> None:
        """Show a number."""
        self.setText(f"{value:,}")
        self.setCursorPosition(0)


class SettingsStrip(Card):
    """Two lines: what to run and how far it is; the faults and invariants of the run as switches."""

    def __init__(self, presenter: RunPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.scenario = QComboBox()
        self.scenario.setAccessibleName("Scenario")
        self.scenario.setToolTip("A scenario says who comes, what goes wrong and what must hold")
        self.scenario.setMinimumContentsLength(12)
        self.scenario.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.users = CountField("Users", "How many people come (up to 4 billion)", MAX_USERS)
        self.seed = CountField("Seed", "The same seed and files give the same run, bit for bit", 2**64 - 1)
        self.seed.setMaximumWidth(72)
        self.workers = QSpinBox()
        self.workers.setRange(0, 64)
        self.workers.setSpecialValueText("auto")
        self.workers.setAccessibleName("Workers")
        self.workers.setToolTip("Engine processes; auto is one per processor. The digest does not depend on it.")
        self.start = Button("Start", "primary", "play", "Run the crowd (Ctrl+R)", presenter.start)
        self.stop = Button("Stop", "plain", "square", "Stop the run; what is done is kept (Ctrl+.)", presenter.stop)
        self.count = Label("", "mono")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the run")
        self.bar.setMinimumWidth(48)
        self.bar.setMaximumWidth(180)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.eta = Label("", "small", "dim")
        self._build()
        presenter.settings_changed.connect(self.show_settings)
        presenter.progressed.connect(self.show_progress)
        presenter.crowd_changed.connect(self.show_progress)
        self.show_settings()
        self.show_progress()

    def _build(self) -> None:
        self._progress = QWidget()
        first = row(
            Label("Scenario", "body", "dim"), self.scenario, Label("Users", "body", "dim"), self.users,
            Label("Seed", "body", "dim"), self.seed, Label("Workers", "body", "dim"), self.workers, 1,
            self._progress, self.start, self.stop,
        )  # fmt: skip
        line = QHBoxLayout(self._progress)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        for widget in (self.count, self.bar, self.eta):
            line.addWidget(widget)
        self._chips = FlowBox()
        self._flow = self._chips.flow
        self.body.setSpacing(10)
        self.body.addLayout(first)
        self.body.addWidget(self._chips)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.scenario.activated.connect(lambda i: self._presenter.choose_scenario(self.scenario.itemData(i)))
        self.users.editingFinished.connect(self._take_numbers)
        self.seed.editingFinished.connect(self._take_numbers)
        self.workers.valueChanged.connect(lambda value: self._presenter.set_numbers(workers=value))

    def _take_numbers(self) -> None:
        self._presenter.set_numbers(users=max(1, self.users.value()), seed=self.seed.value())
        self.users.set_value(self._presenter.settings.users)
        self.seed.setText(str(self._presenter.settings.seed))

    def take_pending(self) -> None:
        """Numbers that were typed and not yet confirmed count when the run starts."""
        self._take_numbers()

    def show_settings(self) -> None:
        """The scenario's numbers and switches."""
        presenter, settings = self._presenter, self._presenter.settings
        with QSignalBlocker(self.scenario):
            self.scenario.clear()
            for scenario_id in presenter.scenario_ids():
                self.scenario.addItem(scenario_id, scenario_id)
            self.scenario.addItem(NO_SCENARIO, "")
            self.scenario.setCurrentIndex(max(0, self.scenario.findData(settings.scenario)))
        self.users.set_value(settings.users)
        self.seed.setText(str(settings.seed))
        self._fill_chips()

    def _fill_chips(self) -> None:
        presenter, settings = self._presenter, self._presenter.settings
        self._flow.clear()
        faults, invariants = presenter.faults(), presenter.invariants()
        self._flow.addWidget(Label("Faults", "body", "dim"))
        for key, fault in faults:
            tip = f"{fault.label}, probability {fault.probability:g}. Switch it off for the next run."
            self._switch(fault.label, tip, key not in settings.off_faults, partial(presenter.switch_fault, key))
        if not faults:
            self._flow.addWidget(Label("none", "body", "dim"))
        self._flow.addWidget(Label("  Invariants", "body", "dim"))
        for invariant in invariants:
            rule = f"{invariant.kind}: {invariant.expression}"
            tip = f"{invariant.says or invariant.name}\n{rule}\nSwitch it off for the next run."
            on = invariant.name not in settings.off_invariants
            self._switch(invariant.name, tip, on, partial(presenter.switch_invariant, invariant.name))
        if not invariants:
            self._flow.addWidget(Label("none", "body", "dim"))
        for index in range(self._flow.count()):
            item = self._flow.itemAt(index)
            if item is not None and (widget := item.widget()) is not None:
                widget.setMinimumHeight(22)
                widget.show()
        self._chips.fit()

    def _switch(self, text: str, tip: str, on: bool, toggled: object) -> None:
        chip = ChipButton(text, checkable=True, tip=tip)
        chip.setAccessibleName(text)
        chip.setChecked(on)
        chip.toggled.connect(toggled)
        self._flow.addWidget(chip)

    def show_progress(self) -> None:
        """Count, bar, rate and time left."""
        live = self._presenter.live
        self.start.setVisible(not live.busy)
        self.start.setEnabled(self._presenter.workflow() is not None and not self._presenter.missing())
        self.stop.setVisible(live.busy)
        self.stop.setEnabled(live.phase != "stopping")
        for widget in (self.scenario, self.users, self.seed, self.workers, self._chips):
            widget.setEnabled(not live.busy)
        self._progress.setVisible(live.phase != "idle")
        self.count.setText(f"{live.done:,} / {live.total:,}" if live.total and live.busy else "")
        self.count.setVisible(live.busy)
        self.bar.setVisible(live.busy)
        self.bar.setRange(0, 1000 if live.total else 0)
        self.bar.setValue(round(1000 * live.done / live.total) if live.total else 0)
        self.eta.setText(eta_words(live))
        self.eta.set_kind("bad" if live.phase == "error" else "dim")
        if live.phase == "error":
            self.count.setText("")
            self.eta.setText("broke off" if live.manifest is not None else "did not start")
