"""Opening, reading again, importing and saving: what the window asks of the service about files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui import egress
from turbulence_app.gui.context import Context
from turbulence_app.gui.importing import Importer
from turbulence_app.gui.models import model_in_use
from turbulence_app.gui.project import read_reply

EGRESS_MS = 2000


class Session(QObject):
    """The open project's files. Every answer ends in :class:`ProjectState` or in a notice."""

    egress = Signal(str, bool, str)
    """Text, whether it is good news, and the detail, of the egress lock's record."""

    nothing_open = Signal()
    """A project was refused, and no other is open."""

    leaving = Signal()
    """Another project is about to take the place of this one."""

    unread = Signal(object)
    """Somebody wants to see this file (a :class:`~pathlib.Path`), which could not be read."""
    models = Signal(str, str)
    """The model that would answer, and all of them, in words."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._root: Path | None = None
        self._importer = Importer(context, self.reload, self.open)
        self._timer = QTimer(self, interval=EGRESS_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        QTimer.singleShot(0, self, self._look)

    def open(self, root: Path | None, sample: str | None = None) -> None:
        """Open a project folder; None is the sample shop, or the sample of this name."""
        params = {"root": None if root is None else str(root), "sample": sample}

        def refused(error: JobFailed) -> None:
            self._refused(root, sample, error)

        self._context.bridge.request("live", "open_project", params, on_result=self._opened, on_error=refused)

    def reload(self) -> None:
        """Read the files again, as they are now."""
        self.open(self._root)

    def ask_open(self) -> None:
        """Ask for a folder and open it."""
        root = self._context.dialogs.open_folder("Open a project folder")
        if root is not None:
            self.open(root)

    def ask_import(self) -> None:
        """Ask for a file of another tool and bring it into the project."""
        self._importer.ask()

    def bring(self, path: Path) -> None:
        """Import a file that was dropped on the window."""
        self._importer.bring(path)

    def ask_models(self) -> None:
        """Ask once which model would answer; the status line says it. One that answered since says more."""
        self._context.bridge.request("model", "models", {}, on_result=self._models, on_error=lambda _: None)

    def _models(self, reply: Any) -> None:
        listed = reply.get("models", []) if isinstance(reply, Mapping) else []
        self.models.emit(*model_in_use(listed))

    def close(self) -> None:
        """Stop looking."""
        self._timer.stop()
        self._importer.close()

    def _opened(self, reply: Any) -> None:
        data = read_reply(reply)
        if self._root != data.root:
            self.leaving.emit()
        self._root = data.root
        self._context.settings.setValue("root", str(data.root))
        self._context.project.replace(data)
        errors = [problem for problem in data.problems if problem.severity == "error"]
        if errors:
            more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
            files = (data.root / problem.where.file for problem in errors if problem.where is not None)
            file = next((file for file in files if file.parent.name == "workflows"), None)
            if file is None:
                self._context.notices.show(f"{errors[0]}{more}", "warn")
            else:  # no place lists a workflow that cannot be read: this is the way to it
                self._context.notices.show(f"{errors[0]}{more}", "warn", "Mend it", lambda: self.unread.emit(file))

    def _refused(self, root: Path | None, sample: str | None, error: JobFailed) -> None:
        text = error.message + (f" ({error.mend})" if error.mend else "")
        self._context.notices.show(text, "bad", "Try again", lambda: self.open(root, sample))
        if not self._context.project.loaded:
            self.nothing_open.emit()

    def _look(self) -> None:
        self.egress.emit(*egress.state())
