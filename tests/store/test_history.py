"""The list of runs and campaigns: in step with what is stored, searched, sorted, paged, written about, moved aside."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import failure
from turbulence_app.domain.campaign import CampaignManifest, CampaignReport, Cluster
from turbulence_app.domain.history import HistoryQuery, KindNote
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunManifest, StepStats, Summary, Verdict
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import APPLICATION_ID, Database
from turbulence_app.store.history import HistoryStore
from turbulence_app.store.kinds import KindStore
from turbulence_app.store.migrations import migrations
from turbulence_app.store.runs import RunStore

Describe = Callable[[str, str], RunManifest]
BROKEN = Verdict(name="charged_once", kind="always", expression="x", status="broken", violations=3)


def summary(completed: int, broken: bool = False) -> Summary:
    steps = (StepStats(step="pay", type="http", reached=90), StepStats(step="say", type="decide", reached=90))
    return Summary(users=100, completed=completed, funnel=steps, verdicts=(BROKEN,) if broken else ())


def end(database: Database, manifest: RunManifest, result: Summary, status: str = "done") -> None:
    done = manifest.model_copy(update={"status": status, "digest": f"sha256:ab{manifest.run_id[2:]}", "elapsed_s": 1.5})
    RunStore(database).finish(done, result, [], [failure(1)] if result.verdicts else [], 100)


@pytest.fixture
def runs(database: Database, inputs: RunInputs, describe: Describe) -> list[RunManifest]:
    """Five of them: 90 %, 80 % and broken, 70 %, cancelled, still running."""
    store = RunStore(database)
    made = [store.begin(inputs, describe) for _ in range(5)]
    for manifest, result in zip(made, (summary(90), summary(80, broken=True), summary(70)), strict=False):
        end(database, manifest, result)
    end(database, made[3], summary(5), "cancelled")
    return made


def ids(database: Database, **query: object) -> list[str]:
    return [line.id for line in HistoryStore(database).page(HistoryQuery.model_validate(query)).lines]


def test_a_line_follows_its_run(database: Database, inputs: RunInputs, describe: Describe) -> None:
    manifest = RunStore(database).begin(inputs, describe)
    (line,) = HistoryStore(database).page(HistoryQuery()).lines
    assert (line.id, line.verdict, line.completion, line.seed) == ("r-0001", "running", None, 2**64 - 1)
    end(database, manifest, summary(80, broken=True))
    (line,) = HistoryStore(database).page(HistoryQuery()).lines
    assert (line.verdict, line.completion, line.broken, line.invariants) == ("broken", 0.8, 1, ("charged_once",))
    assert (line.shape, line.personas, line.elapsed_s) == ((90,), ("ada",), 1.5)


def test_newest_first_and_sorted_by_any_column(database: Database, runs: list[RunManifest]) -> None:
    assert ids(database) == ["r-0005", "r-0004", "r-0003", "r-0002", "r-0001"]
    assert ids(database, sort="completion", verdict="holds") == ["r-0001", "r-0003"]
    assert ids(database, sort="completion", descending=False) == ["r-0005", "r-0004", "r-0003", "r-0002", "r-0001"]
    assert ids(database, sort="broken")[0] == "r-0002"


def test_filters_and_words(database: Database, runs: list[RunManifest]) -> None:
    assert ids(database, verdict="broken") == ids(database, words="charged once") == ["r-0002"]
    assert ids(database, verdict="unfinished") == ["r-0004"]
    assert ids(database, words="ab0003") == ids(database, words="AB00 ab0003") == ["r-0003"]
    assert len(ids(database, words="check")) == 5
    assert len(ids(database, persona="ada")) == 5
    assert ids(database, persona="bob") == ids(database, words="nothing like this") == []
    assert ids(database, target="http") == ids(database, kind="campaign") == []
    assert ids(database, since="2999-01-01") == []
    assert len(ids(database, until="2999-01-01")) == 5


@given(words=st.text(max_size=40))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_words_are_syntax(database: Database, words: str) -> None:
    ids(database, words=words, persona=words)


def test_a_campaign_has_a_line_and_the_runs_that_stand_for_it_have_none(
    database: Database, inputs: RunInputs, describe: Describe
) -> None:
    campaigns = CampaignStore(database)
    started = campaigns.begin(
        inputs, lambda key, at: CampaignManifest(campaign_id=key, created_at=at, workflow="checkout")
    )
    done = started.model_copy(update={"status": "done", "worlds_done": 200})
    cluster = Cluster(cluster_id="0" * 10, invariant="charged_once", worlds=50, users=60, first_world=3)
    campaigns.finish(CampaignReport(manifest=done, failing_worlds=50, clusters=(cluster,)))
    RunStore(database).begin(inputs, lambda key, at: describe(key, at).model_copy(update={"campaign": "c-0001"}))
    (line,) = HistoryStore(database).page(HistoryQuery()).lines
    assert (line.id, line.kind, line.users, line.completion, line.broken) == ("c-0001", "campaign", 200, 0.75, 1)
    assert (line.verdict, line.seed) == ("broken", 42)


def test_tags_notes_names_and_pins(database: Database, runs: list[RunManifest]) -> None:
    store = HistoryStore(database)
    store.edit(["r-0001", "r-0002"], add=["nightly", "slow"])
    (first, second) = store.edit(["r-0001", "r-0002"], drop=["slow"], name="before the fix", pinned=True)
    assert first.tags == second.tags == ("nightly",)
    assert store.tags() == (("nightly", 2),)
    store.edit(["r-0003"], notes="a strange Tuesday")
    assert ids(database, words="tuesday strange") == ["r-0003"]
    assert ids(database, tag="nightly") == ids(database, words="fix nightly") == ["r-0002", "r-0001"]
    assert ids(database)[:3] == ["r-0002", "r-0001", "r-0005"]
    assert ids(database, offset=1, limit=2) == ["r-0001", "r-0005"]


@given(size=st.integers(1, 7))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_together_are_the_list(database: Database, runs: list[RunManifest], size: int) -> None:
    HistoryStore(database).edit(["r-0002"], pinned=True)
    whole = ids(database, sort="users")
    pages = [ids(database, sort="users", offset=at, limit=size) for at in range(0, len(whole), size)]
    assert [key for page in pages for key in page] == whole
    assert len(set(whole)) == len(whole)


def test_what_is_moved_aside_is_nowhere_and_comes_back(database: Database, runs: list[RunManifest]) -> None:
    store = HistoryStore(database)
    assert store.remove(["r-0002", "r-0003", "r-0005"], os.getpid()) == ("r-0002", "r-0003")  # r-0005 runs
    assert ids(database) == ["r-0005", "r-0004", "r-0001"]
    assert "r-0002" not in [m.run_id for m in RunStore(database).recent(9)]
    assert store.purge() == 0  # we are still here
    store.restore(["r-0002"])
    assert "r-0002" in ids(database)
    assert store.purge(datetime.now(UTC) + timedelta(days=2)) == 1
    store.restore(["r-0003"])
    assert "r-0003" not in ids(database)
    assert RunStore(database).failures("r-0002")


def test_what_a_dead_program_moved_aside_goes_with_it(database: Database, runs: list[RunManifest]) -> None:
    store = HistoryStore(database)
    store.edit(["r-0002"], add=["slow"])
    store.remove(["r-0002"], 0)
    assert store.purge() == 1
    assert database.rows("SELECT 1 FROM failures WHERE run_id = 'r-0002'") == []
    assert database.rows("SELECT 1 FROM history_tags") == []
    assert ids(database, words="slow") == []


def test_the_run_before_is_of_the_same_workflow(database: Database, runs: list[RunManifest]) -> None:
    store = HistoryStore(database)
    assert (store.before("r-0001"), store.before("r-0003")) == ("", "r-0002")
    store.remove(["r-0002"], os.getpid())
    assert store.before("r-0003") == "r-0001"
    (subject,) = store.unlike(["r-0003"])
    assert subject.before == subject.inputs
    store.save_changes({"r-0003": ["seed 1 → 2"]})
    assert store.unlike(["r-0003"]) == []
    assert store.lines(["r-0003"])[0].changed == ("seed 1 → 2",)


def test_an_old_database_gets_its_list(path: Path, inputs: RunInputs, describe: Describe) -> None:
    path.parent.mkdir()
    old = sqlite_utils.Database(path)
    migrations.apply(old, stop_before="m012_history")
    manifest = describe("r-0007", "2026-01-02T03:04:05.000Z").model_copy(update={"status": "done"})
    old["runs"].insert_all(
        {
            "number": number, "run_id": f"r-{number:04d}", "created_at": manifest.created_at, "status": "done",
            "workflow": "checkout", "scenario": "", "users": 100, "digest": "sha256:beef",
            "manifest": manifest.model_dump_json(), "inputs": inputs.model_dump_json(by_alias=True),
            "summary": summary(60, broken=True).model_dump_json(), "campaign": of,
        }
        for number, of in ((7, ""), (8, "c-0001"))
    )  # fmt: skip
    old.execute("PRAGMA user_version = 11")
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    old.close()
    with Database(path) as opened:
        (line,) = HistoryStore(opened).page(HistoryQuery(words="beef")).lines
        assert (line.id, line.verdict, line.completion, line.personas) == ("r-0007", "broken", 0.6, ("ada",))
        assert RunStore(opened).begin(inputs, describe).run_id == "r-0009"
        assert ids(opened) == ["r-0009", "r-0007"]


def test_what_is_decided_about_kinds_of_failure(database: Database) -> None:
    store = KindStore(database)
    note = KindNote(kind="charged_once|pay|ada", state="known", note="the shop's own bug 812")
    kept = store.save("checkout", note)
    assert kept.changed_at
    assert store.notes("checkout") == (kept,)
    assert store.notes("other") == ()
    store.save("checkout", note.model_copy(update={"state": "open", "note": ""}))
    assert store.notes("checkout") == ()
