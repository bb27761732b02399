"""Below the flow: the console, and tables of invariants and faults."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QStackedWidget, QTabBar, QWidget

from turbulence_app.domain.run import Summary
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.console import ConsoleView
from turbulence_app.gui.places.run.log import Level
from turbulence_app.gui.places.run.tables import effect_token, fault_view, verdict_view
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Card, ChipButton, IconButton
from turbulence_app.gui.widgets.export_button import ExportButton


class LowerCard(Card):
    """Tabs that say where to look; filters while the console is in front."""

    def __init__(self, context: Context, source: Callable[[], str], past: QWidget) -> None:
        """``past`` stands at the right of the tabs."""
        super().__init__()
        self._context = context
        self.console = ConsoleView()
        self.verdicts = verdict_view()
        self.faults = fault_view()
        self.faults.set_empty("Faults that strike in a run are listed here, and whether they changed anything.")
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("Console, invariants or faults")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)  # the filter beside them is what becomes narrower
        for name in ("Console", "Invariants", "Faults"):
            self.tabs.addTab(name)
        self._pages = QStackedWidget()
        for widget in (self.console, self.verdicts, self.faults):
            self._pages.addWidget(widget)
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(6)
        self.levels = QButtonGroup(self)
        self._level_chips: dict[Level | Literal[""], ChipButton] = {}
        levels: tuple[tuple[Level | Literal[""], str], ...] = (
            ("", "all"), ("violation", "violations"), ("fault", "faults"), ("log", "log"),
        )  # fmt: skip
        for level, words in levels:
            chip = ChipButton(words, checkable=True, tip=f"Show {words}")
            chip.clicked.connect(partial(self._filter_level, level))
            self.levels.addButton(chip)
            self._level_chips[level] = chip
            tools.addWidget(chip)
        self._level_chips[""].setChecked(True)
        self.words = QLineEdit()
        self.words.setPlaceholderText("filter")
        self.words.setClearButtonEnabled(True)
        self.words.setAccessibleName("Filter the console by words")
        self.words.setToolTip("Only lines with all of these words")
        self.words.setMaximumWidth(150)
        self.words.textChanged.connect(lambda text: self.console.console.set_filter(words=text))
        tools.addWidget(self.words)
        tools.addWidget(IconButton("copy", "Copy the lines shown", clicked=self._copy))
        line = QHBoxLayout()
        line.addWidget(self.tabs)
        line.addStretch(1)
        line.addWidget(self._tools)
        line.addWidget(ExportButton(self._context, self._front, self._pages, source=source))
        line.addWidget(past)
        self.body.setSpacing(6)
        self.body.addLayout(line)
        self.body.addWidget(self._pages, 1)
        self.console.console.counts_changed.connect(self._show_counts)
        self.tabs.currentChanged.connect(self._turn_page)

    def _front(self) -> str:
        """The table in front, in words."""
        return ("Console", "Invariants", "Faults")[self._pages.currentIndex()]

    def clear(self) -> None:
        """Another run begins."""
        self.console.console.clear()
        self.verdicts.rows.set_rows([])
        self.faults.rows.set_rows([])
        self._mark_tabs(None)

    def show_tables(self, summary: Summary) -> None:
        """What invariants came to and faults did so far."""
        self.verdicts.rows.set_rows(summary.verdicts)
        self.faults.rows.set_rows(summary.faults)
        self._mark_tabs(summary)

    def _mark_tabs(self, summary: Summary | None) -> None:
        """The tabs say where to look: broken in red, asleep or without effect in amber."""
        verdicts, faults = (summary.verdicts, summary.faults) if summary else ((), ())
        broken = sum(v.status == "broken" for v in verdicts)
        asleep = sum(v.status == "never_exercised" for v in verdicts)
        idle = sum(effect_token(f) == "warn" for f in faults)
        rules = f"Invariants {broken} broken" if broken else f"Invariants {asleep} asleep" if asleep else "Invariants"
        for place, words, token in (
            (1, rules, "bad" if broken else "warn" if asleep else ""),
            (2, f"Faults {idle} without effect" if idle else "Faults", "warn" if idle else ""),
        ):
            self.tabs.setTabText(place, words)
            icon = {"bad": "circle-alert", "warn": "triangle-alert"}.get(token, "")
            self.tabs.setTabIcon(place, Theme.current().icon(icon, token, 13) if icon else QIcon())

    def _show_counts(self) -> None:
        counts = self.console.console.counts
        plurals: dict[Level, str] = {"violation": "violations", "fault": "faults", "log": "log"}
        for level, words in plurals.items():
            number = counts[level]
            self._level_chips[level].setText(f"{words} {number:,}" if number else words)

    def _turn_page(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._tools.setVisible(index == 0)

    def _filter_level(self, level: Level | Literal[""], _checked: bool = True) -> None:
        self.console.console.set_filter(level=level)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.console.console.text())
        self._context.notices.show("Console copied.", "info")
