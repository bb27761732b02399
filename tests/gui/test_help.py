"""The manual is there without a network; what the program is can be read and copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui import help as help_
from turbulence_app.gui import manual_window
from turbulence_app.gui.manual import find_pages, read_pages
from turbulence_app.gui.models import model_in_use
from turbulence_app.gui.theme import Theme
from turbulence_app.resources import resource_root


@pytest.fixture
def manual(qtbot: QtBot, theme: Theme, answers: Answers, no_leaks: None) -> Iterator[manual_window.ManualWindow]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = manual_window.ManualWindow(parent, answers)
    made.show()
    yield made
    made.close()


def test_the_index_comes_first_and_every_link_between_pages_leads_somewhere() -> None:
    folder = resource_root() / "manual"
    pages = read_pages(folder)
    assert pages[0].name == "index"
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.text):
            assert (folder / target).exists(), f"{page.name}: {target}"


def test_a_search_finds_pages_with_all_the_words(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\ncrowd and fault", "utf-8")
    (tmp_path / "b.md").write_text("# B\ncrowd", "utf-8")
    pages = read_pages(tmp_path)
    assert [page.name for page, _ in find_pages(pages, "crowd fault")] == ["a"]
    assert len(find_pages(pages, " ")) == 2
    assert read_pages(tmp_path / "none") == []


def test_links_lead_to_pages_and_back(manual: manual_window.ManualWindow) -> None:
    manual.follow(QUrl("formats.md"))
    assert manual.name == "formats"
    assert manual.browser.toPlainText().strip()
    manual.go_back()
    assert manual.name == "index"
    manual.go_forward()
    assert manual.name == "formats"
    manual.follow(QUrl("nothing.md"))
    assert manual.name == "formats"


def test_a_link_to_the_network_is_asked_about(
    manual: manual_window.ManualWindow, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(manual_window.QDesktopServices, "openUrl", opened.append)
    answers.yes = False
    manual.follow(QUrl("https://example.org/"))
    assert answers.asked == ["Open in the browser?"]
    assert not opened
    answers.yes = True
    manual.follow(QUrl("https://example.org/"))
    assert opened == [QUrl("https://example.org/")]


def test_the_search_narrows_the_list(manual: manual_window.ManualWindow) -> None:
    every = manual.list.count()
    manual.search.setText("exit status")
    assert 0 < manual.list.count() < every
    manual.search.setText("zzzz")
    assert manual.list.count() == 0


def test_about_names_the_licences_and_gives_a_report(qtbot: QtBot, theme: Theme, no_leaks: None) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    sheet = help_.about_sheet(parent)
    sheet.show()
    assert "Apache-2.0" in {licence.short for licence in sheet.known}
    assert help_.system_report().startswith("Turbulence ")
    assert str(Path.home()) not in help_.system_report()
    sheet.close()


def test_the_model_in_use_is_the_default_or_the_first_that_answers() -> None:
    builtin = {"backend": "builtin", "name": "b", "available": True}
    off = {"backend": "ollama", "name": "x", "available": False, "why": "no server"}
    file = {"backend": "llamacpp", "name": "phi", "available": True, "default": True}
    assert model_in_use([off, builtin]) == ("built-in model · ready", "Ollama · x: no server\nbuilt-in model: ready")
    assert model_in_use([builtin, file])[0] == "llama.cpp · phi · ready"
    assert model_in_use([off])[0] == "no model here"
