"""A stored run for a benchmark's recordings to belong to."""

from __future__ import annotations

from collections.abc import Callable

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunManifest


def manifest_of(inputs: RunInputs) -> Callable[[str, str], RunManifest]:
    def describe(run_id: str, created_at: str) -> RunManifest:
        return RunManifest(
            run_id=run_id, created_at=created_at, workflow=inputs.workflow.id, users=inputs.users, seed=inputs.seed
        )

    return describe
