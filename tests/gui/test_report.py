"""About, and the report of a problem: whole, to change, to leave parts out of, saved where the person says."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bug_report import BugSheet
from turbulence_app.gui.help import AboutSheet
from turbulence_app.gui.licences import licences, overview
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_root
from turbulence_app.service.report import FAULT, LOG, ORDER, SYSTEM
from turbulence_app.settings import preferences


@pytest.fixture
def sheet(window: MainWindow, qtbot: QtBot) -> BugSheet:
    window.menus.report("ValueError: wrong.", "Traceback: here")
    made = window.findChildren(BugSheet)[-1]
    qtbot.waitUntil(lambda: "ValueError: wrong." in made.text.toPlainText(), timeout=20_000)
    return made


def test_the_whole_report_is_shown_changed_and_saved(
    sheet: BugSheet, window: MainWindow, qtbot: QtBot, answers: Answers, tmp_path: Path
) -> None:
    assert [title for title, box in sheet.boxes.items() if box.isChecked()] == list(ORDER)
    assert sheet.text.textCursor().selectedText().startswith("(What did you do")
    sheet.text.textCursor().insertText("I pressed Run. Ask anna@example.org")
    sheet.boxes[SYSTEM].click()
    assert "Processor" not in sheet.text.toPlainText()
    assert "I pressed Run" in sheet.text.toPlainText(), "what was typed stays"
    qtbot.waitUntil(lambda: "1 × e-mail address" in sheet.found.text(), timeout=20_000)
    sheet.boxes[SYSTEM].click()
    text = sheet.text.toPlainText()
    assert text.index("## " + FAULT) < text.index("## " + SYSTEM) < text.index("## " + LOG)
    answers.path = tmp_path / "report.md"
    sheet.save.click()
    qtbot.waitUntil(lambda: sheet.saved is not None, timeout=20_000)
    assert (tmp_path / "report.md").read_text() == sheet.text.toPlainText()
    assert "anna@example.org" not in sheet.text.toPlainText()
    assert "This is what is in the file" in sheet.found.text()
    sheet.copy.click()
    assert "I pressed Run" in QGuiApplication.clipboard().text()
    sheet.reject()


def test_a_worker_that_cannot_help_leaves_a_report_all_the_same(sheet: BugSheet) -> None:
    sheet._failed(JobFailed(message="the live worker died", traceback="somewhere", known=False))
    assert "the live worker died" in sheet.text.toPlainText()
    sheet.reject()


def test_about_says_what_this_is_and_what_it_is_made_of(window: MainWindow, qtbot: QtBot) -> None:
    preferences().set("run.users", 777)
    window.commands.run("help.about")
    about = window.findChildren(AboutSheet)[-1]
    about.copy.click()
    copied = QGuiApplication.clipboard().text()
    for words in ("Turbulence ", "Processor: ", "Memory: ", "Displays: ", "Qt: ", "run.users = 777"):
        assert words in copied
    assert str(Path.home()) not in copied
    about.tabs.setCurrentIndex(1)
    about.search.setText("typeface")
    assert about.list.count() == 2
    assert "SIL OPEN FONT LICENSE" in about.text.toPlainText().upper()
    about._report()
    sheet = window.findChildren(BugSheet)[-1]
    qtbot.waitUntil(lambda: bool(sheet.text.toPlainText()), timeout=20_000)
    sheet.reject()


def test_everything_that_is_bundled_has_its_text() -> None:
    known = licences()
    own = [licence for licence in known if all(path.is_file() for path in licence.files)]
    assert {"Turbulence", "Lucide, icons", "all-MiniLM-L6-v2, model"} <= {licence.name for licence in own}
    for licence in known[:5]:
        assert len(licence.text()) > 500, licence.name
    assert len({licence.name for licence in known}) == len(known)
    assert all(licence.text() for licence in known)
    table = [line for line in overview().splitlines() if line.startswith("| ")][2:]
    assert len(known) == len(table) + 5
    assert (resource_root() / "licences").is_dir()
