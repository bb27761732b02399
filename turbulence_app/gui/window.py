"""The main window: frame, places, commands, what is restored at the next start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QByteArray, QPoint, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QUndoGroup
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Bridge, ClientPort
from turbulence_app.gui.chrome import NavigationBar, StatusLine, TopBar
from turbulence_app.gui.commands import Commands
from turbulence_app.gui.context import Context, Dialogs, Hub, Navigation
from turbulence_app.gui.dialogs import Sheet, WindowDialogs, shortcuts_sheet
from turbulence_app.gui.places.base import SPECS, Place, PlaceSpec
from turbulence_app.gui.project import ProjectState
from turbulence_app.gui.session import Session
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import Scheme
from turbulence_app.gui.widgets.basics import EmptyState, Rule
from turbulence_app.gui.widgets.palette import CommandPalette, Entry
from turbulence_app.gui.widgets.toast import Toaster

MARGIN = 16
MODELS_MS = 2500
"""How long the window is left alone before it asks which models there are: that starts a process."""


class MainWindow(QMainWindow):
    """Everything that a person sees. The engine and the models are behind ``client``, in other processes."""

    complete = Signal()
    """Every place is there; from now on little more is made."""

    def __init__(
        self, client: ClientPort, settings: QSettings, root: Path | None = None, dialogs: Dialogs | None = None
    ) -> None:
        super().__init__()
        self.setWindowTitle("Turbulence")
        self.setMinimumSize(1100, 680)
        self._specs: dict[str, PlaceSpec] = {spec.name: spec for spec in SPECS if spec.exists()}
        self._places: dict[str, Place] = {}
        self._open_name = ""
        self.manual: QDialog | None = None
        self._asked_models = False
        self._model_answered = False
        self._settings = settings
        self.bridge = Bridge(client, self)
        self.project = ProjectState(self)
        self.hub = Hub(self)
        self.undo = QUndoGroup(self)
        self.notices = Toaster(self)
        self.navigation = Navigation(self)
        self.context = Context(
            self.bridge, Theme.current(), self.project, self.navigation, self.hub,
            dialogs or WindowDialogs(self), self.notices, settings, self.undo,
        )  # fmt: skip
        self.session = Session(self.context)
        self.commands = Commands(self)
        self._build()
        self._bind()
        self._connect()
        self._restore()
        self.session.open(root)
        self._idle = QTimer(self, singleShot=True, interval=400)
        self._idle.timeout.connect(self._load_next)

    # -- frame

    def _build(self) -> None:
        self.top = TopBar()
        self.nav = NavigationBar(self._specs.values())
        self.status = StatusLine()
        self.stack = QStackedWidget()
        self.stack.setObjectName("places")
        self.stack.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.stack.addWidget(EmptyState("waves", "Opening the project", "Reading workflows, personas and policies."))
        middle = QHBoxLayout()
        middle.setSpacing(0)
        line = Rule()
        line.setStyleSheet("max-width: 1px; min-width: 1px; max-height: 16777215px;")
        for widget in (self.nav, line):
            middle.addWidget(widget)
        middle.addWidget(self.stack, 1)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.top, Rule(), middle, Rule(), self.status):
            if isinstance(part, QHBoxLayout):
                column.addLayout(part, 1)
            else:
                column.addWidget(part)
        self.setCentralWidget(body)
        self.menu: QMenu = self.commands.menu(self)
        self.palette_ = CommandPalette(self, self._find)
        QShortcut(QKeySequence("F10"), self, self._show_menu)

    def _connect(self) -> None:
        self.nav.chosen.connect(self.go)
        self.nav.scheme.connect(self._pin)
        self.navigation.requested.connect(self.go)
        self.navigation.acted.connect(self.commands.run)
        self.navigation.menu_wanted.connect(self._show_actions)
        self.navigation.crumb_changed.connect(self._crumb)
        self.top.search.clicked.connect(self.palette_.open)
        self.top.menu.clicked.connect(self._show_menu)
        self.top.project.clicked.connect(self._show_project_menu)
        self.top.open.clicked.connect(lambda: self.commands.run("window.open"))
        self.top.import_.clicked.connect(lambda: self.commands.run("window.import"))
        self.top.run.clicked.connect(self._run_crowd)
        self.menu.aboutToHide.connect(lambda: QTimer.singleShot(0, self.commands.rest))
        self.project.changed.connect(self._project_changed)
        self.project.workflow_changed.connect(lambda _: self._crumb())
        self.bridge.busy.connect(self._busy)
        self.bridge.failed.connect(self._failed)
        self.hub.model_in_use.connect(self._model_used)
        self.session.models.connect(self._models_known)
        self.hub.cache.connect(self.status.cache.setText)
        self.hub.badge.connect(self.nav.set_badge)
        self.session.egress.connect(self.status.set_egress)
        self.status.egress.clicked.connect(lambda: self.commands.run("help.privacy"))
        Theme.current().pinned_changed.connect(self._show_scheme)

    def _bind(self) -> None:
        bind, session = self.commands.bind, self.session
        bind("window.open", session.ask_open)
        bind("window.import", session.ask_import)
        bind("window.sample", lambda: session.open(None))
        bind("window.sample_app", lambda: session.open(None, "fastapi-shop"))
        bind("window.reload", session.reload, lambda: self.project.loaded)
        bind("window.quit", self.close)
        bind("window.palette", self.palette_.open)
        bind("edit.undo", self._undo, self.undo.canUndo)
        bind("edit.redo", self._redo, self.undo.canRedo)
        self.commands.title("edit.undo", lambda: " ".join(("Undo", self.undo.undoText())).strip())
        self.commands.title("edit.redo", lambda: " ".join(("Redo", self.undo.redoText())).strip())
        for scheme in ("system", "dark", "light"):
            bind(f"theme.{scheme}", lambda scheme=scheme: self._pin(scheme))  # type: ignore[misc]
        theme = Theme.current()
        bind("view.larger", lambda: self._zoom(theme.scale + 0.1))
        bind("view.smaller", lambda: self._zoom(theme.scale - 0.1))
        bind("view.normal", lambda: self._zoom(1.0))
        bind("help.shortcuts", lambda: self._show_sheet(shortcuts_sheet(self)))
        bind("help.manual", self._show_manual)
        bind("help.privacy", self._privacy)
        bind("help.about", self._about)
        for name in self._specs:
            bind(f"place.{name}", lambda name=name: self.go(name, {}))  # type: ignore[misc]

    # -- places

    def go(self, name: str, target: object = None) -> None:
        """Open a place; ``target`` is what to show there."""
        if name not in self._specs:
            return
        place = self.place(name)
        if self._open_name and self._open_name != name:
            self._places[self._open_name].left()
        self._open_name = name
        self.stack.setCurrentWidget(place.widget)
        self.nav.choose(name)
        if place.undo_stack is not None:
            place.undo_stack.setActive(True)
        elif self.undo.activeStack() is not None:
            self.undo.activeStack().setActive(False)
        place.opened(cast(Mapping[str, Any], target or {}))
        self._crumb()

    def place(self, name: str) -> Place:
        """A place, made when it is first asked for."""
        if name not in self._places:
            place = self._specs[name].load(self.context)
            self._places[name] = place
            self.stack.addWidget(place.widget)
            for action, handler in place.actions().items():
                self.commands.bind(action, handler, lambda a=action, p=place: p.enabled(a))  # type: ignore[misc]
            self._restore_splitters(place.widget)
            self._run_button()
        return self._places[name]

    def _load_next(self) -> None:
        """While nobody waits: make one more place, so that going there is instant."""
        waiting = next((name for name in self._specs if name not in self._places), None)
        if waiting is not None:
            self.place(waiting)
            self._idle.start(50)
        elif not self._asked_models:
            if self._idle.interval() == MODELS_MS:
                self._asked_models = True
                self.session.ask_models()
            else:
                self.complete.emit()
                self._idle.start(MODELS_MS)

    def _undo(self) -> None:
        stack = self.undo.activeStack()
        if stack is not None:
            stack.undo()

    def _redo(self) -> None:
        stack = self.undo.activeStack()
        if stack is not None:
            stack.redo()

    # -- news

    def _project_changed(self) -> None:
        self.top.project.setText(self.project.name or "no project")
        run = self.project.data.project.run
        self.status.seed.setText(f"seed {run.seed}")
        self._crumb()
        self._run_button()
        if not self._open_name:
            self.go(str(self._settings.value("place", "personas")))
            if not self._open_name:
                self.go(next(iter(self._specs), ""))
            self._idle.start()

    def _run_button(self) -> None:
        users = self.project.data.project.run.users
        self.top.set_run_available(f"Run {users:,}", "run" in self._specs and self.project.workflow is not None)

    def _run_crowd(self) -> None:
        self.go("run", {})
        self.commands.run("run.start")

    def _crumb(self) -> None:
        workflow = self.project.workflow
        self.top.kind.setText("workflow" if workflow is not None else "")
        self.top.crumb.setText(workflow.id if workflow is not None else "")
        name = f"{self.project.name} – Turbulence" if self.project.name else "Turbulence"
        self.setWindowTitle(name)

    def _model_used(self, text: str) -> None:
        self._model_answered = True
        self.status.model.setText(text)

    def _models_known(self, text: str, detail: str) -> None:
        if not self._model_answered:
            self.status.model.setText(text)
        self.status.model.setToolTip(detail)

    def _busy(self, jobs: int) -> None:
        self.status.busy.setText("" if jobs == 0 else "working")

    def _failed(self, failure: object) -> None:
        if isinstance(failure, JobFailed):
            text = failure.message + (f" ({failure.mend})" if failure.mend else "")
            self.notices.show(text, "bad" if not failure.known else "warn")

    # -- palette and menus

    def _find(self, query: str) -> list[Entry]:
        people = [
            Entry(persona.title, "Persona", "user-round", "", lambda i=persona.id: self.go("personas", {"persona": i}))  # type: ignore[misc]
            for persona in self.project.data.personas.values()
        ]
        flows = [
            Entry(name, "Workflow", "workflow", "", lambda i=name: self.project.choose_workflow(i))  # type: ignore[misc]
            for name in self.project.data.workflows
        ]
        return self.commands.find(query, [*people, *flows])

    def _show_menu(self) -> None:
        button = self.top.menu
        self.menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _show_project_menu(self) -> None:
        menu = self._menu_of(("window.open", "window.sample", "window.sample_app", "window.reload"))
        menu.addSeparator()
        for name in self.project.data.workflows:
            entry = menu.addAction(f"Workflow {name}")
            entry.setCheckable(True)
            workflow = self.project.workflow
            entry.setChecked(workflow is not None and workflow.id == name)
            entry.triggered.connect(lambda *_, name=name: self.project.choose_workflow(name))
        menu.popup(self.top.project.mapToGlobal(self.top.project.rect().bottomLeft()))

    def _show_actions(self, names: tuple[str, ...], where: QPoint) -> None:
        self._menu_of(names).popup(where)

    def _menu_of(self, names: tuple[str, ...]) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.commands.refresh()
        for name in names:
            menu.addAction(self.commands.actions[name])
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, self.commands.rest))
        return menu

    def _show_sheet(self, sheet: Sheet) -> None:
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _about(self) -> None:
        from turbulence_app.gui.help import about_sheet

        self._show_sheet(about_sheet(self))

    def _privacy(self) -> None:
        from turbulence_app.gui.privacy import PrivacySheet

        self._show_sheet(PrivacySheet(self, self.context))

    def _show_manual(self) -> None:
        """The manual; a second call brings the same window to the front."""
        if self.manual is None:
            from turbulence_app.gui.help import ManualWindow

            self.manual = ManualWindow(self, self.context.dialogs)
        self.manual.show()
        self.manual.raise_()
        self.manual.activateWindow()

    # -- look

    def _pin(self, scheme: str) -> None:
        Theme.current().pin(None if scheme == "system" else cast(Scheme, scheme))
        self._settings.setValue("theme", scheme)
        self._show_scheme()

    def _show_scheme(self) -> None:
        self.nav.show_scheme(Theme.current().pinned or "system")

    def _zoom(self, scale: float) -> None:
        Theme.current().set_scale(scale)
        self._settings.setValue("scale", Theme.current().scale)

    # -- what is kept

    def _restore(self) -> None:
        geometry = self._settings.value("geometry")
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(1440, 900)
        self._show_scheme()

    def _restore_splitters(self, widget: QWidget) -> None:
        for splitter in widget.findChildren(QSplitter):
            state = self._settings.value(f"splitter/{splitter.objectName()}")
            if splitter.objectName() and isinstance(state, QByteArray):
                splitter.restoreState(state)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask the places, keep the layout, end the processes."""
        if not all(place.close() for place in self._places.values()):
            event.ignore()
            return
        self._idle.stop()
        self._settings.setValue("geometry", self.saveGeometry())
        if self._open_name:
            self._settings.setValue("place", self._open_name)
        for splitter in self.findChildren(QSplitter):
            if splitter.objectName():
                self._settings.setValue(f"splitter/{splitter.objectName()}", splitter.saveState())
        self.session.close()
        self.bridge.close()
        super().closeEvent(event)
