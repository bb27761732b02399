"""A report of a problem: shown whole, changed by whoever sends it on, and saved where they say. It is never sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QVBoxLayout, QWidget

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Job, Latest
from turbulence_app.gui.bug_state import including, replaced_words, sections, size_words, without
from turbulence_app.gui.context import Context
from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.help import window_facts
from turbulence_app.gui.places.exporting import not_written, written
from turbulence_app.gui.widgets.basics import Button, Label, SectionLabel, row
from turbulence_app.home import home_directory, shortened
from turbulence_app.service.report import ASK, ORDER

MARKDOWN = "Text (*.md *.txt)"
LOOK_MS = 600
SAYS = (
    "This is the whole report. Change it, leave parts out, then save it and send it on yourself: the program sends "
    "nothing. Personal data that is found was replaced already."
)


class BugSheet(Sheet):
    """Parts at the left, the text at the right."""

    def __init__(self, parent: QWidget, context: Context, message: str = "", stack: str = "", model: str = "") -> None:
        super().__init__(parent, "Report a problem", SAYS)
        self._context = context
        self._removed: dict[str, str] = {}
        self._jobs: list[Job] = []
        self.saved: Path | None = None
        self.boxes: dict[str, QCheckBox] = {}
        self.text = QPlainTextEdit()
        self.text.setProperty("kind", "code")
        self.text.setAccessibleName("The report")
        self.text.setPlaceholderText("Putting the report together…")
        self.text.setTabChangesFocus(True)
        self.size_ = Label("", "mono_small", "dim")
        self.found = Label("", "small", "dim", wrap=True)
        self.copy = Button("Copy", "plain", "copy", "The text as it stands here", self._copy)
        self.save = Button("Save…", "primary", "save", "Write the file; you say where", self._save)
        self.close_ = Button("Close", clicked=self.reject)
        self._check = Latest(context.bridge, "live", "report_check", self._checked, lambda _error: None)
        self._settle = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._settle.timeout.connect(lambda: self._check.submit({"text": self.text.toPlainText()}))
        self._build()
        self.text.textChanged.connect(self._changed)
        self.finished.connect(lambda _result: self._forget())
        self._ask(message, stack, model)

    def _build(self) -> None:
        parts = QVBoxLayout()
        parts.setSpacing(8)
        parts.addWidget(SectionLabel("What is in it"))
        for title in ORDER:
            box = QCheckBox(title)
            box.setEnabled(False)
            box.setToolTip(f"Leave “{title}” out, or take it in again")
            box.clicked.connect(lambda on, title=title: self.include(title, on))
            self.boxes[title] = box
            parts.addWidget(box)
        parts.addSpacing(10)
        parts.addWidget(self.size_)
        parts.addWidget(self.found)
        parts.addStretch(1)
        left = QWidget()
        left.setFixedWidth(210)
        left.setLayout(parts)
        parts.setContentsMargins(0, 0, 0, 0)
        line = row(left, spacing=18)
        line.addWidget(self.text, 1)
        self.column.addLayout(line, 1)
        self.column.addSpacing(6)
        self.column.addLayout(row(self.copy, 1, self.close_, self.save))
        self.save.setEnabled(False)
        self.copy.setEnabled(False)
        self.resize(920, 660)

    # -- the text

    def include(self, title: str, on: bool) -> None:
        """Take a part in, or leave it out; what was changed in the others stays."""
        text = self.text.toPlainText()
        if on and title in self._removed:
            self._put(including(text, title, self._removed.pop(title), ORDER))
        elif not on:
            rest, taken = without(text, title)
            if taken:
                self._removed[title] = taken
                self._put(rest)
        self._changed()

    def _ask(self, message: str, stack: str, model: str) -> None:
        given = {
            "message": message, "stack": stack, "facts": [list(fact) for fact in window_facts(model)],
            "home": str(home_directory()),
        }  # fmt: skip
        request = self._context.bridge.request
        self._jobs.append(request("live", "report_draft", given, on_result=self._drafted, on_error=self._failed))

    def _drafted(self, reply: Any) -> None:
        self._put(str(reply["text"]))
        place = self.text.toPlainText().find(ASK)
        if place >= 0:
            cursor = self.text.textCursor()
            cursor.setPosition(place)
            cursor.setPosition(place + len(ASK), QTextCursor.MoveMode.KeepAnchor)
            self.text.setTextCursor(cursor)
        self.text.setFocus()

    def _failed(self, failure: JobFailed) -> None:
        """The worker is the problem, perhaps: the window can put one together as well."""
        from turbulence_app.service.report import draft

        self._put(draft(failure.message, failure.traceback, window_facts()))

    def _put(self, text: str) -> None:
        self.text.setPlainText(text)

    def _changed(self) -> None:
        text = self.text.toPlainText()
        there = sections(text)
        for title, box in self.boxes.items():
            box.setChecked(title in there)
            box.setEnabled(title in there or title in self._removed)
        self.size_.setText(size_words(text))
        self.save.setEnabled(bool(text.strip()))
        self.copy.setEnabled(bool(text.strip()))
        self.saved = None
        self._settle.start()

    def _checked(self, reply: Any) -> None:
        self.found.setText(replaced_words(reply.get("replaced", {})))

    # -- out

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")

    def _save(self) -> None:
        name = f"turbulence-report-{datetime.now(UTC):%Y%m%d-%H%M}.md"
        path = self._context.dialogs.save_file("Save the report", name, MARKDOWN)
        if path is None:
            return
        given = {"text": self.text.toPlainText(), "path": str(path)}
        self._jobs.append(
            self._context.bridge.request(
                "live", "report_save", given,
                on_result=lambda reply: self._written(reply, path),
                on_error=lambda error: not_written(self._context, "Not saved", error),
            )
        )  # fmt: skip

    def _written(self, reply: Any, path: Path) -> None:
        self.text.blockSignals(True)
        self._put(str(reply["text"]))
        self.text.blockSignals(False)
        self.saved = path
        self.found.setText(f"Saved as {shortened(str(path))}. This is what is in the file.")
        written(self._context, "Report saved", reply, path)

    def _forget(self) -> None:
        self._settle.stop()
        self._check.forget()
        for job in self._jobs:
            job.forget()
