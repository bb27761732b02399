"""Drives the real window through a campaign: target, a fault, many worlds, a cause, its reproduction, a test file."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from tests.journeys.hands import click, until
from turbulence_app.gui.app import make_application, make_theme, open_settings
from turbulence_app.gui.dialogs import WindowDialogs
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client

TEST = Path(sys.argv[1])


class SaveThere(WindowDialogs):
    """The real dialogs, but files are saved where the test looks for them."""

    def save_file(self, title: str, name: str, filters: str = "") -> Path | None:
        return TEST


def type_into(field, words: str) -> None:
    click(field)
    field.selectAll()
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)


def main() -> None:
    app = make_application()
    settings = open_settings()
    make_theme(app, settings)
    window = MainWindow(Client(), settings)
    object.__setattr__(window.context, "dialogs", SaveThere(window))
    window.resize(1440, 900)
    window.show()
    QTest.qWaitForWindowExposed(window)
    until(lambda: window.project.loaded, "the sample")
    click(window.nav.buttons["run"])
    run = window.place("run")
    until(lambda: run.view.isVisible() and run.presenter.workflow() is not None, "the Run place")
    strip = run.view.strip
    strip.scenario.setCurrentIndex(strip.scenario.findData("lost-answers"))
    strip.scenario.activated.emit(strip.scenario.currentIndex())

    click(strip.target.buttons["app"])
    assert "names no application" in strip.says.text(), strip.says.text()
    assert not strip.numbers.start.isEnabled()
    click(strip.target.buttons["model"])
    assert strip.numbers.start.isEnabled()

    click(strip.more)
    click(strip.chips.edit)
    page = run.view.faults
    until(page.isVisible, "the faults")
    second = page.table.rows.index(1, 0)
    click(page.table.viewport(), page.table.visualRect(second).center())
    until(lambda: page.form.name.text() == "lost_receipt", "the second fault")
    type_into(page.form.numbers["probability"], "4")
    file = window.project.data.root / "scenarios" / "lost-answers.yaml"
    until(lambda: "probability: 0.04" in file.read_text("utf-8"), "the edited file")
    assert "# the effect happened, the answer did not" in file.read_text("utf-8")
    click(page.done_button)
    until(run.view.run.isVisible, "the run again")

    click(strip.pages.buttons["campaign"])
    numbers, campaign = run.view.numbers, run.campaign
    type_into(numbers.worlds, "5000000")
    type_into(numbers.users, "8")
    click(numbers.start)
    until(lambda: campaign.live.phase == "running" and campaign.live.done > 0, "worlds")
    until(lambda: bool(campaign.live.report and campaign.live.report.clusters), "the first cause")
    click(numbers.stop)
    until(lambda: not campaign.live.busy, "the end")
    report = campaign.live.report
    assert report.manifest.status == "cancelled", report.manifest.status
    assert numbers.resume.isVisible()

    clusters = run.view.campaign.clusters
    last = clusters.rows.index(0, clusters.rows.columnCount() - 1)
    clusters.scrollTo(last)
    click(clusters.viewport(), clusters.visualRect(last).center())
    failures = window.place("failures")
    until(failures.view.isVisible, "Failures")
    until(lambda: failures.presenter.failure is not None, "the failure")
    assert failures.presenter.campaign_id == report.manifest.campaign_id
    until(lambda: failures.presenter.trace is not None, "the replay")
    click(failures.view.main.shrink_button)
    until(lambda: failures.presenter.shrunk is not None and not failures.presenter.busy, "the smallest reproduction")
    assert failures.presenter.shrunk.minimal

    click(failures.view.main.export_button)
    menus = [menu for menu in QApplication.topLevelWidgets() if isinstance(menu, QMenu) and menu.isVisible()]
    entry = next(action for menu in menus for action in menu.actions() if action.text().startswith("pytest"))
    menu = next(menu for menu in menus if entry in menu.actions())
    click(menu, menu.actionGeometry(entry).center())
    until(TEST.exists, "the exported test")
    assert "def test_" in TEST.read_text("utf-8")
    window.close()
    print("journey done")


if __name__ == "__main__":
    main()
