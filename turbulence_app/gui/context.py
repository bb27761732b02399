"""What every place gets: the ways out of it, in one object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QUndoGroup

from turbulence_app.gui.bridge import Bridge
from turbulence_app.gui.project import ProjectState
from turbulence_app.gui.recovery import Recovery
from turbulence_app.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a small form; ``hint`` stands in it while it is empty, ``needed`` must not stay so."""

    key: str
    label: str
    value: str = ""
    hint: str = ""
    needed: bool = False


class Dialogs(Protocol):
    """Questions to the person. The window asks with real dialogs, tests answer by themselves."""

    def confirm(self, title: str, text: str, action: str, *, danger: bool = False) -> bool:
        """Ask whether to do it; ``action`` is the label of the button that does."""
        ...

    def ask_text(self, title: str, label: str, value: str = "") -> str | None:
        """Ask for a line of text; None if the person thought better of it."""
        ...

    def ask_form(self, title: str, text: str, fields: Sequence[Field], action: str) -> dict[str, str] | None:
        """Ask for a few lines of text, by key; None if the person thought better of it."""
        ...

    def open_folder(self, title: str) -> Path | None:
        """Ask for a folder."""
        ...

    def open_file(self, title: str, filters: str = "") -> Path | None:
        """Ask for a file to read; ``filters`` in Qt's form."""
        ...

    def open_files(self, title: str, filters: str = "") -> tuple[Path, ...]:
        """Ask for several files to read; none if the person thought better of it."""
        ...

    def choose(self, title: str, text: str, choices: Sequence[tuple[str, str]]) -> str | None:
        """Ask which of a few things to do, each a key and its words; None if the person thought better of it."""
        ...

    def save_file(self, title: str, name: str, filters: str = "") -> Path | None:
        """Ask for a file to write."""
        ...


class Notices(Protocol):
    """Short messages that need no answer."""

    def show(
        self,
        text: str,
        kind: Literal["info", "good", "warn", "bad"] = "info",
        action: str = "",
        clicked: Callable[[], object] | None = None,
    ) -> object:
        """Show one."""
        ...


class Navigation(QObject):
    """From place to place."""

    requested = Signal(str, object)
    crumb_changed = Signal()
    acted = Signal(str)
    menu_wanted = Signal(tuple, object)

    def go(self, place: str, **target: Any) -> None:
        """Open a place; ``target`` says what to show there (for Failures: ``failure_id=...``)."""
        self.requested.emit(place, target)

    def act(self, action: str) -> None:
        """Do an action of the table, if it can be done now."""
        self.acted.emit(action)

    def menu(self, actions: tuple[str, ...], where: Any) -> None:
        """Open a menu of some actions at a global position."""
        self.menu_wanted.emit(actions, where)


class Hub(QObject):
    """News that more than one place wants to hear.

    It owns what has no widget to go with: a presenter without an owner is kept for ever by its own connections, which
    lead through the window back to it and which Python's collector cannot see.
    """

    run_started = Signal(object)
    """``RunManifest``"""
    run_finished = Signal(object)
    """``RunFinished``"""
    model_in_use = Signal(str)
    """The model that last answered, in words."""
    cache = Signal(str)
    """State of the model cache, in words."""
    report = Signal(str, str)
    """Somebody wants a report of a fault: what it says, and the stack; both may be empty."""
    setting = Signal(str)
    """Key of a setting that was changed; :func:`turbulence_app.settings.preferences` has the value."""
    health = Signal(str, str, str)
    """Cache and breakers of the models in words, the tone of the words, and more of it for who points at them."""
    telemetry = Signal(object)
    """What models did lately: the worker's report, a mapping."""
    badge = Signal(str, str)
    """A place's name, and the small number beside it in the navigation ("" for none)."""


@dataclass(frozen=True, slots=True)
class Context:
    """The window's services to its places. A place takes nothing else from the outside."""

    bridge: Bridge
    theme: Theme
    project: ProjectState
    navigation: Navigation
    hub: Hub
    dialogs: Dialogs
    notices: Notices
    settings: QSettings
    undo: QUndoGroup
    recovery: Recovery
