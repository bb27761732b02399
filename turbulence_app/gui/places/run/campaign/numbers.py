"""The numbers of a campaign: how many worlds, how many people in each, for how long."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from turbulence_app.domain.campaign import MAX_WORLDS
from turbulence_app.gui.places.run.campaign.presenter import CampaignPresenter
from turbulence_app.gui.places.run.campaign.state import LEVELS, eta_words
from turbulence_app.gui.places.run.count_field import CountField, DecimalField
from turbulence_app.gui.places.run.numbers import Far, workers_field
from turbulence_app.gui.widgets.basics import Button, Label, row


class CampaignNumbers(QWidget):
    """One line of settings; ``progress`` is how far the campaign is, and its buttons."""

    def __init__(self, presenter: CampaignPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.worlds = CountField("Worlds", "How many worlds; each has another seed", MAX_WORLDS, 82)
        self.users = CountField("People per world", "How many people live in each world", 1000, 46)
        self.swarm = QCheckBox("Swarm")
        self.swarm.setAccessibleName("Swarm")
        self.swarm.setToolTip("Switch a random half of the faults, personas and options off in each batch of worlds")
        self.minutes = DecimalField("Minutes", "Stop after so many minutes; empty: no limit", 46, "any")
        self.coverage = QComboBox()
        self.coverage.setAccessibleName("Coverage level")
        self.coverage.setToolTip("How much of each dimension must have been tried")
        for key, words in LEVELS:
            self.coverage.addItem(words, key)
        self.workers = workers_field("Engine processes; auto is one per processor. The digest does not depend on it.")
        self.start = Button("Start", "primary", "play", "Start a campaign", presenter.start)
        self.resume = Button("Resume", "plain", "repeat", "Go on where this campaign stopped", presenter.resume)
        self.stop = Button("Stop", "plain", "square", "Stop; every world that is done is kept", presenter.stop)
        self.far = far = Far("Progress of the campaign")
        self.progress = QWidget()
        self.progress.setLayout(row(far.count, far.bar, far.eta, self.resume, self.start, self.stop, spacing=10))
        names = ("Worlds", "of", "people, at most", "min", "Coverage", "Workers")
        said = [Label(name, "body", "dim") for name in names]
        whole = row(
            said[0], self.worlds, said[1], self.users, said[2], self.minutes, said[3],
            said[4], self.coverage, said[5], self.workers, self.swarm, 1,
        )  # fmt: skip
        self.setLayout(whole)
        for field in (self.worlds, self.users, self.minutes):
            field.editingFinished.connect(self.take)
        self.swarm.toggled.connect(lambda on: presenter.set_form(swarm=on))
        self.coverage.activated.connect(lambda index: presenter.set_form(coverage=self.coverage.itemData(index)))
        self.workers.valueChanged.connect(lambda value: presenter.set_form(workers=value))
        presenter.form_changed.connect(self.show_form)
        presenter.progressed.connect(self.show_progress)
        self.show_form()
        self.show_progress()

    def take(self) -> None:
        """Numbers that were typed count, also those not yet confirmed."""
        minutes = self.minutes.value()
        self._presenter.set_form(
            worlds=max(1, self.worlds.value()),
            users=max(1, self.users.value()),
            minutes=minutes if minutes else None,
        )
        self.show_form()

    def show_form(self) -> None:
        """What is set."""
        form = self._presenter.form
        self.worlds.set_value(form.worlds)
        self.users.set_value(form.users)
        self.minutes.set_value(form.minutes)
        self.swarm.setChecked(form.swarm)
        self.coverage.setCurrentIndex(self.coverage.findData(form.coverage))

    def show_progress(self) -> None:
        """Count, bar, worlds per second, time left."""
        live = self._presenter.live
        self.start.setVisible(not live.busy)
        self.start.setEnabled(self._presenter.ready())
        self.resume.setVisible(live.resumable)
        self.stop.setVisible(live.busy)
        self.stop.setEnabled(live.phase != "stopping")
        for widget in (self.worlds, self.users, self.swarm, self.minutes, self.coverage, self.workers):
            widget.setEnabled(not live.busy)
        self.far.show(live, eta_words(live), failed=live.phase == "error")
