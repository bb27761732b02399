"""A quantity as fields: a number, a range, or percentiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from turbulence_app.gui.places.run.count_field import DecimalField
from turbulence_app.gui.widgets.basics import Label, row

SHAPES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("fixed", "fixed", (("value", ""),)),
    ("range", "range", (("min", "from"), ("max", "to"))),
    ("percentiles", "percentiles", (("p50", "p50"), ("p95", "p95"), ("p99", "p99"))),
)


class QuantityEdit(QWidget):
    """Tells ``edited`` when the quantity is another one. Shapes that have no fields here stay as the file has them."""

    edited = Signal()

    def __init__(self, name: str, unit: str) -> None:
        super().__init__()
        self._kept: Any = None
        self.shape = QComboBox()
        self.shape.setAccessibleName(f"{name}: shape")
        self.shape.setToolTip("A fixed value, a range in which all values are equally likely, or percentiles")
        for key, words, _ in SHAPES:
            self.shape.addItem(words, key)
        self._parts: dict[str, tuple[Label, DecimalField]] = {}
        line = row(spacing=5)
        for key, _, parts in SHAPES:
            for part, words in parts:
                label, field = Label(words, "small", "dim"), DecimalField(f"{name}: {part}", f"{part}, {unit}", 54)
                field.editingFinished.connect(self.edited)
                field.textEdited.connect(lambda _text: self.edited.emit())
                self._parts[f"{key}.{part}"] = (label, field)
                line.addWidget(label)
                line.addWidget(field)
        line.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        self.shape.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.shape.setMinimumContentsLength(9)
        box.addLayout(row(self.shape, Label(unit, "small", "dim"), 1))
        box.addLayout(line)
        self.shape.currentIndexChanged.connect(self._turned)

    def set_value(self, value: Any) -> None:
        """Show a quantity as the file has it."""
        self._kept = value
        shape = "fixed"
        parts: Mapping[str, Any] = {"value": value if isinstance(value, int | float) else None}
        if isinstance(value, Mapping):
            shape = "range" if "min" in value else "percentiles" if "p50" in value else "kept"
            parts = value
        with QSignalBlocker(self.shape):
            kept = self.shape.findData("kept")
            if shape == "kept" and kept < 0:
                self.shape.addItem(f"as in the file ({value.get('kind', 'other')})", "kept")
            elif shape != "kept" and kept >= 0:
                self.shape.removeItem(kept)
            self.shape.setCurrentIndex(self.shape.findData(shape))
        for key, (_, field) in self._parts.items():
            own, _, part = key.partition(".")
            found = parts.get(part) if own == shape else None
            field.set_value(float(found) if found is not None else None)
        self._show()

    def value(self) -> Any:
        """The quantity as a file has it; None where it is not complete."""
        shape = str(self.shape.currentData())
        if shape == "kept":
            return self._kept
        parts = {
            key.partition(".")[2]: field.value() for key, (_, field) in self._parts.items() if key.startswith(shape)
        }
        given = {part: _whole(number) for part, number in parts.items() if number is not None}
        if shape == "fixed":
            return given.get("value")
        return given or None

    def _turned(self) -> None:
        """Another shape starts from the numbers that are there."""
        shape = str(self.shape.currentData())
        numbers = [field.value() for _, field in self._parts.values() if field.value() is not None]
        first = next((number for number in numbers if number is not None), 1000.0)
        starts = {"value": first, "min": first, "max": first * 2, "p50": first, "p95": first * 4}
        for key, (_, field) in self._parts.items():
            own, _, part = key.partition(".")
            field.set_value(starts.get(part) if own == shape else None)
        self._show()
        self.edited.emit()

    def _show(self) -> None:
        shape = str(self.shape.currentData())
        for key, widgets in self._parts.items():
            for widget in widgets:
                widget.setVisible(key.startswith(shape + ".") and (widget is widgets[1] or bool(widgets[0].text())))


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number
