"""Bringing in what other tools wrote: OpenAPI documents, browser recordings, the original's files."""

from __future__ import annotations

import http.client
import ipaddress
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from turbulence_app.domain.errors import CancelledError, InputError, Location, MachineError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.formats.documents import MAX_JSON_BYTES, decode_document
from turbulence_app.formats.eventlog import Fitted, Samples
from turbulence_app.formats.eventlog_read import Unit, read_log
from turbulence_app.formats.har import import_har
from turbulence_app.formats.imported import Imported, write_imported
from turbulence_app.formats.loader import load_workflow
from turbulence_app.formats.openapi import Options, import_openapi, of_document
from turbulence_app.formats.original import import_original
from turbulence_app.formats.refit import refitted
from turbulence_app.formats.source import read_text
from turbulence_app.formats.writer import write_atomic
from turbulence_app.service.inputs import choose
from turbulence_app.service.opening import stored
from turbulence_app.service.projects import open_project
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.runs import RunStore

T = TypeVar("T")
TELL_S = 0.1

FETCH_S = 15.0
"""How long a service may take to hand out its document."""


@dataclass(frozen=True, slots=True)
class Written:
    """Files that an import made, what it could not carry over, and the workflow (by its id) that it is about."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]
    workflow: str = ""
    fitted: tuple[Fitted, ...] = ()
    """For a log: what was measured of each step."""


def turbulence(root: Path, source: Path) -> Written:
    """Bring files of the original Turbulence into a project; nothing that is there is overwritten."""
    return _written(import_original(source), root)


def openapi(
    root: Path, source: str, *, name: str | None = None, app: str | None = None, only: Sequence[str] = ()
) -> Written:
    """Bring an OpenAPI document into a project: a file, or where a service on this computer hands it out.

    ``name`` is the workflow's id, ``app`` what the app target imports, ``only`` the beginnings of the paths wanted.

    Raises:
        InputError: no such file, not OpenAPI 3, or an address that is not on this computer.
        MachineError: nothing answers there, or the project cannot be written.
    """
    options = Options(name, app, tuple(only))
    if "://" not in source:
        return _written(import_openapi(Path(source), options), root)
    document = decode_document(_fetched(source), source)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(source))
    return _written(of_document(document, replace(options, origin=origin)), root)


def har(root: Path, sources: Sequence[Path], *, name: str | None = None, hosts: Sequence[str] = ()) -> Written:
    """Bring browser recordings of one journey into a project; ``hosts`` are those of the service."""
    return _written(import_har(sources, name, hosts), root)


def log(
    root: Path,
    source: str,
    *,
    workflow: str | None = None,
    unit: Unit | None = None,
    named: bool = True,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Written:
    """Fit the model of a workflow to what a service really did, in the workflow's own file.

    ``source`` is a CSV (user, event, time, status, latency_ms), an access log, or a live run of the project.
    ``workflow`` is a file or an id (default: the run's, or the project's only one). ``named`` false: runs without a
    project count, too.
    """
    tell = _Teller(on_event, should_stop)
    if Path(source).is_file():
        path = _workflow_file(root, workflow)
        samples = Samples(load_workflow(path))
        samples.add(tell.each(read_log(source, unit), f"reading {Path(source).name}"))
    elif "/" in source or "." in source:
        raise InputError("there is no such file", "name a log, or a run such as `last`", Location(source))
    else:
        with stored(root, named=named) as database:
            run_id = RunStore(database).resolve(source)
            store = RecordingStore(database)
            if not store.users(run_id):
                mend = "record one with `turbulence run --target http`, or name a log file"
                raise InputError(f"nothing is recorded of run {run_id}", mend)
            path = _workflow_file(root, workflow or RunStore(database).inputs(run_id).workflow.id)
            samples = Samples(load_workflow(path))
            for recording in tell.each(store.all(run_id), "reading the recording"):
                samples.add_recording(recording)
    return _fitted(path, samples, source)


def _fitted(path: Path, samples: Samples, source: str) -> Written:
    models = samples.models()
    notes = samples.notes()
    if not models:
        raise InputError("nothing in the log belongs to a step of the workflow", " ".join(notes[-1:]), Location(source))
    text, kept = refitted(read_text(path), str(path), models)
    if not kept:
        notes.append("The file was written anew; the comments in it are gone.")
    write_atomic(path, text)
    return Written((path,), tuple(notes), samples.workflow.id, tuple(samples.report()))


def _workflow_file(root: Path, name: str | None) -> Path:
    """Where a workflow stands: a file, or an id of the project."""
    if name is not None and Path(name).is_file():
        return Path(name)
    folder = open_project(root)
    workflow = choose(folder, None, name)[0]
    return folder.root / folder.files["workflow", workflow.id]


class _Teller:
    """Says how far a reading is, a few times a second, and ends it when somebody asks."""

    def __init__(self, on_event: Callable[[Event], None] | None, should_stop: Callable[[], bool] | None) -> None:
        self._tell, self._stop = on_event, should_stop

    def each(self, things: Iterable[T], what: str) -> Iterator[T]:
        """The things, one after another. Raises ``CancelledError``; nothing is written then."""
        began = last = time.monotonic()
        for done, thing in enumerate(things, 1):
            yield thing
            if done % 256:
                continue
            now = time.monotonic()
            if now - last >= TELL_S:
                last = now
                if self._stop is not None and self._stop():
                    raise CancelledError("stopped; the workflow is as it was")
                if self._tell is not None:
                    self._tell(Progress(what=what, done=done, rate=done / (now - began)))


def _written(imported: Imported, root: Path) -> Written:
    return Written(tuple(write_imported(imported, root)), imported.notes, imported.workflow.id)


def _fetched(address: str) -> bytes:
    """What a service on this computer answers to a GET."""
    where = Location(address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InputError("this is no address", "write http://127.0.0.1:8000/openapi.json", where) from None
    if parts.scheme != "http":
        raise InputError("only http:// is fetched", "save the document into a file and name that", where)
    if not _here(host):
        raise InputError(f"{host!r} is not this computer", "save the document into a file and name that", where)
    connection = http.client.HTTPConnection(host, port or 80, timeout=FETCH_S)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept": "application/json, application/yaml, */*"})
        answer = connection.getresponse()
        data = answer.read(MAX_JSON_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise MachineError(f"nothing answers there: {said}", "start the service first", where) from None
    finally:
        connection.close()
    if answer.status != 200:
        raise InputError(f"the service answers {answer.status}", "name the address of its OpenAPI document", where)
    return data


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
