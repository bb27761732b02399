"""Old runs give way to new ones where the person wants it; what somebody wrote about stays."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.test_history import end, ids, summary
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunManifest
from turbulence_app.store.database import Database
from turbulence_app.store.history import HistoryStore
from turbulence_app.store.retention import tidy
from turbulence_app.store.runs import RunStore

Describe = Callable[[str, str], RunManifest]


@pytest.fixture
def five(database: Database, inputs: RunInputs, describe: Describe) -> list[str]:
    made = [RunStore(database).begin(inputs, describe) for _ in range(5)]
    for manifest in made:
        end(database, manifest, summary(90))
    return [manifest.run_id for manifest in made]


@given(keep=st.integers(0, 7))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_newest_stay_and_the_others_come_back(database: Database, five: list[str], keep: int) -> None:
    gone = tidy(database, keep)
    left = [run for run in five if run not in gone]
    assert left == (five[-keep:] if keep else five)
    assert sorted(ids(database)) == left
    HistoryStore(database).restore(gone)
    assert sorted(ids(database)) == five


def test_what_somebody_wrote_about_stays_and_does_not_count(database: Database, five: list[str]) -> None:
    history = HistoryStore(database)
    history.edit([five[0]], notes="look at this")
    history.edit([five[1]], pinned=True)
    history.edit([five[2]], add=["keep"])
    assert tidy(database, 1) == (five[3],)
    assert sorted(ids(database)) == [five[0], five[1], five[2], five[4]]
    assert tidy(database, 1) == ()


def test_a_run_under_way_stays(database: Database, inputs: RunInputs, describe: Describe, five: list[str]) -> None:
    running = RunStore(database).begin(inputs, describe).run_id
    assert tidy(database, 1) == tuple(five[:4])
    assert sorted(ids(database)) == [five[4], running]
