"""The form of one fault: only the fields that its kind has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from turbulence_app.domain.faults import FAULT_KINDS, FaultKind
from turbulence_app.gui.places.run.count_field import DecimalField
from turbulence_app.gui.places.run.faults.quantity import QuantityEdit
from turbulence_app.gui.places.run.faults.words import SAYS, fields_of, for_kind
from turbulence_app.gui.widgets.basics import Label, row

ANY = {"step": "any step", "service": "any service", "persona": "everybody"}
WORDS = {
    "name": "Name",
    "step": "Step",
    "service": "Service",
    "persona": "Persona",
    "probability": "How likely",
    "nth": "Only request",
    "when": "Only if",
    "window": "Only from",
    "at_seconds": "At",
    "down_seconds": "Lasts",
    "add_ms": "Adds",
    "timeout_after_ms": "After",
    "status": "Status",
    "skew_seconds": "By",
    "keep_bytes": "Keeps",
}
NUMBERS = {
    "probability": ("%", "Of the requests where it may strike; 100 % is always", "100"),
    "nth": ("of each user", "Strike only the nth request of a user to the step, counted from 1", "any"),
    "down_seconds": ("s", "How long it lasts", "as short as can be"),
    "timeout_after_ms": ("ms", "After so long the client gives the request up", ""),
    "status": ("", "The status that the service answers, 100 to 599", "500"),
    "skew_seconds": ("s", "How wrong the clock goes; negative is into the past", ""),
    "keep_bytes": ("bytes", "How much of the body arrives", "half of it"),
}
WHOLE = frozenset({"nth", "timeout_after_ms", "status", "keep_bytes"})


class FaultForm(QWidget):
    """``edited`` carries the fault's plain data after each change by hand."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._data: dict[str, Any] = {}
        self._filling = False
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of fault")
        self.kind.setToolTip("What goes wrong")
        self.kind.setMaxVisibleItems(len(FAULT_KINDS))
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setMinimumContentsLength(10)
        for kind in FAULT_KINDS:
            self.kind.addItem(kind.replace("_", " "), kind)
        self.says = Label("", "small", "dim", wrap=True)
        self.reason = Label("", "small", "warn", wrap=True)
        self.name = self._line("name", "A name for tables and reports; kind and place where it has none")
        self.when = self._line("when", "An expression, such as failures('pay') > 0")
        self.when.setPlaceholderText("always")
        self.at_seconds = self._line("at_seconds", "Seconds of the run, several with commas between: 30, 90")
        self.choices = {key: self._choice(key) for key in ANY}
        self.numbers = {key: DecimalField(WORDS[key], tip, 110, hint) for key, (_, tip, hint) in NUMBERS.items()}
        self.add_ms = QuantityEdit("Added latency", "ms")
        self.start, self.end = (
            DecimalField("From", "Seconds of the run from which on it may strike", 72, "start"),
            DecimalField("To", "Seconds of the run up to which it may strike", 72, "end"),
        )
        self._build()

    def _line(self, key: str, tip: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(WORDS[key])
        field.setToolTip(tip)
        if key != "name":
            field.setProperty("kind", "number")
        field.textEdited.connect(lambda _text: self._tell())
        return field

    def _choice(self, key: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(WORDS[key])
        box.setToolTip({"step": "Which step's requests", "service": "Which service", "persona": "Whose"}[key])
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(8)
        box.activated.connect(lambda _index: self._tell())
        return box

    def _build(self) -> None:
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 6, 0)
        box.setSpacing(8)
        box.addLayout(self._grid)
        box.addStretch(1)
        words = QWidget()
        lines = QVBoxLayout(words)
        lines.setContentsMargins(0, 0, 0, 2)
        lines.setSpacing(4)
        for widget in (self.kind, self.says, self.reason):
            lines.addWidget(widget)
        self._rows: dict[str, tuple[Label, QWidget]] = {}
        self._add("kind", "Kind", words)
        self._add("name", WORDS["name"], self.name)
        self._add("at_seconds", WORDS["at_seconds"], _with_unit(self.at_seconds, "s"))
        self._add("add_ms", WORDS["add_ms"], self.add_ms)
        for key in ("down_seconds", "timeout_after_ms", "status", "skew_seconds", "keep_bytes"):
            self._add(key, WORDS[key], _with_unit(self.numbers[key], NUMBERS[key][0]))
        for key, choice in self.choices.items():
            self._add(key, WORDS[key], choice)
        for key in ("probability", "nth"):
            self._add(key, WORDS[key], _with_unit(self.numbers[key], NUMBERS[key][0]))
        self._add("when", WORDS["when"], self.when)
        window = QWidget()
        window.setLayout(row(self.start, Label("s to", "small", "dim"), self.end, Label("s", "small", "dim"), 1))
        self._add("from_seconds", WORDS["window"], window)
        for field in (*self.numbers.values(), self.start, self.end):
            field.textEdited.connect(lambda _text: self._tell())
        self.add_ms.edited.connect(self._tell)
        self.kind.activated.connect(self._turn)

    def _add(self, key: str, words: str, widget: QWidget) -> None:
        label, at = Label(words, "body", "dim"), len(self._rows)
        top = Qt.AlignmentFlag.AlignTop if key == "kind" else Qt.AlignmentFlag.AlignVCenter
        if key == "kind":
            label.setContentsMargins(0, 6, 0, 0)
        self._grid.addWidget(label, at, 0, top)
        self._grid.addWidget(widget, at, 1)
        self._rows[key] = (label, widget)

    # -- showing ----------------------------------------------------------------------------------

    def set_names(self, steps: Iterable[str], services: Iterable[str], personas: Iterable[str]) -> None:
        """What a fault may name."""
        for key, names in (("step", steps), ("service", services), ("persona", personas)):
            box = self.choices[key]
            with QSignalBlocker(box):
                box.clear()
                box.addItem(ANY[key], "")
                for name in names:
                    box.addItem(name, name)
        if self._data:
            self.set_data(self._data)

    def set_refusals(self, reasons: Mapping[FaultKind, str], target: str) -> None:
        """Kinds that the chosen target cannot do, and why; they cannot be chosen."""
        model = cast(QStandardItemModel, self.kind.model())
        for place, name in enumerate(FAULT_KINDS):
            reason = reasons.get(cast(FaultKind, name), "")
            words = name.replace("_", " ")
            self.kind.setItemText(place, f"{words}  (not on {target})" if reason else words)
            model.item(place).setEnabled(not reason)
            model.item(place).setToolTip(reason or SAYS[cast(FaultKind, name)])
        kind = cast(FaultKind, self._data.get("kind", "latency"))
        reason = reasons.get(kind, "")
        self.reason.setText(f"Left out on target {target}: {reason}." if reason else "")
        self.reason.setVisible(bool(reason))

    def set_data(self, data: Mapping[str, Any]) -> None:
        """Show a fault. What a person is typing is left alone where it says the same already."""
        if self._data and dict(data) == self._value():
            self._data = dict(data)
            return
        self._filling = True
        self._data = dict(data)
        kind = cast(FaultKind, data.get("kind", "latency"))
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self.says.setText(SAYS[kind])
        self.name.setText(str(data.get("name") or ""))
        self.when.setText(str(data.get("when") or ""))
        at = data.get("at_seconds")
        moments = at if isinstance(at, list | tuple) else [] if at is None else [at]
        self.at_seconds.setText(", ".join(f"{float(moment):g}" for moment in moments))
        for key, box in self.choices.items():
            name = str(data.get(key) or "")
            if box.findData(name) < 0:
                box.addItem(name, name)
            box.setCurrentIndex(box.findData(name))
        for key, field in self.numbers.items():
            value = data.get(key)
            shown = float(data.get("probability", 1.0)) * 100 if key == "probability" else value
            field.set_value(None if shown is None else float(shown))
        self.add_ms.set_value(data.get("add_ms", data.get("latency_ms")))
        self.start.set_value(data.get("from_seconds"))
        self.end.set_value(data.get("to_seconds"))
        shown_fields = {"kind", *fields_of(kind)}
        for key, widgets in self._rows.items():
            for widget in widgets:
                widget.setVisible(key in shown_fields)
        self._filling = False

    # -- reading ----------------------------------------------------------------------------------

    def _turn(self, _index: int) -> None:
        kind = cast(FaultKind, self.kind.currentData())
        made = for_kind(self._value(), kind)
        self._data = {}
        self.set_data(made)
        self.edited.emit(made)

    def _tell(self) -> None:
        if not self._filling:
            self._data = self._value()
            self.edited.emit(self._data)

    def _value(self) -> dict[str, Any]:
        kind = cast(FaultKind, self._data.get("kind", "latency"))
        found: dict[str, Any] = {"kind": kind, "name": self.name.text().strip(), "when": self.when.text().strip()}
        for key, box in self.choices.items():
            found[key] = box.currentData() or ""
        for key, field in self.numbers.items():
            value = field.value()
            if value is not None:
                share = round(value / 100, 12) if key == "probability" else value
                found[key] = int(value) if key in WHOLE else share
        found["at_seconds"] = _moments(self.at_seconds.text())
        amount = "latency_ms" if "latency_ms" in self._data and "add_ms" not in self._data else "add_ms"
        found[amount] = self.add_ms.value()
        found["from_seconds"], found["to_seconds"] = self.start.value(), self.end.value()
        own = {"kind", "latency_ms", *fields_of(kind)}
        other = {key: value for key, value in self._data.items() if key not in own}
        given = {key: value for key, value in found.items() if key in own and value not in (None, "")} | other
        if given.get("probability") == 1:
            del given["probability"]
        return given


def _with_unit(field: QLineEdit, unit: str) -> QWidget:
    part = QWidget()
    part.setLayout(row(field, Label(unit, "small", "dim"), 1) if unit else row(field, 1))
    return part


def _moments(text: str) -> Any:
    """``30, 90`` as a file has it; words that are no numbers stay as they are, for the reader to refuse."""
    parts = [part for part in text.replace(";", ",").split(",") if part.strip()]
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return text.strip()
    whole = [int(number) if number == int(number) else number for number in numbers]
    return None if not whole else whole[0] if len(whole) == 1 else whole
