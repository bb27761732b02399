"""The log: whole lines whatever happens, bounded, without personal data, quick to search."""

import json
import logging
import os
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.service import journal as module
from turbulence_app.service.journal import FILES, LEVELS, NAME, Journal, LogHandler, files, journal, line_of
from turbulence_app.service.journal_reading import Reader, Wanted, literal, matcher, parsed, seen
from turbulence_app.service.ops import Operations
from turbulence_app.service.worker import Job
from turbulence_app.settings import preferences

MOMENT = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path))
    return Journal(tmp_path / "log", "window", lambda: MOMENT)


def lines(book: Journal) -> list[dict[str, object]]:
    return [json.loads(line) for line in (book.folder / NAME).read_text("utf-8").splitlines()]


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(st.text(), st.text(max_size=50), st.dictionaries(st.text(), plain, max_size=5), st.text())
def test_any_record_is_one_line_that_is_read_again(message: str, source: str, detail: dict, stack: str) -> None:
    record = {"at": "t", "level": "info", "source": source, "process": "w", "message": message, "detail": detail}
    raw = line_of({**record, "stack": stack} if stack else record)
    assert raw.endswith(b"\n")
    assert raw.count(b"\n") == 1
    again = parsed(raw)
    assert again["level"] == "info"
    assert again["source"].encode("utf-8", "replace") == source.encode("utf-8", "replace")


@given(st.binary(max_size=300))
def test_any_line_is_a_record(raw: bytes) -> None:
    record = parsed(raw)
    assert record["level"] in LEVELS
    assert isinstance(seen(record), str)


def test_a_line_has_what_a_reader_needs_and_is_its_owners(book: Journal) -> None:
    book.note("warning", "job", "Run failed", detail={"took": "1 s"}, stack="here", place=("run", {"run_id": "r1"}))
    (line,) = lines(book)
    assert line == {
        "at": "2026-11-28T04:00:00.000+00:00", "level": "warning", "source": "job", "process": "window",
        "message": "Run failed", "detail": {"took": "1 s"}, "stack": "here", "place": "run", "target": {"run_id": "r1"},
    }  # fmt: skip
    assert stat.S_IMODE((book.folder / NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(book.folder.stat().st_mode) == 0o700


def test_personal_data_and_the_home_folder_stay_out(book: Journal) -> None:
    text = f"mail anna@example.org about {Path.home()}/shop"
    book.note("error", "job", text, detail={"who": "anna@example.org"}, stack=text)
    raw = (book.folder / NAME).read_text("utf-8")
    assert "anna@example.org" not in raw
    assert str(Path.home()) not in raw
    assert "~/shop" in raw


def test_lower_levels_are_left_out_as_the_person_wants(book: Journal) -> None:
    for level in LEVELS:
        book.note(level, "x", level)
    assert [line["level"] for line in lines(book)] == ["info", "warning", "error"]
    preferences().set("log.level", "error")
    book.note("warning", "x", "no")
    preferences().set("log.level", "debug")
    book.note("debug", "x", "yes")
    assert [line["message"] for line in lines(book)][3:] == ["yes"]


def test_the_files_are_turned_over_and_bounded(book: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "limit", lambda: 2_000)
    other = Journal(book.folder, "worker", lambda: MOMENT)
    for number in range(200):
        (book if number % 2 else other).note("info", "x", f"line {number}")
    found = files(book.folder)
    assert len(found) == FILES
    assert all(path.stat().st_size < 2_300 for path in found)
    reader = Reader(book.folder)
    shown = reader.page(reader.search(Wanted()).number, 0, 500)
    numbers = [int(line["message"].split()[1]) for line in shown]
    assert numbers == list(range(199, 199 - len(numbers), -1)), "newest first, none lost between the files"
    assert book.lost == other.lost == 0


def test_many_threads_write_whole_lines(book: Journal) -> None:
    def write(who: int) -> None:
        for number in range(40):
            book.note("info", f"t{who}", f"line {number} " + "x" * 300)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(book)) == 160


def test_the_writing_thread_writes_everything_before_it_ends(book: Journal) -> None:
    heard: list[int] = []
    book.listen(lambda: heard.append(1))
    book.start()
    for number in range(50):
        book.note("info", "x", str(number))
    book.close()
    assert len(lines(book)) == len(heard) == 50


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, book: Journal) -> None:
    (tmp_path / "log").write_text("in the way")
    book.note("error", "x", "y")
    assert book.lost == 1
    (tmp_path / "log").unlink()
    book.note("error", "x", "z")
    assert [line["message"] for line in lines(book)] == ["z"]


@pytest.mark.expects_log
def test_pythons_own_logging_becomes_lines(book: Journal) -> None:
    handler = LogHandler()
    logger = logging.getLogger("turbulence_app.somewhere")
    logger.addHandler(handler)
    try:
        raise ValueError("wrong")
    except ValueError:
        logger.warning("a %s", "warning", exc_info=True)
    finally:
        logger.removeHandler(handler)
    (line,) = lines(journal())
    assert (line["level"], line["source"], line["message"]) == ("warning", "somewhere", "a warning")
    assert "ValueError: wrong" in str(line["stack"])


def test_a_search_by_words_expression_level_and_source(book: Journal) -> None:
    book.note("info", "job", "Run ended", detail={"run_id": "r-17"})
    book.note("warning", "job", 'says "no"')
    book.note("error", "save", "disk full", stack="File a.py")
    reader = Reader(book.folder)

    def told(**wanted: object) -> list[str]:
        found = reader.search(Wanted(**wanted))  # type: ignore[arg-type]
        return [line["message"] for line in reader.page(found.number, 0, 10)]

    assert told() == ["disk full", 'says "no"', "Run ended"]
    assert told(text="RUN r-17") == ["Run ended"]
    assert told(text='"no"') == ['says "no"']
    assert told(text="a.py") == ["disk full"]
    assert told(text="level") == [], "keys of the file are no words"
    assert told(text=r"r-\d+$", regex=True) == []
    assert told(text=r"r-\d+", regex=True) == ["Run ended"]
    assert told(levels=("error", "warning")) == ["disk full", 'says "no"']
    assert told(sources=("save",)) == ["disk full"]
    assert told(sources=("nobody",)) == []
    assert reader.counts() == {"debug": 0, "info": 1, "warning": 1, "error": 1}
    assert reader.sources() == ["job", "save"]
    with pytest.raises(InputError, match="no expression"):
        reader.search(Wanted("(", True))


def test_pages_are_of_the_latest_search_and_grow_with_the_file(book: Journal) -> None:
    reader = Reader(book.folder)
    assert reader.search(Wanted()).lines == []
    for number in range(30):
        book.note("info", "x", str(number))
    found = reader.search(Wanted())
    assert [line["message"] for line in reader.page(found.number, 10, 3)] == ["19", "18", "17"]
    assert reader.page(found.number, 100, 3) == []
    with (book.folder / NAME).open("ab") as file:
        file.write(b'{"at":"","level":"info","source":"x","message":"half')
    later = reader.search(Wanted())
    assert len(later.lines) == 30, "half a line is not one yet"
    assert reader.page(found.number, 0, 3) == []
    with (book.folder / NAME).open("ab") as file:
        file.write(b' a line"}\nnonsense\n')
    again = reader.page(reader.search(Wanted()).number, 0, 2)
    assert [line["message"] for line in again] == ["a line that cannot be read: nonsense", "half a line"]


def test_a_file_that_was_cut_is_read_anew(book: Journal) -> None:
    for number in range(30):
        book.note("info", "x", str(number))
    reader = Reader(book.folder)
    reader.search(Wanted())
    with (book.folder / NAME).open("r+b") as file:
        file.truncate(0)
    book.note("info", "x", "new")
    assert [line["message"] for line in reader.page(reader.search(Wanted()).number, 0, 9)] == ["new"]


def test_out_as_a_table_without_formulas(book: Journal, tmp_path: Path) -> None:
    book.note("info", "x", "=SUM(A1)", detail={"a": 1})
    reader = Reader(book.folder)
    found = reader.search(Wanted())
    assert reader.export(found.number, tmp_path / "log.csv") == 1
    head, row = (tmp_path / "log.csv").read_text("utf-8").splitlines()
    assert head == "at,level,source,process,message,detail,stack"
    assert "'=SUM(A1)" in row
    with pytest.raises(MachineError, match="cannot write"):
        reader.export(found.number, tmp_path)


@given(st.text(max_size=30), st.text(max_size=60))
def test_words_are_found_where_they_stand(query: str, text: str) -> None:
    fits = matcher(Wanted(query))
    if fits is not None:
        assert fits(f"{text} {query}".lower())


def test_the_worker_answers(book: Journal, tmp_path: Path) -> None:
    for number in range(5):
        book.note("info", "x", str(number))
    worker, job = Operations(tmp_path), Job(1, "log_search", {})
    found = worker.handle("log_search", {"count": 2}, job)
    assert (found["total"], [line["message"] for line in found["lines"]]) == (5, ["4", "3"])
    page = worker.handle("log_page", {"number": found["number"], "first": 2, "count": 2}, job)
    assert [line["message"] for line in page["lines"]] == ["2", "1"]
    out = tmp_path / "out.csv"
    assert worker.handle("log_export", {"number": found["number"], "path": str(out)}, job)["lines"] == 5
    assert os.access(out, os.R_OK)
    worker.close()


@given(st.text(max_size=12), st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_the_quick_way_finds_what_the_slow_way_finds(query: str, messages: list[str]) -> None:
    """Words that must stand in the raw line only spare work: they never change what is found."""
    wanted = Wanted(query)
    fits = matcher(wanted)
    if fits is None:
        return
    for message in messages:
        raw = line_of({"at": "t", "level": "info", "source": "x", "message": message})
        low = raw.decode("utf-8").lower()
        slow = fits(seen(parsed(raw)))
        assert not slow or all(word in low for word in literal(wanted))
