"""The manual is there without a network; what the program is can be read and copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QUrl
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui import help as help_
from turbulence_app.gui import manual_window
from turbulence_app.gui.manual import find_sections, headings_of, read_pages
from turbulence_app.gui.manual_context import PANELS, PLACES
from turbulence_app.gui.models import model_in_use
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
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
    assert [found.page.name for found in find_sections(pages, "crowd fault")] == ["a"]
    assert find_sections(pages, "crowd")[0].snippet.startswith("crowd")
    assert find_sections(pages, " ") == []
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


def test_the_search_shows_sections_of_all_pages_and_goes_to_them(manual: manual_window.ManualWindow) -> None:
    every = manual.list.count()
    manual.search.setText("exit status")
    assert 0 < manual.list.count() != every
    manual._next_hit()
    assert manual.name == manual.list.currentItem().data(manual_window.NAME)
    manual.search.setText("zzzz")
    assert manual.list.count() == 0
    manual.search.setText("")
    assert manual.list.count() == every
    assert manual.list.currentItem().data(manual_window.NAME) == manual.name


def test_a_heading_is_gone_to_and_back_is_where_one_was(qtbot: QtBot, manual: manual_window.ManualWindow) -> None:
    manual.show_page("models")
    titles = [manual.outline.item(i).text().strip() for i in range(manual.outline.count())]
    assert "Ollama" in titles
    bar = manual.browser.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 500)
    bar.setValue(120)
    manual.follow(QUrl("#ollama"))
    top = manual.browser.cursorForPosition(QPoint(20, 30)).block().text()
    assert top == "Ollama"
    manual.go_back()
    assert (manual.name, bar.value()) == ("models", 120)
    manual.follow(QUrl("failures.md#why"))
    assert manual.name == "failures"
    manual.go_back()
    assert (manual.name, bar.value()) == ("models", 120)


@given(st.lists(st.sampled_from(["# A", "## A", "## B c", "```", "# in code", "text"]), max_size=12).map("\n".join))
def test_headings_are_told_from_code_and_have_anchors_of_their_own(text: str) -> None:
    found = headings_of(text)
    lines = text.splitlines()
    assert len({one.anchor for one in found}) == len(found)
    assert all(lines[one.line].lstrip("# ") == one.title for one in found)
    assert all(lines[: one.line].count("```") % 2 == 0 for one in found)


def test_every_link_leads_to_a_page_and_a_heading_that_are_there() -> None:
    pages = {page.name: page for page in read_pages(resource_root() / "manual")}
    for page in pages.values():
        for name, anchor in page.links():
            target = pages[name or page.name]
            assert not anchor or anchor in {one.anchor for one in target.headings}, f"{page.name}: {name}#{anchor}"


def test_every_place_and_panel_has_a_page_and_every_name_is_a_class_of_the_window() -> None:
    pages = {page.name: page for page in read_pages(resource_root() / "manual")}
    assert {spec.name for spec in SPECS if spec.exists()} <= PLACES.keys()
    for target in (*PLACES.values(), *PANELS.values()):
        name, _, anchor = target.partition("#")
        assert not anchor or anchor in {one.anchor for one in pages[name].headings}, target
    source = "".join(path.read_text("utf-8") for path in Path(help_.__file__).parent.rglob("*.py"))
    for panel in PANELS:
        assert f"class {panel}(" in source, panel


def test_f1_opens_the_page_of_what_has_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    window.go("failures", {})
    window.commands.run("help.manual")
    manual = window.menus.manual
    assert manual is not None
    assert manual.name == "failures"
    window.go("workflow", {})
    window.place("workflow").view.editor.setFocus()
    window.commands.run("help.manual")
    assert (window.menus.manual is manual, manual.name) == (True, "formats")
    manual.close()


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
