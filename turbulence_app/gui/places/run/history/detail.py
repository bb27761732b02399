"""What is known and written about the lines that are chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QLineEdit, QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from turbulence_app.domain.history import HistoryLine
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.places.run.history.state import (
    SIGNS,
    TOKENS,
    size_words,
    subject_words,
    verdict_words,
    when_words,
)
from turbulence_app.gui.places.run.history.tags import TagEditor
from turbulence_app.gui.places.run.state import duration
from turbulence_app.gui.widgets.basics import (
    Button,
    Card,
    Chip,
    ElidedLabel,
    IconButton,
    Label,
    SectionLabel,
    Tone,
    row,
    scrolled,
)
from turbulence_app.gui.widgets.flow_layout import FlowBox

FACTS = ("ran", "what", "target", "crowd", "digest")
AUTOSAVE_MS = 600
"""After the last key of a note until it is kept."""
NONE_CHOSEN = "Choose a run to name it, tag it, write about it, or compare it with another one."


class DetailCard(Card):
    """Name, tags, notes, what was different, and what can be done."""

    def __init__(self, presenter: HistoryPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._shown: tuple[str, ...] = ()
        self.heading = ElidedLabel("", "heading")
        self.verdict = Chip()
        self.pin = IconButton("pin", "Pin it to the top", clicked=self._pin)
        self.pin.setCheckable(True)
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.name.setPlaceholderText("Give it a name")
        self.name.setMaxLength(120)
        self.name.editingFinished.connect(self._rename)
        self.tags = TagEditor()
        self.tags.added.connect(lambda tag: self._edit(add=[tag]))
        self.tags.dropped.connect(lambda tag: self._edit(drop=[tag]))
        self.notes = QPlainTextEdit()
        self.notes.setAccessibleName("Notes")
        self.notes.setPlaceholderText("Notes, kept as you write")
        self.notes.setTabChangesFocus(True)
        self.notes.setMinimumHeight(64)
        self.notes.setMaximumHeight(120)
        self._saving = QTimer(self, singleShot=True, interval=AUTOSAVE_MS)
        self._saving.timeout.connect(self.save_notes)
        self.notes.textChanged.connect(self._typed)
        self._notes_of = ""
        self.saved = Label("", "small", "dim")
        self.changed = Label("", "small", "dim", wrap=True)
        self.changed.setTextFormat(Qt.TextFormat.PlainText)
        self.facts: dict[str, Label] = {}
        self._actions()
        self._build()
        presenter.selection_changed.connect(self.show_lines)
        presenter.tags_changed.connect(self.show_lines)
        self.show_lines()

    # -- building ---------------------------------------------------------------------------------

    def _actions(self) -> None:
        self.open = Button("Open", "primary", "", "Its numbers, or its causes", self._one(self._presenter.open))
        self.failures = Button("Failures", "plain", "", "What broke in it", self._one(self._presenter.failures))
        self.compare = Button("Compare", "plain", "", "", self._compare)
        self.delete = IconButton("trash-2", "Delete; undo brings it back until you close", clicked=self._delete)

    def _build(self) -> None:
        self.body.addLayout(row(self.heading, self.verdict, self.pin, self.delete, spacing=4))
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 6, 0)
        box.setSpacing(8)
        self._single: list[QWidget] = [self.name]
        box.addWidget(self.name)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for place, name in enumerate(FACTS):
            head, value = Label(name, "body", "dim"), ElidedLabel("", "mono")
            self.facts[name] = value
            self._single += [head, value]
            grid.addWidget(head, place, 0)
            grid.addWidget(value, place, 1)
        box.addLayout(grid)
        different = SectionLabel("Since the run before")
        notes = SectionLabel("Notes")
        self._single += [different, self.changed, notes, self.notes, self.saved]
        for widget in (different, self.changed, SectionLabel("Tags"), self.tags):
            box.addWidget(widget)
        box.addLayout(row(notes, 1, self.saved))
        box.addWidget(self.notes)
        box.addStretch(1)
        self._content = scrolled(content)
        self.hint = Label(NONE_CHOSEN, "body", "dim", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.hint, 1)
        self.body.addWidget(self._content, 1)
        self._buttons = FlowBox(8)
        for button in (self.open, self.compare, self.failures):
            self._buttons.flow.addWidget(button)
        self.body.addWidget(self._buttons)

    # -- showing ----------------------------------------------------------------------------------

    def show_lines(self) -> None:
        """Other lines, or other words about them."""
        lines = self._presenter.chosen
        ids = tuple(line.id for line in lines)
        if ids != self._shown:
            self.save_notes()
        single = lines[0] if len(lines) == 1 else None
        self.hint.setVisible(not lines)
        self._content.setVisible(bool(lines))
        for widget in self._single:
            widget.setVisible(single is not None)
        self.heading.setText(_heading(lines))
        self.verdict.setVisible(single is not None)
        self._show_actions(lines)
        if lines:
            self._show_tags(lines)
        if single is not None:
            self._show_one(single, fresh=ids != self._shown)
        self._shown = ids

    def _show_one(self, line: HistoryLine, *, fresh: bool) -> None:
        tone = {"good": "good", "bad": "bad", "warn": "warn", "accent": "accent"}.get(
            TOKENS.get(line.verdict, ""), "neutral"
        )
        tones: dict[str, Tone] = {
            "good": "good",
            "bad": "bad",
            "warn": "warn",
            "accent": "accent",
            "neutral": "neutral",
        }
        self.verdict.set(f"{SIGNS.get(line.verdict, '')} {verdict_words(line)}".strip(), tones[tone])
        self.name.setPlaceholderText(f"Give it a name, now {subject_words(line)}")
        if fresh or not self.name.hasFocus():
            self.name.setText(line.name)
        if fresh or not self.notes.hasFocus():
            self._notes_of = line.id
            if self.notes.toPlainText() != line.notes:
                self.notes.blockSignals(True)
                self.notes.setPlainText(line.notes)
                self.notes.blockSignals(False)
            self.saved.setText("")
        now = self._presenter.now()
        took = f", took {duration(line.elapsed_s * 1000)}" if line.elapsed_s else ""
        what = line.workflow if line.scenario in ("", line.workflow) else f"{line.scenario} of {line.workflow}"
        values = {
            "ran": when_words(line.created_at, now) + took,
            "what": what,
            "target": line.target,
            "crowd": f"{size_words(line)}{'' if line.kind == 'campaign' else ' users'}, seed {line.seed}",
            "digest": line.digest.removeprefix("sha256:")[:16] or "–",
        }
        for name, words in values.items():
            self.facts[name].setText(words)
        same = "Nothing: the same inputs." if line.changed is not None else "…"
        self.changed.setText("\n".join(line.changed or (same,)))

    def _show_tags(self, lines: list[HistoryLine]) -> None:
        every = [set(line.tags) for line in lines]
        common = set.intersection(*every)
        some = set.union(*every) - common
        self.tags.show_tags(sorted(common), sorted(some), self._presenter.tags)

    def _show_actions(self, lines: list[HistoryLine]) -> None:
        runs = [line for line in lines if line.kind == "run"]
        comparable = len(runs) == len(lines) and len(runs) in (1, 2)
        self.compare.setText("Compare both" if len(runs) == 2 else "Compare")
        self.compare.setToolTip(
            "Both beside each other, the older one first"
            if len(runs) == 2
            else "With the run before it, or the last one of the same seed"
        )
        for button, shown in (
            (self.open, len(lines) == 1),
            (self.failures, len(lines) == 1 and lines[0].verdict == "broken"),
            (self.compare, comparable),
            (self.delete, bool(lines)),
        ):
            button.setVisible(shown)
        self._buttons.fit()
        self.delete.setEnabled(any(line.status != "running" for line in lines))
        self.pin.setVisible(bool(lines))
        pinned = bool(lines) and all(line.pinned for line in lines)
        self.pin.setChecked(pinned)
        self.pin.setToolTip("Take the pin off" if pinned else "Pin to the top")

    # -- doing ------------------------------------------------------------------------------------

    def _one(self, act: Callable[[HistoryLine], object]) -> Callable[[], None]:
        def done() -> None:
            lines = self._presenter.chosen
            if lines:
                act(lines[0])

        return done

    def _ids(self) -> list[str]:
        return [line.id for line in self._presenter.chosen]

    def _edit(self, **words: object) -> None:
        self._presenter.edit(self._ids(), **words)

    def _pin(self) -> None:
        self._edit(pinned=self.pin.isChecked())

    def _rename(self) -> None:
        lines = self._presenter.chosen
        if len(lines) == 1 and lines[0].name != self.name.text().strip():
            self._edit(name=self.name.text().strip())

    def _typed(self) -> None:
        self.saved.setText("writing…")
        self._saving.start()

    def save_notes(self) -> None:
        """Keep what was written; nothing is lost when another line is chosen or the window closes."""
        if self._saving.isActive() or self.saved.text() == "writing…":
            self._saving.stop()
            self._presenter.edit([self._notes_of], notes=self.notes.toPlainText())
            self.saved.setText("saved")

    def _compare(self) -> None:
        ids = self._ids()
        if len(ids) != 1:
            self._presenter.compare(ids)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for first, words in (("before", "With the run before"), ("same-seed", "With the last of the same seed")):
            menu.addAction(words).triggered.connect(lambda *_, first=first: self._presenter.compare(ids, first))
        menu.addSeparator()
        menu.addAction("Choose two lines to compare any two").setEnabled(False)
        menu.popup(self.compare.mapToGlobal(self.compare.rect().topLeft()) - QPoint(0, menu.sizeHint().height() + 4))

    def _delete(self) -> None:
        self.save_notes()
        self._presenter.remove(self._ids())


def _heading(lines: list[HistoryLine]) -> str:
    if not lines:
        return "Nothing chosen"
    return ", ".join(line.id for line in lines) if len(lines) < 4 else f"{len(lines)} lines"
