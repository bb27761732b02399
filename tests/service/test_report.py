"""A report: whole, redacted, a file of its owner's, and nothing that leaves the computer."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.errors import MachineError
from turbulence_app.gui.bug_state import including, replaced_words, sections, size_words, without
from turbulence_app.service import report
from turbulence_app.service.journal import Journal
from turbulence_app.service.ops import Operations
from turbulence_app.service.report import ORDER
from turbulence_app.service.worker import Job
from turbulence_app.settings import preferences


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_report_has_everything_and_nothing_of_anybody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_URL", "http://secret-host:1")
    Journal(home / "log").note("warning", "job", "the disk is full")
    preferences().set("run.users", 7)
    stack = f'File "{Path.home()}/x.py", line 3, anna@example.org'
    text = report.draft("ValueError: wrong", stack, [("Qt", "6")], home)
    assert list(sections(text)) == ["", *ORDER]
    for words in (
        "ValueError: wrong",
        "~/x.py",
        "[EMAIL_1]",
        "Qt: 6",
        "run.users: 7",
        "job: the disk is full",
        "OLLAMA_URL",
    ):
        assert words in text, words
    for words in (str(Path.home()), "anna@example.org", "secret-host"):
        assert words not in text


def test_without_a_fault_there_is_no_part_for_it(home: Path) -> None:
    text = report.draft("", "", [], home)
    assert report.FAULT not in sections(text)
    assert "everything as by default" in text or "data.folder" not in text


def test_what_is_saved_is_redacted_and_the_owners(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.md"
    moment = datetime(2026, 11, 28, tzinfo=UTC)
    written = report.save("I am anna@example.org", path, moment)
    assert path.read_text() == written
    assert "anna@example.org" not in written
    assert written.endswith("Written 2026-11-28T00:00:00+00:00. It was not sent anywhere.\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(MachineError, match="cannot be written"):
        report.save("x", tmp_path)


def test_the_worker_makes_checks_and_saves(home: Path, tmp_path: Path) -> None:
    worker, job = Operations(home), Job(1, "x", {})
    text = worker.handle("report_draft", {"message": "wrong", "facts": [["Qt", "6"]]}, job)["text"]
    assert "wrong" in text
    assert worker.handle("report_check", {"text": "mail a.b@example.org"}, job)["replaced"] == {"EMAIL": 1}
    saved = worker.handle("report_save", {"text": text, "path": str(tmp_path / "r.md")}, job)
    assert (tmp_path / "r.md").read_text() == saved["text"]
    worker.close()


words = st.text(alphabet="ab #\n`-", max_size=40).filter(lambda text: "\n## " not in f"\n{text}")
reports = st.lists(st.sampled_from(ORDER), unique=True, max_size=5).flatmap(
    lambda titles: st.tuples(*[st.tuples(st.just(title), words) for title in sorted(titles, key=ORDER.index)])
)


@given(reports, st.data())
def test_a_part_that_is_left_out_comes_back_to_its_place(parts: tuple, data: st.DataObject) -> None:
    text = report.joined([report.Section(*part) for part in parts])
    titles = [title for title, _ in parts]
    assert list(sections(text)) == ["", *titles]
    if not titles:
        return
    title = data.draw(st.sampled_from(titles))
    rest, taken = without(text, title)
    assert title not in sections(rest)
    back = including(rest, title, taken, ORDER)
    assert list(sections(back)) == ["", *titles]
    assert [body.split() for body in sections(back).values()] == [body.split() for body in sections(text).values()]


@given(st.text(max_size=200))
def test_any_text_falls_into_sections_and_together_again(text: str) -> None:
    found = sections(text)
    if len(found) == text.count("## ") + 1:
        assert "".join(found.values()) == text
    assert without(text, "not there") == ("".join(found.values()), "")


def test_words_about_a_report() -> None:
    assert replaced_words({}) == "No personal data is found in it."
    assert replaced_words({"EMAIL": 2, "CARD": 1}) == "Replaced when it is saved: 2 × e-mail address, 1 × card."
    assert size_words("a\nb") == "2 lines, 0.0 kB"
