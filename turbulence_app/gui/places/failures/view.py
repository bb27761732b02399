"""Failures: kinds and users at the left, the reproduction in the middle, what it needs at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QStackedLayout,
    QStackedWidget,
    QStyleOptionViewItem,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.domain.failure import Choice, Shrunk
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.failures.lists import GroupDelegate, GroupsModel, PickList, UsersModel
from turbulence_app.gui.places.failures.presenter import FailuresPresenter
from turbulence_app.gui.places.failures.state import (
    choice_words,
    headline,
    plural,
    replay_command,
    shrink_command,
    tries_words,
)
from turbulence_app.gui.trace_words import story_lines, trace_lines, virtual_time
from turbulence_app.gui.widgets.basics import (
    Button,
    Card,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    SectionLabel,
    Splitter,
    scrolled,
)
from turbulence_app.gui.widgets.timeline import TimelineView
from turbulence_app.insight import sizes

STORY, VISIT = 0, 1


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
        self._shown: Shrunk | None = None
        self.groups, self.users = GroupsModel(self), UsersModel(self)
        self.story = TimelineView("Minimal reproduction")
        self.visit = TimelineView("Whole visit")
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        columns = (self._left(), self._middle(), scrolled(self._right()))
        for column, least in zip(columns, (200, 360, 220), strict=True):
            column.setMinimumWidth(least)
        split = Splitter(Qt.Orientation.Horizontal, "failures.columns", *columns)
        for index, factor in enumerate((2, 5, 3)):
            split.setStretchFactor(index, factor)
        split.setSizes([250, 520, 290])
        self.empty = EmptyState(
            "circle-check",
            "Nothing is broken",
            "Invariants hold in the last run, or there is no run yet. Run a scenario with faults: the people who break"
            " an invariant are listed here, and the smallest way to break it.",
            "Go to Run",
            lambda: context.navigation.go("run"),
        )
        self.loading = Label("Reading the failures…", "body", "dim")
        self.loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (split, self.empty, self.loading):
            self._stack.addWidget(widget)
        presenter.listed.connect(self._show_list)
        presenter.selected.connect(self._show_failure)
        presenter.updated.connect(self._show_detail)
        self._show_list()

    # -- building ---------------------------------------------------------------------------------

    def _left(self) -> Card:
        card = Card("Failures")
        self._list_title = card.title
        self.group_list = PickList("Kinds of failure", "The same invariant, at the same step, by the same persona")
        self.group_list.setModel(self.groups)
        self.group_list.setItemDelegate(GroupDelegate(self.group_list))
        self.group_list.row_chosen.connect(lambda row: self._presenter.choose_group(self.groups.group(row)))
        self.user_list = PickList("Users of this kind", "Whoever broke it; those with the fewest events first")
        self.user_list.setModel(self.users)
        self.user_list.row_chosen.connect(lambda row: self._presenter.choose(self.users.failure(row)))
        card.body.setSpacing(8)
        card.body.addWidget(self.group_list, 3)
        self._users_title = SectionLabel("Users")
        card.body.addWidget(self._users_title)
        card.body.addWidget(self.user_list, 2)
        return card

    def _middle(self) -> Card:
        card = Card()
        self.title = ElidedLabel("", "title")
        self.shrink_button = Button(
            "Shrink", "primary", "scissors", "Find the smallest visit that still breaks it", self._presenter.shrink
        )
        self.stop_button = Button("Stop", "plain", "square", "Stop; the best so far stays", self._presenter.stop)
        self.replay_button = Button("Replay", "plain", "repeat", "Run this user again, alone", self._presenter.replay)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        for button in (self.replay_button, self.shrink_button, self.stop_button):
            head.addWidget(button)
        self.says = Label("", "body", "dim", wrap=True)
        card.body.setSpacing(8)
        card.body.addLayout(head)
        card.body.addWidget(self.says)
        card.body.addLayout(self._sizes())
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName("Shrinking")
        self.note = Label("", "small", "dim", wrap=True)
        card.body.addWidget(self.bar)
        card.body.addWidget(self.note)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Minimal reproduction or whole visit")
        self.tabs.addTab("Minimal reproduction")
        self.tabs.addTab("Whole visit")
        self._pages = QStackedWidget()
        self._story_page = QStackedWidget()
        self._unshrunk = EmptyState(
            "scissors",
            "Not shrunk yet",
            "Shrinking takes away every choice, delay and fault that the failure does not need, and re-runs each try.",
            "Shrink",
            self._presenter.shrink,
        )
        self._story_page.addWidget(self.story)
        self._story_page.addWidget(self._unshrunk)
        self._pages.addWidget(self._story_page)
        self._pages.addWidget(self.visit)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        card.body.addWidget(self.tabs)
        card.body.addWidget(self._pages, 1)
        return card

    def _sizes(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(22)
        grid.setVerticalSpacing(0)
        self.found, self.arrow, self.small = (
            Label("", "figure"),
            Label("→", "figure", "dim"),
            Label("", "figure", "good"),
        )
        self._found_words, self._small_words = SectionLabel("Found as"), SectionLabel("Shrunk to")
        grid.addWidget(self._found_words, 0, 0)
        grid.addWidget(self._small_words, 0, 2)
        for column, label in enumerate((self.found, self.arrow, self.small)):
            grid.addWidget(label, 1, column)
        grid.setColumnStretch(3, 1)
        return grid

    def _right(self) -> QWidget:
        column = QWidget()
        box = QVBoxLayout(column)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        user = Card("This user")
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnStretch(1, 1)
        self.facts: dict[str, Label] = {}
        for row, name in enumerate(("user", "persona", "run", "broke at", "outcome")):
            self.facts[name] = ElidedLabel("", "mono")
            self._facts.addWidget(Label(name, "body", "dim"), row, 0)
            self._facts.addWidget(self.facts[name], row, 1)
        user.body.addLayout(self._facts)
        self._choices_card = Card("Necessary choices")
        self._choices_hint = Label("", "small", "dim", wrap=True)
        self._choices_card.body.addWidget(self._choices_hint)
        self._choices_box = QVBoxLayout()
        self._choices_box.setSpacing(8)
        self._choices_card.body.addLayout(self._choices_box)
        self._choices_card.body.addStretch(1)
        commands = Card("As a command")
        self.replay_line = CommandLine(self._context, "replay")
        self.shrink_line = CommandLine(self._context, "shrink")
        commands.body.addWidget(self.replay_line)
        commands.body.addWidget(self.shrink_line)
        for card, stretch in ((user, 0), (self._choices_card, 1), (commands, 0)):
            box.addWidget(card, stretch)
        return column

    # -- showing ----------------------------------------------------------------------------------

    def _show_list(self) -> None:
        presenter = self._presenter
        first = presenter.loading and not presenter.groups
        self._stack.setCurrentIndex(2 if first else 0 if presenter.groups else 1)
        self.groups.set_groups(presenter.groups)
        self._list_title.setText(headline(presenter.groups))
        row = GroupDelegate(self).sizeHint(QStyleOptionViewItem(), self.groups.index(0, 0)).height()
        self.group_list.setMaximumHeight(max(1, len(presenter.groups)) * row + 6)

    def _show_failure(self) -> None:
        presenter = self._presenter
        failure, group = presenter.failure, presenter.group
        if failure is None or group is None:
            return
        self.group_list.choose(presenter.groups.index(group))
        self.users.set_failures(group.failures)
        self.user_list.choose(self.users.row_of(failure))
        self._users_title.setText(f"{plural(len(group.failures), 'user')} of this kind")
        self.title.setText(failure.invariant)
        self.says.setText(presenter.says())
        self.facts["user"].setText(f"{failure.user:,}")
        self.facts["persona"].setText(failure.persona)
        self.facts["run"].setText(failure.run_id or presenter.run_id)
        self.facts["broke at"].setText(f"{failure.step or 'end'}, {virtual_time(failure.at_us)}")
        self.replay_line.words.setText(replay_command(failure))
        self.shrink_line.words.setText(shrink_command(failure))
        self.tabs.setCurrentIndex(STORY if presenter.shrunk or presenter.shrinking else VISIT)
        self._show_detail()

    def _show_detail(self) -> None:
        presenter = self._presenter
        failure, shrunk, trace = presenter.failure, presenter.shrunk, presenter.trace
        if failure is None:
            return
        self.shrink_button.setVisible(not presenter.shrinking)
        self.shrink_button.setEnabled(not presenter.busy)
        self.stop_button.setVisible(presenter.shrinking)
        self.bar.setVisible(presenter.shrinking)
        self._show_sizes(shrunk)
        self.facts["outcome"].setText(
            f"{trace.outcome} after {virtual_time(trace.ended_us)}" if trace else presenter.trace_error or "replaying…"
        )
        self.visit.set_lines(trace_lines(trace, (), failure.step) if trace else [])
        if trace is not None:
            self.visit.show_decisive()
        self._story_page.setCurrentIndex(0 if shrunk else 1)
        self._unshrunk.setVisible(shrunk is None)
        if shrunk is not None:
            self.story.set_lines(
                story_lines(shrunk.story) if shrunk.story else trace_lines(shrunk.trace, (), failure.step)
            )
            if shrunk is not self._shown:
                self.tabs.setCurrentIndex(STORY)
        self._shown = shrunk
        self._show_choices(shrunk)

    def _show_sizes(self, shrunk: Shrunk | None) -> None:
        presenter = self._presenter
        events = shrunk.found_events if shrunk else len(presenter.trace.events) if presenter.trace else 0
        events = events or (presenter.failure.events if presenter.failure else 0)
        self.found.setText(plural(events, "event") if events else "–")
        for widget in (self.arrow, self.small, self._small_words):
            widget.setVisible(shrunk is not None)
        self.note.setVisible(shrunk is not None or presenter.shrinking)
        if shrunk is not None:
            self.found.setText(str(sizes.found(shrunk)))
            self.small.setText(str(sizes.smallest(shrunk)))
            self.note.setText(("Best so far, usable as it is. " if presenter.shrinking else "") + tries_words(shrunk))
        elif presenter.shrinking:
            done = presenter.progress.done if presenter.progress else 0
            self.note.setText(f"Shrinking… {done:,} candidates re-run" if done else "Shrinking…")

    def _show_choices(self, shrunk: Shrunk | None) -> None:
        while (item := self._choices_box.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if shrunk is None:
            self._choices_hint.setText("What must go wrong for this to break. Shrinking finds out.")
            return
        self._choices_hint.setText("Everything else takes its ordinary course. Take any of these away and it holds.")
        for choice in shrunk.choices:
            self._choices_box.addWidget(_choice_row(choice))

    def show_visit(self) -> None:
        """The whole visit in front."""
        self.tabs.setCurrentIndex(VISIT)


def _choice_row(choice: Choice) -> QFrame:
    words, address = choice_words(choice)
    frame = QFrame()
    frame.setProperty("kind", "well")
    box = QVBoxLayout(frame)
    box.setContentsMargins(10, 7, 10, 7)
    box.setSpacing(1)
    box.addWidget(Label(words, "body", wrap=True))
    box.addWidget(ElidedLabel(address, "mono_small", "dim"))
    frame.setAccessibleName(words)
    return frame
