"""How many faults and invariants the next run has, in two chips; one by one they are behind More."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.target import possible
from turbulence_app.gui.widgets.basics import ChipButton, row


class SwitchSummary(QWidget):
    """``3 faults``, ``2 of 4 invariants``; a click lists them."""

    def __init__(self, settings: RunSettings, opened: Callable[[], object]) -> None:
        super().__init__()
        self._settings = settings
        self.faults = ChipButton("", tip="Faults that strike in the next run: list them", clicked=opened)
        self.invariants = ChipButton("", tip="Invariants that are watched in the next run: list them", clicked=opened)
        self.setLayout(row(self.faults, self.invariants, spacing=6))

    def show_switches(self) -> None:
        """The chosen scenario's, as they are switched."""
        now = self._settings.settings
        faults, invariants = self._settings.faults(), self._settings.invariants()
        on = sum(key not in now.off_faults and possible(fault, now.target) for key, fault in faults)
        armed = sum(rule.name not in now.off_invariants for rule in invariants)
        self.faults.setText(counted(on, len(faults), "fault"))
        self.invariants.setText(counted(armed, len(invariants), "invariant"))


def counted(on: int, total: int, word: str) -> str:
    """``no faults``, ``1 fault``, ``2 of 3 faults``."""
    if not total:
        return f"no {word}s"
    plural = f"{word}{'' if total == 1 else 's'}"
    return f"{total} {plural}" if on == total else f"{on} of {total} {plural}"
