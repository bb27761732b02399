"""One control for each kind of setting. ``told`` gives what a person chose or typed, as text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import IconButton, Label
from turbulence_app.gui.widgets.segments import Segments
from turbulence_app.gui.widgets.toggle import Toggle
from turbulence_app.settings.kinds import Choice, Number, Setting, Switch, Value

MOST_SEGMENTS = 4
FIELD_WIDTH, TEXT_WIDTH, UNIT_WIDTH = 132, 232, 30


class Control(QWidget):
    """Shows a value, and tells when a person wants another one."""

    told = Signal(str)
    typed = Signal(str)
    """While somebody types: so that what does not fit is said at once."""
    browse = Signal()

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting = setting
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(6)
        self.line.addStretch(1)
        self.main: QWidget = self

    def show_value(self, value: Value) -> None:
        """Show it, without telling."""

    def _take(self, widget: QWidget) -> None:
        self.main = widget
        widget.setAccessibleName(self.setting.title)
        widget.setAccessibleDescription(self.setting.says)
        widget.setToolTip(self.setting.says)
        self.setFocusProxy(widget)
        self.line.addWidget(widget)


class SwitchControl(Control):
    """On or off."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.words = Label("", "small", "dim")
        self.toggle = Toggle(setting.title)
        self.line.addWidget(self.words)
        self._take(self.toggle)
        self.toggle.clicked.connect(lambda on: self.told.emit("on" if on else "off"))

    def show_value(self, value: Value) -> None:
        """Slide it there."""
        self.toggle.setChecked(bool(value))
        self.words.setText("on" if value else "off")


class ChoiceControl(Control):
    """Positions side by side; a list where there are many."""

    def __init__(self, setting: Setting, kind: Choice) -> None:
        super().__init__(setting)
        self.segments: Segments | None = None
        self.list: QComboBox | None = None
        if len(kind.options) <= MOST_SEGMENTS:
            self.segments = Segments(setting.title, [(key, words, setting.says) for key, words in kind.options])
            self.segments.chosen.connect(self.told.emit)
            self._take(self.segments)
            self.setFocusProxy(next(iter(self.segments.buttons.values())))
        else:
            self.list = QComboBox()
            for key, words in kind.options:
                self.list.addItem(words, key)
            self.list.setMinimumWidth(FIELD_WIDTH)
            self.list.activated.connect(lambda at: self.told.emit(str(kind.options[at][0])))
            self._take(self.list)

    def show_value(self, value: Value) -> None:
        """Put it there."""
        if self.segments is not None:
            self.segments.choose(str(value))
        elif self.list is not None:
            self.list.setCurrentIndex(self.list.findData(str(value)))


class _Field(QLineEdit):
    """Up and Down step through a number; Escape gives up what was typed."""

    stepped = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Steps and Escape."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.stepped.emit(step)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class LineControl(Control):
    """A number with its unit, or a short text."""

    def __init__(self, setting: Setting, folder: bool = False) -> None:
        super().__init__(setting)
        self.field = _Field()
        self._shown: Value = setting.default
        kind = setting.kind
        if isinstance(kind, Number):
            self.field.setProperty("kind", "number")
            self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        else:
            self.field.setPlaceholderText(kind.words(""))
        self._fit()
        self.special = Label("", "small", "dim")
        self.line.addWidget(self.special)
        self._take(self.field)
        if isinstance(kind, Number) and kind.unit:
            unit = Label(kind.unit, "small", "dim")
            unit.setMinimumWidth(UNIT_WIDTH)
            self.line.addWidget(unit)
        if folder:
            self.line.addWidget(IconButton("folder-open", "Choose a folder", clicked=self.browse.emit))
        self.field.textEdited.connect(self.typed.emit)
        self.field.editingFinished.connect(self._finish)
        self.field.stepped.connect(self._step)
        self.field.left.connect(lambda: self.show_value(self._shown))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another size of type, another width."""
        if event.type() == QEvent.Type.PaletteChange:
            self._fit()
        super().changeEvent(event)

    def _fit(self) -> None:
        width = FIELD_WIDTH if isinstance(self.setting.kind, Number) else TEXT_WIDTH
        self.field.setFixedWidth(round(width * Theme.current().scale))

    def show_value(self, value: Value) -> None:
        """Write it; what somebody is typing is replaced."""
        self._shown = value
        kind = self.setting.kind
        number = isinstance(kind, Number)
        text = _typed(value) if number else str(value)
        if self.field.text() != text:
            self.field.setText(text)
            self.field.setCursorPosition(0)
        if isinstance(kind, Number):
            self.special.setText(kind.none if value == 0 else "")
        self.typed.emit(self.field.text())

    def _finish(self) -> None:
        if self.field.text() != _typed(self._shown):
            self.told.emit(self.field.text())

    def _step(self, by: int) -> None:
        kind = self.setting.kind
        if not isinstance(kind, Number) or isinstance(self._shown, str):
            return
        step = kind.step if not kind.whole else int(kind.step)
        wanted = self._shown + by * step
        self.told.emit(str(min(kind.most, max(kind.least, wanted))))


def _typed(value: Value) -> str:
    """A value as it stands in a field."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def control_of(setting: Setting, folder: bool = False) -> Control:
    """The control for a setting."""
    if isinstance(setting.kind, Switch):
        return SwitchControl(setting)
    if isinstance(setting.kind, Choice):
        return ChoiceControl(setting, setting.kind)
    return LineControl(setting, folder)
