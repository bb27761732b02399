"""Capsules: making one out of a shrunk failure, and checking a folder of them without any model."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from turbulence_app import __version__
from turbulence_app.domain.capsule import Capsule, Expect, Seen
from turbulence_app.domain.errors import InputError, KnownError, Location, Problem
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.failure import Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Invariant
from turbulence_app.domain.workflow import Workflow
from turbulence_app.engine.digests import ENGINE_VERSION
from turbulence_app.engine.shrinking.again import Reproduced
from turbulence_app.formats.capsules import FOLDER, capsule_files, load_capsule, parse_capsule, save_capsule
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.redacted import restored
from turbulence_app.service.capsule_making import make
from turbulence_app.service.places import place_for
from turbulence_app.service.projects import is_project, open_project
from turbulence_app.service.reproducing import process_of, reproduce
from turbulence_app.service.runs import find_failure, nobody
from turbulence_app.service.shrinking import shrink
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.runs import RunStore

if TYPE_CHECKING:
    from turbulence_app.engine.shrinking.remote import Process

_PYTHON = re.compile(r"python\(\s*['\"]([^'\"]*)")


@dataclass(frozen=True, slots=True)
class Ways:
    """How capsules are checked: what is expected instead, whether files are updated, services and processes used."""

    expect: Expect | None = None
    update: bool = False
    live: bool = False
    process: Process | None = None


AS_THEY_SAY = Ways()


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one capsule. ``problem`` is set where it could not be run at all."""

    path: Path
    name: str = ""
    invariant: str = ""
    expected: Expect = "fails"
    seen: Expect | None = None
    same: bool | None = None
    """Whether the trace is the recorded one, bit for bit; None: there was nothing to compare."""
    notes: tuple[str, ...] = ()
    problem: Problem | None = None
    elapsed_ms: float = 0.0
    updated: bool = False

    @property
    def as_expected(self) -> bool:
        """Whether this regression test passes."""
        return self.problem is None and self.seen == self.expected


def folder(root: Path) -> Path:
    """Where a project keeps its capsules."""
    return root / FOLDER


def own_folder(root: Path) -> Path:
    """The project's folder of capsules; raises ``InputError`` where there is none yet."""
    if not folder(root).is_dir():
        raise InputError(
            "there are no capsules yet", "`turbulence shrink FAILURE --save` makes one", Location(str(folder(root)))
        )
    return folder(root)


def save(
    database: Database,
    root: Path,
    name: str,
    *,
    best: Shrunk | None = None,
    file: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Path, Capsule]:
    """Write the capsule of a failure, into the project's ``capsules/`` unless ``file`` says otherwise.

    A failure that was not shrunk yet is shrunk first. The capsule is run once before it is written; raises
    ``InputError`` where it does not show the failure (a live service that answers otherwise).
    """
    store = RunStore(database)
    failure = find_failure(database, name)
    inputs = store.inputs(failure.run_id)
    if best is None and failure.failure_id:
        best = store.shrunk(failure.run_id).get(failure.failure_id)
    if best is None or not best.digest or inputs.target == "http":  # a recording answers what was shrunk against it
        best = shrink(database, name, project=root, on_event=on_event, should_stop=should_stop)
    recording = RecordingStore(database).get(failure.run_id, failure.user) if inputs.target == "http" else None
    capsule = make(best, inputs, store.manifest(failure.run_id), recording)
    shown = _run(capsule, open_project(root) if is_project(root) else None, root)
    if not shown.fails:
        raise InputError(
            f"the capsule of {name} does not break {failure.invariant} without what was taken out of it",
            "keep credentials in the project's workflow: they are put back when a capsule is checked",
        )
    capsule = capsule.model_copy(update={"seen": _seen(capsule, shown)})
    return save_capsule(file or folder(root) / f"{capsule.name}.json", capsule), capsule


def check_all(
    paths: Sequence[Path],
    *,
    root: Path,
    expect: Expect | None = None,
    update: bool = False,
    live: bool = False,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Checked, ...]:
    """Run capsules, files or folders of them; the project at ``root`` says where an application is.

    ``expect`` overrides what the files expect; ``update`` writes into them what was seen; ``live`` asks the service
    where a capsule holds a recording. Stops between two capsules.
    Raises ``InputError`` for a path that is not there; a file that is wrong is a ``problem`` of its own line.
    """
    emit, stop = on_event or nobody, should_stop or (lambda: False)
    files = capsule_files(paths)
    folder = open_project(root) if is_project(root) else None
    began = time.monotonic()
    done: list[Checked] = []
    with process_of(None) as process:
        for file in files:
            if stop():
                break
            done.append(check(file, folder, root, Ways(expect, update, live, process)))
            rate, left = len(done) / max(time.monotonic() - began, 1e-9), len(files) - len(done)
            emit(Progress(what="check", done=len(done), total=len(files), rate=rate, eta_s=left / rate))
    return tuple(done)


def check(file: Path, folder: Folder | None, root: Path, ways: Ways = AS_THEY_SAY) -> Checked:
    """Run one capsule and compare what is seen with what it expects."""
    return _check(file, lambda: load_capsule(file), folder, root, ways)


def check_text(text: str, file: str, root: Path) -> Checked:
    """Run a capsule that is text, for tests that hold their own; raises the ``KnownError`` of one that cannot be run.

    ``file`` names it in messages; ``root`` is the project's folder, for an application to be imported from.
    """
    folder = open_project(root) if is_project(root) else None
    checked = _check(Path(file), lambda: parse_capsule(text, file), folder, root, AS_THEY_SAY)
    if checked.problem is not None:
        raise InputError(checked.problem.message, checked.problem.mend, checked.problem.where)
    return checked


def _check(file: Path, read: Callable[[], Capsule], folder: Folder | None, root: Path, ways: Ways) -> Checked:
    began = time.perf_counter()
    try:
        capsule = read()
        shown = _run(capsule, folder, root, ways)
    except KnownError as error:
        where = error.problem.where or Location(str(file))
        problem = Problem(error.problem.message, error.problem.mend, where)
        return Checked(file, file.stem, problem=problem, elapsed_ms=(time.perf_counter() - began) * 1000)
    seen: Expect = "fails" if shown.fails else "passes"
    checked = Checked(
        file,
        capsule.name,
        capsule.seen.invariant,
        ways.expect or capsule.expect,
        seen,
        shown.digest == capsule.seen.digest if capsule.seen.digest else None,
        _notes(capsule, shown, ways.live),
        elapsed_ms=(time.perf_counter() - began) * 1000,
    )
    return _update(checked, capsule, shown) if ways.update else checked


def _update(checked: Checked, capsule: Capsule, shown: Reproduced) -> Checked:
    assert checked.seen is not None
    newer = capsule.model_copy(
        update={
            "expect": checked.seen,
            "seen": _seen(capsule, shown),
            "version": __version__,
            "engine_version": ENGINE_VERSION,
            "build": shown.build or capsule.build,
        }
    )
    if newer == capsule:
        return checked
    save_capsule(checked.path, newer)
    return Checked(
        checked.path, checked.name, checked.invariant, checked.seen, checked.seen, True,
        (f"now expects: {checked.seen}",), elapsed_ms=checked.elapsed_ms, updated=True,
    )  # fmt: skip


def _notes(capsule: Capsule, shown: Reproduced, live: bool) -> tuple[str, ...]:
    """What a reader must know: mended, another engine, another build, another trace."""
    notes: list[str] = []
    if capsule.engine_version != ENGINE_VERSION:
        notes.append(f"made with engine version {capsule.engine_version}, this is {ENGINE_VERSION}")
    if capsule.build and shown.build and capsule.build != shown.build:
        notes.append(f"the application changed since (build {capsule.build[:12]}, now {shown.build[:12]})")
    if capsule.target == "http" and not live:
        notes.append("run against its recording; --live asks the service")
    if not shown.fails and capsule.expect == "fails":
        notes.append("it passes now: if that is the mend, `--update` keeps it as a test that it stays mended")
    if shown.fails and shown.digest != capsule.seen.digest and capsule.seen.digest and capsule.expect == "fails":
        notes.append("it fails, but not along the recorded trace")
    return tuple(notes)


def _seen(capsule: Capsule, shown: Reproduced) -> Seen:
    return Seen(
        invariant=capsule.seen.invariant,
        user=shown.user,
        step=shown.step,
        at_us=shown.at_us,
        events=shown.events,
        message=shown.message or (capsule.seen.message if shown.fails else ""),
        digest=shown.digest,
    )


def _run(capsule: Capsule, folder: Folder | None, root: Path, ways: Ways = AS_THEY_SAY) -> Reproduced:
    own = folder.workflows.get(capsule.inputs.workflow.id) if folder is not None else None
    if capsule.target != "model":
        _refuse_foreign_code(capsule.inputs, folder)
    inputs = restored(capsule.inputs, own) if own is not None and capsule.target != "model" else capsule.inputs
    return reproduce(
        capsule.model_copy(update={"inputs": inputs}), place_for(inputs, root), live=ways.live, process=ways.process
    )


def _refuse_foreign_code(inputs: RunInputs, folder: Folder | None) -> None:
    """A capsule is data: the code that it runs must be code that the project's own files name."""
    known: set[str] = set()
    for flow in folder.workflows.values() if folder is not None else ():
        known |= _code(flow, ())
    for plot in folder.scenarios.values() if folder is not None else ():
        known |= _functions(plot.invariants)
    strange = sorted(_code(inputs.workflow, inputs.invariants) - known)
    if strange:
        raise InputError(f"{strange[0]!r} is not named by this project's own files", "check it in its own project")


def _code(flow: Workflow, more: Sequence[Invariant]) -> set[str]:
    return _functions((*flow.invariants, *more)) | ({flow.app} if flow.app else set())


def _functions(invariants: Sequence[Invariant]) -> set[str]:
    """What ``python('module:function')`` names."""
    return {name for rule in invariants for source in rule.sources for name in _PYTHON.findall(source)}
