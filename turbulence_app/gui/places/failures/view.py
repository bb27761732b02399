"""Failures: kinds and users at the left, the reproduction in the middle, what it needs at the right."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.failures.choices_card import ChoicesCard
from turbulence_app.gui.places.failures.list_card import ListCard
from turbulence_app.gui.places.failures.main_card import MainCard
from turbulence_app.gui.places.failures.presenter import FailuresPresenter
from turbulence_app.gui.places.failures.state import replay_command, shrink_command
from turbulence_app.gui.trace_words import virtual_time
from turbulence_app.gui.widgets.basics import (
    Button,
    Card,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    Splitter,
    scrolled,
)
from turbulence_app.gui.widgets.sentence import sentence

NONE_YET = "No run yet"
FIRST = "Run the crowd, best with faults: what breaks is listed here, and the smallest way to break it."
HARDER = "A scenario with more faults, another seed or a campaign looks harder."
FACTS = ("user", "persona", "run", "broke at", "outcome")


class CommandLine(QFrame):
    """A command to type elsewhere, with a button that copies it."""

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self._context = context
        self.setProperty("kind", "well")
        self.words = Label("", "mono", wrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 4, 4, 4)
        line.addWidget(self.words, 1)
        line.addWidget(IconButton("copy", f"Copy the command: {name}", clicked=self._copy))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.words.text())
        self._context.notices.show("Command copied.", "info")


class FailuresView(QWidget):
    """Everything about what broke."""

    def __init__(self, context: Context, presenter: FailuresPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        context, presenter = self._context, self._presenter
        split = Splitter(Qt.Orientation.Horizontal, "failures.columns")
        self._stack.addWidget(split)
        self.list = ListCard(context, presenter)
        split.addWidget(self.list)
        yield
        self._middle = QStackedWidget()
        split.addWidget(self._middle)
        self.main = MainCard(context, presenter)
        self._middle.addWidget(self.main)
        yield from self.main.fill()
        self.unkept = EmptyState("bug", "No failure of this cause is kept", "", "Run it again", presenter.keep_cause)
        self._middle.addWidget(self.unkept)
        self.choices = ChoicesCard()
        right = scrolled(self._right())
        split.addWidget(right)
        for column, least in zip((self.list, self._middle, right), (200, 360, 220), strict=True):
            column.setMinimumWidth(least)
        for index, factor in enumerate((2, 5, 3)):
            split.setStretchFactor(index, factor)
        split.setSizes([250, 530, 280])
        yield
        self._else_pages()
        presenter.listed.connect(self._show_list)
        presenter.selected.connect(self._show_failure)
        presenter.updated.connect(self._show_detail)
        self._show_list()

    def _else_pages(self) -> None:
        context, presenter = self._context, self._presenter
        self.empty = EmptyState(
            "circle-check",
            NONE_YET,
            FIRST,
            "Go to Run",
            lambda: context.navigation.go("run"),
        )
        self.trouble = EmptyState(
            "circle-alert",
            "The failures could not be read",
            "",
            "Try again",
            lambda: presenter.load(presenter.run_id or "last"),
        )
        self.loading = Label("Reading the failures…", "body", "dim")
        self.loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (self.empty, self.loading, self.trouble):
            self._stack.addWidget(widget)

    def _right(self) -> QWidget:
        column = QWidget()
        box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        user = Card("This user")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self.facts: dict[str, Label] = {}
        for row, name in enumerate(FACTS):
            self.facts[name] = ElidedLabel("", "mono")
            grid.addWidget(Label(name, "body", "dim"), row, 0)
            grid.addWidget(self.facts[name], row, 1)
        user.body.addLayout(grid)
        self.to_run = Button("The run", "quiet", "play", "Its funnel, latencies and settings", self._open_run)
        user.header.addWidget(self.to_run)
        commands = Card("As a command")
        self.replay_line = CommandLine(self._context, "replay")
        self.shrink_line = CommandLine(self._context, "shrink")
        commands.body.addWidget(self.replay_line)
        commands.body.addWidget(self.shrink_line)
        for card, stretch in ((user, 0), (self.choices, 1), (commands, 0)):
            box.addWidget(card, stretch)
        return column

    def _open_run(self) -> None:
        if self._presenter.failure is not None:
            self._context.navigation.go("run", run_id=self._presenter.failure.run_id)

    # -- showing ----------------------------------------------------------------------------------

    def _show_list(self) -> None:
        presenter = self._presenter
        first = presenter.loading and not presenter.groups
        holds = bool(presenter.run_id or presenter.campaign_id)
        self.empty.title.setText("Nothing is broken" if holds else NONE_YET)
        held = f"Every invariant held in {presenter.run_id or presenter.campaign_id}. " if holds else ""
        self.empty.text.setText(held + (HARDER if holds else FIRST))
        self.trouble.text.setText(sentence(presenter.error))
        self._stack.setCurrentIndex(2 if first else 0 if presenter.groups else 3 if presenter.error else 1)

    def _show_failure(self) -> None:
        presenter = self._presenter
        failure = presenter.failure
        self._middle.setCurrentWidget(self.unkept if failure is None else self.main)
        if failure is None:
            note = presenter.group.note if presenter.group is not None else ""
            words = note or "A campaign runs what stands for each cause again when it ends."
            self.unkept.text.setText("Running its first world again…" if presenter.keeping else words)
            if self.unkept.button is not None:
                self.unkept.button.setEnabled(not presenter.keeping)
            self.choices.show_shrunk(None, ())
            for label in self.facts.values():
                label.setText("")
            return
        self.facts["user"].setText(f"{failure.user:,}")
        self.facts["persona"].setText(failure.persona)
        self.facts["run"].setText(failure.run_id or presenter.run_id)
        self.facts["broke at"].setText(f"{failure.step or 'end'}, {virtual_time(failure.at_us)}")
        self.replay_line.words.setText(replay_command(failure))
        self.shrink_line.words.setText(shrink_command(failure))
        self._show_detail()

    def _show_detail(self) -> None:
        presenter = self._presenter
        trace = presenter.trace
        self.facts["outcome"].setText(
            f"{trace.outcome}, {virtual_time(trace.ended_us)}" if trace else presenter.trace_error or "replaying…"
        )
        self.choices.show_shrunk(presenter.shrunk, presenter.faults)

    def show_visit(self) -> None:
        """The whole visit in front."""
        self.main.show_visit()
