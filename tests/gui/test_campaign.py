"""The campaign page: the engine is real and elsewhere; pages are also shown from reports made here."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from tests.gui import reports
from turbulence_app.gui.places.run.campaign.state import (
    CampaignLive,
    asleep,
    audit_rows,
    coverage_rows,
    eta_words,
    influence_rows,
    least_coverage,
    noticed_words,
    span,
    trend_rows,
)


def test_influences_come_by_what_they_do_and_how_much():
    rows = influence_rows(reports.report(), reports.TWICE)
    assert [row.verdict for row in rows] == ["trigger", "trigger", "suppressor", "neutral", "neutral"]
    assert rows[0].label == "fault lost_receipt"
    assert rows[0].on[1] > rows[0].off[2], "the intervals lie apart"
    assert influence_rows(reports.report(), "other") == []
    assert influence_rows(None) == []


def test_coverage_names_what_sleeps():
    report = reports.report()
    rows = coverage_rows(report)
    assert [row.key for row in rows if not row.passed] == ["options", "invariants"]
    assert "coupon = none" in asleep(report, "options")
    assert "invariant: goods_are_paid" in asleep(report)


def test_the_trend_is_of_one_scenario_and_oldest_first():
    rows = trend_rows(reports.headlines(), "lost-answers")
    assert [(row.key, row.height, row.fresh) for row in rows] == [
        ("c-0001", 0, 0), ("c-0002", 1, 1), ("c-0003", 1, 0), ("c-0004", 2, 1)
    ]  # fmt: skip
    assert trend_rows(reports.headlines(), "other") == []
    assert least_coverage(reports.headlines()[0]) == "76 % options"


def test_words_of_an_audit():
    rows = audit_rows(reports.audit())
    assert [row.found for row in rows] == [False, True, False]
    assert noticed_words(rows[1]) == "charged_once 22, goods_are_paid 2"


@pytest.mark.parametrize(("seconds", "words"), [(0.8, "0.8 s"), (12, "12 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")])
def test_spans(seconds, words):
    assert span(seconds) == words


def test_time_left_and_time_taken():
    assert eta_words(CampaignLive("running", 10, 20, 5.0, 2.0)) == "5 worlds/s · 2.0 s left"
    assert eta_words(CampaignLive("ended", report=reports.report())) == "2,000 worlds in 3.2 s · 625/s"
    assert CampaignLive("ended", report=reports.report("cancelled")).resumable
    assert not CampaignLive("ended", report=reports.report()).resumable


@pytest.fixture
def place(window, qtbot: QtBot):
    window.go("run", {})
    made = window.place("run")
    qtbot.waitUntil(lambda: made.presenter.workflow() is not None, timeout=30_000)
    made.presenter.choose_scenario("lost-answers")
    made.view.turn("campaign")
    return made


def test_a_campaign_can_start_as_soon_as_everybody_has_a_policy(place, window):
    start, project = place.view.numbers.start, window.project
    kept = project.data
    project.replace(replace(kept, policies={}))
    assert not start.isEnabled()
    place.presenter.choose_scenario("lost-answers")
    project.data = kept
    project.policy_changed.emit("impatient_shopper")
    assert start.isEnabled()


def test_a_campaign_is_run_stopped_resumed_and_leads_to_its_failure(place, qtbot, window):
    campaign, view = place.campaign, place.view.campaign
    assert view._causes.currentWidget() is view.empty
    place.view.numbers.worlds.setText("2,000,000")
    place.view.numbers.take()
    assert campaign.form.worlds == 2_000_000
    place.actions()["campaign.start"]()
    assert place.enabled("campaign.stop")
    assert not place.view.strip.target.isEnabled(), "what runs stays as it is"
    qtbot.waitUntil(lambda: campaign.live.phase == "running" and campaign.live.done > 0, timeout=60_000)
    assert place.view.numbers.far.eta.text()
    qtbot.waitUntil(lambda: bool(campaign.live.report and campaign.live.report.clusters), timeout=60_000)
    campaign.stop()
    qtbot.waitUntil(lambda: not campaign.live.busy, timeout=30_000)
    assert campaign.live.report.manifest.status == "cancelled"
    assert place.enabled("campaign.resume")
    assert place.view.numbers.resume.isVisible()
    causes = campaign.live.report.clusters
    assert causes
    assert not causes[0].verified, "a stopped campaign runs nothing again"
    with qtbot.waitSignal(window.navigation.requested, timeout=60_000) as went:
        view.clusters.opened.emit(causes[0])
    assert went.args[1]["cluster_id"] == causes[0].cluster_id
    assert campaign.live.report.clusters[0].verified, "on demand it is"
    failures = window.place("failures").presenter
    qtbot.waitUntil(lambda: failures.failure is not None and failures.trace is not None, timeout=30_000)
    assert failures.campaign_id == campaign.live.report.manifest.campaign_id
    other = next((group for group in failures.groups if not group.failures), None)
    if other is not None:
        failures.choose_group(other)
        window.place("failures").view.unkept.button.click()
        qtbot.waitUntil(lambda: failures.failure is not None, timeout=60_000)
    window.go("run", {})
    done = campaign.live.done
    campaign.resume()
    qtbot.waitUntil(lambda: campaign.live.phase == "running" and campaign.live.done > done, timeout=60_000)
    campaign.stop()
    qtbot.waitUntil(lambda: not campaign.live.busy, timeout=30_000)
    assert campaign.live.report.manifest.worlds_done > done

    campaign.set_form(worlds=3000, users=8)
    campaign.start()
    qtbot.waitUntil(lambda: not campaign.live.busy, timeout=60_000)
    report = campaign.live.report
    assert report.manifest.status == "done"
    assert report.clusters
    assert view.clusters.rows.rowCount() == len(report.clusters)
    assert view.coverage.bars.row_count() >= 4
    assert view.digest.isVisible()
    view.coverage.bars.pick(0)
    assert view.coverage.names.names()
    qtbot.waitUntil(lambda: view.campaigns.rows.rowCount() == 2, timeout=30_000)
    cluster = report.clusters[0]
    assert cluster.verified, cluster.note
    with qtbot.waitSignal(window.navigation.requested) as went:
        view.clusters.opened.emit(cluster)
    assert went.args[1]["failure_id"] == cluster.representative.failure_id


def test_an_audit_says_who_notices_what(place, qtbot):
    place.campaign.set_form(worlds=40)
    place.view.campaign.tabs.setCurrentIndex(2)
    place.campaign.start_audit()
    assert not place.campaign.ready()
    qtbot.waitUntil(lambda: not place.campaign.audit_running, timeout=120_000)
    assert place.campaign.audit_error == ""
    assert place.view.campaign.audit.rows.rowCount() == 1 + len(place.campaign.audit.rows) > 1
