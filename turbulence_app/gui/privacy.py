"""What leaves this computer, as a sheet of the window: what is in force, what was touched, what is not found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.markdown import dress
from turbulence_app.gui.places.exporting import not_written, written
from turbulence_app.gui.privacy_rows import HeldRow, SeenRow, held_rows, seen_rows, verdict
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, ElidedLabel, SectionLabel, Splitter, row
from turbulence_app.gui.widgets.rows import Column, RowsView

LOW_ROW = 26


class PrivacySheet(Sheet):
    """Asks for the page when it is opened; the locks are tried out meanwhile, which takes a moment."""

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(
            parent,
            "What leaves this computer",
            "Nothing, unless you say so. The locks are tried out now: by Python, by native code, by a child process.",
        )
        self._context = context
        self._job: Job | None = None
        self.state = ElidedLabel("Trying the locks…", "strong")
        self.held = held_view()
        self.seen = seen_view()
        self.words = QTextBrowser()
        self.words.setOpenLinks(False)
        self.words.setAccessibleName("Exceptions, and what is not found")
        dress(self.words, Theme.current())
        for table in (self.held, self.seen):
            table.set_row_height(LOW_ROW)
        self.held.set_empty("Two processes are started and asked what they can reach…")
        self.seen.set_empty("What the program touched will be listed here.")
        left = _titled("Touched, by the ledger", self.seen)
        right = _titled("Exceptions, and personal data that is not found", self.words)
        lower = Splitter(Qt.Orientation.Horizontal, "privacy.lower", left, right)
        self.column.addWidget(self.state)
        self.column.addWidget(_titled("In force", self.held), 3)
        self.column.addWidget(lower, 3)
        self.save = Button("Save the page…", "plain", "download", "As HTML, to print and to sign", self._save)
        self.save.setEnabled(False)
        done = Button("Close", "primary", clicked=self.accept)
        self.column.addLayout(row(self.save, 1, done))
        self.resize(900, 680)
        self.finished.connect(lambda _: self._forget())
        self._ask({})

    def _ask(self, more: Mapping[str, Any]) -> None:
        root = self._context.project.data.root if self._context.project.loaded else None
        given = {"project": None if root is None else str(root), **more}
        self._job = self._context.bridge.request("live", "privacy", given, on_result=self._show, on_error=self._failed)

    def _forget(self) -> None:
        if self._job is not None:
            self._job.forget()

    def _show(self, reply: Any) -> None:
        page: Mapping[str, Any] = reply if isinstance(reply, Mapping) else {}
        text, kind = verdict(page)
        self.state.setText(text)
        self.state.set_kind("good" if kind == "good" else "bad")
        self.held.rows.set_rows(held_rows(page))
        self.seen.rows.set_rows(seen_rows(page))
        self.words.setMarkdown(_markdown(page))
        self.save.setEnabled(True)

    def _failed(self, failure: JobFailed) -> None:
        self.state.setText(failure.message)
        self.state.set_kind("bad")
        self.held.set_empty("The locks could not be tried out.")

    def _save(self) -> None:
        path = self._context.dialogs.save_file("Save the privacy page", "privacy.html", "HTML files (*.html)")
        if path is None:
            return
        root = self._context.project.data.root if self._context.project.loaded else None
        self._context.bridge.request(
            "live",
            "privacy",
            {"project": None if root is None else str(root), "save": str(path)},
            on_result=lambda _: written(self._context, "Saved", str(path)),
            on_error=lambda error: not_written(self._context, "Not saved", error),
        )


def held_view() -> RowsView[HeldRow]:
    """What holds each kind of process."""
    return RowsView(
        "What each process can reach",
        "What each kind of process can reach, and what holds it; tried out on this computer just now.",
        [
            Column("process", lambda r: r.process),
            Column("reaches", lambda r: r.reach, lambda r: "good" if r.reach == "nothing" else ""),
            Column(
                "held by", lambda r: r.by, lambda r: "good" if r.kernel else "" if r.closed else "bad", stretch=True
            ),
        ],
    )


def seen_view() -> RowsView[SeenRow]:
    """What was touched."""
    return RowsView(
        "What was touched",
        "Sockets, files, models and programs that the program touched, counted by its own ledger.",
        [
            Column("what", lambda r: r.what),
            Column("how much", lambda r: r.words, lambda r: r.token, stretch=True),
        ],
    )


def _titled(title: str, content: QWidget) -> QWidget:
    pane = QWidget()
    box = QVBoxLayout(pane)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(4)
    box.addWidget(SectionLabel(title))
    box.addWidget(content, 1)
    return pane


def _markdown(page: Mapping[str, Any]) -> str:
    exceptions = "\n".join(f"- {line}" for line in page.get("exceptions", ()))
    limits = "\n".join(f"- {line}" for line in page.get("redaction_limits", ()))
    return (
        f"**Only on your own word:**\n\n{exceptions}\n\n**Before a prompt is built, these stay unseen:**\n\n{limits}\n"
    )
