"""The form of the chosen step. Each field is taken when it is left or Enter is pressed, or says why it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.domain.expressions import ExpressionError, parse
from turbulence_app.domain.workflow import Step, Workflow
from turbulence_app.gui.places.workflow.inspecting import Entry, Form, Line, form_of
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, EmptyState, IconButton, Label, row, scrolled

NARROW = {"number": 54, "share": 54}
LABEL = 72
HEIGHT = 28
"""Of every field, so that a short panel scrolls rather than squeezes; grows with the text's size."""


class Inspector(QWidget):
    """``changed``: the key of a field and its new value. ``pressed``: the key of a button that adds or removes."""

    changed = Signal(str, str)
    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._form: Form | None = None
        self._scale = Theme.current().scale
        self._fields: dict[str, QWidget] = {}
        self._errors: dict[str, Label] = {}
        self._values: dict[str, str] = {}
        self.body = QWidget()
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(0, 0, 6, 0)
        self._column.setSpacing(0)
        self.nothing = EmptyState(
            "workflow", "No step is chosen", "Choose one in the graph or in the text to change it here."
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.nothing)
        self._area = scrolled(self.body)
        outer.addWidget(self._area, 1)
        Theme.current().follow(self, self._restyle)
        self.show_step(None, None)

    def _restyle(self) -> None:
        """Fields are as wide as their type is large."""
        if Theme.current().scale != self._scale:
            self._scale = Theme.current().scale
            self._build(self._form)

    def show_step(self, step: Step | None, workflow: Workflow | None) -> None:
        """Show another step, or the same one changed."""
        form = form_of(step, workflow) if step is not None and workflow is not None else None
        self.nothing.setVisible(form is None)
        self._area.setVisible(form is not None)
        if form == self._form:
            return
        if form is not None and self._form is not None and _shape(form) == _shape(self._form):
            self._refresh(form)
        else:
            self._build(form)
        self._form = form

    def refuse(self, key: str, words: str) -> None:
        """Say under a field why it was not taken."""
        if key in self._errors:
            self._errors[key].setText(words)
            self._errors[key].setVisible(bool(words))

    def focus(self, key: str = "name") -> None:
        """The keyboard goes to a field; the first one where there is no such."""
        field = self._fields.get(key) or next(iter(self._fields.values()), None)
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(field, QLineEdit):
                field.selectAll()

    def field(self, key: str) -> QWidget | None:
        """The widget of a field."""
        return self._fields.get(key)

    # -- building ---------------------------------------------------------------------------------

    def _build(self, form: Form | None) -> None:
        focused = next((key for key, field in self._fields.items() if field.hasFocus()), "")
        self._fields, self._errors, self._values = {}, {}, {}
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if form is None:
            return
        grid_holder = QWidget()
        grid = QGridLayout(grid_holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, LABEL)
        grid.setColumnStretch(1, 1)
        label = ""
        for number, line in enumerate(form.lines):
            if line.label != label:
                words = Label(line.label, "small", "dim")
                grid.addWidget(words, number, 0, Qt.AlignmentFlag.AlignTop)
                words.setContentsMargins(0, 6, 0, 0)
            label = line.label
            grid.addWidget(self._line(line), number, 1)
        firm = QSizePolicy.Policy.Fixed  # else a short panel squeezes the lines before it scrolls
        grid_holder.setSizePolicy(QSizePolicy.Policy.Preferred, firm)
        self._column.addWidget(grid_holder)
        if form.adds:
            buttons = [
                Button(words, "quiet", "plus", words, partial(self.pressed.emit, key)) for key, words in form.adds
            ]
            holder = QWidget()
            holder.setLayout(row(*buttons, 1))
            self._column.addSpacing(6)
            self._column.addWidget(holder)
        self._column.addStretch(1)
        if focused in self._fields:
            self._fields[focused].setFocus()

    def _line(self, line: Line) -> QWidget:
        holder = QWidget()
        holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        across = QHBoxLayout()
        across.setSpacing(6)
        for number, entry in enumerate(line.entries, 1):
            following = line.entries[number].unit if number < len(line.entries) else ""
            self._entry(entry, line.label, across, last=following != entry.unit, alone=len(line.entries) == 1)
        if all(entry.kind in NARROW for entry in line.entries):
            across.addStretch(1)
        if line.remove:
            across.addWidget(
                IconButton("x", f"Remove {line.label.lower()}", clicked=partial(self.pressed.emit, line.remove))
            )
        column.addLayout(across)
        for entry in line.entries:
            if entry.key:
                error = self._errors[entry.key] = Label("", "small", "bad", wrap=True)
                error.hide()
                column.addWidget(error)
        return holder

    def _entry(self, entry: Entry, label: str, across: QHBoxLayout, *, last: bool, alone: bool) -> None:
        if entry.kind == "note":
            note = Label(entry.value, "small", "dim", wrap=True)
            note.setContentsMargins(0, 6, 0, 4)
            across.addWidget(note, 1)
            return
        before = entry.label if entry.unit in ("ms", "s") else entry.hint if entry.kind == "number" else ""
        if before:
            across.addWidget(Label(before, "small", "dim"))
        field = self._widget(entry)
        field.setMinimumHeight(round(HEIGHT * Theme.current().scale))
        field.setAccessibleName(entry.label or label)
        field.setToolTip(entry.tip)
        self._fields[entry.key], self._values[entry.key] = field, entry.value
        narrow = entry.kind in NARROW or isinstance(field, QCheckBox) or (isinstance(field, QComboBox) and not alone)
        across.addWidget(field, 0 if narrow else 2 if entry.kind == "name" else 3)
        if entry.unit and last:
            across.addWidget(Label(entry.unit, "small", "dim"))

    def _widget(self, entry: Entry) -> QWidget:
        if entry.kind == "choice":
            return self._choice(entry)
        if entry.kind == "switch":
            box = QCheckBox(entry.label)
            box.setChecked(bool(entry.value))
            box.toggled.connect(lambda on, key=entry.key: self.changed.emit(key, "yes" if on else ""))
            return box
        field = QLineEdit(entry.value)
        field.setPlaceholderText(entry.hint)
        field.setCursorPosition(0)
        if entry.kind in NARROW or entry.kind in ("expression", "name") or entry.key == "path":
            field.setProperty("kind", "number")
        if entry.kind in NARROW:
            field.setFixedWidth(round(NARROW[entry.kind] * Theme.current().scale))
        check: Callable[[str], str] = _expression_error if entry.kind == "expression" else _nothing_wrong
        field.textEdited.connect(lambda text, key=entry.key: self.refuse(key, check(text)))
        field.editingFinished.connect(partial(self._finished, entry.key))
        return field

    def _choice(self, entry: Entry) -> QComboBox:
        box = QComboBox()
        for value, words in entry.choices:
            box.addItem(words, value)
        box.setCurrentIndex(max(0, box.findData(entry.value)))
        box.activated.connect(lambda _index, key=entry.key: self.changed.emit(key, str(box.currentData())))
        return box

    def _finished(self, key: str) -> None:
        field = self._fields.get(key)
        if isinstance(field, QLineEdit) and field.text() != self._values[key]:
            self._values[key] = field.text()
            self.changed.emit(key, field.text())

    def _refresh(self, form: Form) -> None:
        """Other values in the same fields; one that is being typed in keeps what is typed."""
        for line in form.lines:
            for entry in line.entries:
                field = self._fields.get(entry.key)
                typing = isinstance(field, QLineEdit) and field.hasFocus() and field.text() != self._values[entry.key]
                if field is None or typing:
                    continue
                if isinstance(field, QLineEdit) and field.text() != entry.value:
                    field.setText(entry.value)
                    field.setCursorPosition(0)
                elif isinstance(field, QComboBox):
                    field.setCurrentIndex(max(0, field.findData(entry.value)))
                self._values[entry.key] = entry.value
                self.refuse(entry.key, "")


def _shape(form: Form) -> object:
    """What of a form decides which widgets there are."""
    lines = [
        (line.label, line.remove, [(e.key, e.kind, e.choices, e.unit) for e in line.entries]) for line in form.lines
    ]
    notes = [e.value for line in form.lines for e in line.entries if e.kind in ("note", "switch")]
    return form.step, form.type, lines, form.adds, notes


def _expression_error(text: str) -> str:
    if not text.strip():
        return ""
    try:
        parse(text)
    except ExpressionError as error:
        return error.message + (f" ({error.mend})" if error.mend else "")
    return ""


def _nothing_wrong(_text: str) -> str:
    return ""
