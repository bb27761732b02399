"""Nouns and results as plain JSON data: what a worker answers and what ``--json`` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # only read here, so that saying an error loads neither engine nor store
    from turbulence_app.domain.base import Noun
    from turbulence_app.domain.errors import Problem
    from turbulence_app.formats.folder import Folder
    from turbulence_app.service.capsules import Checked
    from turbulence_app.service.imports import Written
    from turbulence_app.service.listing import PastRun
    from turbulence_app.service.live import LiveAgain
    from turbulence_app.service.policies import Change
    from turbulence_app.service.runs import Replayed, Verified
    from turbulence_app.service.scenarios import Edited
    from turbulence_app.store.policies import SavedPolicy


def noun(value: Noun) -> dict[str, Any]:
    """A noun with every field, under the keys that files use."""
    return value.model_dump(mode="json", by_alias=True)


def problem(value: Problem) -> dict[str, Any]:
    """A finding of a check; ``where`` is None or ``{file, line, column}``, counted from 1, 0 = unknown."""
    where = value.where
    place = None if where is None else {"file": where.file, "line": where.line, "column": where.column}
    return {"message": value.message, "mend": value.mend, "where": place, "severity": value.severity}


def folder(value: Folder) -> dict[str, Any]:
    """A project folder."""
    return {
        "root": str(value.root),
        "project": noun(value.project),
        "workflows": [noun(item) for item in value.workflows.values()],
        "personas": [noun(item) for item in value.personas.values()],
        "policies": [{**noun(item), "workflow": flow or None} for (flow, _), item in value.policies.items()],
        "scenarios": [noun(item) for item in value.scenarios.values()],
        "files": [{"kind": kind, "id": name, "path": str(path)} for (kind, name), path in value.files.items()],
        "problems": [problem(item) for item in value.problems],
        "profiles": sorted(value.sut.profiles) if value.sut is not None else [],
    }


def past_run(value: PastRun) -> dict[str, Any]:
    """A run in a list."""
    return {
        "manifest": noun(value.manifest),
        "completion": value.completion,
        "broken": value.broken,
        "failures": value.failures,
    }


def verified(value: Verified) -> dict[str, Any]:
    """The outcome of a repetition."""
    difference = value.difference
    return {
        "run_id": value.run_id,
        "digest": value.digest,
        "same": difference is None,
        "difference": None if difference is None else {**noun(difference), "text": str(difference)},
        "partial": value.partial,
        "recording": value.recording,
        "elapsed_s": value.elapsed_s,
    }


def replayed(value: Replayed) -> dict[str, Any]:
    """One user again."""
    return {"run_id": value.run_id, "user": value.trace.user, "same": value.same, "trace": noun(value.trace)}


def live_again(value: LiveAgain) -> dict[str, Any]:
    """One user against the service as it is now."""
    divergence = value.divergence
    return {
        "run_id": value.run_id,
        "user": value.trace.user,
        "same": divergence is None,
        "divergence": None if divergence is None else {**noun(divergence), "text": str(divergence)},
        "trace": noun(value.trace),
    }


def saved_policy(value: SavedPolicy) -> dict[str, Any]:
    """A version of a policy."""
    return {
        "policy": noun(value.policy),
        "saved_at": value.saved_at,
        "reason": value.reason,
        "digest": value.digest,
    }


def edited(value: Edited) -> dict[str, Any]:
    """A scenario's text before and after an edit."""
    return {
        "file": str(value.path),
        "before": value.before,
        "text": value.text,
        "scenario": None if value.scenario is None else noun(value.scenario),
        "problems": [problem(found) for found in value.problems],
        "written": value.written,
    }


def imported(value: Written) -> dict[str, Any]:
    """What an import made: files, remarks, the workflow that it is about, and what a log measured of each step."""
    return {
        "files": [str(path) for path in value.files],
        "notes": list(value.notes),
        "workflow": value.workflow,
        "fitted": [asdict(one) for one in value.fitted],
    }


def checked(value: Checked) -> dict[str, Any]:
    """What came of a capsule."""
    return {
        "file": str(value.path),
        "name": value.name,
        "invariant": value.invariant,
        "expected": value.expected,
        "seen": value.seen,
        "as_expected": value.as_expected,
        "same": value.same,
        "notes": list(value.notes),
        "problem": None if value.problem is None else problem(value.problem),
        "elapsed_ms": value.elapsed_ms,
        "updated": value.updated,
    }


def change(value: Change) -> dict[str, Any]:
    """A value that differs between two policies."""
    return {"path": value.path, "before": value.before, "after": value.after}
