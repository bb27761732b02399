"""The worker's operations on failures: parameters in, plain JSON data out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from turbulence_app.formats.capsules import FOLDER
from turbulence_app.insight import words
from turbulence_app.service import (
    analyzing,
    capsules,
    exports,
    failures,
    params,
    plain,
    postmortems,
    routing,
    shrinking,
)

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job


def shrink(ops: Operations, given: params.Shrink, job: Job) -> Any:
    """The smallest reproduction; ``shrink_improved`` events on the way."""
    shrunk = shrinking.shrink(
        ops.database(given.project),
        given.failure_id,
        project=ops.root(given.project),
        live=given.live,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return plain.noun(shrunk)


class Analyze(params.OfFailure):
    """``analyze``: ``backend`` absent is the project's, ``rules`` asks no model. ``save`` writes Markdown."""

    backend: Literal["auto", "llamacpp", "ollama", "rules"] | None = None
    model: str | None = None
    seed: int = 42
    fresh: bool = False
    save: str | None = None


def analyze(ops: Operations, given: Analyze, job: Job) -> Any:
    """The noun, and ``markdown``; with ``save`` also ``path``."""
    route = routing.chosen(ops.folder(given.project), "policy", given.backend, given.model, None)
    backend = "auto" if route.backend == "builtin" else route.backend
    found = postmortems.analyze(
        ops.database(given.project),
        given.failure_id,
        project=ops.root(given.project),
        gateway=ops.gateway(given.project, given.fresh) if backend != "rules" else None,
        backend=backend,
        model=route.model if backend == route.backend else None,
        seed=given.seed,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    told = {
        **plain.noun(found),
        "markdown": postmortems.markdown(found),
        "source_words": postmortems.source_words(found),
    }
    if given.save is not None:
        analyzing.save(found, Path(given.save).expanduser().absolute())
        told["path"] = given.save
    return told


def save_capsule(ops: Operations, given: params.SaveCapsule, job: Job) -> Any:
    """A capsule file: ``{path, capsule}``, where ``capsule`` is its name."""
    path, capsule = capsules.save(
        ops.database(given.project),
        ops.root(given.project),
        given.failure_id,
        file=Path(given.path).expanduser().absolute() if given.path else None,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return {"path": str(path), "capsule": capsule.name}


def check_capsules(ops: Operations, given: params.CheckCapsules, job: Job) -> Any:
    """Capsules run again: ``{capsules: [...], as_expected}``."""
    root = ops.root(given.project)
    done = capsules.check_all(
        [Path(path).expanduser().absolute() for path in given.paths] or [root / FOLDER],
        root=root,
        expect=given.expect,
        update=given.update,
        live=given.live,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return {"capsules": [plain.checked(one) for one in done], "as_expected": all(one.as_expected for one in done)}


def export(ops: Operations, given: params.Export, job: Job) -> Any:
    """A run or a failure for another tool: ``{kind, run_id, files, path, notes}``."""
    done = exports.export(
        ops.database(given.project),
        ops.root(given.project),
        given.kind,
        given.name,
        Path(given.path).expanduser().absolute(),
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    files = [str(path) for path in done.files]
    return {"kind": done.kind, "run_id": done.run_id, "files": files, "path": files[0], "notes": list(done.notes)}


def nearest_passing(ops: Operations, given: params.OfFailure, _: Job) -> Any:
    """The noun, and for lists ``trace`` (the passing visit) and ``words`` (what was left out for it)."""
    found = failures.nearest_passing(ops.database(given.project), given.failure_id, project=ops.root(given.project))
    told = f"without {found.left_out}" if found.left_out else f"user {found.passing.user} of the run, who fared well"
    return {**plain.noun(found), "trace": plain.noun(found.passing), "words": told}


def why(ops: Operations, given: params.OfFailure, job: Job) -> Any:
    """The noun; each row also with ``words``, ``share`` and ``tried`` (trials), and ``summary`` in words."""
    found = failures.why(
        ops.database(given.project),
        given.failure_id,
        project=ops.root(given.project),
        should_stop=job.should_stop,
    )
    rows = [
        {**plain.noun(row), "words": row.meaning, "share": row.failed / row.of if row.of else 0.0, "tried": row.of}
        for row in found.rows
    ]
    told = f"{words.share(found.failed, found.of)} of {words.count(found.of)} trials fail with all of it"
    return {**plain.noun(found), "rows": rows, "summary": told}
