"""Limits of alarms as fields: on or off, and above what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from turbulence_app.gui.places.run.count_field import DecimalField
from turbulence_app.gui.places.telemetry.presenter import TelemetryPresenter
from turbulence_app.gui.places.telemetry.state import is_share, limit_words
from turbulence_app.gui.widgets.basics import Button, Label, row


class Limits(QWidget):
    """One line per threshold; a change is made at once."""

    def __init__(self, presenter: TelemetryPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._shown: list[dict[str, Any]] = []
        self.rows: dict[str, tuple[QCheckBox, DecimalField]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(4, 1)
        self.usual = Button(
            "As they came", "quiet", "rotate-ccw", "All limits as they came with the program", presenter.usual_limits
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(2, 6, 2, 2)
        box.setSpacing(10)
        box.addLayout(self._grid)
        box.addLayout(row(self.usual, 1))
        box.addStretch(1)

    def set_limits(self, thresholds: list[dict[str, Any]], measures: Mapping[str, str]) -> None:
        """Show these; fields that somebody types in stay."""
        if thresholds == self._shown and not any(field.isModified() for _, field in self.rows.values()):
            return
        if [t["name"] for t in thresholds] != [t["name"] for t in self._shown]:
            self._rebuild(thresholds, measures)
        self._shown = thresholds
        for threshold in thresholds:
            self._show(threshold)

    def _rebuild(self, thresholds: list[dict[str, Any]], measures: Mapping[str, str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.rows = {}
        for line, threshold in enumerate(thresholds):
            name = str(threshold["name"])
            words = name.replace("_", " ")
            check = QCheckBox(words)
            check.setAccessibleName(f"Alarm: {words}")
            check.setToolTip("Raise this alarm, or not")
            field = DecimalField(f"Limit: {words}", "Above this the alarm begins; Enter takes it", 90)
            unit = "%" if is_share(str(threshold["measure"])) else ""
            about = Label(f"{unit} {limit_words(threshold, measures)}".strip(), "body", "dim")
            for column, widget in enumerate((check, Label("above", "body", "dim"), field, about)):
                self._grid.addWidget(widget, line, column, Qt.AlignmentFlag.AlignVCenter)
            check.toggled.connect(lambda on, name=name: self._presenter.set_limit(name, on=on))
            field.editingFinished.connect(lambda name=name: self._take(name))
            self.rows[name] = (check, field)

    def _show(self, threshold: Mapping[str, Any]) -> None:
        check, field = self.rows[str(threshold["name"])]
        with QSignalBlocker(check):
            check.setChecked(bool(threshold["on"]))
        if not field.hasFocus() or not field.isModified():
            field.set_value(float(threshold["over"]) * (100 if is_share(str(threshold["measure"])) else 1))
            field.setModified(False)
        field.setEnabled(bool(threshold["on"]))

    def _take(self, name: str) -> None:
        threshold = next((t for t in self._shown if t["name"] == name), None)
        _, field = self.rows[name]
        value = field.value()
        if threshold is None or value is None or not field.isModified():
            return
        field.setModified(False)
        over = value / 100 if is_share(str(threshold["measure"])) else value
        if over != threshold["over"]:
            self._presenter.set_limit(name, over=over)
