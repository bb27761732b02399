"""The project's workflow files: a new one, a copy, another name, none any more."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer

from turbulence_app.domain.base import IDENTIFIER
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.state import Document

NEW = """\
id: {name}
description: What users do here, step by step.

services:
  web: {{base_url: "http://127.0.0.1:8080", timeout_seconds: 30}}

flow:
  - name: open
    type: http
    service: web
    method: GET
    path: /
    model: {{latency_ms: {{p50: 120, p95: 450}}, outcomes: {{ok: 0.99, error: 0.01}}}}
  - {{name: done, type: end, outcome: completed}}

invariants:
  - {{name: someone_gets_there, sometimes: "outcome == 'completed'", says: It is possible to get to the end.}}
"""


class WorkflowFiles(QObject):
    """Asks for names, lets the service do it, and reads the project again."""

    def __init__(self, context: Context, document: Callable[[], Document]) -> None:
        super().__init__(context.hub)
        self._context, self._document = context, document
        self._wanted = ""
        # behind everybody else who hears of the change: the Run place goes back to its scenario's workflow
        self._late = QTimer(self, singleShot=True, interval=0)
        self._late.timeout.connect(self._choose)
        context.project.changed.connect(self._late.start)

    def new(self) -> None:
        """A small workflow that runs."""
        if name := self._name("New workflow", ""):
            self._save(name, NEW.format(name=name))

    def duplicate(self) -> None:
        """The present text under another id."""
        document = self._document()
        if document.errors:
            self._context.notices.show("Mend the errors first: a copy would have them, too.", "warn")
        elif name := self._name("Duplicate workflow", f"{document.workflow_id}-copy"):
            self._save(name, re.sub(r"(?m)^id:[^\n#]*?(?=\s*(#|$))", f"id: {name}", document.text, count=1))

    def rename(self) -> None:
        """Another id, also in policies and scenarios."""
        document = self._document()
        if document.dirty:
            self._context.notices.show("Save the workflow first: its file gets the new name.", "warn")
            return
        old = document.workflow_id
        name = self._name("Rename workflow", old)
        if name and name != old:
            self._wanted = name
            self._ask("rename_workflow", {"workflow": old, "name": name}, self._renamed)

    def delete(self) -> None:
        """The file goes, after a question."""
        old = self._document().workflow_id
        sure = f"{old} and its file will be gone. Policies and scenarios that name it stay."
        if old and self._context.dialogs.confirm("Delete workflow", sure, "Delete", danger=True):
            self._ask("delete_workflow", {"workflow": old}, self._deleted)

    def _name(self, title: str, value: str) -> str:
        name = self._context.dialogs.ask_text(title, "Id, as policies and scenarios will name it", value)
        if not name:
            return ""
        if not re.match(IDENTIFIER, name):
            self._context.notices.show(f"{name!r} cannot be an id: letters, digits, '_', '-', '.'.", "warn")
            return ""
        if name in self._context.project.data.workflows and name != self._document().workflow_id:
            self._context.notices.show(f"There is a workflow {name} already.", "warn")
            return ""
        return name

    def _save(self, name: str, text: str) -> None:
        if name in self._context.project.data.workflows:
            self._context.notices.show(f"There is a workflow {name} already.", "warn")
            return
        self._wanted = name
        self._ask("save_workflow", {"text": text, "file": f"workflows/{name}.yaml"}, self._reload)

    def _ask(self, op: str, given: Mapping[str, Any], done: Callable[[Any], object]) -> None:
        root = str(self._context.project.data.root)
        self._context.bridge.request("live", op, {"project": root, **given}, on_result=done, on_error=self._failed)

    def _reload(self, _reply: Any) -> None:
        self._context.navigation.act("window.reload")

    def _renamed(self, reply: Mapping[str, Any]) -> None:
        files = ", ".join(reply["changed"])
        self._context.notices.show(f"Renamed in {files}.", "good")
        self._reload(reply)

    def _deleted(self, reply: Mapping[str, Any]) -> None:
        told = "; ".join(reply["told"])
        words = "The workflow is deleted." + (f" Still named by: {told}." if told else "")
        self._context.notices.show(words, "warn" if told else "good")
        self._reload(reply)

    def _choose(self) -> None:
        if self._wanted and self._wanted in self._context.project.data.workflows:
            wanted, self._wanted = self._wanted, ""
            self._context.project.choose_workflow(wanted)

    def _failed(self, failure: JobFailed) -> None:
        self._wanted = ""
        self._context.notices.show(failure.message + (f" ({failure.mend})" if failure.mend else ""), "bad")
