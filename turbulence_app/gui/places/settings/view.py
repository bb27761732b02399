"""The Settings place: a search over cards of settings; groups at the left, where things live at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.settings.presenter import SettingsPresenter
from turbulence_app.gui.places.settings.row import SettingRow
from turbulence_app.gui.places.settings.state import found, read_now, summary
from turbulence_app.gui.places.settings.where import FileCard, WhereCard
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import CARD, GAP, GRID
from turbulence_app.gui.widgets.basics import Button, Card, ChipButton, EmptyState, Label, Rule, scrolled
from turbulence_app.gui.widgets.search_line import SearchLine
from turbulence_app.home import shortened
from turbulence_app.settings import BY_KEY, GROUPS

GROUPS_WIDTH, SIDE_WIDTH, WIDEST = 148, 268, 1340
LIST_FROM, SIDE_FROM = 620, 900
"""Pixels; on a wide screen the whole stands in the middle: lines that are too long are hard to follow."""


class SettingsView(QWidget):
    """Widgets only; the presenter changes things."""

    def __init__(self, context: Context, presenter: SettingsPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self.rows: dict[str, SettingRow] = {}
        self.cards: dict[str, Card] = {}
        self._rules: dict[str, Rule] = {}
        self.search = SearchLine(
            "Search the settings", "Finds titles, explanations, other words for them, and variables (Ctrl+F)"
        )
        self.changed = ChipButton("changed", checkable=True, tip="Only what is not as by default")
        self.count = Label("", "small", "dim")
        self.groups: dict[str, QPushButton] = {}
        self.where = WhereCard(context.settings, presenter.open_folder)
        self.file = FileCard(presenter.ask_export, presenter.ask_import, presenter.reset_all)
        self.nothing = EmptyState("search", "No setting is found by these words", "", "Show all", self._clear)
        self._build()
        self.search.textChanged.connect(lambda _: self.filter())
        self.changed.toggled.connect(lambda _: self.filter())
        presenter.changed.connect(self.show_rows)
        presenter.refused.connect(lambda key, text: self.rows[key].refuse(text))
        find = QShortcut(QKeySequence.StandardKey.Find, self, self.focus_search)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._waiting = list(GROUPS)
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._make_next)
        self._make_next()

    # -- layout

    def _make_next(self) -> None:
        """One card at a time: all of them at once would hold the window up."""
        if self._waiting:
            self._cards.addWidget(self._card(self._waiting.pop(0)))
            self.filter()
        if self._waiting:
            self._next.start()
        else:
            self.show_rows()

    def complete(self) -> None:
        """All cards, now."""
        while self._waiting:
            self._make_next()
        self._next.stop()

    def close_down(self) -> None:
        """Nothing more is made."""
        self._waiting.clear()
        self._next.stop()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.search, 1)
        top.addWidget(self.changed)
        top.addWidget(self.count)
        strip = Card()
        strip.body.addLayout(top)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(GAP)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(GAP)
        column.addLayout(self._cards)
        column.addStretch(1)
        self.area = scrolled(body)
        self.area.verticalScrollBar().valueChanged.connect(lambda _: self._mark_group())
        self.area.verticalScrollBar().rangeChanged.connect(lambda *_: self._mark_group())
        self.pages = QStackedWidget()
        self.pages.addWidget(self.area)
        self.pages.addWidget(self.nothing)
        lower = QHBoxLayout()
        lower.setSpacing(GAP)
        self._column, self._lower = column, lower
        self.list = self._groups()
        self.side = self._side()
        self._aside = True
        lower.addWidget(self.list)
        lower.addWidget(self.pages, 1)
        lower.addWidget(self.side)
        whole = QWidget()
        whole.setMaximumWidth(WIDEST)
        box = QVBoxLayout(whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        box.addWidget(strip)
        box.addLayout(lower, 1)
        middle = QHBoxLayout(self)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch()
        middle.addWidget(whole, 1)
        middle.addStretch()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """With little room, or large type, what stands at the sides goes under the settings, or away."""
        self._arrange()
        super().resizeEvent(event)

    def _arrange(self) -> None:
        scale = Theme.current().scale
        room = self.width() / scale
        self.list.setVisible(room >= LIST_FROM)
        for button in self.groups.values():
            button.setFixedWidth(round(GROUPS_WIDTH * scale))
        aside = room >= SIDE_FROM
        if aside:
            self.side.setFixedWidth(round(SIDE_WIDTH * scale))
        else:
            self.side.setMinimumWidth(0)
            self.side.setMaximumWidth(WIDEST)
        if aside != self._aside:
            self._aside = aside
            if aside:
                self._lower.addWidget(self.side)
            else:
                self._column.insertWidget(self._column.count() - 1, self.side)

    def _groups(self) -> QWidget:
        list_ = QWidget()
        column = QVBoxLayout(list_)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for group, words in GROUPS.items():
            button = Button(words, "quiet", tip=f"Go to {words}", clicked=lambda g=group: self.show_group(g))  # type: ignore[misc]
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setProperty("kind", "line")
            self.groups[group] = button
            column.addWidget(button)
        column.addStretch(1)
        return list_

    def _side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.file)
        column.addWidget(self.where)
        column.addStretch(1)
        return side

    def _card(self, group: str) -> Card:
        card = Card(GROUPS[group], spacing=0)
        outer = card.layout()
        if outer is not None:
            outer.setContentsMargins(CARD, CARD - 2, CARD, CARD - GRID)
        self.cards[group] = card
        for row in self._presenter.rows():
            setting = row.setting
            if setting.group != group:
                continue
            if card.body.count():
                self._rules[setting.key] = Rule()
                card.body.addWidget(self._rules[setting.key])
            made = SettingRow(row)
            made.told.connect(self._presenter.set_text)
            made.reset.connect(self._presenter.reset)
            made.browse.connect(self._browse)
            self.rows[setting.key] = made
            card.body.addWidget(made)
        return card

    # -- showing

    def show_rows(self) -> None:
        """How the settings stand now."""
        rows = self._presenter.rows()
        for row in rows:
            if row.setting.key in self.rows:
                self.rows[row.setting.key].show_row(row)
        changed = self._presenter.changed_keys()
        problems = self._presenter.mine.problems()
        self.file.show_state(summary(len(changed), 0), problems[0] if problems else "", bool(changed))
        self.file.state.setToolTip(shortened(str(self._presenter.mine.path)))
        self.changed.setText(f"changed {len(changed)}" if changed else "changed")
        self.changed.setEnabled(bool(changed) or self.changed.isChecked())
        if self.changed.isChecked():
            self.filter()

    def filter(self) -> None:
        """Only what is looked for."""
        query = self.search.text()
        keys = found(query, self._presenter.changed_keys() if self.changed.isChecked() else None)
        for key, row in self.rows.items():
            row.setVisible(key in keys)
            row.highlight(query)
        for group, card in self.cards.items():
            mine = [key for key in keys if BY_KEY[key].group == group]
            card.setVisible(bool(mine))
            self.groups[group].setEnabled(bool(mine))
            for key, rule in self._rules.items():
                if BY_KEY[key].group == group:
                    rule.setVisible(key in mine[1:])
        self.pages.setCurrentIndex(0 if keys else 1)
        self.nothing.text.setText(f"Nothing here is about “{query[:60]}”." if query else "Everything is as by default.")
        self.count.setText(f"{len(keys)} of {len(BY_KEY)}")
        self._mark_group()

    def show_group(self, group: str) -> None:
        """Bring a card to the top."""
        self.complete()
        self.area.verticalScrollBar().setValue(self.cards[group].y())
        self.groups[group].setChecked(True)

    def show_key(self, key: str) -> None:
        """Bring a setting into view, with the keyboard on it."""
        self.complete()
        if key in self.rows:
            self._clear()
            self.area.ensureWidgetVisible(self.rows[key], 0, 80)
            self.rows[key].control.setFocus()

    def focus_search(self) -> None:
        """The keyboard goes to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other colours: mark anew. Another size of type: lay out anew."""
        if event.type() == QEvent.Type.PaletteChange and self.rows:
            self._arrange()
            if self.search.text():
                self.filter()
        super().changeEvent(event)

    def _mark_group(self) -> None:
        bar = self.area.verticalScrollBar()
        shown = [group for group, card in self.cards.items() if card.isVisibleTo(self.area)]
        if shown:
            tops = [self.cards[group].y() for group in shown]
            self.groups[shown[read_now(tops, bar.value(), bar.maximum(), bar.pageStep())]].setChecked(True)

    def _clear(self) -> None:
        self.search.clear()
        self.changed.setChecked(False)

    def _browse(self, key: str) -> None:
        folder = self._context.dialogs.open_folder("Data folder")
        if folder is not None:
            self._presenter.set_text(key, str(folder))
