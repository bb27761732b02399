"""Edits of a scenario's faults: tried and written by the service, with its own words where something is wrong."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.errors import Problem
from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.faults import FaultKind
from turbulence_app.domain.scenario import Scenario
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.faults.words import Plain, fresh, in_order, label
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.target import impossible
from turbulence_app.gui.places.workflow.state import read_problems
from turbulence_app.gui.recovery_state import faults_content
from turbulence_app.gui.undo_step import Step, undo_stack

TYPING_MS = 250
"""After the last key, before an edit is tried and written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fault in the list. ``origin``: its place in the file as it is now; None while it is only here."""

    key: int
    data: Plain
    origin: int | None = None


class FaultsPresenter(QObject):
    """``listed``: another list; ``judged``: something else is known about what is wrong with it."""

    listed = Signal()
    judged = Signal()

    def __init__(self, context: Context, settings: RunSettings) -> None:
        super().__init__(context.hub)
        self._context, self._settings = context, settings
        self._keys = itertools.count()
        self.undo = undo_stack(context.undo)
        self.entries: list[Entry] = []
        self.row = -1
        self.problems: tuple[Problem, ...] = ()
        self.saved = True
        """Whether the file holds what the list shows."""
        self._scenario_id = ""
        self._job: Job | None = None
        self._again = False
        self._what, self._merge = "", ""
        self._timer = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._timer.timeout.connect(self._send)
        settings.settings_changed.connect(self._settings_changed)
        self._load()

    # -- reading ----------------------------------------------------------------------------------

    def _settings_changed(self) -> None:
        scenario = self._settings.scenario()
        here = [dict(entry.data) for entry in self.entries]
        there = [fault.plain() for fault in scenario.faults] if scenario else []
        if (scenario.id if scenario else "") != self._scenario_id:
            self.undo.clear()
            self._load()
        elif self.saved and self._job is None and here != there:
            self._load()
        else:
            self.judged.emit()

    def _load(self) -> None:
        scenario = self._settings.scenario()
        self._scenario_id = scenario.id if scenario else ""
        faults = scenario.faults if scenario else ()
        self.entries = [Entry(next(self._keys), fault.plain(), place) for place, fault in enumerate(faults)]
        self.row = min(max(self.row, 0), len(self.entries) - 1)
        self.problems, self.saved = (), True
        self.listed.emit()
        self.judged.emit()

    @property
    def entry(self) -> Entry | None:
        """The fault that is looked at."""
        return self.entries[self.row] if 0 <= self.row < len(self.entries) else None

    @property
    def errors(self) -> list[Problem]:
        """Why the list is not written."""
        return [problem for problem in self.problems if problem.severity == "error"]

    def refusal(self, kind: FaultKind) -> str:
        """Why the chosen target cannot do a kind; '' where it can."""
        return impossible(kind, self._settings.settings.target)

    # -- editing ----------------------------------------------------------------------------------

    def choose(self, row: int) -> None:
        """Look at another fault."""
        if row != self.row and 0 <= row < len(self.entries):
            self.row = row
            self.listed.emit()

    def add(self, kind: FaultKind = "latency") -> None:
        """One more, below the one that is looked at."""
        self._insert(fresh(kind), "Add fault")

    def duplicate(self) -> None:
        """The same once more."""
        if self.entry is not None:
            data = dict(self.entry.data)
            if name := data.get("name"):
                data["name"] = f"{name}_2"
            self._insert(data, "Duplicate fault")

    def _insert(self, data: Plain, what: str) -> None:
        place = self.row + 1 if self.entries else 0
        self.entries.insert(place, Entry(next(self._keys), in_order(data)))
        self.row = place
        self._changed(what)

    def remove(self) -> None:
        """Take the fault out that is looked at."""
        if self.entry is not None:
            what = f"Remove {label(self.entry.data)}"
            del self.entries[self.row]
            self.row = min(self.row, len(self.entries) - 1)
            self._changed(what)

    def move(self, by: int) -> None:
        """Up or down."""
        place = self.row + by
        if self.entry is not None and 0 <= place < len(self.entries):
            self.entries[self.row], self.entries[place] = self.entries[place], self.entries[self.row]
            self.row = place
            self._changed("Move fault")

    def edit(self, data: Mapping[str, Any]) -> None:
        """The fault that is looked at says something else now; typing in one go is one step of undoing."""
        entry = self.entry
        if entry is None or in_order(data) == in_order(entry.data):
            return
        self.entries[self.row] = replace(entry, data=in_order(data))
        self.saved = False
        self._what, self._merge = f"Edit {label(data)}", f"fault:{entry.key}"
        self._draft()
        self.judged.emit()
        self._timer.start()

    def _changed(self, what: str) -> None:
        self._what, self._merge = what, ""
        self.saved = False
        self._draft()
        self.listed.emit()
        self._send()

    def _draft(self) -> None:
        """Keep the list in case the window dies: what cannot run is in no file."""
        faults = [dict(entry.data) for entry in self.entries]
        title, recovery = f"faults of {self._scenario_id}", self._context.recovery
        recovery.keep("scenario", self._scenario_id, title, faults_content(faults), json.dumps(faults))

    def restore(self, scenario_id: str, faults: list[Plain]) -> None:
        """Take a list back that a window left behind which was killed."""
        if scenario_id != self._scenario_id:
            self._settings.choose_scenario(scenario_id)
        if scenario_id == self._scenario_id:
            self.entries = [Entry(next(self._keys), in_order(data)) for data in faults]
            self.row = min(max(self.row, 0), len(self.entries) - 1)
            self._changed("Restore the faults")

    # -- writing ----------------------------------------------------------------------------------

    def _send(self) -> None:
        self._timer.stop()
        scenario = self._settings.scenario()
        if scenario is None:
            return
        if self._job is not None:
            self._again = True
            return
        sent = list(self.entries)
        values = {}
        target = self._settings.settings.target
        if target != scenario.target and any(impossible(entry.data["kind"], scenario.target) for entry in sent):
            values = {"target": target}
        self._job = self._context.bridge.request(
            "live",
            "edit_scenario",
            {
                "scenario": scenario.id,
                "values": values,
                "faults": [{"data": dict(entry.data), "origin": entry.origin} for entry in sent],
                "write": True,
                "project": self._settings.project(),
            },
            on_result=lambda reply, what=self._what, merge=self._merge: self._edited(reply, sent, what, merge),  # type: ignore[misc]
            on_error=self._failed,
        )

    def _edited(self, reply: Any, sent: list[Entry], what: str, merge: str) -> None:
        self._job = None
        self.problems = read_problems(reply["problems"])
        if reply["written"]:
            places = {entry.key: place for place, entry in enumerate(sent)}
            self.entries = [replace(entry, origin=places.get(entry.key)) for entry in self.entries]
            self.saved = not self._again and not self._timer.isActive()
            written = faults_content([dict(entry.data) for entry in sent])
            self._context.recovery.saved("scenario", self._scenario_id, written)
            self._keep(reply, what, merge)
        self.judged.emit()
        if self._again:
            self._again = False
            self._send()

    def _keep(self, reply: Any, what: str, merge: str) -> None:
        scenario = Scenario.model_validate(reply["scenario"])
        before, after = str(reply["before"]), str(reply["text"])
        if before != after:
            undo = lambda: self._restore(scenario.id, before)  # noqa: E731
            redo = lambda: self._restore(scenario.id, after)  # noqa: E731
            self.undo.push(Step(what, undo, redo, merge))
        old = self._settings.scenario()
        if old is not None and old.target != scenario.target:
            words = f"{scenario.id} is for target {scenario.target} now: {old.target} cannot do this fault."
            self._context.notices.show(words, "info")
        self._context.project.put_scenario(scenario)

    def _failed(self, failure: JobFailed) -> None:
        self._job = None
        self._again = False
        self.problems = (Problem(failure.message, failure.mend),)
        self.judged.emit()

    def _restore(self, scenario_id: str, text: str) -> None:
        """Undo and redo: the file as it was, with its comments."""
        self._timer.stop()
        self._context.bridge.request(
            "live",
            "save_scenario",
            {"scenario": scenario_id, "text": text, "project": self._settings.project()},
            on_result=self._restored,
            on_error=lambda error: self._context.notices.show(f"Not undone: {error.message}", "bad"),
        )

    def _restored(self, reply: Any) -> None:
        scenario = Scenario.model_validate(reply["scenario"])
        self.saved = True
        self._context.recovery.saved("scenario", scenario.id)
        self._context.project.put_scenario(scenario)
        if scenario.id == self._scenario_id:
            self._load()

    def close(self) -> None:
        """The window closes: what was typed last is written, nothing more is heard."""
        if self._timer.isActive():
            self._send()
        if self._job is not None:
            self._job.forget()
