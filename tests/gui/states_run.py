"""States of Run and Failures that a picture is taken of."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from tests.gui import reports
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.places.failures.main_card import BEFORE, BESIDE, REPORT, WHY
from turbulence_app.gui.places.failures.state import address_of
from turbulence_app.gui.places.run.analysis.state import Counting
from turbulence_app.gui.places.run.campaign.state import CampaignLive
from turbulence_app.gui.window import MainWindow

State = Callable[[QtBot, MainWindow], None]


def faults(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").view.edit_faults(True)


def live_target(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").presenter.choose_target("http")


def app_missing(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").presenter.choose_target("app")


def fault_refused(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("run")
    place.view.edit_faults(True)
    place.faults.choose(0)
    place.faults.edit({"kind": "latency", "probability": 2.0, "add_ms": 100, "step": "pay"})
    qtbot.waitUntil(lambda: bool(place.faults.errors), timeout=10_000)


def run_faults_tab(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").view.run.tabs.setCurrentIndex(2)


def campaign_empty(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").view.turn("campaign")


def campaign_shown(tab: int) -> State:
    def show(qtbot: QtBot, window: MainWindow) -> None:
        place = window.place("run")
        place.view.turn("campaign")
        place.campaign.audit = reports.audit()
        place.campaign.audited.emit()
        place.campaign._listed(reports.headlines())
        place.campaign._show(reports.report())
        place.view.campaign.tabs.setCurrentIndex(tab)

    return show


def campaign_runs(qtbot: QtBot, window: MainWindow) -> None:
    campaign_shown(0)(qtbot, window)
    presenter = window.place("run").campaign
    half = reports.report("running", clusters=False)
    presenter.live = CampaignLive("running", 1200, 2000, 2140.0, 0.4, 0, half)
    presenter.progressed.emit()
    presenter.reported.emit()


def failure_world(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("failures")
    window.go("failures", {})
    presenter = place.presenter
    qtbot.waitUntil(lambda: presenter.shrunk is not None and presenter._key()[0] in presenter._inputs, timeout=30_000)
    key = presenter._key()
    presenter._shrunk[key] = reports.world(presenter.shrunk)
    labels, _people, target = presenter._inputs[key[0]]
    presenter._inputs[key[0]] = (labels, 5, target)
    presenter.updated.emit()


def failure_beside(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("failures")
    window.go("failures", {})
    presenter = place.presenter
    qtbot.waitUntil(lambda: presenter.trace is not None, timeout=30_000)
    presenter.extras._beside[address_of(presenter.failure)] = reports.beside(presenter.failure, presenter.trace)
    place.view.main.tabs.setCurrentIndex(BESIDE)


def failure_why(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("failures")
    window.go("failures", {})
    presenter = place.presenter
    presenter.extras._why[address_of(presenter.failure)] = reports.why(presenter.failure)
    place.view.main.tabs.setCurrentIndex(WHY)


def failure_before(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("failures")
    window.go("failures", {})
    qtbot.waitUntil(lambda: place.presenter.trace is not None and place.presenter.shrunk is not None, timeout=30_000)
    place.view.main.tabs.setCurrentIndex(BEFORE)


def failure_report(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("failures")
    window.go("failures", {})
    page = place.view.main.report
    qtbot.waitUntil(lambda: place.presenter.trace is not None, timeout=30_000)
    place.view.main.tabs.setCurrentIndex(REPORT)
    qtbot.waitUntil(lambda: page.reports.of(place.presenter.failure) is not None, timeout=60_000)


def history(qtbot: QtBot, window: MainWindow) -> None:
    window.go("run", {"page": "history"})
    presenter = window.place("run").history
    qtbot.waitUntil(lambda: presenter.pages.total > 0 and len(presenter.chosen) == 1, timeout=30_000)


def compared(qtbot: QtBot, window: MainWindow) -> None:
    history(qtbot, window)
    page = window.place("run").view.history
    newest = window.place("run").history.chosen[0].id
    page.show_pair(newest, newest)
    qtbot.waitUntil(lambda: page.comparing.found is not None, timeout=60_000)


def failure_causes(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("failures")
    window.go("failures", {})
    presenter = place.presenter
    presenter._campaigns_listed({"campaigns": [h.model_dump(mode="json") for h in reports.headlines()]})
    kept = presenter.failure
    report = reports.report()
    stands = report.clusters[0].model_copy(update={"representative": kept})
    presenter._campaign_loaded(report.model_copy(update={"clusters": (stands, report.clusters[1])}))
    qtbot.waitUntil(lambda: presenter.trace is not None, timeout=30_000)


def analysis(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("run")
    place.view.turn("analysis")
    qtbot.waitUntil(lambda: place.analysis.counting.phase == "shown", timeout=60_000)


def analysis_people(qtbot: QtBot, window: MainWindow) -> None:
    analysis(qtbot, window)
    place = window.place("run")
    place.view.analysis.leaving.bars.open(0)
    qtbot.waitUntil(lambda: bool(place.analysis.person and place.analysis.person.trace), timeout=30_000)


def analysis_error(qtbot: QtBot, window: MainWindow) -> None:
    analysis(qtbot, window)
    presenter = window.place("run").analysis
    presenter.board = None
    words = "run r-0001 gives other numbers now (9,000 complete instead of 10,240)"
    presenter._refused(JobFailed(message=words, mend="it was made by another version: run it again"))


def run_people(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("run")
    place.view.run.by_persona.setChecked(True)
    place.view.run.graph.step_clicked.emit("address")
    qtbot.waitUntil(lambda: bool(place.analysis.person and place.analysis.person.trace), timeout=30_000)


def as_opened(qtbot: QtBot, window: MainWindow) -> None:
    """After a run."""


STATES: dict[str, tuple[str, State]] = {
    "run": ("run", as_opened),
    "failures": ("failures", as_opened),
    "analysis": ("run", analysis),
    "analysis-people": ("run", analysis_people),
    "analysis-error": ("run", analysis_error),
    "run-people": ("run", run_people),
    "run-faults": ("run", faults),
    "run-http": ("run", live_target),
    "run-app-missing": ("run", app_missing),
    "run-fault-refused": ("run", fault_refused),
    "run-tab-faults": ("run", run_faults_tab),
    "campaign-empty": ("run", campaign_empty),
    "campaign": ("run", campaign_shown(0)),
    "campaign-audit": ("run", campaign_shown(2)),
    "campaign-earlier": ("run", campaign_shown(3)),
    "campaign-runs": ("run", campaign_runs),
    "failure-world": ("failures", failure_world),
    "failure-beside": ("failures", failure_beside),
    "failure-why": ("failures", failure_why),
    "failure-before": ("failures", failure_before),
    "failure-report": ("failures", failure_report),
    "failure-causes": ("failures", failure_causes),
    "history": ("run", history),
    "history-compared": ("run", compared),
}


def calm(qtbot: QtBot, window: MainWindow) -> None:
    """Nothing is opened any more that a picture before this one opened."""
    place = window.place("run")
    place.faults._load()
    campaign = place.campaign
    campaign.live, campaign.audit = CampaignLive(), None
    campaign._listed([])
    campaign.audited.emit()
    campaign.progressed.emit()
    campaign.reported.emit()
    place.analysis.hide_people()
    if place.analysis.counting.phase == "error":
        place.analysis.counting = Counting()
    place.view.run.by_persona.setChecked(False)
    place.view.campaign.tabs.setCurrentIndex(0)
    place.view.history.show_list()
    place.view.turn("run")
    place.presenter.choose_target("model")
    place.view.run.tabs.setCurrentIndex(0)
    place.view.run.console.scrollToTop()
    window.place("failures").view.main.tabs.setCurrentIndex(0)
    failures = window.place("failures").presenter
    failures._campaigns_listed({"campaigns": []})
    for run, (labels, _people, target) in list(failures._inputs.items()):
        failures._inputs[run] = (labels, 0, target)  # each was alone, but in the picture of a world
    failures.load("last")
    qtbot.waitUntil(lambda: not failures.loading and failures.shrunk is not None, timeout=30_000)
