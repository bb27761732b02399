"""Does what :mod:`turbulence_app.gui.arrivals` says of a path: opens, imports, adds, checks, or says why not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from turbulence_app.gui.arrivals import PLACES, Arrival, arrival_of

if TYPE_CHECKING:
    from turbulence_app.gui.window import MainWindow


class Opener(QObject):
    """One path at a time; a file of another project opens that project first."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._then: Arrival | None = None
        window.project.changed.connect(self._project_changed)

    def open(self, path: Path) -> None:
        """Whatever it is."""
        self.take(arrival_of(path))

    def take(self, arrival: Arrival) -> None:
        """Do what was announced."""
        window = self._window
        if arrival.does == "project" and arrival.root is not None:
            window.session.open(arrival.root)
        elif arrival.does == "file":
            self._file(arrival)
        elif arrival.does == "import":
            window.session.bring(arrival.path)
        elif arrival.does == "model":
            window.go("models")
            window.place("models").presenter.add(arrival.path)  # type: ignore[attr-defined]
        elif arrival.does == "capsule":
            self._capsule(arrival)
        else:
            window.notices.show(f"Not opened: {arrival.says}.", "warn")

    def _file(self, arrival: Arrival) -> None:
        if arrival.root == self._window.project.data.root:
            self._show(arrival)
        else:
            self._then = arrival
            self._window.session.open(arrival.root)

    def _project_changed(self) -> None:
        then, self._then = self._then, None
        if then is not None and then.root == self._window.project.data.root:
            # after the window itself has gone to where this project was left
            QTimer.singleShot(0, self, lambda: QTimer.singleShot(0, self, lambda: self._show(then)))

    def _show(self, arrival: Arrival) -> None:
        """Go to what the file holds."""
        window, project = self._window, self._window.project
        ids = [
            name
            for (kind, name), file in project.data.files.items()
            if kind == arrival.kind and (project.data.root / file) == arrival.path.absolute()
        ]
        name = ids[0] if ids else ""
        if arrival.kind == "workflow":
            project.choose_workflow(name)
            window.go("workflow")
            if not name:  # it cannot be read: shown as text, with what is wrong
                window.place("workflow").presenter.open_file(str(arrival.path))  # type: ignore[attr-defined]
            return
        window.go(PLACES[arrival.kind], {"persona": name} if arrival.kind == "persona" else {})
        if arrival.kind == "scenario" and name:
            window.place("run").presenter.choose_scenario(name)  # type: ignore[attr-defined]
        if not name and arrival.kind != "policy":
            window.notices.show(f"{arrival.path.name} holds nothing that this project could read.", "warn")

    def _capsule(self, arrival: Arrival) -> None:
        root = arrival.root or self._window.project.data.root
        self._window.notices.show(f"Checking {arrival.path.name}…", "info")
        self._window.bridge.request(
            "run",
            "check_capsules",
            {"paths": [str(arrival.path)], "project": str(root)},
            on_result=lambda reply: self._checked(arrival, reply),
            on_error=lambda error: self._window.notices.show(f"{arrival.path.name}: {error.message}", "bad"),
        )

    def _checked(self, arrival: Arrival, reply: Any) -> None:
        rows = reply.get("capsules", []) if isinstance(reply, Mapping) else reply
        one = rows[0] if rows else {}
        if problem := one.get("problem"):
            self._window.notices.show(f"{arrival.path.name}: {problem['message']}", "bad")
        elif one.get("as_expected"):
            self._window.notices.show(f"{arrival.path.name}: {one['invariant']} {one['seen']}, as expected.", "good")
        else:
            seen, expected = one.get("seen", "?"), one.get("expected", "?")
            words = f"{arrival.path.name}: {one.get('invariant', '?')} {seen}, expected {expected}."
            self._window.notices.show(words, "warn")
