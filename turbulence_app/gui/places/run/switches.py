"""Faults and invariants of the next run as switches: in one line, or counted where one line is not enough."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from turbulence_app.domain.faults import Fault
from turbulence_app.domain.invariants import Invariant
from turbulence_app.gui.places.run.faults.words import likely_words, where_words
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.target import impossible
from turbulence_app.gui.widgets.basics import ChipButton, Label
from turbulence_app.gui.widgets.flow_layout import FlowBox

LINE = 30
"""Pixels: what is higher does not stand in one line."""


class Switches(FlowBox):
    """Everything is on until somebody switches it off. What the target cannot do is off, and says why."""

    def __init__(self, settings: RunSettings) -> None:
        super().__init__()
        self._settings = settings
        self._open = False
        self._scenario: str | None = None
        self.chips: dict[str, ChipButton] = {}
        self.edit = ChipButton("edit…", tip="Edit the scenario's faults")
        self.edit.setParent(self)

    def show_switches(self) -> None:
        """The chosen scenario's."""
        scenario = self._settings.settings.scenario
        if scenario != self._scenario:
            self._scenario, self._open = scenario, False
        self._fill(counted=False)
        if not self._open and self.flow.heightForWidth(max(1, self.width())) > LINE:
            self._fill(counted=True)
        self.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width, perhaps one line again."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() and self._scenario is not None:
            self.show_switches()

    def _fill(self, *, counted: bool) -> None:
        settings = self._settings
        self.chips.clear()
        self._drop()
        faults, invariants = settings.faults(), settings.invariants()
        self._add(Label("Faults", "body", "dim"))
        if counted and faults:
            on = sum(self._on(key, fault) for key, fault in faults)
            self._count(on, len(faults), "on", "List the faults, to switch them one by one")
        else:
            for key, fault in faults:
                self._fault(key, fault)
        if not faults:
            self._add(Label("none", "body", "dim"))
        self.edit.setEnabled(settings.scenario() is not None)
        self._add(self.edit)
        self._add(Label("  Invariants", "body", "dim"))
        if counted and invariants:
            armed = sum(rule.name not in settings.settings.off_invariants for rule in invariants)
            self._count(armed, len(invariants), "armed", "List the invariants, to switch them one by one")
        else:
            for invariant in invariants:
                self._invariant(invariant)
        if not invariants:
            self._add(Label("none", "body", "dim"))
        if self._open and not counted:
            self._add(ChipButton("fewer", tip="Only count them", clicked=partial(self._turn, False)))

    def _on(self, key: str, fault: Fault) -> bool:
        now = self._settings.settings
        return key not in now.off_faults and not impossible(fault.kind, now.target)

    def _count(self, on: int, total: int, word: str, tip: str) -> None:
        words = f"{total} {word}" if on == total else f"{on} of {total} {word}"
        self._add(ChipButton(words, tip=tip, clicked=partial(self._turn, True)))

    def _turn(self, opened: bool) -> None:
        self._open = opened
        self.show_switches()

    def _fault(self, key: str, fault: Fault) -> None:
        reason = impossible(fault.kind, self._settings.settings.target)
        data = fault.plain()
        tip = f"{fault.label}: {where_words(data)}, {likely_words(data)}. Switch it off for the next run."
        if reason:
            tip = f"{fault.label} is left out on this target: {reason}."
        chip = self._switch(fault.label, tip, self._on(key, fault), partial(self._settings.switch_fault, key))
        chip.setEnabled(not reason)
        chip.setProperty("refused", bool(reason))

    def _invariant(self, invariant: Invariant) -> None:
        rule = f"{invariant.kind}: {invariant.expression}"
        tip = f"{invariant.says or invariant.name}\n{rule}\nSwitch it off for the next run."
        on = invariant.name not in self._settings.settings.off_invariants
        self._switch(invariant.name, tip, on, partial(self._settings.switch_invariant, invariant.name))

    def _switch(self, text: str, tip: str, on: bool, toggled: Callable[[bool], object]) -> ChipButton:
        chip = ChipButton(text, checkable=True, tip=tip)
        chip.setAccessibleName(text)
        chip.setChecked(on)
        chip.toggled.connect(toggled)
        self.chips[text] = chip
        self._add(chip)
        return chip

    def _add(self, widget: QWidget) -> None:
        widget.setMinimumHeight(22)
        self.flow.addWidget(widget)
        widget.show()

    def _drop(self) -> None:
        """Empty the line; the button that edits is kept."""
        while (item := self.flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self.edit:
                widget.hide()
                widget.deleteLater()
