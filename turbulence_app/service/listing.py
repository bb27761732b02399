"""Runs and failures that are stored, for lists."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunManifest, Summary
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run in a list: ``completion`` is a share, ``broken`` counts invariants, ``failures`` kept failures."""

    manifest: RunManifest
    completion: float
    broken: int
    failures: int


def list_runs(database: Database, limit: int = 200) -> list[PastRun]:
    """The newest first."""
    store = RunStore(database)
    listed: list[PastRun] = []
    for manifest in store.recent(limit):
        summary = store.summary(manifest.run_id)
        broken = sum(verdict.status == "broken" for verdict in summary.verdicts)
        listed.append(PastRun(manifest, summary.completion, broken, store.count_failures(manifest.run_id)))
    return listed


def run_summary(database: Database, name: str) -> tuple[RunManifest, Summary]:
    """What a run was made from and what it measured."""
    store = RunStore(database)
    run_id = store.resolve(name)
    return store.manifest(run_id), store.summary(run_id)


def run_inputs(database: Database, name: str) -> RunInputs:
    """Everything needed to compute a stored run again."""
    store = RunStore(database)
    return store.inputs(store.resolve(name))


def failures(database: Database, name: str, limit: int = 1000) -> tuple[str, tuple[Failure, ...], dict[str, Shrunk]]:
    """The run's id, its kept failures by user number, and those that were shrunk, by failure id."""
    store = RunStore(database)
    run_id = store.resolve(name)
    return run_id, store.failures(run_id, limit), store.shrunk(run_id)
