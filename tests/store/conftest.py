from collections.abc import Callable
from pathlib import Path

import pytest

from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import ChunkDigest, RunManifest
from turbulence_app.domain.workflow import EndStep, HttpStep, Workflow
from turbulence_app.store.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".turbulence" / "turbulence.db"


@pytest.fixture
def database(path: Path):
    with Database(path) as opened:
        yield opened


@pytest.fixture
def inputs() -> RunInputs:
    flow = (HttpStep(name="pay", type="http"), EndStep(name="bought", type="end"))
    member = Member(persona="ada", weight=1.0, policy=Policy(persona_id="ada"))
    return RunInputs(workflow=Workflow(id="checkout", flow=flow), crowd=(member,), users=10_000, seed=2**64 - 1)


@pytest.fixture
def describe(inputs: RunInputs) -> Callable[[str, str], RunManifest]:
    def fill(run_id: str, created_at: str) -> RunManifest:
        return RunManifest(
            run_id=run_id, created_at=created_at, workflow="checkout", users=inputs.users, seed=inputs.seed
        )

    return fill


def failure(user: int, invariant: str = "charged_once") -> Failure:
    return Failure(user=user, persona="ada", invariant=invariant, step="pay", at_us=1, events=7)


def chunk(first: int, users: int = 2) -> ChunkDigest:
    return ChunkDigest(
        first_user=first, users=users, digest=f"d{first}", steps={"pay:latency": 2**64 - 1}, fingerprints="AQIDBA=="
    )
