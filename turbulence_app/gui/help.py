"""What this program is: version, the computer that it runs on in words to copy, the licences of its parts."""

from __future__ import annotations

from collections.abc import Callable

import PySide6
from PySide6.QtCore import QLocale, QSize, Qt, qVersion
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from turbulence_app import __version__
from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.licences import Licence, licences
from turbulence_app.gui.settings.applying import still
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, Label, row, scrolled
from turbulence_app.gui.widgets.search_line import SearchLine
from turbulence_app.service.report import Fact, settings_facts, system_facts

SAYS = (
    "Describe your users in words; let the crowd loose on your workflow; see what breaks. "
    "Everything happens on this computer."
)
PLACE = int(Qt.ItemDataRole.UserRole)
SIZE = QSize(940, 660)
LIST_WIDTH = 270


def window_facts(model: str = "") -> list[Fact]:
    """What the window knows of itself: Qt, displays, look, the model that answers."""
    theme = Theme.current()
    screens = [
        f"{screen.geometry().width()} × {screen.geometry().height()} at {screen.devicePixelRatio():g}, "
        f"{screen.refreshRate():.0f} Hz, {screen.logicalDotsPerInch():.0f} dpi"
        for screen in QGuiApplication.screens()
    ]
    colours = f"{theme.tokens.scheme}{' (pinned)' if theme.pinned else ''}"
    facts = [
        ("Qt", f"{qVersion()}, PySide6 {PySide6.__version__}, platform {QGuiApplication.platformName()}"),
        ("Displays", "; ".join(screens)),
        ("Look", f"{colours}, text {theme.scale * 100:.0f} %{', less motion' if still() else ''}"),
        ("Language", QLocale.system().name()),
        ("Screen reader", "active" if QAccessible.isActive() else "none was seen"),
    ]
    return [*facts, ("Model", model)] if model else facts


def system_report(model: str = "") -> str:
    """What somebody who helps needs to know; nothing about the project or its people."""
    facts = [*system_facts(), *window_facts(model)]
    changed = [f"  {key} = {value}" for key, value in settings_facts()]
    lines = [f"{name}: {value}" for name, value in facts[1:]]
    settings = f"Settings: {len(changed)} changed" if changed else "Settings: as by default"
    return "\n".join([" ".join(facts[0]), *lines, settings, *changed])


class AboutSheet(Sheet):
    """Two pages: the computer, the licences. ``report`` opens a report of a problem."""

    def __init__(self, parent: QWidget, model: str = "", report: Callable[[], object] | None = None) -> None:
        super().__init__(parent, f"Turbulence {__version__}", SAYS)
        self._model, self._asked = model, report
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("System or licences")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.addTab("System")
        self.tabs.addTab("Licences")
        self.pages = QStackedWidget()
        self.pages.addWidget(self._system())
        self.pages.addWidget(self._licences())
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.column.addWidget(self.tabs, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.pages, 1)
        self.finish("Close", cancel="")
        self.resize(SIZE)

    # -- the computer

    def _system(self) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(7)
        facts = [*system_facts(), *window_facts(self._model)]
        changed = settings_facts()
        facts.append(("Settings", "as by default" if not changed else f"{len(changed)} changed"))
        facts += [(f"   {key}", value) for key, value in changed]
        for place, (name, value) in enumerate(facts):
            words = Label(value, "mono", wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(Label(name, "body", "dim"), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, place, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(facts), 1)
        self.copy = Button("Copy the report", "plain", "copy", "These lines as text", self._copy)
        line = row(self.copy, 1)
        if self._asked is not None:
            line.insertWidget(1, Button("Report a problem…", "plain", "bug", "", self._report))
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 6, 0, 0)
        box.setSpacing(10)
        box.addWidget(scrolled(body), 1)
        box.addLayout(line)
        return page

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(system_report(self._model))
        self.copy.setText("Copied")

    def _report(self) -> None:
        self.accept()
        if self._asked is not None:
            self._asked()

    # -- licences

    def _licences(self) -> QWidget:
        self.known = licences()
        self.search = SearchLine("Search the licences", "Names of parts, or of licences")
        self.list = QListWidget()
        self.list.setAccessibleName("What the program is made of")
        self.list.setToolTip("")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedWidth(LIST_WIDTH)
        self.search.setFixedWidth(LIST_WIDTH)
        self.text = QPlainTextEdit()
        self.text.setProperty("kind", "code")
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Licence")
        self.search.textChanged.connect(self._fill)
        self.list.currentItemChanged.connect(self._show)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        page = QWidget()
        box = QHBoxLayout(page)
        box.setContentsMargins(0, 6, 0, 0)
        box.setSpacing(14)
        box.addLayout(left)
        box.addWidget(self.text, 1)
        self._fill("")
        return page

    def _fill(self, words: str) -> None:
        self.list.clear()
        for place, licence in enumerate(self.known):
            if licence.fits(words):
                item = QListWidgetItem(f"{licence.name}  ·  {licence.short}")
                item.setToolTip(f"{licence.name}: {licence.short}")
                item.setData(PLACE, place)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _show(self, item: QListWidgetItem | None) -> None:
        licence: Licence | None = None if item is None else self.known[int(item.data(PLACE))]
        self.text.setPlainText("" if licence is None else licence.text())


def about_sheet(parent: QWidget, model: str = "", report: Callable[[], object] | None = None) -> AboutSheet:
    """Version, system, licences."""
    return AboutSheet(parent, model, report)
