"""Campaigns over a real application: the same from any number of processes, resumed, audited."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.apps import CROWD, FAULTS, WORKFLOW, counter, place
from tests.campaign.conftest import write
from tests.campaign.toy import essence, small
from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignReport
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.campaign.crew import HereCrew, ProcessCrew
from turbulence_app.engine.campaign.drive import drive
from turbulence_app.service import audits, campaigns, runs
from turbulence_app.service.campaigns import Ways
from turbulence_app.service.trend import headlines
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import Database

SETTINGS = small(worlds=48, users=4)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose application sells one ticket too many, with the mistakes declared for the audit."""
    root = tmp_path_factory.mktemp("counter") / "counter"
    place(root)
    bugs = [{"bug": b, "says": b, "env": {"COUNTER_BUG": b}} for b in ("looks_first", "sells_twice", "harmless")]
    write(root / "turbulence.yaml", {"name": "C", "app": {"env": {"COUNTER_BUG": "looks_first"}}, "audit": bugs})
    write(root / "workflows/counter.yaml", WORKFLOW)
    write(root / "personas/all.yaml", {"personas": [
        {"id": m["persona"], "name": m["persona"], "weight": 1, "description": "x"} for m in CROWD]})  # fmt: skip
    write(root / "policies/all.yaml", {"policies": [{**m["policy"], "workflow": "counter"} for m in CROWD]})
    write(root / "scenarios/rough.yaml", {"id": "rough", "workflow": "counter", "target": "app", "faults": FAULTS})
    return root


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database(tmp_path_factory.mktemp("app") / "t.db") as made:
        yield made


@pytest.fixture(scope="module")
def whole(database: Database, project: Path) -> CampaignReport:
    return campaigns.campaign(counter(), SETTINGS, database, ways=Ways(workers=1), project=str(project)).report


def test_two_processes_are_as_one(tmp_path: Path) -> None:
    where = place(tmp_path, "looks_first")
    found = []
    for crew in (HereCrew(counter(), SETTINGS, where), ProcessCrew(counter(), SETTINGS, where, 2)):
        found.append(list(drive(counter(), SETTINGS, crew)))
        crew.close()
    assert found[0] == found[1]
    assert sum(batch.worlds for batch in found[0]) == 48
    assert any(batch.near for batch in found[0])
    switched_off = [(b, key) for b in found[0] if b.expansion is not None for key in b.expansion.off]
    assert switched_off
    for batch, key in switched_off:
        kind, _, name = key.partition(":")
        dimension = {"fault": "faults", "option": "options"}.get(kind, "")
        assert not batch.counts.get(f"{dimension}/{name}"), (batch.number, key)


def test_the_race_is_found_grouped_and_run_again(database: Database, whole: CampaignReport) -> None:
    causes = [c for c in whole.clusters if c.invariant == "never_oversold"]
    assert causes
    assert all(cluster.verified for cluster in whole.clusters), [c.note for c in whole.clusters]
    assert not any(digit.isdigit() for c in whole.clusters for digit in c.message.replace("'", "") if digit == "-")
    kept = causes[0].representative
    assert kept is not None
    assert runs.find_failure(database, f"{kept.run_id}/{kept.failure_id}").invariant == "never_oversold"
    assert whole.manifest.build
    names = [verdict.name for verdict in whole.verdicts]
    assert names == ["never_oversold", "tickets_add_up", "quick", "someone_buys"]
    states = next(item for item in whole.coverage.items if item.dimension == "states")
    assert "buy: error" not in states.asleep  # a breakdown is not the service's to show
    assert states.total == 4


def test_resumed_is_as_uninterrupted(
    database: Database, whole: CampaignReport, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Batch] = []
    keep = CampaignStore.add

    def add(store: CampaignStore, campaign_id: str, batch: Batch) -> None:
        kept.append(batch)
        keep(store, campaign_id, batch)

    monkeypatch.setattr(CampaignStore, "add", add)
    part = campaigns.campaign(
        counter(), SETTINGS, database, ways=Ways(workers=1), project=str(project), should_stop=lambda: len(kept) >= 2
    ).report
    assert part.manifest.status == "cancelled"
    assert part.manifest.worlds_done == 32
    done = campaigns.resume(part.manifest.campaign_id, database, ways=Ways(workers=2)).report
    assert essence(done) == essence(whole)


def test_another_build_is_another_campaign(database: Database, project: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(project, tmp_path / "counter")
    part = campaigns.campaign(
        counter(), SETTINGS, database, ways=Ways(workers=1, minutes=0.0001), project=str(copy)
    ).report
    assert part.manifest.worlds_done < 48
    (copy / "counter.py").write_text((copy / "counter.py").read_text() + "\n# changed\n")
    with pytest.raises(InputError, match="not the one"):
        campaigns.resume(part.manifest.campaign_id, database)


def test_the_audit_switches_the_mistakes_on(project: Path) -> None:
    root = project.with_name("clean")
    import shutil

    shutil.copytree(project, root)
    settings: dict[str, Any] = json.loads((root / "turbulence.yaml").read_text())
    write(root / "turbulence.yaml", {**settings, "app": {"env": {"COUNTER_BUG": ""}}})
    report = audits.audit(counter(), small(worlds=96, users=4, swarm=False), project=str(root), ways=Ways(workers=1))
    rows = {row.bug: row for row in report.rows}
    assert not report.baseline.found
    assert rows["looks_first"].invariants.keys() == {"never_oversold"}
    assert rows["sells_twice"].found is False  # nobody checks that one person has one ticket
    assert not rows["harmless"].found
    assert report.caught == 1


def test_an_audit_needs_mistakes_to_switch(tmp_path: Path) -> None:
    place(tmp_path)
    with pytest.raises(InputError, match="says nothing of planted mistakes"):
        audits.audit(counter(), SETTINGS, project=str(tmp_path))


def test_an_application_that_is_not_there_is_one_clear_line(database: Database, tmp_path: Path) -> None:
    before = headlines(database)
    with pytest.raises(InputError, match="counter"):
        campaigns.campaign(counter(), SETTINGS, database, project=str(tmp_path))
    assert headlines(database) == before
