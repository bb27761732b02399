"""The main window: its parts put together, and the order in which they begin and end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent, QUndoGroup
from PySide6.QtWidgets import QMainWindow

from turbulence_app.gui import persona_colours
from turbulence_app.gui.bridge import Bridge, ClientPort
from turbulence_app.gui.chronicle import Chronicle
from turbulence_app.gui.commands import Commands
from turbulence_app.gui.context import Context, Dialogs, Hub, Navigation
from turbulence_app.gui.dialogs import WindowDialogs
from turbulence_app.gui.dropping import Dropping
from turbulence_app.gui.faults import Faults
from turbulence_app.gui.first_run import FirstRun
from turbulence_app.gui.opener import Opener
from turbulence_app.gui.places.base import SPECS, Place
from turbulence_app.gui.project import ProjectState
from turbulence_app.gui.recovery import Recovery
from turbulence_app.gui.recovery_bar import RecoveryBar
from turbulence_app.gui.recovery_state import KINDS
from turbulence_app.gui.session import Session
from turbulence_app.gui.settings.applying import Applier
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.toast import Toaster
from turbulence_app.gui.window_frame import Frame
from turbulence_app.gui.window_memory import Memory, layouts_of
from turbulence_app.gui.window_menus import Menus
from turbulence_app.gui.window_news import Look, News
from turbulence_app.gui.window_places import Places
from turbulence_app.gui.window_wiring import bind_actions, connect_parts

if TYPE_CHECKING:
    from turbulence_app.service.drafts import Draft


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
        self.bridge = Bridge(client, self)
        self.project = ProjectState(self)
        self.hub = Hub(self)
        self.undo = QUndoGroup(self)
        self.notices = Toaster(self)
        self.navigation = Navigation(self)
        self.recovery = Recovery(self.project, self)
        self.context = Context(
            self.bridge, Theme.current(), self.project, self.navigation, self.hub,
            dialogs or WindowDialogs(self), self.notices, settings, self.undo,
            self.recovery,
        )  # fmt: skip
        self.session = Session(self.context)
        self.commands = Commands(self)
        self._root: Path | None = None
        self._leaving = False
        self._build(settings)
        bind_actions(self)
        connect_parts(self)
        self.memory.restore()
        self.look.show()
        self.session.open(root)

    def _build(self, settings: QSettings) -> None:
        self.frame = frame = Frame(spec for spec in SPECS if spec.exists())
        self.top, self.nav, self.status, self.stack = frame.top, frame.nav, frame.status, frame.stack
        self.frame = frame
        self.setCentralWidget(frame)
        self.offer = RecoveryBar(self.recovery)
        frame.above.addWidget(self.offer)
        self.places = Places(self.context, self.stack, self)
        self.opener = Opener(self)
        self.dropping = Dropping(self, self.opener.take)
        self.memory = Memory(self, settings, self._standing)
        self.first_run = FirstRun(self)
        self.menus = Menus(self)
        self.menu, self.palette_ = self.menus.all, self.menus.palette
        self.news = News(self.status, self.notices, self)
        self.look = Look(self.nav, self.hub, self.notices, self)
        self.applier = Applier(self.session.reload, self)
        self.chronicle = Chronicle(self.bridge, self.notices, self.navigation, lambda: self.places.open, self)
        self.faults = Faults(self.notices, self.menus.report, self)

    # -- places

    def go(self, name: str, target: object = None) -> None:
        """Open a place; ``target`` is what to show there."""
        self.places.go(name, cast(Mapping[str, Any], target or {}))

    def go_soon(self, name: str) -> None:
        """Open a place; where it has to be made first, the window lives meanwhile."""
        self.places.go_soon(name, {})

    def place(self, name: str) -> Place:
        """A place, made when it is first asked for."""
        return self.places.get(name)

    def place_made(self, place: Place) -> None:
        """Take in a new place: its actions, its splitters."""
        for action, handler in place.actions().items():
            self.commands.bind(action, handler, lambda a=action: place.enabled(a))  # type: ignore[misc]
        self.memory.place_made(place)
        self._show_run_button()

    def place_opened(self, name: str) -> None:
        """A place is in front: mark its line, say what is looked at."""
        self.nav.choose(name)
        self.memory.place_opened(self.place(name))
        self.frame.order()
        self.show_crumb()

    def restore_draft(self, draft: Draft) -> None:
        """Give what was not saved back to its editor."""
        self.go(KINDS[draft.kind][1])
        self.return_draft(draft)

    def return_draft(self, draft: Draft) -> None:
        """The same without going there."""
        try:
            self.place(KINDS[draft.kind][1]).restore(draft)
        except ValueError:  # pydantic's and json's are of this kind
            self.notices.show(f"{draft.title} cannot be read any more; the draft is kept.", "bad")

    # -- what the commands of the frame do

    def undo_one(self) -> None:
        """Take back the last step of the place in front."""
        stack = self.undo.activeStack()
        if stack is not None:
            stack.undo()

    def redo_one(self) -> None:
        """Do the step again that was taken back."""
        stack = self.undo.activeStack()
        if stack is not None:
            stack.redo()

    def run_crowd(self) -> None:
        """Go to Run and let the crowd loose."""
        self.go("run", {})
        self.commands.run("run.start")

    # -- the open project

    def project_changed(self) -> None:
        """Another project is open, or the same one was read again."""
        self.top.project.setText(self.project.name or "no project")
        self.status.seed.setText(f"seed {self.project.data.project.run.seed}")
        self.show_crumb()
        self._show_run_button()
        if self._root != self.project.data.root:
            self._root = self.project.data.root
            self._stand(self.memory.open(self._root, self.project.name))

    def _stand(self, kept: Mapping[str, Any]) -> None:
        """Show a project as it was left: its workflow, its place, what was chosen there, the colours of its people."""
        persona_colours.recall(kept.get("colours"))
        targets = kept.get("targets")
        self.places.recall(targets if isinstance(targets, Mapping) else {})
        self.project.choose_workflow(str(kept.get("workflow", "")))
        first = not self.places.open
        wanted = (str(kept.get("place", "")), self.places.open, next(iter(self.places.specs), ""))
        name = next((name for name in wanted if name in self.places.specs), "")
        if first:
            if not self.first_run.showing:
                self.go_soon(name)
            self.places.load_ahead()
        else:  # places hear of the new project after this: what they are to show comes once they know it
            QTimer.singleShot(0, self, lambda: self.go(name))

    def _standing(self) -> Mapping[str, Any]:
        workflow = self.project.workflow
        return {
            "place": self.places.open,
            "workflow": workflow.id if workflow is not None else "",
            "targets": self.places.targets(),
            "colours": persona_colours.places(),
            "layouts": layouts_of(self.places.made_places, self.memory),
        }

    def show_crumb(self) -> None:
        """Project and workflow, in the bar and in the window's title."""
        workflow = self.project.workflow
        self.top.kind.setText("workflow" if workflow is not None else "")
        self.top.crumb.setText(workflow.id if workflow is not None else "")
        self.setWindowTitle(f"{self.project.name} – Turbulence" if self.project.name else "Turbulence")

    def _show_run_button(self) -> None:
        users = self.project.data.project.run.users
        self.top.set_run_available(f"Run {users:,}", "run" in self.places.specs and self.project.workflow is not None)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """From now on files can be dropped anywhere."""
        super().showEvent(event)
        if self.focusWidget() is None:
            self.setFocus()  # or the first button would wear the ring before anybody touched a key
        self.dropping.listen()

    def come_to_front(self, path: Path | None) -> None:
        """Another start handed over: be seen, and open what it was asked to open."""
        self.setWindowState((self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        self.show()
        self.raise_()
        self.activateWindow()
        if path is not None:
            self.opener.open(path)

    def leave(self) -> None:
        """Close without a question, because the system ends the program: what is not saved stays in drafts."""
        self.places.stop()
        self._leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask the places, keep the layout, end the processes."""
        self.memory.look_now()
        if not self._leaving and not (self.chronicle.may_close(self.context.dialogs) and self.places.close()):
            event.ignore()
            return
        self.first_run.stop()
        self.memory.close()
        self.session.close()
        self.recovery.close()
        self.bridge.close()
        super().closeEvent(event)
