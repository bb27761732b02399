"""Stored campaigns: interrupted anywhere and resumed, they tell what uninterrupted ones tell."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaign.toy import CROWD, essence, kiosk, small
from turbulence_app.domain.campaign import CampaignReport
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import CampaignFinished, CampaignProgress, CampaignStarted
from turbulence_app.engine.campaign.crew import HereCrew
from turbulence_app.engine.campaign.drive import campaign_digest, drive
from turbulence_app.insight.campaigns import Account
from turbulence_app.service import campaigns, runs, shrinking
from turbulence_app.service.campaigns import Ways
from turbulence_app.service.trend import headlines
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import Database

HERE = Ways(workers=1)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database(tmp_path_factory.mktemp("campaigns") / "t.db") as made:
        yield made


@pytest.fixture(scope="module")
def whole(database: Database) -> CampaignReport:
    return campaigns.campaign(kiosk(), small(), database, ways=HERE).report


def after(asked: int) -> Callable[[], bool]:
    """Says stop from the ``asked``-th time on."""
    left = [asked]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    return stop


def test_a_campaign_finds_the_bug_and_keeps_what_repeats_it(database: Database, whole: CampaignReport) -> None:
    assert whole.manifest.status == "done"
    assert whole.manifest.worlds_done == 1600
    assert not whole.passed
    cluster = next(c for c in whole.clusters if c.invariant == "charged_once")
    assert (cluster.step, cluster.faults) == ("pay", ("lost",))
    assert all(c.verified and not c.note for c in whole.clusters)
    kept = cluster.representative
    assert kept is not None
    name = f"{kept.run_id}/{kept.failure_id}"
    assert runs.find_failure(database, name).user == kept.user
    assert "charged_once" in runs.replay(database, kept.run_id, kept.user).trace.violations
    small_one = shrinking.shrink(database, name)
    assert small_one.minimal
    verified = runs.verify(database, kept.run_id, workers=1)
    assert verified.difference is None
    by_cause = f"{whole.manifest.campaign_id}/{cluster.cluster_id}"
    assert runs.find_failure(database, by_cause) == runs.find_failure(database, name)
    with pytest.raises(InputError, match="no cause"):
        runs.find_failure(database, f"{whole.manifest.campaign_id}/nothing")


def test_representatives_are_no_runs_of_the_person(database: Database, whole: CampaignReport) -> None:
    from turbulence_app.service.listing import list_runs

    assert whole.clusters
    assert not list_runs(database, 100)
    first = next(c.representative for c in whole.clusters if c.representative is not None)
    found = runs.find_failure(database, "f-0001")  # nothing else was run, so last means the campaign's first cause
    assert (found.run_id, found.invariant) == (first.run_id, first.invariant)


def test_what_triggers_it_is_told(whole: CampaignReport) -> None:
    telling = {i.feature for i in whole.influences if i.direction == "trigger" and not i.cluster_id}
    assert "lost" in telling
    assert not telling & {"next=leave", "shy", "down (2)"}


def test_gates_and_rules_of_other_targets_are_not_judged(whole: CampaignReport) -> None:
    assert [v.name for v in whole.verdicts] == ["charged_once", "patience_lasts", "quick_enough", "someone_pays"]
    assert next(v for v in whole.verdicts if v.name == "someone_pays").status == "holds"


@given(st.lists(st.integers(0, 60), min_size=1, max_size=3))
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_resumed_is_as_uninterrupted(database: Database, whole: CampaignReport, stops: list[int]) -> None:
    done = campaigns.campaign(kiosk(), small(), database, ways=HERE, should_stop=after(stops[0])).report
    for stop in stops[1:]:
        if done.manifest.status == "done":
            break
        done = campaigns.resume(done.manifest.campaign_id, database, ways=HERE, should_stop=after(stop)).report
    if done.manifest.status != "done":
        assert done.manifest.worlds_done <= 1600
        partial = campaigns.report(database, done.manifest.campaign_id)
        assert partial.manifest.worlds_done == done.manifest.worlds_done
        stored = CampaignStore(database).batches(done.manifest.campaign_id)
        assert sum(batch.worlds for batch in stored) == done.manifest.worlds_done
        done = campaigns.resume(done.manifest.campaign_id, database, ways=HERE).report
    assert essence(done) == essence(whole)


def test_stopped_among_the_representatives_it_goes_on_with_them(database: Database, whole: CampaignReport) -> None:
    asked: list[bool] = []

    def count() -> bool:
        asked.append(True)
        return False

    campaigns.campaign(kiosk(), small(), database, ways=HERE, should_stop=count)
    done = campaigns.campaign(kiosk(), small(), database, ways=HERE, should_stop=after(len(asked) - 1)).report
    assert (done.manifest.status, done.manifest.worlds_done) == ("cancelled", 1600)
    assert not all(cluster.verified for cluster in done.clusters)
    assert essence(campaigns.resume(done.manifest.campaign_id, database, ways=HERE).report) == essence(whole)


def test_processes_change_no_report(database: Database, whole: CampaignReport) -> None:
    assert essence(campaigns.campaign(kiosk(), small(), database, ways=Ways(workers=2)).report) == essence(whole)


def test_a_hole_among_the_batches_is_filled(database: Database, whole: CampaignReport) -> None:
    stopped = campaigns.campaign(kiosk(), small(), database, ways=HERE, should_stop=after(40)).report
    campaign_id = stopped.manifest.campaign_id
    database.writer.put("DELETE FROM campaign_batches WHERE campaign_id = ? AND number = 3", [(campaign_id,)])
    database.flush()
    assert campaigns.report(database, campaign_id).manifest.worlds_done <= stopped.manifest.worlds_done
    assert essence(campaigns.resume(campaign_id, database, ways=HERE).report) == essence(whole)


def test_the_time_budget_leaves_a_whole_beginning(database: Database) -> None:
    done = campaigns.campaign(kiosk(), small(worlds=10**6), database, ways=Ways(1, minutes=0.005)).report
    assert done.manifest.status == "done"
    assert 0 < done.manifest.worlds_done < 10**6
    assert done.manifest.digest
    crew = HereCrew(kiosk(), small(worlds=10**6), None)
    account = Account(kiosk())
    for batch in drive(kiosk(), small(worlds=10**6), crew):
        account.add(batch)
        if account.worlds == done.manifest.worlds_done:
            break
    assert campaign_digest(account.digests) == done.manifest.digest
    assert account.failing == done.failing_worlds


def test_events_come_in_order_and_seldom(database: Database) -> None:
    events: list[Any] = []
    campaigns.campaign(kiosk(), small(), database, ways=HERE, on_event=events.append)
    assert isinstance(events[0], CampaignStarted)
    assert isinstance(events[-1], CampaignFinished)
    middle = [e for e in events[1:-1] if isinstance(e, CampaignProgress)]
    assert len(middle) == len(events) - 2
    assert [e.done for e in middle] == sorted(e.done for e in middle)
    for event in events:
        assert type(event).model_validate_json(event.model_dump_json()) == event


def test_what_cannot_go_on_says_so(database: Database, whole: CampaignReport) -> None:
    with pytest.raises(InputError, match="is done"):
        campaigns.resume(whole.manifest.campaign_id, database)
    with pytest.raises(InputError, match="no campaign"):
        campaigns.resume("c-9999", database)
    store = CampaignStore(database)
    stopped = campaigns.campaign(kiosk(), small(), database, ways=HERE, should_stop=after(3)).report.manifest
    store.take_up(stopped)
    with pytest.raises(InputError, match="still running"):
        campaigns.resume(stopped.campaign_id, database)
    store.fail(stopped.campaign_id, "interrupted")
    assert campaigns.resume(stopped.campaign_id, database, ways=HERE).report.manifest.status == "done"


def test_inputs_that_cannot_run_leave_nothing(tmp_path: Path) -> None:
    with Database(tmp_path / "t.db") as made:
        with pytest.raises(InputError, match="sum to nothing"):
            campaigns.campaign(kiosk(crowd=[{**CROWD[0], "weight": 0}]), small(), made, ways=HERE)
        assert headlines(made) == ()


def test_the_trend_tells_what_changed(tmp_path: Path) -> None:
    with Database(tmp_path / "t.db") as made:
        campaigns.campaign(kiosk(faults=[]), small(worlds=128), made, ways=HERE)
        campaigns.campaign(kiosk(), small(worlds=3000, swarm=False), made, ways=HERE)
        campaigns.campaign(kiosk(scenario="other"), small(worlds=128), made, ways=HERE)
        third, second, first = headlines(made)
    assert (first.clusters, first.new_clusters) == (0, 0)
    assert second.new_clusters == second.clusters > 0
    assert second.gone_clusters == 0
    assert (third.new_clusters, third.gone_clusters) == (0, 0)  # of another scenario: nothing to compare with
    assert second.worlds == 3000
    assert second.coverage["steps"] == 1.0
