"""The numbers of a run: how many people, which seed, how they come, how many processes."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QProgressBar, QSizePolicy, QSpinBox, QWidget

from turbulence_app.domain.scenario import MAX_USERS
from turbulence_app.gui.places.run.arrivals import ArrivalsButton
from turbulence_app.gui.places.run.count_field import CountField, DecimalField
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.state import eta_words
from turbulence_app.gui.widgets.basics import Button, Label, row


def workers_field(tip: str) -> QSpinBox:
    """Engine processes; 0 reads ``auto``."""
    field = QSpinBox()
    field.setRange(0, 64)
    field.setSpecialValueText("auto")
    field.setAccessibleName("Workers")
    field.setToolTip(tip)
    field.lineEdit().setTextMargins(6, 0, 0, 0)  # a sheet's padding does not reach the line within
    field.setFixedWidth(68)
    return field


class Live(Protocol):
    """How a run or a campaign stands."""

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        ...

    @property
    def done(self) -> int:
        """So many are through."""
        ...

    @property
    def total(self) -> int:
        """Of so many; 0 while that is not known."""
        ...


class Far:
    """How far it is: a count, a thin bar of thousandths, and words about the rest; for one line with its buttons."""

    def __init__(self, name: str) -> None:
        self.count = Label("", "mono")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(name)
        self.bar.setMinimumWidth(48)
        self.bar.setMaximumWidth(180)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.eta = Label("", "small", "dim")

    def show(self, live: Live, words: str, *, failed: bool) -> None:
        """Count and bar only while it goes on."""
        self.count.setText(f"{live.done:,} / {live.total:,}" if live.total and live.busy else "")
        self.count.setVisible(live.busy)
        self.bar.setVisible(live.busy)
        self.bar.setRange(0, 1000 if live.total else 0)
        self.bar.setValue(round(1000 * live.done / live.total) if live.total else 0)
        self.eta.setText(words)
        self.eta.set_kind("bad" if failed else "dim")


class RunNumbers(QWidget):
    """How many and which seed; ``rare`` what is seldom changed, ``progress`` how far the run is, with the button."""

    def __init__(self, presenter: RunPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.users = CountField("Users", "How many people come (up to 4 billion)", MAX_USERS)
        self.seed = CountField("Seed", "The same seed and files give the same run, bit for bit", 2**64 - 1, 72)
        self.arrivals = ArrivalsButton(presenter)
        self.workers = workers_field("Engine processes; auto is one per processor. The digest does not depend on it.")
        self._workers_words = Label("Workers", "body", "dim")
        self.scale = DecimalField("Pauses", "People's pauses are multiplied with this: 1 is real, 0 is none", 48, "1")
        self.profile = QComboBox()
        self.profile.setAccessibleName("Profile")
        self.profile.setToolTip("The environment of the project's SUT file: other addresses and headers")
        self._scale_words, self._profile_words = Label("Pauses ×", "body", "dim"), Label("Profile", "body", "dim")
        self.start = Button("Start", "primary", "play", "Run the crowd (Ctrl+R)", presenter.start)
        self.stop = Button("Stop", "plain", "square", "Stop the run; what is done is kept (Ctrl+.)", presenter.stop)
        self.far = far = Far("Progress of the run")
        self.progress = QWidget()
        line = row(far.count, far.bar, far.eta, self.start, self.stop, spacing=10)
        self.progress.setLayout(line)
        self.setLayout(row(Label("Users", "body", "dim"), self.users, Label("Seed", "body", "dim"), self.seed))
        self.rare = QWidget()
        """Settings that are rarely changed, for another line."""
        self.rare.setLayout(
            row(
                Label("Arrivals", "body", "dim"), self.arrivals, self._workers_words, self.workers,
                self._scale_words, self.scale, self._profile_words, self.profile, 1,
            )
        )  # fmt: skip
        self.users.editingFinished.connect(self.take)
        self.seed.editingFinished.connect(self.take)
        self.scale.editingFinished.connect(lambda: presenter.set_live(time_scale=self.scale.value() or 0.0))
        self.profile.activated.connect(lambda index: presenter.set_live(profile=self.profile.itemData(index)))
        self.workers.valueChanged.connect(lambda value: presenter.set_numbers(workers=value))

    def take(self) -> None:
        """Numbers that were typed count, also those not yet confirmed."""
        self._presenter.set_numbers(users=max(1, self.users.value()), seed=self.seed.value())
        self.users.set_value(self._presenter.settings.users)
        self.seed.setText(str(self._presenter.settings.seed))

    def show_settings(self) -> None:
        """The scenario's numbers."""
        settings = self._presenter.settings
        self.users.set_value(settings.users)
        self.seed.setText(str(settings.seed))
        self.arrivals.show_arrivals()
        for widget in (self._workers_words, self.workers):
            widget.setVisible(settings.target == "model")
        self._show_live()

    def _show_live(self) -> None:
        settings, profiles = self._presenter.settings, self._presenter.profiles()
        live = settings.target == "http"
        self._scale_words.setVisible(live)
        self.scale.setVisible(live)
        self._profile_words.setVisible(live and bool(profiles))
        self.profile.setVisible(live and bool(profiles))
        self.scale.set_value(1.0 if settings.time_scale is None else settings.time_scale)
        with QSignalBlocker(self.profile):
            self.profile.clear()
            self.profile.addItem("the project's", "")
            for name in profiles:
                self.profile.addItem(name, name)
            self.profile.setCurrentIndex(max(0, self.profile.findData(settings.profile)))

    def show_progress(self) -> None:
        """Count, bar, rate and time left."""
        live = self._presenter.live
        self.start.setVisible(not live.busy)
        self.start.setEnabled(self._presenter.ready())
        self.stop.setVisible(live.busy)
        self.stop.setEnabled(live.phase != "stopping")
        for widget in (self.users, self.seed, self.arrivals, self.workers, self.scale, self.profile):
            widget.setEnabled(not live.busy)
        words = eta_words(live)
        if live.phase == "error":
            words = "broke off" if live.manifest is not None else "did not start"
        self.far.show(live, words, failed=live.phase == "error")
