"""The left column: where failures come from, their kinds or causes, and the users of one kind."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyleOptionViewItem

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.failures.kind_card import KindLine
from turbulence_app.gui.places.failures.lists import GroupDelegate, GroupsModel, PickList, UsersModel
from turbulence_app.gui.places.failures.presenter import FailuresPresenter
from turbulence_app.gui.places.failures.state import headline, matches
from turbulence_app.gui.widgets.basics import Card, Label, SectionLabel, row
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.insight.words import many

FEW = 8
"""So many users need no filter."""


class ListCard(Card):
    """Choosing what to look at."""

    def __init__(self, context: Context, presenter: FailuresPresenter) -> None:
        super().__init__("Failures")
        self._presenter = presenter
        self.groups, self.users = GroupsModel(self), UsersModel(self)
        self.sources = QComboBox()
        self.sources.setAccessibleName("Run or campaign")
        self.sources.setToolTip("Whose failures: a run's, or a campaign's causes")
        self.sources.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sources.setMinimumContentsLength(12)
        self.group_list = PickList("Kinds of failure", "The same invariant, at the same step, by the same persona")
        self.group_list.setModel(self.groups)
        self._delegate = GroupDelegate(self.group_list)
        self.group_list.setItemDelegate(self._delegate)
        self.user_list = PickList("Users of this kind", "Whoever broke it; those with the fewest events first")
        self.user_list.setModel(self.users)
        self._users_title = SectionLabel("Users")
        self.note = Label("", "small", "dim", wrap=True)
        self.kind = KindLine(presenter.kinds)
        self.words = QLineEdit()
        self.words.setAccessibleName("Filter the users of this kind")
        self.words.setPlaceholderText("user, persona or what was seen")
        self.words.setToolTip("Only users with all of these words")
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(lambda _: self._show_users())
        self.body.setSpacing(8)
        kinds = ExportButton(context, "Kinds of failure", self.group_list)
        self.header.addWidget(kinds)
        self.body.addWidget(self.sources)
        self.body.addWidget(self.group_list, 3)
        self.body.addWidget(self.note)
        self.body.addWidget(self.kind)
        users = ExportButton(context, self._users_title.accessibleName, self.user_list)
        self.body.addLayout(row(self._users_title, 1, users))
        self.body.addWidget(self.words)
        self.body.addWidget(self.user_list, 2)
        self.body.addStretch(0)
        self.sources.activated.connect(lambda index: presenter.choose_source(self.sources.itemData(index)))
        self.group_list.row_chosen.connect(lambda row: presenter.choose_group(self.groups.group(row)))
        self.user_list.row_chosen.connect(lambda row: presenter.choose(self.users.failure(row)))
        presenter.listed.connect(self.show_list)
        presenter.selected.connect(self.show_choice)
        presenter.sourced.connect(self.show_sources)
        presenter.kinds.changed.connect(self._show_states)

    def show_sources(self) -> None:
        """Runs and campaigns that can be looked through."""
        presenter = self._presenter
        with QSignalBlocker(self.sources):
            self.sources.clear()
            for source in presenter.sources:
                self.sources.addItem(source.words, source.key)
            here = self.sources.findData(presenter.source_key)
            if here < 0 and presenter.source_key:
                self.sources.insertItem(0, presenter.source_key, presenter.source_key)
                here = 0
            self.sources.setCurrentIndex(here)
        self.sources.setVisible(self.sources.count() > 1)

    def show_list(self) -> None:
        """Other failures."""
        groups = self._presenter.groups
        self.groups.set_groups(groups)
        self._show_states()
        self.title.setText(headline(groups))
        row = self._delegate.sizeHint(QStyleOptionViewItem(), self.groups.index(0, 0)).height()
        self.group_list.setMaximumHeight(max(1, len(groups)) * row + 6)
        self.show_sources()

    def show_choice(self) -> None:
        """Another group or user is looked at."""
        presenter = self._presenter
        group = presenter.group
        if group is None:
            return
        self.group_list.choose(presenter.groups.index(group))
        self.kind.show_group(group)
        self._show_users()
        self.note.setText(group.note)
        self.note.setVisible(bool(group.note))

    def _show_states(self) -> None:
        kinds = self._presenter.kinds
        self.groups.set_states([kinds.of(group).state for group in self._presenter.groups])

    def _show_users(self) -> None:
        """Those of the kind that pass the filter, the one that is looked at chosen."""
        group, failure = self._presenter.group, self._presenter.failure
        if group is None:
            return
        shown = [one for one in group.failures if matches(one, self.words.text())]
        self.users.set_failures(shown)
        self.user_list.choose(self.users.row_of(failure) if failure is not None else -1)
        self.words.setVisible(len(group.failures) > FEW)
        if group.cluster_id:
            self._users_title.setText("The one who stands for it")
        elif len(shown) == len(group.failures):
            self._users_title.setText(f"{many(len(shown), 'user')} of this kind")
        else:
            self._users_title.setText(f"{len(shown):,} of {many(len(group.failures), 'user')}")
