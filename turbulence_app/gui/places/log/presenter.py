"""Asks the worker for lines: a search whenever something changed, pages as they come into view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Job, Latest
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.log.state import LEVELS, PAGE
from turbulence_app.gui.places.log.table import LogModel
from turbulence_app.home import home_directory
from turbulence_app.service.journal import journal

SETTLE_MS, LOOK_MS = 150, 2000
"""After a line or a letter the search waits a little; other processes' lines are looked for now and then."""
PATIENCE_MS = 4000
"""A search that takes longer is stopped: it is an expression that never ends."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for."""

    text: str = ""
    regex: bool = False
    level: str = "all"
    source: str = ""

    @property
    def narrow(self) -> bool:
        """Whether lines may be left out."""
        return bool(self.text.strip() or self.source or self.level != "all")


class LogPresenter(QObject):
    """Between the table and the worker."""

    shown = Signal()
    """Lines, counts and sources are as they are now."""
    refused = Signal(str)
    """Why the search is none; empty when it is one again."""
    _written = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self.lines = LogModel(self)
        self.filter = Filter()
        self.total = self.everything = self.news = 0
        self.sources: list[str] = []
        self.counts: Mapping[str, int] = {}
        self.paused = False
        self.ready = False
        self._watching = False
        self._number = 0
        self._search = Latest(context.bridge, "live", "log_search", self._found, self._failed)
        self._pages: list[Job] = []
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self.refresh)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._give_up)
        self._written.connect(self._heard, Qt.ConnectionType.QueuedConnection)
        self.lines.wanted.connect(self._ask_page)
        self._journal = journal()
        self._journal.listen(self._tell)

    # -- what the view does

    def watch(self, on: bool) -> None:
        """The place is in front, or not: nothing is asked behind its back."""
        self._watching = on
        if on:
            self._look.start()
            self._ask()
        else:
            self._look.stop()
            self._settle.stop()

    def look_for(self, wanted: Filter) -> None:
        """Another filter."""
        if wanted != self.filter:
            self.filter = wanted
            self._settle.start()

    def pause(self, on: bool) -> None:
        """Hold the lines as they are, or go on."""
        self.paused = on
        self.news = 0
        self.shown.emit()
        if not on:
            self.refresh()

    def refresh(self) -> None:
        """Look for new lines, unless somebody reads in peace."""
        if self._watching and not self.paused and not self._settle.isActive():
            self._settle.start()

    def asked(self) -> dict[str, Any]:
        """Which lines are shown, for whoever writes all of them."""
        return {"number": self._number, "home": str(home_directory())}

    def close(self) -> None:
        """Nothing more is asked."""
        self._journal.forget(self._tell)
        self.watch(False)
        self._patience.stop()
        self._search.forget()
        for job in self._pages:
            job.forget()

    # -- the worker

    def _tell(self) -> None:
        """Any thread: a line was written."""
        self._written.emit()

    def _heard(self) -> None:
        if self.paused and self._watching:
            self.news += 1
            self.shown.emit()
        else:
            self.refresh()

    def _ask(self) -> None:
        wanted = self.filter
        self._search.submit({
            "text": wanted.text, "regex": wanted.regex, "levels": LEVELS[wanted.level],
            "sources": [wanted.source] if wanted.source else [], "count": PAGE, "home": str(home_directory()),
        })  # fmt: skip
        self._patience.start()

    def _found(self, reply: Any) -> None:
        self._patience.stop()
        self.ready = True
        self._number, total = int(reply["number"]), int(reply["total"])
        self.sources, self.counts = list(reply["sources"]), dict(reply["counts"])
        self.everything = sum(self.counts.values())
        self.total = total
        for job in self._pages:
            job.forget()
        self._pages.clear()
        self.refused.emit("")
        self.lines.show(total, reply["lines"])
        self.shown.emit()

    def _failed(self, failure: JobFailed) -> None:
        self._patience.stop()
        self.refused.emit(failure.message)

    def _give_up(self) -> None:
        """An expression that never ends: its worker is ended."""
        if self._search.job is not None:
            self._context.bridge.cancel(self._search.job)
        self._search.forget()
        self.refused.emit("This search takes too long and was stopped; say it more simply.")

    def _ask_page(self, page: int) -> None:
        def put(reply: Any) -> None:
            if int(reply["number"]) == self._number:
                self.lines.put(page, reply["lines"])

        given = {"number": self._number, "first": page * PAGE, "count": PAGE, "home": str(home_directory())}
        self._pages.append(
            self._context.bridge.request("live", "log_page", given, on_result=put, on_error=lambda _error: None)
        )
