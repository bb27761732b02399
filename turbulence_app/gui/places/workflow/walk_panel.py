"""The panel of a walk: who goes, the buttons to go along, and what is known at the stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from turbulence_app.domain.walk import Stop
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.choice_bars import ChoiceBars
from turbulence_app.gui.places.workflow.walk_words import duration, happenings, headline, value_words
from turbulence_app.gui.places.workflow.walking import Walking
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.trace_words import virtual_time
from turbulence_app.gui.widgets.basics import Button, ElidedLabel, IconButton, Label, Rule, SectionLabel, row, scrolled
from turbulence_app.gui.widgets.patience_bar import PatienceBar

FINDS = (
    ("leaves", "Next who leaves", "door-open"),
    ("breaks", "Next who breaks", "bug"),
    ("completes", "Next who completes", "circle-check"),
)
MOST_USER = 2**31 - 1


class WalkPanel(QWidget):
    """``start`` is called when somebody else shall be walked (with what to look for, or '')."""

    def __init__(self, context: Context, walking: Walking, start: Callable[[str], object]) -> None:
        super().__init__()
        self._context, self._walking, self._start = context, walking, start
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._who())
        column.addLayout(self._player())
        self.head = ElidedLabel("", "small", "dim")
        column.addWidget(self.head)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setTextVisible(False)
        self.busy.setFixedHeight(3)
        column.addWidget(self.busy)
        self.body = QWidget()
        self._lines = QVBoxLayout(self.body)
        self._lines.setContentsMargins(0, 0, 6, 0)
        self._lines.setSpacing(6)
        column.addWidget(scrolled(self.body), 1)
        walking.changed.connect(self.refresh)
        context.project.changed.connect(self._fill)
        self._fill()
        self.refresh()

    def _who(self) -> QVBoxLayout:
        self.persona, self.scenario = QComboBox(), QComboBox()
        self.user, self.seed = QLineEdit(), QLineEdit()
        for box, name, tip in (
            (self.persona, "Persona", "Whose way it is; the next such user is looked for"),
            (self.scenario, "Faults", "With the faults of a scenario, or without"),
            (self.user, "User", "The number of the user in the crowd"),
            (self.seed, "Seed", "Another seed is another crowd"),
        ):
            box.setAccessibleName(name)
            box.setToolTip(tip)
        for field in (self.user, self.seed):
            field.setProperty("kind", "number")
            field.setValidator(QIntValidator(0, MOST_USER, field))
            field.setFixedWidth(round(78 * Theme.current().scale))
            field.editingFinished.connect(self._numbers)
        self.persona.activated.connect(lambda _i: self._chosen(persona=str(self.persona.currentData())))
        self.scenario.activated.connect(lambda _i: self._chosen(scenario=str(self.scenario.currentData())))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        fields: tuple[tuple[str, QWidget], ...] = (
            ("Persona", self.persona), ("User", self.user), ("Faults", self.scenario), ("Seed", self.seed),
        )  # fmt: skip
        for place, (words, widget) in enumerate(fields):
            across = 2 * (place % 2)
            grid.addWidget(Label(words, "small", "dim"), place // 2, across)
            grid.addWidget(widget, place // 2, across + 1)
        grid.setColumnStretch(1, 1)
        self.finds = [
            Button(
                words.removeprefix("Next who ").capitalize(),
                "plain",
                icon,
                f"{words} (after this one)",
                self._find(key),
            )
            for key, words, icon in FINDS
        ]
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(grid)
        column.addLayout(row(Label("Next who", "small", "dim"), *self.finds, 1, spacing=6))
        return column

    def _find(self, key: str) -> Callable[[], object]:
        return lambda: self._start(key)

    def _player(self) -> QVBoxLayout:
        walking = self._walking
        self.first = IconButton("skip-back", "To the arrival (Home)", clicked=lambda: walking.go(0))
        self.back = IconButton("arrow-left", "One step back (Left)", clicked=lambda: walking.step(-1))
        self.playing = IconButton("play", "Play (Space)", clicked=walking.play)
        self.on = IconButton("arrow-right", "One step on (Right)", clicked=lambda: walking.step(1))
        self.last = IconButton("skip-forward", "To the end (End)", clicked=lambda: walking.go(10**9))
        self.place = Label("", "mono_small", "dim")
        self.close_ = IconButton("x", "End the walk", clicked=walking.end)
        buttons = (self.first, self.back, self.playing, self.on, self.last)
        box = QVBoxLayout()
        box.addWidget(Rule())
        box.addLayout(row(*buttons, self.place, 1, self.close_, spacing=4))
        return box

    # -- showing ----------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Personas and scenarios of the project."""
        data, wanted = self._context.project.data, self._walking.wanted
        for box, nothing, names, chosen in (
            (self.persona, "anyone", [(p.id, p.title) for p in data.personas.values()], wanted.persona),
            (self.scenario, "none", [(s, s) for s, one in data.scenarios.items() if one.faults], wanted.scenario),
        ):
            box.clear()
            box.addItem(nothing, "")
            for key, words in names:
                box.addItem(words, key)
            box.setCurrentIndex(max(0, box.findData(chosen)))

    def refresh(self) -> None:
        """Who, where, and what is known there."""
        walking, walk = self._walking, self._walking.walk
        self._show_who()
        self.busy.setVisible(walking.busy)
        for button in (self.first, self.back):
            button.setEnabled(walk is not None and walking.index > 0)
        for button in (self.on, self.last):
            button.setEnabled(walk is not None and walking.index < len(walk.stops) - 1)
        self.playing.setEnabled(walk is not None)
        self.playing.set_icon("pause" if walking.playing else "play")
        self.close_.setEnabled(walk is not None)
        self.place.setText(f"{walking.index} / {len(walk.stops) - 1}" if walk is not None else "")
        if walking.error:
            words, kind = walking.error, "warn"
        elif walk is not None:
            who = f"{walk.source}/{walk.user}" if walk.source else f"user {walk.user:,}"
            words, kind = f"{who}, {walk.persona}: {headline(walk)}", "bad" if walk.violations else "dim"
        else:
            words, kind = "Choose somebody, and go along step by step.", "dim"
        self.head.setText(words)
        self.head.set_kind(kind)  # type: ignore[arg-type]
        self._show_stop(walking.stop)

    def _show_who(self) -> None:
        wanted = self._walking.wanted
        for field, value in ((self.user, wanted.user), (self.seed, wanted.seed)):
            if not field.hasFocus() or not field.isModified():
                field.setText(str(value))
        for box in (self.persona, self.scenario, self.seed):
            box.setEnabled(not wanted.run_id)
        self.persona.setCurrentIndex(max(0, self.persona.findData(wanted.persona)))
        self.scenario.setCurrentIndex(max(0, self.scenario.findData(wanted.scenario)))
        for button in self.finds:
            button.setEnabled(not self._walking.busy)

    def _show_stop(self, stop: Stop | None) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if stop is None:
            return
        times = f" · visit {stop.nth}" if stop.nth > 1 else ""
        self._lines.addWidget(Label((stop.step or "Arrival") + times, "strong"))
        took = stop.until_us - stop.at_us
        when = virtual_time(stop.at_us) + (f" · takes {duration(took)}" if took else "")
        self._lines.addWidget(Label(when, "mono_small", "dim"))
        walk = self._walking.walk
        if stop.patience_us is not None and walk is not None and walk.patience_us:
            left, whole = stop.patience_us, walk.patience_us
            words = f"patience left: {duration(left)} of {duration(whole)}"
            self._lines.addWidget(PatienceBar(left, whole, words))
        for line in happenings(stop):
            self._lines.addWidget(_line(virtual_time(line.at_us), line.words, line.tone))
        if stop.choice is not None:
            self._lines.addWidget(SectionLabel("Decision"))
            self._lines.addWidget(ChoiceBars(stop.choice))
        if stop.variables:
            self._lines.addWidget(SectionLabel("Known now"))
            for name, value in stop.variables.items():
                self._lines.addWidget(_line(name, value_words(value), "accent" if name in stop.changed else ""))
        self._lines.addStretch(1)

    # -- who else ---------------------------------------------------------------------------------

    def _numbers(self) -> None:
        walking = self._walking
        user, seed = int(self.user.text() or 0), int(self.seed.text() or 0)
        wanted = replace(walking.wanted, user=user, seed=seed)
        if wanted != walking.wanted:
            walking.wanted = replace(wanted, persona="")
            self._start("")

    def _chosen(self, *, persona: str | None = None, scenario: str | None = None) -> None:
        before = self._walking.wanted
        self._walking.wanted = replace(
            before,
            run_id="",
            persona=before.persona if persona is None else persona,
            scenario=before.scenario if scenario is None else scenario,
        )
        self._start("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows go along, Space plays, Home and End go to the ends."""
        walking, key = self._walking, Qt.Key(event.key())
        moves = {Qt.Key.Key_Left: walking.index - 1, Qt.Key.Key_Right: walking.index + 1}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: 10**9}
        if key == Qt.Key.Key_Space:
            walking.play()
        elif key in moves or key in ends:
            walking.pause()
            walking.go({**moves, **ends}[key])
        else:
            super().keyPressEvent(event)


def _line(left: str, right: str, tone: str) -> QWidget:
    """Two words side by side; a tone colours the second."""
    holder = QWidget()
    first = Label(left, "mono_small", "dim")
    first.setMinimumWidth(72)
    second = ElidedLabel(right, "small", tone if tone in ("good", "warn", "bad", "dim") else "")  # type: ignore[arg-type]
    if tone == "accent":
        second.setText(f"{right}  ← set here" if left.isidentifier() else right)
    line = row(first, second, spacing=8)
    line.setStretch(1, 1)
    line.setAlignment(first, Qt.AlignmentFlag.AlignTop)
    holder.setLayout(line)
    return holder
