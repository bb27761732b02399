"""The table of actions, alive: Qt actions with handlers, menus, and what the palette finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from turbulence_app.gui.actions import ACTIONS, MENUS, ActionSpec
from turbulence_app.gui.fuzzy import Hay
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.palette import Entry

Handler = Callable[[], object]
Enabled = Callable[[], bool]


class Commands(QObject):
    """Actions by id. One without a handler is neither in a menu nor in the palette, and its shortcut is free."""

    def __init__(self, window: QMainWindow, table: Iterable[ActionSpec] = ACTIONS) -> None:
        super().__init__(window)
        self._specs = {spec.id: spec for spec in table}
        self._handlers: dict[str, Handler] = {}
        self._enabled: dict[str, Enabled] = {}
        self._titles: dict[str, Callable[[], str]] = {}
        self.actions: dict[str, QAction] = {}
        for spec in self._specs.values():
            action = QAction(spec.title, self)
            action.setVisible(False)
            action.setEnabled(False)
            if spec.shortcut:
                action.setShortcut(QKeySequence(spec.shortcut))
            action.setToolTip(spec.tip or spec.title)
            action.triggered.connect(lambda *_, name=spec.id: self.run(name))
            window.addAction(action)
            self.actions[spec.id] = action
        Theme.current().changed.connect(self._tint)
        self._tint()

    def bind(self, name: str, handler: Handler, enabled: Enabled | None = None) -> None:
        """Give an action its handler; ``enabled`` is asked whenever it is shown or run."""
        if name not in self._specs:
            raise KeyError(f"no action {name!r} in the table of gui/actions.py")
        self._handlers[name] = handler
        if enabled is not None:
            self._enabled[name] = enabled
        self.actions[name].setVisible(True)
        self.actions[name].setEnabled(True)

    def title(self, name: str, wording: Callable[[], str]) -> None:
        """Let an action's title say more (what would be undone)."""
        self._titles[name] = wording

    def bound(self, name: str) -> bool:
        """Whether the action can be shown."""
        return name in self._handlers

    def can(self, name: str) -> bool:
        """Whether it can be done now."""
        return name in self._handlers and (name not in self._enabled or self._enabled[name]())

    def run(self, name: str) -> bool:
        """Do it, if it can be done now."""
        if not self.can(name):
            return False
        self._handlers[name]()
        return True

    def menu(self, parent: QMainWindow) -> QMenu:
        """All menus as one, for the menu button."""
        top = QMenu(parent)
        for name in MENUS:
            specs = [spec for spec in self._specs.values() if spec.menu == name]
            sub = top.addMenu(name)
            group = specs[0].group if specs else 0
            for spec in specs:
                if spec.group != group:
                    sub.addSeparator()
                    group = spec.group
                sub.addAction(self.actions[spec.id])
            sub.aboutToShow.connect(self.refresh)
            sub.menuAction().setVisible(True)
        top.aboutToShow.connect(lambda: self._hide_empty(top))
        return top

    def refresh(self) -> None:
        """Grey what cannot be done now (a shortcut asks again when it is pressed)."""
        for name, action in self.actions.items():
            if name in self._titles:
                action.setText(self._titles[name]())
            action.setEnabled(self.can(name))

    def rest(self) -> None:
        """Menus are closed: every bound shortcut listens again."""
        for name, action in self.actions.items():
            action.setEnabled(name in self._handlers)

    def entries(self) -> list[Entry]:
        """What can be done now, as lines of the palette, in the order of the table."""
        found = []
        for spec in self._specs.values():
            if spec.id == "window.palette" or not self.can(spec.id):
                continue
            title = self._titles[spec.id]() if spec.id in self._titles else spec.title
            keys = self.actions[spec.id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            hay = Hay.of(title, f"{spec.menu} {spec.synonyms} {spec.id}")
            run = partial(self.run, spec.id)
            found.append(Entry(title, spec.menu, spec.icon, keys, run, spec.id, hay))
        return found

    def _hide_empty(self, top: QMenu) -> None:
        self.refresh()
        for action in top.actions():
            sub = action.menu()
            if isinstance(sub, QMenu):
                action.setVisible(any(a.isVisible() and not a.isSeparator() for a in sub.actions()))

    def _tint(self) -> None:
        for name, action in self.actions.items():
            if self._specs[name].icon:
                action.setIcon(Theme.current().icon(self._specs[name].icon, "dim", 16))
                action.setIconVisibleInMenu(True)
