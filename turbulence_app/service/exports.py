"""What a run or a failure becomes for other tools: pytest, HTML, CSV, JUnit, Locust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from turbulence_app.domain.capsule import Capsule
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import Event
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.formats.exports import pytest_files, tables
from turbulence_app.formats.exports.html import html
from turbulence_app.formats.exports.junit import junit
from turbulence_app.formats.exports.locust import locust_file
from turbulence_app.formats.redacted import redacted
from turbulence_app.formats.writer import write_atomic
from turbulence_app.insight import words
from turbulence_app.privacy.redaction import redact
from turbulence_app.service.analysis import for_report
from turbulence_app.service.capsule_making import make, story_line
from turbulence_app.service.runs import find_failure
from turbulence_app.service.shrinking import shrink
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.runs import RunStore

Kind = Literal["pytest", "html", "csv", "junit", "locust"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_USERS = 20_000
"""Users that a table holds; each is computed again for it."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, and what a reader must know."""

    kind: Kind
    run_id: str
    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def export(
    database: Database,
    root: Path,
    kind: Kind,
    name: str,
    out: Path | None = None,
    *,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Exported:
    """Write a run (``last``, an id) or a failure (``f-0001``, ``RUN/f-0001``) for another tool; ``out`` is the file.

    CSV makes a folder of three tables. pytest takes one failure of each broken invariant, shrunk first where it was
    not. Raises ``InputError`` for what cannot be expressed there, or where there is nothing to export.
    """
    if kind not in KINDS:
        raise InputError(f"{kind!r} is no format", f"there are {', '.join(KINDS)}")
    store = RunStore(database)
    failure = find_failure(database, name) if "f-" in name or "/" in name else None
    run_id = failure.run_id if failure is not None else store.resolve(name)
    job = _Export(database, store, root, run_id, on_event, should_stop)
    target = out or Path.cwd() / _default(kind, run_id)
    notes: tuple[str, ...] = ()
    if kind == "csv":
        files, notes = job.csv(target)
    else:
        text = (
            job.pytest(failure)
            if kind == "pytest"
            else {"html": job.html, "junit": job.junit, "locust": job.locust}[kind]()
        )
        write_atomic(target, text)
        files = (target,)
    return Exported(kind, run_id, files, notes)


def _default(kind: Kind, run_id: str) -> str:
    names: dict[Kind, str] = {
        "pytest": f"test_{run_id.replace('-', '_')}.py", "html": f"{run_id}.html", "csv": f"{run_id}-csv",
        "junit": f"{run_id}.junit.xml", "locust": "locustfile.py",
    }  # fmt: skip
    return names[kind]


class _Export:
    """One export of one run."""

    def __init__(
        self,
        database: Database,
        store: RunStore,
        root: Path,
        run_id: str,
        on_event: Callable[[Event], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._database, self._store, self._root, self._run_id = database, store, root, run_id
        self._on_event, self._should_stop = on_event, should_stop or (lambda: False)
        self._inputs: RunInputs = store.inputs(run_id)

    def html(self) -> str:
        """The report."""
        shrunk = self._store.shrunk(self._run_id)
        stories = {name: _story(best) for name, best in shrunk.items()}
        manifest, summary = self._store.manifest(self._run_id), self._store.summary(self._run_id)
        board = for_report(self._database, self._run_id, self._should_stop)
        return html(manifest, summary, self._failures(), shrunk, stories, board)

    def junit(self) -> str:
        """Verdicts as test cases."""
        shrunk = self._store.shrunk(self._run_id)
        stories: dict[str, tuple[Failure, tuple[str, ...]]] = {}
        for failure in self._failures():
            best = shrunk.get(failure.failure_id)
            told = _story(best) if best is not None else _found(failure)
            if failure.invariant not in stories or (best is not None and len(stories[failure.invariant][1]) == 1):
                stories[failure.invariant] = failure, told
        return junit(self._store.manifest(self._run_id), self._store.summary(self._run_id), stories)

    def locust(self) -> str:
        """The workflow and its people for Locust, without credentials."""
        return locust_file(redacted(self._inputs))

    def pytest(self, failure: Failure | None) -> str:
        """One test for each broken invariant, or for one failure."""
        chosen = [failure] if failure is not None else list(self._representatives())
        if not chosen:
            raise InputError(f"run {self._run_id} has no failure to make a test of", "export it as junit or html")
        small = [self._small(one) for one in chosen]
        if self._inputs.target == "http":
            return pytest_files.live_tests([(capsule, best.trace) for capsule, best in small])
        return pytest_files.capsule_tests([capsule for capsule, _ in small])

    def csv(self, folder: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
        """Funnel, failures and users as tables in a folder."""
        failures = self._failures()
        traces, notes = self._users()
        texts = {
            "funnel.csv": tables.funnel(self._store.summary(self._run_id)),
            "failures.csv": tables.failures(failures, self._store.shrunk(self._run_id)),
            "users.csv": tables.users(traces),
        }
        for name, text in texts.items():
            write_atomic(folder / name, text)
        return tuple(folder / name for name in texts), notes

    def _failures(self) -> tuple[Failure, ...]:
        """The run's failures, their messages without personal data: they may quote what a service answered."""
        found = self._store.failures(self._run_id)
        return tuple(one.model_copy(update={"message": redact(one.message).text}) for one in found)

    def _users(self) -> tuple[Iterator[UserTrace], tuple[str, ...]]:
        if self._inputs.target != "model":
            shrunk = self._store.shrunk(self._run_id).values()
            return (best.trace for best in shrunk), ("users.csv holds the shrunk failures only: this run was live",)
        count = min(self._inputs.users, MAX_USERS)
        plan = compile_plan(self._inputs)
        notes = (f"users.csv holds the first {count:,} users",) if count < self._inputs.users else ()
        return (run_user(plan, user) for user in range(count) if not self._should_stop()), notes

    def _representatives(self) -> Iterator[Failure]:
        """One failure of each invariant: a shrunk one where there is one."""
        shrunk = self._store.shrunk(self._run_id)
        found: dict[str, Failure] = {}
        for failure in self._store.failures(self._run_id):
            known = found.get(failure.invariant)
            if known is None or (known.failure_id not in shrunk and failure.failure_id in shrunk):
                found[failure.invariant] = failure
        yield from found.values()

    def _small(self, failure: Failure) -> tuple[Capsule, Shrunk]:
        best = self._store.shrunk(self._run_id).get(failure.failure_id) if failure.failure_id else None
        if best is None or not best.digest:
            best = shrink(
                self._database,
                f"{self._run_id}/{failure.failure_id or failure.user}",
                project=self._root,
                on_event=self._on_event,
                should_stop=self._should_stop,
            )
        live = self._inputs.target == "http"
        recording = RecordingStore(self._database).get(self._run_id, failure.user) if live else None
        return make(best, self._inputs, self._store.manifest(self._run_id), recording), best


def _story(best: Shrunk) -> tuple[str, ...]:
    lines = (story_line(e.at_us, e.data.get("user"), e.step, words.event(e)) for e in best.story)
    return tuple(redact(line).text for line in lines)


def _found(failure: Failure) -> tuple[str, ...]:
    at = words.clock(failure.at_us)
    return (f"user {failure.user} ({failure.persona}) at {failure.step} after {at}: {failure.message}".rstrip(": "),)
