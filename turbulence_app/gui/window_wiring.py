"""Which command does what, and who hears whom: the window's table of connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut

from turbulence_app.gui.theme import Theme

if TYPE_CHECKING:
    from pathlib import Path

    from turbulence_app.gui.window import MainWindow

SCHEMES = ("system", "dark", "light")


def bind_actions(window: MainWindow) -> None:
    """Give the window's own actions their handlers; places bring theirs."""
    bind, session, menus, look = window.commands.bind, window.session, window.menus, window.look
    bind("window.open", session.ask_open)
    bind("window.new", window.first_run.new_project)
    bind("help.welcome", window.first_run.show_welcome)
    bind("help.show_me", window.first_run.show_me)
    bind("window.recent", menus.show_project)
    bind("window.import", session.ask_import)
    bind("window.sample", lambda: session.open(None))
    bind("window.sample_app", lambda: session.open(None, "fastapi-shop"))
    bind("window.reload", session.reload, lambda: window.project.loaded)
    bind("window.drafts", menus.drafts, lambda: bool(window.recovery.found))
    bind("window.quit", window.close)
    bind("window.palette", menus.palette.open)
    bind("edit.undo", window.undo_one, window.undo.canUndo)
    bind("edit.redo", window.redo_one, window.undo.canRedo)
    window.commands.title("edit.undo", lambda: " ".join(("Undo", window.undo.undoText())).strip())
    window.commands.title("edit.redo", lambda: " ".join(("Redo", window.undo.redoText())).strip())
    for scheme in SCHEMES:
        bind(f"theme.{scheme}", lambda scheme=scheme: look.pin(scheme))  # type: ignore[misc]
    bind("view.larger", lambda: look.zoom(Theme.current().scale + 0.1))
    bind("view.smaller", lambda: look.zoom(Theme.current().scale - 0.1))
    bind("view.normal", lambda: look.zoom(1.0))
    bind("window.notices", menus.notices)
    bind("help.shortcuts", menus.shortcuts)
    bind("help.manual", menus.show_manual)
    bind("help.privacy", menus.privacy)
    bind("help.report", menus.report)
    bind("help.about", menus.about)
    for name in window.places.specs:
        bind(f"place.{name}", lambda name=name: window.go_soon(name))  # type: ignore[misc]


def connect_parts(window: MainWindow) -> None:
    """Bars, places, project and service hear each other."""
    _connect_bars(window)
    _connect_news(window)


def _connect_bars(window: MainWindow) -> None:
    run, menus, top = window.commands.run, window.menus, window.top
    QShortcut(QKeySequence("F10"), window, menus.show_all)
    window.nav.chosen.connect(window.go_soon)
    window.places.coming.connect(window.nav.choose)
    window.nav.scheme.connect(window.look.pin)
    window.navigation.requested.connect(window.go)
    window.navigation.acted.connect(run)
    window.navigation.menu_wanted.connect(menus.show_actions)
    window.navigation.crumb_changed.connect(window.show_crumb)
    top.search.clicked.connect(menus.palette.open)
    top.menu.clicked.connect(menus.show_all)
    top.project.clicked.connect(menus.show_project)
    top.open.clicked.connect(lambda: run("window.open"))
    top.import_.clicked.connect(lambda: run("window.import"))
    top.run.clicked.connect(window.run_crowd)
    window.status.egress.clicked.connect(lambda: run("help.privacy"))
    window.status.bell.clicked.connect(menus.notices)
    window.places.made.connect(window.place_made)
    window.places.opened.connect(window.place_opened)
    window.places.leaving.connect(window.memory.place_left)
    window.places.rested.connect(window.session.ask_models)
    window.places.complete.connect(window.complete)


def _connect_news(window: MainWindow) -> None:
    news, status, menus = window.news, window.status, window.menus
    window.project.changed.connect(window.project_changed)
    window.project.workflow_changed.connect(lambda _: window.show_crumb())
    window.bridge.busy.connect(news.busy)
    window.bridge.failed.connect(news.failed)
    window.hub.model_in_use.connect(news.model_used)
    window.session.models.connect(news.models_known)
    window.session.leaving.connect(window.memory.look_now)
    window.session.unread.connect(window.opener.open)
    window.session.nothing_open.connect(window.first_run.show_welcome)
    window.hub.cache.connect(status.cache.setText)
    window.hub.health.connect(status.set_health)
    status.health.clicked.connect(lambda *_: window.go("telemetry", {}))
    window.hub.badge.connect(window.nav.set_badge)
    window.hub.setting.connect(window.applier.apply)
    window.hub.report.connect(window.menus.report)
    window.chronicle.fault.connect(window.faults.of_job)
    window.notices.told.connect(window.chronicle.said)
    window.notices.changed.connect(lambda: status.bell.show_book(window.notices.book))
    window.session.egress.connect(status.set_egress)
    window.recovery.restoring.connect(window.restore_draft)
    window.recovery.returning.connect(window.return_draft)
    window.recovery.parted.connect(lambda root, titles: _tell_kept(window, root, titles))
    window.recovery.trouble.connect(lambda text: window.notices.show(text, "warn"))
    window.offer.show_wanted.connect(menus.drafts)
    Theme.current().pinned_changed.connect(window.look.show)


def _tell_kept(window: MainWindow, root: Path, titles: list[str]) -> None:
    """What was not saved in the project that is left, and the way back to it."""
    names = ", ".join(titles[:3]) + (f" and {len(titles) - 3} more" if len(titles) > 3 else "")
    words = f"Your edits to {names} are kept as a draft in {root.name}."
    window.notices.show(words, action="Go back", clicked=lambda: window.session.open(root))
