"""The worker's operations on the list of runs, on two of them together, and on what is decided about failures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.history import HistoryPage, HistoryQuery, KindNote, Tag
from turbulence_app.formats.exports.comparison import comparison_csv, comparison_html
from turbulence_app.formats.writer import write_atomic
from turbulence_app.insight.changes import in_short, input_changes
from turbulence_app.privacy.redaction import redact
from turbulence_app.service import plain
from turbulence_app.service.comparing import compare as compare_runs
from turbulence_app.service.params import InProject
from turbulence_app.store.database import Database
from turbulence_app.store.history import HistoryStore, own_parent
from turbulence_app.store.kinds import KindStore
from turbulence_app.store.runs import RunStore

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

Ids = Annotated[tuple[str, ...], Field(max_length=10_000)]
FIRST = ("the first of its workflow",)
BEFORE, SAME_SEED = "before", "same-seed"
"""As the first of two runs: the one of the same workflow before the second; the newest of those with its seed."""


class OfHistory(InProject):
    """``history``: a page of the list."""

    query: HistoryQuery = HistoryQuery()


class OfLines(InProject):
    """``history_lines``, ``remove_history``, ``restore_history``: runs and campaigns by their ids."""

    ids: Ids


class EditHistory(OfLines):
    """``edit_history``: what somebody writes about lines; whatever is absent stays."""

    name: Annotated[str, Field(max_length=120)] | None = None
    notes: Annotated[str, Field(max_length=20_000)] | None = None
    pinned: bool | None = None
    add: tuple[Tag, ...] = ()
    drop: tuple[Tag, ...] = ()


class CompareRuns(InProject):
    """``compare_runs``: ``other`` against ``one``, which may be ``before`` (the run of its workflow before it) or
    ``same-seed`` (the newest before it with its seed).

    ``save`` also writes it into a file.
    """

    one: str = BEFORE
    other: str = "last"
    save: str | None = None
    kind: Literal["html", "csv"] = "html"


class KindNotes(InProject):
    """``kind_notes``: of the workflow of a run, or of a campaign."""

    workflow: str


class SaveKind(KindNotes):
    """``save_kind``."""

    note: KindNote


def page(ops: Operations, given: OfHistory, _: Job) -> Any:
    """``HistoryPage``; what was different to the run before is looked up for these lines alone, and kept."""
    return plain.noun(filled(HistoryStore(ops.database(given.project)), given.query))


def filled(store: HistoryStore, query: HistoryQuery) -> HistoryPage:
    """A page of which every line says what was different to the run before."""
    found = store.page(query)
    if _look_up(store, [line.id for line in found.lines if line.changed is None]):
        found = found.model_copy(update={"lines": store.lines([line.id for line in found.lines])})
    return found


def lines(ops: Operations, given: OfLines, _: Job) -> Any:
    """``{lines: [...]}``."""
    store = HistoryStore(ops.database(given.project))
    _look_up(store, given.ids)
    return {"lines": [plain.noun(line) for line in store.lines(given.ids)]}


def tags(ops: Operations, given: InProject, _: Job) -> Any:
    """``{tags: [{tag, lines}]}``, the most used first."""
    return {"tags": [{"tag": tag, "lines": n} for tag, n in HistoryStore(ops.database(given.project)).tags()]}


def edit(ops: Operations, given: EditHistory, _: Job) -> Any:
    """``{lines: [...]}`` as they are then."""
    found = HistoryStore(ops.database(given.project)).edit(
        given.ids, name=given.name, notes=given.notes, pinned=given.pinned, add=given.add, drop=given.drop
    )
    return {"lines": [plain.noun(line) for line in found]}


def remove(ops: Operations, given: OfLines, _: Job) -> Any:
    """``{ids}`` that went; they are kept aside while the program that asked for it lives, a day at most."""
    return {"ids": list(HistoryStore(ops.database(given.project)).remove(given.ids, own_parent()))}


def restore(ops: Operations, given: OfLines, _: Job) -> Any:
    """``{ids}``."""
    HistoryStore(ops.database(given.project)).restore(given.ids)
    return {"ids": list(given.ids)}


def compare(ops: Operations, given: CompareRuns, job: Job) -> Any:
    """``Comparison``; with ``save`` also ``path``."""
    database = ops.database(given.project)
    found = compare_runs(
        database,
        _first(database, given.one, given.other),
        given.other,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    if given.save is None:
        return plain.noun(found)
    path = Path(given.save).expanduser().absolute()
    text = comparison_csv(found) if given.kind == "csv" else comparison_html(found)
    write_atomic(path, redact(text).text)
    return {**plain.noun(found), "path": str(path)}


def _first(database: Database, one: str, other: str) -> str:
    if one not in (BEFORE, SAME_SEED):
        return one
    store, run_id = HistoryStore(database), RunStore(database).resolve(other)
    found = store.before(run_id) if one == BEFORE else store.same_seed(run_id)
    if not found:
        what = "run before it" if one == BEFORE else "earlier run with its seed"
        raise InputError(f"{run_id} has no {what} of the same workflow", "choose two runs of the list")
    return found


def kind_notes(ops: Operations, given: KindNotes, _: Job) -> Any:
    """``{notes: [KindNote]}``."""
    return {"notes": [plain.noun(note) for note in KindStore(ops.database(given.project)).notes(given.workflow)]}


def save_kind(ops: Operations, given: SaveKind, _: Job) -> Any:
    """``KindNote`` as it was kept."""
    return plain.noun(KindStore(ops.database(given.project)).save(given.workflow, given.note))


def _look_up(store: HistoryStore, ids: Any) -> bool:
    subjects = store.unlike(ids)
    changes = {
        subject.id: in_short(input_changes(subject.before, subject.inputs)) if subject.before is not None else FIRST
        for subject in subjects
    }
    if changes:
        store.save_changes(changes)
    return bool(changes)
