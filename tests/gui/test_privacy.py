"""What leaves this computer, in the window: the page as rows, and the sheet with the real locks tried out."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.privacy import PrivacySheet
from turbulence_app.gui.privacy_rows import held_rows, seen_rows, verdict
from turbulence_app.gui.window import MainWindow

HELD = {
    "process": "workers of a run", "reach": "nothing", "level": "seccomp", "closed": True, "python": True,
    "native": True, "children": True,
}  # fmt: skip
LEDGER = {
    "sockets": {"this_machine": 4, "allowed": 0, "refused": 1,
                "refused_targets": [{"to": "192.0.2.1:80", "at": "2026-11-28T01:00:00"}]},
    "files": [{"name": "project", "read": 12, "written": 3}],
    "models": [{"backend": "builtin", "model": "minilm", "answers": 7, "level": "python"}],
    "programs": {"python": 2},
    "pulls": [{"at": "2026-11-28", "what": "phi3:mini"}],
}  # fmt: skip


def test_who_is_held_by_the_kernel_and_who_only_by_python() -> None:
    kernel, python, nobody = held_rows(
        {"containment": [HELD, HELD | {"native": False, "level": "python"}, HELD | {"closed": False}]}
    )
    assert kernel.kernel
    assert kernel.by == "the kernel (seccomp), native code too"
    assert not python.kernel
    assert python.closed
    assert (nobody.by, nobody.closed) == ("nothing holds it", False)


def test_what_was_refused_is_red_and_named() -> None:
    rows = seen_rows({"ledger": LEDGER})
    assert [row.what for row in rows if row.what] == ["sockets", "files", "models", "programs", "downloads"]
    assert any(row.token == "bad" and "192.0.2.1" in row.words for row in rows)
    assert seen_rows({}) == []


def test_the_first_problem_is_the_verdict() -> None:
    assert verdict({"problems": ()})[1] == "good"
    assert verdict({"problems": ("the lock is off", "b")}) == ("the lock is off (and 1 more)", "bad")


def test_the_status_line_leads_to_the_sheet_and_the_page_is_saved(
    qtbot: QtBot, window: MainWindow, answers: Answers, tmp_path: Path
) -> None:
    window.status.egress.click()
    sheet = window.findChild(PrivacySheet)
    assert isinstance(sheet, PrivacySheet)
    qtbot.waitUntil(lambda: sheet.held.rows.rowCount() > 5, timeout=60_000)
    assert sheet.save.isEnabled()
    assert any(sheet.held.rows.item(n).reach == "nothing" for n in range(sheet.held.rows.rowCount()))
    assert "names in running text" in sheet.words.toPlainText()
    answers.path = tmp_path / "page.html"
    sheet.save.click()
    qtbot.waitUntil(lambda: answers.path is not None and answers.path.exists(), timeout=60_000)
    assert b"<script" not in answers.path.read_bytes()
    sheet.accept()
