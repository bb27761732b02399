"""Runs, chunks, failures, policies and cached answers come back as they went in."""

from collections.abc import Callable

import pytest

from tests.store.conftest import chunk, failure
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import RunManifest, Summary
from turbulence_app.store.cache import PolicyCacheStore
from turbulence_app.store.cache_shelf import CacheShelves
from turbulence_app.store.database import Database
from turbulence_app.store.policies import PolicyHistory
from turbulence_app.store.runs import RunStore

Describe = Callable[[str, str], RunManifest]


def test_a_run_comes_back_as_it_went_in(database: Database, inputs: RunInputs, describe: Describe) -> None:
    store = RunStore(database)
    manifest = store.begin(inputs, describe)
    assert manifest.run_id == "r-0001"
    assert store.inputs("r-0001") == inputs
    assert store.manifest("r-0001").status == "running"
    done = manifest.model_copy(update={"status": "done", "digest": "abc"})
    found = store.finish(done, Summary(users=9), [chunk(2), chunk(0)], [failure(9), failure(3)], 9)
    assert [(f.failure_id, f.user, f.run_id) for f in found] == [("f-0001", 3, "r-0001"), ("f-0002", 9, "r-0001")]
    assert store.manifest("r-0001") == done
    assert store.summary("r-0001") == Summary(users=9)
    assert store.chunks("r-0001") == (chunk(0), chunk(2))
    assert store.users_done("r-0001") == 9


def test_progress_is_kept_and_the_end_replaces_it(database: Database, inputs: RunInputs, describe: Describe) -> None:
    store = RunStore(database)
    manifest = store.begin(inputs, describe)
    store.progress("r-0001", 4096, [chunk(0)], [failure(5), failure(5), failure(5, "other")], Summary(users=4096))
    database.flush()
    assert store.users_done("r-0001") == 4096
    assert [f.invariant for f in store.failures("r-0001")] == ["charged_once", "other"]
    store.finish(manifest.model_copy(update={"status": "done"}), Summary(), [chunk(8)], [failure(1)], 10)
    assert store.chunks("r-0001") == (chunk(8),)
    assert [f.user for f in store.failures("r-0001")] == [1]


def test_names_of_runs(database: Database, inputs: RunInputs, describe: Describe) -> None:
    store = RunStore(database)
    with pytest.raises(InputError, match="no run yet"):
        store.resolve("last")
    for _ in range(12):
        store.begin(inputs, describe)
    assert store.resolve("last") == "r-0012"
    assert store.resolve("7") == "r-0007"
    assert store.resolve("r-0003") == "r-0003"
    assert store.resolve("r-0010") == "r-0010"
    with pytest.raises(InputError, match="more than one"):
        store.resolve("r-001")
    for name in ("", "r-9", "nothing", "%", "99999999999999999999", "r_0001", "²"):
        with pytest.raises(InputError, match="no run"):
            store.resolve(name)
    assert [m.run_id for m in store.recent(2)] == ["r-0012", "r-0011"]


def test_failures_by_name(database: Database, inputs: RunInputs, describe: Describe) -> None:
    store = RunStore(database)
    manifest = store.begin(inputs, describe)
    store.finish(manifest, Summary(), [], [failure(4), failure(11)], 12)
    assert store.failure("r-0001", "f-0002").user == 11
    assert store.failure("r-0001", "4").failure_id == "f-0001"
    for name in ("f-0003", "5", "f", "' OR 1=1 --", "9" * 30):
        with pytest.raises(InputError):
            store.failure("r-0001", name)


def test_policy_history_keeps_every_version_once(database: Database) -> None:
    history = PolicyHistory(database)
    first = Policy(persona_id="ada", workflow="checkout", toggles={"coupon": 0.1})
    second = first.model_copy(update={"toggles": {"coupon": 0.9}})
    for policy, reason in ((first, "generated"), (first, "again"), (second, "edited"), (first, "reverted")):
        history.save(policy, reason)
    versions = history.versions("checkout", "ada")
    assert [(v.reason, v.policy) for v in versions] == [("reverted", first), ("edited", second), ("generated", first)]
    assert history.versions("checkout", "bob") == ()


def test_cached_answers(database: Database) -> None:
    cache = PolicyCacheStore(database)
    assert cache.get(b"\x00key") is None
    cache.put(b"\x00key", '{"a": "ü"}', {"model": "m"})
    database.flush()
    assert cache.get(b"\x00key") == '{"a": "ü"}'
    cache.put(b"\x00key", '{"a": 2}')
    database.flush()
    assert cache.get(b"\x00key") == '{"a": 2}'
    cache.flush()
    (shelf,) = CacheShelves(database).shelves()
    assert (shelf.entries, shelf.hits, shelf.bytes) == (1, 2, 8)
    cache.remove(b"\x00key")
    database.flush()
    assert cache.get(b"\x00key") is None
    cache.put(b"x", "1")
    assert CacheShelves(database).clear() == 1
    assert CacheShelves(database).shelves() == ()
