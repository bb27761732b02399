"""Imports: tried first, told, and written only when the person says so."""

import json

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.importing import kind_of, told

OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": "Library", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9000"}],
    "paths": {
        "/books": {
            "get": {"operationId": "listBooks", "responses": {"200": {"description": "ok"}}},
            "post": {
                "operationId": "addBook",
                "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {
                    "title": {"type": "string", "example": "Dune"}}}}}},
                "responses": {"201": {"description": "made"}},
            },
        },
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("api.yaml", "openapi: 3.0.0", "openapi"),
        ("api.json", '{"openapi": "3.1.0"', "openapi"),
        ("day.har", "{", "har"),
        ("saved.json", '{"log": {"version": "1.2", "entries": [', "har"),
        ("access.log", "127.0.0.1 - -", "log"),
        ("times.csv", "user,event", "log"),
        ("checkout.yaml", "flow:\n  - {", "turbulence"),
    ],
)
def test_what_a_file_is(name, head, kind):
    assert kind_of(name, head) == kind


def test_what_an_import_becomes_in_words(tmp_path):
    reply = {"files": [str(tmp_path / "workflows" / "a.yaml")], "notes": [f"note {n}" for n in range(10)]}
    words = told(reply, tmp_path)
    assert "workflows/a.yaml" in words
    assert "note 7" in words
    assert "note 8" not in words
    assert "and 2 more" in words


@pytest.fixture
def document(tmp_path):
    file = tmp_path / "library.json"
    file.write_text(json.dumps(OPENAPI), "utf-8")
    return file


def files_of(window):
    return {path.relative_to(window.project.data.root) for path in window.project.data.root.rglob("*.yaml")}


def test_nothing_is_written_that_was_not_shown_and_agreed_to(window, answers: Answers, document, qtbot: QtBot):
    before = files_of(window)
    answers.path, answers.yes = document, False
    window.commands.run("window.import")
    qtbot.waitUntil(lambda: "Import library.json" in answers.asked, timeout=30_000)
    assert files_of(window) == before
    answers.yes = True
    window.commands.run("window.import")
    qtbot.waitUntil(lambda: len(window.project.data.workflows) == 2, timeout=30_000)
    new = files_of(window) - before
    assert any(path.parts[0] == "workflows" for path in new), new
    assert any(path.parts[0] == "scenarios" for path in new), new


def test_what_cannot_be_read_is_said(window, answers: Answers, tmp_path, qtbot: QtBot):
    broken = tmp_path / "broken.json"
    broken.write_text('{"openapi": "3.0.0", "paths": 7}', "utf-8")
    answers.path = broken
    window.commands.run("window.import")
    qtbot.waitUntil(lambda: any(kind == "bad" for kind, _ in window.notices.history), timeout=30_000)
    assert "Not imported" in window.notices.history[-1][1]
    answers.path = tmp_path / "gone.har"
    window.commands.run("window.import")
    assert "cannot be read" in window.notices.history[-1][1]
