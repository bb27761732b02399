"""Writes down what happens in the window: jobs, crashes, notices; and tells of long work that ended elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Bridge, Job
from turbulence_app.gui.chronicle_words import ABSENT, CANCELLED, QUIET, WORKS, Work, broken, details, ended_words, took
from turbulence_app.gui.context import Dialogs, Navigation, Notices
from turbulence_app.service.journal import Level, journal
from turbulence_app.settings import preferences

STOPPED_BY_CLOSING = frozenset(
    {"run", "verify", "campaign", "audit", "shrink", "compile", "bench", "add_model", "ollama_pull"}
)
SLOW_MS = 1000
"""Work that nobody names gets a line where it took longer."""
NOTICE_LEVELS: dict[str, Level] = {"info": "info", "good": "info", "warn": "warning", "bad": "error"}


class Chronicle(QObject):
    """Hears the bridge. ``open_place`` says which place is in front."""

    fault = Signal(object)
    """A ``JobFailed`` that is a fault of the program."""

    def __init__(
        self, bridge: Bridge, notices: Notices, navigation: Navigation, open_place: Callable[[], str], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge, self._notices = bridge, notices
        self._navigation, self._open_place = navigation, open_place
        bridge.began.connect(self._began)
        bridge.ended.connect(self._ended)

    def may_close(self, dialogs: Dialogs) -> bool:
        """Whether the window may close: while long work runs the person is asked, if they want to be."""
        running = [WORKS[job.op].title for job in self._bridge.under_way() if job.op in STOPPED_BY_CLOSING]
        if not running or not preferences().on("window.confirm_close"):
            return True
        named = " and ".join(dict.fromkeys(running))
        text = f"{named}: under way. Closing stops it; what is done of it is kept."
        return dialogs.confirm("Close while work runs?", text, "Close")

    def said(self, kind: str, text: str) -> None:
        """A notice came up, or would have."""
        journal().note(NOTICE_LEVELS.get(kind, "info"), "notice", text)

    def _began(self, job: Job) -> None:
        work = WORKS.get(job.op)
        if work is not None and not work.saves:
            journal().note("info", "job", f"{work.title} began", place=(work.place, {}))

    def _ended(self, job: Job, outcome: object) -> None:
        ms = job.clock.nsecsElapsed() / 1e6
        work = WORKS.get(job.op)
        level = self._level(job, work, outcome, ms)
        if level is not None:
            self._write(level, job, work, outcome, ms)
        if isinstance(outcome, JobFailed) and not outcome.known:
            self.fault.emit(outcome)
        elif work is not None and not work.saves:
            self._tell(work, job, outcome, ms)

    def _write(self, level: Level, job: Job, work: Work | None, outcome: object, ms: float) -> None:
        stack = outcome.traceback if isinstance(outcome, JobFailed) else ""
        place = None if work is None else (work.place, _target(work, outcome))
        facts = {**details(outcome), "took": took(ms), "lane": job.lane, "operation": job.op}
        source = "save" if work is not None and work.saves else "job"
        journal().note(level, source, ended_words(work, job.op, outcome, ms), detail=facts, stack=stack, place=place)
        for words, target in broken(job.op, outcome):
            journal().note("warning", "verdict", words, detail=details(outcome), place=("failures", target))

    def _level(self, job: Job, work: Work | None, outcome: object, ms: float) -> Level | None:
        if isinstance(outcome, JobFailed):
            if outcome.exit_status == CANCELLED:
                return "info" if work is not None else "debug"
            if outcome.known and job.op in ABSENT:
                return "debug"
            return "warning" if outcome.known else "error"
        if work is None and ms < SLOW_MS:
            return None if job.op in QUIET else "debug"
        return "info" if work is not None else None if job.op in QUIET else "debug"

    def _tell(self, work: Work, job: Job, outcome: object, ms: float) -> None:
        """One message for long work that ended while somebody looks elsewhere."""
        mine = preferences()
        stopped = isinstance(outcome, JobFailed) and outcome.exit_status == CANCELLED
        long = ms >= mine.number("notify.jobs_after_s") * 1000
        if stopped or not long or not mine.on("notify.jobs") or self._open_place() == work.place:
            return
        target = _target(work, outcome)
        failed = isinstance(outcome, JobFailed)
        self._notices.show(
            ended_words(work, job.op, outcome, ms),
            "bad" if failed else "good",
            "Show",
            lambda: self._navigation.go(work.place, **target),
        )


def worker_state(lane: str, state: str) -> None:
    """A worker process began, died, or does not answer. Called on any thread."""
    words: Mapping[str, tuple[Level, str]] = {
        "started": ("debug", f"the {lane} worker began"),
        "ended": ("error", f"the {lane} worker died; the next request starts a new one"),
        "silent": ("warning", f"the {lane} worker does not answer"),
        "alive": ("info", f"the {lane} worker answers again"),
    }
    level, text = words.get(state, ("info", f"the {lane} worker: {state}"))
    journal().note(level, "worker", text, detail={"lane": lane})


def _target(work: Work, outcome: object) -> dict[str, Any]:
    return work.target(outcome) if isinstance(outcome, Mapping) else {}
