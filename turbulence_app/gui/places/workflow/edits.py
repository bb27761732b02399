"""Edits of the graph, made in the text by the service: one after another, each on the text as it is then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.workflow.state import Document, read_problems

Change = tuple[int, int, str]
Refused = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of an edit: the stretches to replace, the whole text, and the step that it is about."""

    before: str
    text: str
    changes: tuple[Change, ...]
    step: str
    words: str


class FlowEdits(QObject):
    """Asks for an edit and hands out what came of it. ``told``: who else speaks of what was renamed or deleted."""

    edited = Signal(object)
    told = Signal(str)

    def __init__(self, context: Context, document: Callable[[], Document], take: Callable[[Document], None]) -> None:
        super().__init__(context.hub)
        self._context, self._document, self._take = context, document, take
        self._busy = False
        self._waiting: list[tuple[Sequence[Mapping[str, Any]], str, Refused | None]] = []

    @property
    def possible(self) -> bool:
        """Whether the graph is the text's: a text that cannot be read is mended first."""
        document = self._document()
        return document.workflow is not None and not document.unreadable

    def ask(self, edits: Sequence[Mapping[str, Any]], words: str, refused: Refused | None = None) -> None:
        """Make edits; ``words`` name them in the menu. ``refused`` hears why not, else a notice says so."""
        if not self.possible:
            self._refuse("Mend the text first: the graph shows an older version of it.", refused)
        elif self._busy:
            self._waiting.append((edits, words, refused))
        else:
            self._send(edits, words, refused)

    def _send(self, edits: Sequence[Mapping[str, Any]], words: str, refused: Refused | None) -> None:
        self._busy = True
        document = self._document()
        given = {
            "project": str(self._context.project.data.root),
            "text": document.text,
            "file": Path(document.file).name or "workflow.yaml",
            "edits": [dict(edit) for edit in edits],
        }
        self._context.bridge.request(
            "live",
            "edit_workflow",
            given,
            on_result=lambda reply: self._done(document.text, words, reply, refused),
            on_error=lambda failure: self._failed(failure, refused),
        )

    def _done(self, before: str, words: str, reply: Mapping[str, Any], refused: Refused | None) -> None:
        self._busy = False
        if self._document().text != before:
            self._refuse("The text changed meanwhile; nothing was done.", refused)
        elif reply["text"] != before:
            changes = tuple((int(a), int(b), str(new)) for a, b, new in reply["changes"])
            self.edited.emit(Edited(before, reply["text"], changes, str(reply["step"]), words))
            self._adopt(reply)
            if reply["told"]:
                self.told.emit("; ".join(reply["told"]))
        self._next()

    def _adopt(self, reply: Mapping[str, Any]) -> None:
        """The answer tells what a check would: it need not be asked for."""
        document = self._document()
        if document.text == reply["text"]:
            workflow = Workflow.model_validate(reply["workflow"])
            self._take(document.read(workflow, read_problems(reply["problems"])))

    def _failed(self, failure: JobFailed, refused: Refused | None) -> None:
        self._busy = False
        self._refuse(failure.message + (f" ({failure.mend})" if failure.mend else ""), refused)
        self._next()

    def _refuse(self, words: str, refused: Refused | None) -> None:
        if refused is not None:
            refused(words)
        else:
            self._context.notices.show(words, "warn")

    def _next(self) -> None:
        if self._waiting and not self._busy:
            self._send(*self._waiting.pop(0))
