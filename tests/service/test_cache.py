"""Statistics and clearing of the cache, as use cases, as commands and as operations of a worker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from turbulence_app.cli.main import main
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.project import ModelDefaults
from turbulence_app.service import cache
from turbulence_app.service.cache import Wanted
from turbulence_app.service.gateways import settings_of
from turbulence_app.service.models import Model
from turbulence_app.service.ops import Operations
from turbulence_app.service.projects import database_path, init_project
from turbulence_app.service.worker import Job
from turbulence_app.store.cache import HITS_TOGETHER, PolicyCacheStore
from turbulence_app.store.database import Database

MODELS = [
    Model("llamacpp", "phi", True, digest="a" * 64),
    Model("ollama", "http://127.0.0.1:11434", False, why="no server"),
    Model("builtin", "builtin", True, digest="sha256:" + "b" * 64),
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "t.db") as opened:
        yield opened


def fill(store: PolicyCacheStore) -> None:
    """Two models that are there, one that is gone, one that cannot be known; two kinds."""
    for number, (kind, backend, model, digest) in enumerate(
        [
            ("policy", "llamacpp", "phi", "a" * 64),
            ("policy", "llamacpp", "phi", "a" * 64),
            ("policy", "llamacpp", "old", "c" * 64),
            ("next_step", "builtin", "minilm", "sha256:" + "b" * 64),
            ("policy", "ollama", "tiny", "d" * 64),
        ]
    ):
        meta = {"kind": kind, "backend": backend, "model": model, "digest": digest, "prompt_version": 1}
        store.put(bytes([number]) * 16, json.dumps({"n": "ü" * number}), meta)
    store.flush()


def listed() -> list[Model]:
    return MODELS


def test_what_is_in_it_by_kind_and_model(database: Database) -> None:
    store = PolicyCacheStore(database)
    fill(store)
    assert store.get(bytes([2]) * 16)
    store.count({"misses": 5, "raw_hits": 30, "store_hits": 4, "similar": 1, "us_saved": 2500, "audited": 50})
    store.count({"misses": 1, "disagreed": 1, "tokens_saved": 7})
    store.flush()
    found = cache.statistics(database, listed, {"entries": 3, "bytes": 9, "capacity": 16})
    assert (found["entries"], found["requests"], found["misses"], found["similar"]) == (5, 41, 6, 1)
    assert found["hits"] == {"raw": 30, "canonical": 0, "store": 4}
    assert found["hit_rate"] == pytest.approx(35 / 41)
    assert (found["ms_saved"], found["tokens_saved"]) == (2.5, 7)
    assert found["false_hits"]["audited"] == 50
    assert 0.003 < found["false_hits"]["low"] < 0.02 < found["false_hits"]["high"] < 0.11
    assert {shelf["model"]: shelf["stale"] for shelf in found["shelves"]} == {
        "phi": False,
        "old": True,
        "minilm": False,
        "tiny": None,
    }
    assert found["stale"]["entries"] == 1
    assert next(shelf for shelf in found["shelves"] if shelf["model"] == "old")["hits"] == 1
    assert found["bytes"] == sum(shelf["bytes"] for shelf in found["shelves"]) > 5 * 9
    assert found["since"].endswith("Z")
    assert found["oldest"] <= found["newest"]
    json.dumps(found, allow_nan=False)


def test_an_empty_one(database: Database) -> None:
    found = cache.statistics(database, lambda: pytest.fail("nothing to compare with"))
    assert (found["entries"], found["requests"], found["hit_rate"], found["oldest"], found["since"]) == (
        0,
        0,
        0.0,
        None,
        None,
    )
    assert found["false_hits"] == {"audited": 0, "disagreed": 0, "low": 0.0, "high": 1.0}


@pytest.mark.parametrize("column", ["kind", "backend", "model", "digest", "hits"])
def test_rows_that_nobody_of_ours_has_written_are_no_reason_to_fail(database: Database, column: str) -> None:
    fill(PolicyCacheStore(database))
    database.flush()
    database.writer.call(lambda c: c.execute(f"UPDATE cache SET {column} = x'ff00'").close())
    for name, amount in (("misses", "many"), ("since", 10**18)):
        database.writer.call(
            lambda c, row=(name, amount): c.execute("INSERT INTO cache_counters VALUES (?, ?)", row).close()
        )
    found = cache.statistics(database, lambda: MODELS)
    assert json.loads(json.dumps(found))["since"] is None
    assert found["entries"] == sum(shelf["entries"] for shelf in found["shelves"]) > 0


@pytest.mark.parametrize(
    ("wanted", "removed"),
    [
        (Wanted(), 5),
        (Wanted(kind="policy"), 4),
        (Wanted(model="phi"), 2),
        (Wanted(model="a" * 12), 2),
        (Wanted(model="sha256:" + "b" * 64), 1),
        (Wanted(model="a"), 0),
        (Wanted(model="%"), 0),
        (Wanted(model="phi", kind="next_step"), 0),
        (Wanted(older_than="1d"), 0),
        (Wanted(stale=True), 1),
        (Wanted(stale=True, kind="next_step"), 0),
    ],
)
def test_clearing_takes_what_fits_all_that_is_given(database: Database, wanted: Wanted, removed: int) -> None:
    store = PolicyCacheStore(database)
    fill(store)
    store.count({"misses": 3})
    assert cache.clear(database, wanted, listed) == {"removed": removed}
    left = cache.statistics(database, listed)
    assert left["entries"] == 5 - removed
    assert left["misses"] == (0 if wanted.everything else 3)


def test_what_was_not_used_for_long_can_go(database: Database) -> None:
    fill(PolicyCacheStore(database))
    later = datetime.now(UTC) + timedelta(days=8)
    assert cache.clear(database, Wanted(older_than="30d"), listed, later)["removed"] == 0
    assert cache.clear(database, Wanted(older_than="1w"), listed, later)["removed"] == 5


@pytest.mark.parametrize("span", ["", "30", "d", "-1d", "1y", "1 d", "9999999d", "999999w"])
def test_a_span_that_is_none(database: Database, span: str) -> None:
    with pytest.raises(InputError, match="30d"):
        cache.clear(database, Wanted(older_than=span), listed)


def test_hits_are_written_down_together(database: Database) -> None:
    store = PolicyCacheStore(database)
    fill(store)

    def hits() -> int:
        database.flush()
        return int(database.value("SELECT sum(hits) FROM cache"))

    for _ in range(HITS_TOGETHER - 1):
        store.get(bytes([1]) * 16)
    assert hits() == 0
    store.get(bytes([3]) * 16)
    assert hits() == HITS_TOGETHER
    store.get(bytes([3]) * 16)
    store.flush()
    assert hits() == HITS_TOGETHER + 1


def test_a_project_says_how_patient_its_gateway_is() -> None:
    said = ModelDefaults(timeout_ms=5000, retry_max=0, breaker_threshold=9, cache=False, cache_entries=7, cache_days=2)
    made = settings_of(said)
    assert (made.budget_ms, made.retries, made.breaker_threshold) == (5000, 0, 9)
    assert (made.cache.enabled, made.cache.capacity, made.cache.ttl_s, made.cache.similar) == (False, 7, 172_800, False)
    assert settings_of(said, similar=True).cache.similar
    assert not settings_of(ModelDefaults(similar=True), similar=False).cache.similar


@pytest.fixture
def project(tmp_path: Path) -> Path:
    init_project(tmp_path / "shop")
    return tmp_path / "shop"


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_commands(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--project", project)
    generate = ("policy", "generate", "--persona", "impatient_shopper", "--backend", "builtin", "--force", *where)
    for _ in range(2):
        assert said(capsys, *generate, "--similar")[0] == 0
    status, out, _ = said(capsys, "cache", "stats", "--json", *where)
    found = json.loads(out)
    assert status == 0
    assert (found["entries"], found["requests"], found["misses"], found["hits"]["store"]) == (1, 2, 1, 1)
    assert found["shelves"][0] | {"kind": "policy", "backend": "builtin", "stale": False} == found["shelves"][0]
    status, out, _ = said(capsys, "cache", "stats", *where)
    assert out.startswith("1 answer, ")
    assert "1 of 2 requests answered from it" in out
    assert said(capsys, "cache", "clear", "--older-than", "nonsense", *where)[0] == 2
    assert said(capsys, "cache", "clear", "--kind", "other", "--quiet", *where)[1] == "0 answers are forgotten\n"
    assert json.loads(said(capsys, "cache", "clear", "--json", *where)[1]) == {"removed": 1}
    assert "nothing was asked yet" in said(capsys, "cache", "stats", *where)[1]
    assert said(capsys, "cache", "stats", "--project", project / "nowhere")[0] == 2


def test_the_operations(project: Path) -> None:
    ops = Operations()
    try:

        def do(op: str, **given: Any) -> Any:
            job = Job(1, op, {})
            return json.loads(json.dumps(ops.handle(op, {"project": str(project), **given}, job)))

        opened = do("open_project")
        asked = {"persona": opened["personas"][0], "workflow": opened["workflows"][0], "backend": "builtin"}
        for _ in range(3):
            do("compile", **asked)
        found = do("cache_stats")
        assert (found["requests"], found["misses"], found["hits"]["raw"]) == (3, 1, 2)
        assert found["memory"]["entries"] == 1
        assert found["memory"]["capacity"] == 4096
        assert found["memory"]["bytes"] > found["bytes"] > 0
        assert do("telemetry")["total"]["requests"] == 3
        assert do("cache_clear") == {"removed": 1}
        assert do("cache_stats")["memory"]["entries"] == 0
        (project / "turbulence.yaml").write_text("name: shop\nmodels: {cache_entries: 5}\n")
        assert do("compile", **asked)["provenance"]["source"] == "model"
        assert do("cache_stats")["memory"]["capacity"] == 5
    finally:
        ops.close()
    with Database(database_path(project)) as database:
        assert cache.statistics(database, listed)["misses"] == 1
