"""Asks for the analysis of a run, for the people behind a bar, and for one person's visit. Nothing is counted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.analysis import Among, Board, PeoplePage, Sort, Wanted
from turbulence_app.domain.events import EVENT, JobFailed, Progress
from turbulence_app.domain.trace import UserTrace
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.analysis.state import PAGE, Behind, Counting, Person, Phase, Share
from turbulence_app.gui.places.run.presenter import RunPresenter

CANCELLED = 130


class AnalysisPresenter(QObject):
    """``changed``: another phase or board; ``listed``: other people; ``person_changed``: another visit."""

    changed = Signal()
    listed = Signal()
    person_changed = Signal()

    def __init__(self, context: Context, runs: RunPresenter) -> None:
        super().__init__(context.hub)
        self._context, self._runs = context, runs
        self.counting = Counting()
        self.board: Board | None = None
        self.everybody: Board | None = None
        """The board without any filter."""
        self.among = Among()
        self.share: Share = "p95"
        self.behind: Behind | None = None
        self.person: Person | None = None
        self._job: Job | None = None
        self._people: Job | None = None
        self._trace: Job | None = None
        self._open = False
        self._of = ""
        """The run whose people are shown."""
        runs.progressed.connect(self._run_moved)
        runs.history_changed.connect(self._run_moved)
        context.project.changed.connect(self._forget)

    # -- which run --------------------------------------------------------------------------------

    def run_id(self) -> str:
        """The run that is shown on the Run page; else the newest of the project."""
        manifest = self._runs.live.manifest
        if manifest is not None:
            return manifest.run_id
        return self._runs.history[0].manifest.run_id if self._runs.history else ""

    def subject(self) -> str:
        """The run in words: id, scenario, people, seed."""
        run_id = self.counting.run_id or self.run_id()
        live = self._runs.live.manifest
        past = [past.manifest for past in self._runs.history]
        manifest = next((one for one in ([live] if live else []) + past if one.run_id == run_id), None)
        if manifest is None:
            return run_id
        what = manifest.scenario or manifest.workflow
        return f"{run_id} · {what} · {manifest.users:,} users · seed {manifest.seed}"

    def show_page(self, shown: bool) -> None:
        """The page comes to the front or goes: nothing is counted that nobody looks at."""
        self._open = shown
        if shown:
            self._run_moved()

    def _forget(self) -> None:
        self._drop()
        self.counting, self.board, self.everybody, self.among = Counting(), None, None, Among()
        self.changed.emit()

    def _drop(self) -> None:
        for job in (self._job, self._people, self._trace):
            if job is not None:
                job.forget()
                self._context.bridge.cancel(job)
        self._job = self._people = self._trace = None
        self.behind = self.person = None

    def _run_moved(self) -> None:
        """Another run, or the same one as far as it is: count it as soon as somebody looks."""
        if not self._open:
            return
        if self._runs.live.busy:
            if self.counting.phase != "waiting":
                self._drop()
                self.counting, self.board, self.everybody = Counting("waiting"), None, None
                self.changed.emit()
            return
        run_id = self.run_id()
        if not run_id:
            if self.counting.phase != "idle":
                self._forget()
        elif run_id != self.counting.run_id:
            self._drop()
            self.board = self.everybody = None
            self.among = Among()
            self.count(run_id)

    # -- the board --------------------------------------------------------------------------------

    def count(self, run_id: str = "") -> None:
        """Count a run (the same one again, if none is named)."""
        run_id = run_id or self.counting.run_id or self.run_id()
        if run_id:
            self.counting = Counting("counting", run_id)
            self._ask()

    def stop(self) -> None:
        """Stop counting; it begins anew when it is asked for again."""
        if self._job is not None and self.counting.phase == "counting":
            self._context.bridge.cancel(self._job)

    def filter(self, among: Among) -> None:
        """Be about other people."""
        if among != self.among:
            self.among = among
            if self.counting.phase == "shown":
                self._ask()

    def choose_share(self, share: Share) -> None:
        """Show another percentile of the waits."""
        self.share = share
        self.changed.emit()

    def _ask(self) -> None:
        if self._job is not None:
            self._job.forget()
        params = {
            "run_id": self.counting.run_id,
            "among": self.among.model_dump(mode="json"),
            "project": self._runs.project(),
        }
        self._job = self._context.bridge.request(
            "insight", "analysis", params, on_events=self._progress, on_result=self._counted, on_error=self._refused
        )
        self.changed.emit()

    def _progress(self, events: Sequence[Any]) -> None:
        for raw in events:
            event = EVENT.validate_python(raw)
            if isinstance(event, Progress):
                self.counting = replace(self.counting, done=event.done, total=event.total, eta_s=event.eta_s)
        self.changed.emit()

    def _counted(self, reply: Any) -> None:
        self._job = None
        board = Board.model_validate(reply)
        if board.among == Among():
            self.everybody = board
        self.board = board
        self.counting = Counting("shown", self.counting.run_id)
        self.changed.emit()

    def _refused(self, failure: JobFailed) -> None:
        self._job = None
        phase: Phase = "stopped" if failure.exit_status == CANCELLED else "error"
        self.counting = Counting(phase, self.counting.run_id, message=failure.message, mend=failure.mend)
        self.changed.emit()

    # -- people -----------------------------------------------------------------------------------

    def show_people(self, wanted: Wanted, title: str, expected: int | None) -> None:
        """The people behind a bar, among those whom the page is about."""
        sort = self.behind.sort if self.behind is not None else "user"
        self.person = None
        self.behind = Behind(wanted, title, expected, "slowest" if wanted.asked_s else sort)
        self._of = self.run_id()
        self._ask_people()
        self.person_changed.emit()

    def sort_people(self, sort: Sort) -> None:
        """In another order, from the first."""
        if self.behind is not None and sort != self.behind.sort:
            self.behind = replace(self.behind, sort=sort, people=(), total=None, whole=False)
            self._ask_people()

    def more_people(self) -> None:
        """The next page, if there is one and none is awaited."""
        if self.behind is not None and not (self.behind.loading or self.behind.whole or self.behind.error):
            self._ask_people()

    def hide_people(self) -> None:
        """Only the charts."""
        if self._people is not None:
            self._people.forget()
            self._context.bridge.cancel(self._people)
            self._people = None
        self.behind = self.person = None
        self.listed.emit()
        self.person_changed.emit()

    def _ask_people(self) -> None:
        assert self.behind is not None
        if self._people is not None:
            self._people.forget()
            self._context.bridge.cancel(self._people)
        self.behind = replace(self.behind, loading=True, error="")
        params = {
            "run_id": self._of,
            "project": self._runs.project(),
            "wanted": self.behind.wanted.model_dump(mode="json"),
            "sort": self.behind.sort,
            "first": len(self.behind.people),
            "limit": PAGE,
        }
        self._people = self._context.bridge.request(
            "insight", "people", params, on_result=self._found, on_error=self._not_found
        )
        self.listed.emit()

    def _found(self, reply: Any) -> None:
        self._people = None
        if self.behind is not None:
            self.behind = self.behind.added(PeoplePage.model_validate(reply))
            self.listed.emit()
            if self.person is None and self.behind.people:
                self.look_at(self.behind.people[0].user)

    def _not_found(self, failure: JobFailed) -> None:
        self._people = None
        if self.behind is not None:
            self.behind = replace(self.behind, loading=False, error=failure.message)
            self.listed.emit()

    def address(self) -> str:
        """``RUN/USER`` of the person who is looked at."""
        return f"{self._of}/{self.person.user}" if self.person is not None else ""

    # -- one person -------------------------------------------------------------------------------

    def look_at(self, user: int) -> None:
        """One person's visit, computed again."""
        if self.person is not None and self.person.user == user:
            return
        if self._trace is not None:
            self._trace.forget()
        self.person = Person(user)
        params = {"run_id": self._of, "user": user, "project": self._runs.project()}
        self._trace = self._context.bridge.request(
            "live", "replay", params, on_result=self._replayed, on_error=self._not_replayed
        )
        self.person_changed.emit()

    def _replayed(self, reply: Any) -> None:
        self._trace = None
        trace = UserTrace.model_validate(reply["trace"])
        self.person = Person(trace.user, trace)
        self.person_changed.emit()

    def _not_replayed(self, failure: JobFailed) -> None:
        self._trace = None
        if self.person is not None:
            self.person = replace(self.person, error=failure.message)
            self.person_changed.emit()

    def close(self) -> None:
        """The window closes."""
        self._drop()
